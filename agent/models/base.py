"""The Model protocol: one request in, one or more samples out, with what they cost."""

from __future__ import annotations

from typing import Literal, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Message(_Frozen):
    """One chat message."""

    role: Literal["system", "user", "assistant"]
    content: str


class ModelRequest(_Frozen):
    """What is asked of a model. Everything that can change the answer is in here."""

    messages: tuple[Message, ...] = Field(min_length=1)
    samples: int = Field(default=1, ge=1)
    """How many independent answers; at most `Capabilities.max_samples`."""
    max_tokens: int = Field(default=1024, ge=1)
    """Cap on the tokens of each answer."""
    temperature: float = Field(default=0.0, ge=0.0, le=2.0)
    seed: int | None = None
    stop: tuple[str, ...] = ()


class Usage(_Frozen):
    """Tokens of one answered request, all samples together."""

    prompt_tokens: int = Field(ge=0)
    cached_tokens: int = Field(default=0, ge=0)
    """Those of `prompt_tokens` that the provider took from its cache."""
    completion_tokens: int = Field(ge=0)


class Sample(_Frozen):
    """One answer; `finish` is `length` when `max_tokens` cut it off."""

    text: str
    finish: Literal["stop", "length"]


class ModelAnswer(_Frozen):
    """The answer to one request."""

    samples: tuple[Sample, ...] = Field(min_length=1)
    usage: Usage | None
    """None when the provider did not say; the caller then charges its reservation."""
    seconds: float = Field(ge=0.0)
    """Wall seconds from request to last byte."""


class Capabilities(_Frozen):
    """What a model can do. What it lacks is emulated or refused, never sent."""

    context_tokens: int = Field(ge=1)
    max_samples: int = Field(ge=1)
    temperature: bool = True
    seed: bool = True
    local: bool = False
    """True when it computes on this machine: it must be quiet while a verdict is timed."""


@runtime_checkable
class Model(Protocol):
    """A language model. `tests/conformance/model.py` is what every implementation passes."""

    @property
    def name(self) -> str:
        """`provider/name`, as on the command line."""

    @property
    def capabilities(self) -> Capabilities:
        """Known without asking the provider."""

    def prompt_bound(self, request: ModelRequest) -> int:
        """An upper bound on the prompt's tokens, without asking the provider; used to reserve budget."""

    def complete(self, request: ModelRequest) -> ModelAnswer:
        """Answer `request` with exactly `request.samples` samples.

        Raises:
            ContextTooLong: prompt and answer do not fit the model's context.
            ModelUnavailable: the model cannot be reached, started or used.

        Both are in `burnish.agent.errors`.
        """

    def close(self) -> None:
        """Let go of processes and connections. May be called twice."""
