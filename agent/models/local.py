"""A model on this machine: llama.cpp in a child process, spoken to over loopback."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from burnish.agent.errors import ContextTooLong, ModelUnavailable
from burnish.agent.models.base import Capabilities, Message, ModelAnswer, ModelRequest
from burnish.agent.models.bound import byte_bound
from burnish.agent.models.scripted import refuse_impossible

if TYPE_CHECKING:
    from burnish.agent.models.chat_stream import Chat
    from burnish.agent.models.local_child import Child

# Without these the sampler would follow the library's version and the weights' own advice: a request has to hold
# everything that can change its answer.
_SAMPLER = {"top_k": 40, "top_p": 0.95, "min_p": 0.05, "repeat_penalty": 1.0, "reasoning_format": "none"}
_CONTROL_TOKEN = re.compile(r"<\|(\w+)\|>")


class LocalModel:
    """A GGUF model, computed by llama.cpp in a child process that starts with the first request.

    All samples of a request are computed at once, up to `slots` (on two cores, four at once give about twice the
    tokens a second of one). A request with a seed gets the same answers again: nothing of earlier prompts is reused
    for it. Requests without a seed reuse what their prompts share. While it computes it holds the machine's quiet lock.

    Args:
        weights: The GGUF file.
        name: `local/NAME`.
        context_tokens: Prompt and answer of one sample together.
        slots: Samples at once.
    """

    def __init__(self, weights: Path, name: str, context_tokens: int = 8192, slots: int = 4) -> None:
        self._weights = weights
        self._name = name
        self._slots = slots
        self._capabilities = Capabilities(context_tokens=context_tokens, max_samples=slots, local=True)
        self._child: Child | None = None
        self._closed = False
        self._turn = threading.Lock()

    @property
    def name(self) -> str:
        """`local/NAME`."""
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        return self._capabilities

    @property
    def pid(self) -> int | None:
        """The child's process id; None before the first request and after `close`."""
        return self._child.pid if self._child is not None else None

    def prompt_bound(self, request: ModelRequest) -> int:
        """Upper bound in tokens: the tokenizer works on bytes."""
        return byte_bound(_without_control_tokens(request))

    def complete(self, request: ModelRequest) -> ModelAnswer:
        """Answer `request`; a child that dies meanwhile is restarted once.

        `seconds` does not count waiting for the quiet lock or starting the child. Of `usage`, the prompt is counted
        once, as it is computed once for all samples.
        """
        from burnish.agent.models.chat_stream import ConnectionLost
        from burnish.sandbox.errors import SandboxUnavailable
        from burnish.sandbox.measure.quiet import machine_lock

        refuse_impossible(self, request)
        request = _without_control_tokens(request)
        try:
            with self._turn, machine_lock():
                try:
                    return self._answer(request)
                except ConnectionLost:
                    self._stop()
                try:
                    return self._answer(request)
                except ConnectionLost as error:
                    child = self._child
                    self._stop()
                    log = f"; its log is {child.log}" if child is not None else ""
                    raise ModelUnavailable(
                        f"The process of {self._name} died twice while answering{log}.",
                        "It may have run out of memory: free some, or use a smaller model.",
                    ) from error
        except SandboxUnavailable as error:
            raise ModelUnavailable(error.message, error.hint) from error

    def close(self) -> None:
        """End the child, also from another thread while a request is being answered. Final."""
        self._closed = True
        self._stop()

    def _answer(self, request: ModelRequest) -> ModelAnswer:
        chat = self._started()
        if self.prompt_bound(request) + request.max_tokens > self._capabilities.context_tokens:
            self._refuse_too_long(chat.prompt_tokens(request.messages), request)
        started = time.monotonic()
        samples, usage = chat.complete(_body(request), request.samples)
        return ModelAnswer(samples=samples, usage=usage, seconds=time.monotonic() - started)

    def _refuse_too_long(self, prompt: int, request: ModelRequest) -> None:
        if prompt + request.max_tokens > self._capabilities.context_tokens:
            raise ContextTooLong(
                f"{prompt} tokens of prompt and {request.max_tokens} of answer do not fit the context of "
                f"{self._name}, which is {self._capabilities.context_tokens} tokens.",
                "Work on a smaller function, or use a model with a larger context.",
            )

    def _started(self) -> Chat:
        from burnish.agent.models.local_child import Child
        from burnish.agent.models.local_server import Settings

        if self._closed:
            raise ModelUnavailable(f"{self._name} was closed.", "Open it again.")
        if self._child is not None and not self._child.alive():
            self._stop()
        if self._child is None:
            settings = Settings(
                model=str(self._weights.absolute()),
                alias=self._name,
                threads=_threads(),
                context=self._capabilities.context_tokens,
                slots=self._slots,
                api_key=secrets.token_urlsafe(32),
                parent=os.getpid(),
            )
            self._child = Child(settings)
        return self._child.chat

    def _stop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.stop()


def _body(request: ModelRequest) -> dict[str, object]:
    body: dict[str, object] = {
        "messages": [message.model_dump() for message in request.messages],
        "n": request.samples,
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        "stop": list(request.stop),
        # A prompt half taken from the cache is computed in other batches, and rounds differently.
        "cache_prompt": request.seed is None,
        **_SAMPLER,
    }
    if request.seed is not None:
        body["seed"] = _first_seed(request.seed)
    return body


def _first_seed(seed: int) -> int:
    """The server counts on from it, one a sample. Hashed, so that neighbouring requests share no samples."""
    return int.from_bytes(hashlib.sha256(str(seed).encode()).digest()[:4], "big") >> 1


def _without_control_tokens(request: ModelRequest) -> ModelRequest:
    """The server would read `<|im_end|>` in a text as the end of the message: code could speak as the system."""
    messages = tuple(
        Message(role=message.role, content=_CONTROL_TOKEN.sub(r"<| \1 |>", message.content))
        for message in request.messages
    )
    return request.model_copy(update={"messages": messages})


def _threads() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return max(1, len(affinity(0)) if affinity is not None else os.cpu_count() or 1)
