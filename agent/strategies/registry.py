"""Strategies by name."""

from __future__ import annotations

from burnish.agent.errors import UsageError
from burnish.agent.strategies.base import Strategy
from burnish.agent.strategies.best_of_n_then_refine import BestOfNThenRefine

STRATEGIES: dict[str, type[Strategy]] = {BestOfNThenRefine.name: BestOfNThenRefine}
DEFAULT = BestOfNThenRefine.name


def open_strategy(name: str) -> Strategy:
    """The strategy of that name.

    Raises:
        UsageError: there is none.
    """
    if name not in STRATEGIES:
        raise UsageError(f"there is no strategy {name!r}", f"Known: {', '.join(sorted(STRATEGIES))}.")
    return STRATEGIES[name]()
