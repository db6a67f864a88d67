"""The chat protocol of llama.cpp's server, as far as it is used here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import httpx

from burnish.agent.errors import ContextTooLong, ModelUnavailable
from burnish.agent.models.base import Message, Sample, Usage

# The server says something every 30 s, a comment at least.
_SILENCE_S = 600.0


class ConnectionLost(Exception):
    """The server went away before the answer was complete."""


class Chat:
    """A connection to the server at `address`."""

    def __init__(self, address: str, api_key: str) -> None:
        self.address = address
        self._http = httpx.Client(
            base_url=address,
            # A kept connection may be closed just as the next request is sent, as if the server had died.
            headers={"Authorization": f"Bearer {api_key}", "Connection": "close"},
            timeout=httpx.Timeout(_SILENCE_S, connect=10.0),
            # A proxy from the environment must not see loopback traffic.
            trust_env=False,
        )

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def prompt_tokens(self, messages: Sequence[Message]) -> int:
        """The exact number of tokens of `messages` in the model's chat template."""
        prompt = self._post("/apply-template", {"messages": [message.model_dump() for message in messages]})["prompt"]
        tokens = self._post("/tokenize", {"content": prompt, "add_special": True, "parse_special": True})["tokens"]
        if not isinstance(tokens, list):
            raise ModelUnavailable("The model's server cannot count tokens.", "Install a current xllamacpp.")
        return len(tokens)

    def complete(self, body: dict[str, object], samples: int) -> tuple[tuple[Sample, ...], Usage | None]:
        """Send `body`; the samples in the server's order, and what they cost together.

        Streamed, because only then does the server give each sample's tokens (otherwise the first one's alone), and
        because it stops computing when the connection closes.

        Raises:
            ConnectionLost: the server died.
            ContextTooLong: it says that the prompt is too long.
            ModelUnavailable: it refused, or answered something else.
        """
        body = body | {"stream": True, "stream_options": {"include_usage": True}}
        answer = _Answer(samples)
        try:
            with self._http.stream("POST", "/v1/chat/completions", json=body) as response:
                if response.status_code != 200:
                    response.read()
                    raise _refusal(response)
                for event in _events(response.iter_lines()):
                    answer.take(event)
        except httpx.RequestError as error:
            raise ConnectionLost(str(error)) from error
        return answer.result()

    def _post(self, path: str, body: dict[str, object]) -> dict[str, object]:
        try:
            response = self._http.post(path, json=body)
        except httpx.RequestError as error:
            raise ConnectionLost(str(error)) from error
        if response.status_code != 200:
            raise _refusal(response)
        return dict(response.json())


class _Answer:
    """Puts the pieces of the samples together."""

    def __init__(self, samples: int) -> None:
        self._texts = [""] * samples
        self._finish: list[str | None] = [None] * samples
        self._usages: list[dict[str, object]] = []

    def take(self, event: dict[str, object]) -> None:
        """One event of the stream."""
        if "error" in event:
            raise _error(event["error"])
        for choice in _dicts(event.get("choices")):
            index, delta = choice.get("index"), choice.get("delta")
            if not isinstance(index, int) or not 0 <= index < len(self._texts):
                raise ModelUnavailable("The model's server sent a sample nobody asked for.", "Try again.")
            if isinstance(delta, dict) and isinstance(delta.get("content"), str):
                self._texts[index] += delta["content"]
            if isinstance(finish := choice.get("finish_reason"), str):
                self._finish[index] = finish
        if isinstance(usage := event.get("usage"), dict):
            self._usages.append(usage)

    def result(self) -> tuple[tuple[Sample, ...], Usage | None]:
        """The samples and their usage, None unless the server gave that of each. Raises ConnectionLost when a sample
        has no end."""
        if None in self._finish:
            raise ConnectionLost("the answer ends in the middle")
        samples = tuple(
            Sample(text=text, finish="length" if finish == "length" else "stop")
            for text, finish in zip(self._texts, self._finish, strict=True)
        )
        if len(self._usages) != len(samples):
            return samples, None
        details = [_dicts([usage.get("prompt_tokens_details")]) for usage in self._usages]
        prompt = max(_count(usage.get("prompt_tokens")) for usage in self._usages)
        cached = min(_count(found[0].get("cached_tokens")) if found else 0 for found in details)
        completion = sum(_count(usage.get("completion_tokens")) for usage in self._usages)
        return samples, Usage(prompt_tokens=prompt, cached_tokens=min(cached, prompt), completion_tokens=completion)


def _events(lines: Iterator[str]) -> Iterator[dict[str, object]]:
    """The JSON objects of a stream of server-sent events."""
    for line in lines:
        kind, _, data = line.partition(":")
        data = data.strip()
        if kind not in ("data", "error") or not data or data == "[DONE]":
            continue
        try:
            event = json.loads(data)
        except ValueError as error:
            raise ConnectionLost("an event ends in the middle") from error
        if isinstance(event, dict):
            yield {"error": event} if kind == "error" else event


def _refusal(response: httpx.Response) -> ModelUnavailable:
    try:
        error = response.json()["error"]
    except (ValueError, KeyError, TypeError):
        error = {"message": f"it answered {response.status_code}"}
    return _error(error)


def _error(error: object) -> ModelUnavailable:
    said = error if isinstance(error, dict) else {"message": str(error)}
    if said.get("type") == "exceed_context_size_error":
        return ContextTooLong(f"The prompt is too long for the model: {said.get('message')}.", "Shorten the prompt.")
    return ModelUnavailable(f"The local model refused the request: {said.get('message')}.", "See `burnish doctor`.")


def _dicts(value: object) -> list[dict[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _count(value: object) -> int:
    return value if isinstance(value, int) and value >= 0 else 0
