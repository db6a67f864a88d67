"""Making a counterexample small, so that people and models see what matters in it.

Delta debugging (Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input", 2002), by position: parts
of containers and texts are dropped, halves first and single elements last; then numbers go towards zero.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from burnish.sandbox.equal.calls import Call

S = TypeVar("S", str, bytes, list[object], tuple[object, ...])

_Rebuild = Callable[[object], Call]


def shrink(call: Call, still_fails: Callable[[Call], bool], budget: int = 100) -> Call:
    """The smallest call found that still fails; `call` itself when nothing smaller does.

    Types stay as they are: tuples lose elements only when all of theirs are of one type.

    Args:
        call: A call that fails; it is not tried again.
        still_fails: Whether a call fails as well.
        budget: How often `still_fails` may be called.

    Returns:
        A call for which `still_fails` was true, or `call`. Its `size` is 0 unless it is `call`.
    """
    search = _Search(call, still_fails, budget)
    while search.left > 0:
        before = search.best
        search.together()
        for at in range(len(call.args)):
            search.reduce(search.best.args[at], search.at(at))
        for name in call.kwargs:
            search.reduce(search.best.kwargs[name], search.at(name))
        if search.best is before:
            break
    return search.best


class _Search:
    """The best call so far, and how many tries are left."""

    def __init__(self, call: Call, still_fails: Callable[[Call], bool], budget: int) -> None:
        self.best = call
        self.still_fails = still_fails
        self.left = budget

    def at(self, place: int | str) -> _Rebuild:
        """Builds the best call with another value at `place`."""

        def rebuild(value: object) -> Call:
            args: tuple[object, ...] = self.best.args
            kwargs: Mapping[str, object] = self.best.kwargs
            if isinstance(place, int):
                args = (*args[:place], value, *args[place + 1 :])
            else:
                kwargs = {**kwargs, place: value}
            return replace(self.best, args=args, kwargs=kwargs, size=0)

        return rebuild

    def fails(self, call: Call) -> bool:
        """Try `call`, and keep it if it fails."""
        if self.left <= 0:
            return False
        self.left -= 1
        if not self.still_fails(call):
            return False
        self.best = call
        return True

    def together(self) -> None:
        """Shorten all arguments of one length at once: they may have to stay of one length."""
        lengths = [len(value) if isinstance(value, (list, str)) else -1 for value in self.best.args]
        for length in sorted({one for one in lengths if one > 0 and lengths.count(one) > 1}):
            places = [at for at, one in enumerate(lengths) if one == length]
            values = [self.best.args[at] for at in places]

            def rebuild(rows: list[object], places: list[int] = places) -> Call:
                args = list(self.best.args)
                for column, at in enumerate(places):
                    parts = [row[column] for row in rows if isinstance(row, tuple)]
                    args[at] = "".join(parts) if isinstance(args[at], str) else parts
                return replace(self.best, args=tuple(args), size=0)

            aligned: list[object] = list(zip(*values, strict=True))
            self.shorten(aligned, rebuild)

    def shorten(self, parts: S, rebuild: Callable[[S], Call]) -> S:
        """Drop what can go from `parts`: half of them, a quarter, and so on down to single ones."""
        if parts and self.fails(rebuild(parts[:0])):
            return parts[:0]
        chunk = len(parts)
        while chunk > 1 and self.left > 0:
            chunk = (chunk + 1) // 2
            start = 0
            while start < len(parts) and self.left > 0:
                shorter = parts[:start] + parts[start + chunk :]
                if shorter and self.fails(rebuild(shorter)):
                    parts = shorter
                else:
                    start += chunk
            chunk = min(chunk, len(parts))
        return parts

    def reduce(self, value: object, rebuild: _Rebuild) -> object:
        """Make `value` smaller where `rebuild` puts it; returns what is there afterwards."""
        if self.left <= 0:
            return value
        if isinstance(value, (bool, int, float, complex)):
            return self.reduce_number(value, rebuild)
        if isinstance(value, str):
            return self.shorten(value, rebuild)
        if isinstance(value, bytes):
            return self.shorten(value, rebuild)
        if isinstance(value, dict):
            return self.reduce_dict(value, rebuild)
        if isinstance(value, (set, frozenset)):
            kind = type(value)
            return kind(self.shorten(sorted(value, key=repr), lambda parts: rebuild(kind(parts))))
        if isinstance(value, (list, tuple)):
            return self.reduce_sequence(value, rebuild)
        return value

    def reduce_sequence(self, value: list[object] | tuple[object, ...], rebuild: _Rebuild) -> object:
        kind = type(value)
        elements = list(value)
        if kind is list or len({type(one) for one in value}) == 1:
            elements = self.shorten(elements, lambda shorter: rebuild(kind(shorter)))
        elements = list(elements)
        for at in range(len(elements)):

            def with_one(one: object, at: int = at) -> Call:
                return rebuild(kind([*elements[:at], one, *elements[at + 1 :]]))

            elements[at] = self.reduce(elements[at], with_one)
        return kind(elements)

    def reduce_dict(self, value: dict[object, object], rebuild: _Rebuild) -> object:
        items: list[object] = list(value.items())
        kept = dict(_pairs(self.shorten(items, lambda parts: rebuild(dict(_pairs(parts))))))
        for key in list(kept):

            def with_one(one: object, key: object = key) -> Call:
                return rebuild({**kept, key: one})

            kept[key] = self.reduce(kept[key], with_one)
        return kept

    def reduce_number(self, value: bool | int | float | complex, rebuild: _Rebuild) -> object:
        improved = True
        while improved:
            improved = False
            for smaller in _smaller(value):
                if self.fails(rebuild(smaller)):
                    value, improved = smaller, True
                    break
        return value


def _smaller(value: bool | int | float | complex) -> Iterator[bool | int | float | complex]:
    """Values of the same type that are nearer to zero, the nearest first; a number is smaller than its negative."""
    if isinstance(value, bool):
        if value:
            yield False
    elif isinstance(value, int):
        if value:
            yield 0
        if value < 0:
            yield -value
        sign = -1 if value < 0 else 1
        for step in (abs(value) // 2, abs(value) - 1):
            if 0 < step < abs(value):
                yield sign * step
    elif isinstance(value, float):
        if value or math.copysign(1.0, value) < 0:
            yield 0.0
        if not math.isfinite(value):
            yield 1.0
        elif value:
            if value < 0:
                yield -value
            whole = float(math.trunc(value))
            if whole and whole != value:
                yield whole
            if abs(value) >= 2:
                yield float(math.trunc(value / 2))
    elif value:
        yield 0j
        if value.imag and value.real:
            yield complex(value.real, 0.0)


def _pairs(parts: Sequence[object]) -> Iterator[tuple[object, object]]:
    return ((part[0], part[1]) for part in parts if isinstance(part, tuple))
