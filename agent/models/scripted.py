"""Models that answer without a language model: from a script, and from recordings; and the one that records."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from burnish.agent.errors import ContextTooLong, ModelUnavailable, StorageError
from burnish.agent.models.base import Capabilities, Model, ModelAnswer, ModelRequest, Sample, Usage
from burnish.agent.models.bound import byte_bound

_CHARACTERS_PER_TOKEN = 4
_ROOMY = Capabilities(context_tokens=1 << 20, max_samples=64)


def refuse_impossible(model: Model, request: ModelRequest) -> None:
    """Raises what `complete` must raise when no prompt at all could make `request` fit `model`."""
    can = model.capabilities
    if request.samples > can.max_samples:
        raise ModelUnavailable(
            f"{model.name} gives at most {can.max_samples} samples a request, {request.samples} were asked for.",
            "Ask for fewer at a time.",
        )
    if request.max_tokens >= can.context_tokens:
        raise ContextTooLong(
            f"An answer of {request.max_tokens} tokens leaves no room for a prompt: "
            f"the context of {model.name} is {can.context_tokens} tokens.",
            "Ask for shorter answers.",
        )


class ScriptedModel:
    """Answers from a script.

    A list is used up in order, one text a sample, over all requests; a function is asked for the texts of each
    request. Texts are cut at `stop` and after `max_tokens`, four characters counting as a token.
    """

    def __init__(
        self,
        answers: Sequence[str] | Callable[[ModelRequest], Sequence[str]],
        *,
        name: str = "scripted/answers",
        capabilities: Capabilities = _ROOMY,
    ) -> None:
        self._answers = answers
        self._name = name
        self._capabilities = capabilities
        self._next = 0
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """`scripted/answers`, unless it was given."""
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        """As given; roomy otherwise."""
        return self._capabilities

    def prompt_bound(self, request: ModelRequest) -> int:
        """Upper bound in tokens."""
        return byte_bound(request)

    def complete(self, request: ModelRequest) -> ModelAnswer:
        """The script's answer. Raises ModelUnavailable when the script has too few texts."""
        started = time.monotonic()
        refuse_impossible(self, request)
        prompt = sum(_tokens(message.content) for message in request.messages)
        if prompt + request.max_tokens > self._capabilities.context_tokens:
            raise ContextTooLong(
                f"{prompt} tokens of prompt and {request.max_tokens} of answer do not fit the context of "
                f"{self._capabilities.context_tokens}.",
                "Shorten the prompt or the answer.",
            )
        samples = tuple(_cut(text, request) for text in self._texts(request))
        usage = Usage(prompt_tokens=prompt, completion_tokens=sum(_tokens(sample.text) for sample in samples))
        return ModelAnswer(samples=samples, usage=usage, seconds=time.monotonic() - started)

    def close(self) -> None:
        """Nothing to let go of."""

    def _texts(self, request: ModelRequest) -> Sequence[str]:
        if callable(self._answers):
            texts = self._answers(request)
        else:
            with self._lock:
                texts = self._answers[self._next : self._next + request.samples]
                self._next += len(texts)
        if len(texts) < request.samples:
            raise ModelUnavailable(
                f"The script has {len(texts)} of the {request.samples} answers that were asked for.",
                "Give it more answers.",
            )
        return texts[: request.samples]


class _Recording(BaseModel):
    model_config = ConfigDict(extra="forbid")
    request: ModelRequest
    answer: ModelAnswer


class _Recorded(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    capabilities: Capabilities


def request_key(request: ModelRequest) -> str:
    """SHA-256 of the request's canonical JSON (sorted keys, no spaces, ASCII), in hex."""
    text = json.dumps(request.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class ReplayModel:
    """Answers from the recordings in a folder: `KEY.json`, KEY being `request_key` of the request.

    Raises:
        ModelUnavailable: `folder` does not exist, or its `model.json` is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        if not folder.is_dir():
            raise ModelUnavailable(f"There are no recorded answers: {folder} is not a folder.", "Check the path.")
        try:
            recorded = _Recorded.model_validate_json((folder / "model.json").read_bytes())
            self._capabilities = recorded.capabilities.model_copy(update={"local": False})
        except FileNotFoundError:
            self._capabilities = _ROOMY
        except (OSError, ValidationError) as error:
            raise ModelUnavailable(f"{folder / 'model.json'} cannot be read.", "Record the answers again.") from error

    @property
    def name(self) -> str:
        """`replay/DIR`."""
        return f"replay/{self._folder}"

    @property
    def capabilities(self) -> Capabilities:
        """Those of the recorded model; nothing is computed here."""
        return self._capabilities

    def prompt_bound(self, request: ModelRequest) -> int:
        """Upper bound in tokens."""
        return byte_bound(request)

    def complete(self, request: ModelRequest) -> ModelAnswer:
        """The recorded answer, its `seconds` and usage included."""
        refuse_impossible(self, request)
        path = self._folder / f"{request_key(request)}.json"
        try:
            recording = _Recording.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            raise ModelUnavailable(
                f"No answer to this request is recorded in {self._folder} ({path.name} is missing).",
                "Record the run again with the model that answered it: something in the prompts has changed.",
            ) from None
        except (OSError, ValidationError) as error:
            raise ModelUnavailable(f"The recorded answer {path} cannot be read.", "Record it again.") from error
        if recording.request != request:
            raise ModelUnavailable(f"The recorded answer {path} belongs to another request.", "Record it again.")
        return recording.answer

    def close(self) -> None:
        """Nothing to let go of."""


class RecordingModel:
    """Passes requests on to `inner` and writes each answer to `folder`, for `ReplayModel`, before returning it.

    Of two answers to the same request the later one is kept.
    """

    def __init__(self, inner: Model, folder: Path) -> None:
        self._inner = inner
        self._folder = folder

    @property
    def name(self) -> str:
        """The inner model's."""
        return self._inner.name

    @property
    def capabilities(self) -> Capabilities:
        """The inner model's."""
        return self._inner.capabilities

    def prompt_bound(self, request: ModelRequest) -> int:
        """The inner model's, in tokens."""
        return self._inner.prompt_bound(request)

    def complete(self, request: ModelRequest) -> ModelAnswer:
        """The inner model's answer, on disk by the time it is returned. Raises StorageError when it cannot be."""
        answer = self._inner.complete(request)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            model = self._folder / "model.json"
            if not model.exists():
                _write(model, _Recorded(name=self.name, capabilities=self.capabilities))
            _write(self._folder / f"{request_key(request)}.json", _Recording(request=request, answer=answer))
        except OSError as error:
            raise StorageError(
                f"The model's answer cannot be recorded in {self._folder}: {error.strerror or error}.",
                "Make room there or record into another folder.",
            ) from error
        return answer

    def close(self) -> None:
        """Close the inner model."""
        self._inner.close()


def _write(path: Path, content: BaseModel) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content.model_dump_json(indent=1))
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _tokens(text: str) -> int:
    return -(-len(text) // _CHARACTERS_PER_TOKEN)


def _cut(text: str, request: ModelRequest) -> Sample:
    stops = [at for stop in request.stop if stop and (at := text.find(stop)) >= 0]
    if stops:
        text = text[: min(stops)]
    room = request.max_tokens * _CHARACTERS_PER_TOKEN
    return Sample(text=text[:room], finish="length" if len(text) > room else "stop")
