"""What is run: one function of one module."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """A function and the module it stands in."""

    source: str
    """The whole module."""
    name: str
    watch: tuple[str, ...] = ()
    """Module attributes that callers can see and a call might change."""
