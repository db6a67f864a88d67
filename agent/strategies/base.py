"""The Strategy protocol: pure ask/tell over data.

A strategy sees programs only by id and never touches a model, a sandbox or LangGraph, so every one of them has
budgets, concurrency, resume and replay for nothing. The state is a pydantic model that survives a round trip
through JSON; `tests/conformance/strategy.py` checks that and the rest of what is said here.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Literal, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Brief(_Frozen):
    """What the search is for."""

    original: str
    """Id of the program as given."""
    operators: tuple[str, ...] = Field(min_length=1)
    target_speedup: float | None = None
    """Stop once a candidate is shown to be at least this much faster; None searches until it no longer pays."""
    max_samples: int = Field(default=4, ge=1)
    """What the model can answer in one call."""


class Propose(_Frozen):
    """Ask a model, through an operator, for changed versions of `parent`."""

    kind: Literal["propose"] = "propose"
    parent: str
    operator: str
    samples: int = Field(ge=1)
    temperature: float = Field(ge=0.0)
    seed: int
    show: tuple[str, ...] = ()
    """Ids of rejected candidates whose problem the model is told."""


class Evaluate(_Frozen):
    """Judge a candidate."""

    kind: Literal["evaluate"] = "evaluate"
    candidate: str
    parent: str


Request = Propose | Evaluate


class Score(_Frozen):
    """What a candidate is worth, its parts kept."""

    correct: bool
    ratio: float | None = None
    """Estimated old time over new time; None when it was not timed."""
    ci_low: float | None = None
    """Lower bound of the verdict; None when there was only a screening."""
    changed_lines: int = 0
    stage: Literal["static", "equal", "screen", "verdict"]
    """The last stage it reached."""


class Proposed(_Frozen):
    """Answer to a `Propose`: ids of the usable candidates that were not seen before."""

    kind: Literal["proposed"] = "proposed"
    request: Propose
    candidates: tuple[str, ...]
    unusable: int = Field(default=0, ge=0)
    """Samples with no edit in them."""
    repeated: int = Field(default=0, ge=0)
    """Samples that came to a program already seen."""


class Evaluated(_Frozen):
    """Answer to an `Evaluate`."""

    kind: Literal["evaluated"] = "evaluated"
    request: Evaluate
    score: Score


Told = Proposed | Evaluated


class State(BaseModel):
    """Base of every strategy's state."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    brief: Brief
    best: str
    """Id of the best program so far; the original at first."""
    best_score: Score | None = None
    finalists: tuple[str, ...] = ()
    """Ids of the best correct programs, best first, at most three; the final verdict is among them."""
    stopped: str | None = None
    """Why the search ended, in words for people; None while it goes on."""


@runtime_checkable
class Strategy(Protocol):
    """A search."""

    @property
    def name(self) -> str:
        """As on the command line."""

    def start(self, brief: Brief) -> State:
        """The state before the first `ask`."""

    def load(self, data: str) -> State:
        """The state that `State.model_dump_json` wrote."""

    def ask(self, state: State, rng: random.Random) -> tuple[Request, ...]:
        """What to do next; empty exactly when `state.stopped` is set."""

    def tell(self, state: State, results: Sequence[Told]) -> State:
        """The state after the answers to everything that was asked, in any order."""
