"""Calls: the inputs on which two functions are compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Call:
    """Arguments of one call; built-in data only (None, bool, int, float, complex, str, bytes, list, tuple, dict, set,
    frozenset). Nobody changes the values in place."""

    args: tuple[Any, ...]
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    source: str = "types"
    """Where it came from: examples, existing, types, ladder, mutation, user, timing."""
    size: int = 0
    """The size it was drawn for; 0 when it was not drawn for one."""
