"""The Evaluator protocol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from burnish.agent.operators.base import Program
from burnish.agent.result import Counterexample
from burnish.agent.strategies.base import Score


@dataclass(frozen=True)
class Evaluation:
    """A score and what to say about it."""

    score: Score
    problem: str = ""
    """Why it was rejected, in words a model can act on; empty when it was not."""
    counterexample: Counterexample | None = None


@runtime_checkable
class Evaluator(Protocol):
    """Judges candidates against one original. `tests/conformance/evaluator.py` is what every one passes."""

    def evaluate(self, candidate: Program) -> Evaluation:
        """Judge `candidate`. Never raises for anything the candidate does.

        Raises:
            burnish.sandbox.errors.SandboxUnavailable: the sandbox itself is gone.
        """

    def close(self) -> None:
        """Let go of processes. May be called twice."""
