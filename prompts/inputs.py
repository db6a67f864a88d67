"""What each prompt is filled with."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class _Inputs(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OptimizeSystem(_Inputs):
    """`optimize_system`: the same for every request."""


class Attempt(_Inputs):
    """An earlier answer that was rejected."""

    source: str
    """The function as it was written."""
    problem: str
    """Why it was rejected, with the counterexample if there is one."""


class Optimize(_Inputs):
    """`optimize_whole` and `optimize_edit`."""

    name: str
    """The function's name."""
    signature: str
    """Its `def` line, without decorators and body."""
    source: str
    """The function's text, without its docstring."""
    description: str
    """Its docstring; may be empty."""
    surroundings: str
    """Imports, constants and helpers of the module that the function uses; may be empty."""
    profile: str
    """The function's lines, each with its share of the time; empty when unknown."""
    hints: tuple[str, ...]
    """Findings of the static reading, one sentence each."""
    attempts: tuple[Attempt, ...]
    """Earlier answers that were rejected, oldest first."""
    speedup: str
    """How much faster it already is than the original, such as `2.5`; empty when it is the original."""
