"""What example values show beyond their type: signs, order, alphabets, lengths. Drawn inputs keep to it."""

from __future__ import annotations

import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from burnish.sandbox.equal.types import SIZED, TypeSpec, accepts

Order = Literal["up", "down"]

_Container = list[object] | tuple[object, ...] | set[object] | frozenset[object] | dict[object, object]


@dataclass(frozen=True)
class Style:
    """What was seen at one place of a type; the defaults mean that nothing was."""

    seen: tuple[object, ...] = ()
    """Distinct plain values, at most 50."""
    low: float | None = None
    high: float | None = None
    bits: bool = False
    """Numbers are 0 and 1 only."""
    order: Order | None = None
    distinct: bool = False
    alphabet: str = ""
    """Characters that texts are made of, blanks left out; empty when unknown."""
    words: bool = True
    """Texts have blanks in them, or none was seen."""
    lengths: tuple[int, int] | None = None
    table: bool = False
    """The elements are containers of one length, which is not the same in all examples or above four."""
    items: tuple[Style, ...] = ()


UNSEEN = Style()


def observe(spec: TypeSpec, values: Iterable[object]) -> Style:
    """The style of those of `values` that are of the type `spec`."""
    fitting = [value for value in values if accepts(spec, value)]
    if spec.kind in ("union", "tuple", "record"):
        return Style(order=_order(fitting), items=tuple(map(observe, spec.items, _places(spec, fitting))))
    if not fitting:
        return Style(items=tuple(observe(item, ()) for item in spec.items))
    if spec.kind in ("int", "float"):
        return _numbers([value for value in fitting if isinstance(value, (int, float))])
    if spec.kind in ("str", "bytes"):
        return _texts([value for value in fitting if isinstance(value, (str, bytes))])
    if spec.kind in SIZED:
        return _containers(spec, [value for value in fitting if isinstance(value, (list, tuple, set, frozenset, dict))])
    return Style()


def _places(spec: TypeSpec, fitting: Sequence[object]) -> list[list[object]]:
    """The values that belong to each of the items of a union, tuple or record."""
    if spec.kind == "union":
        return [list(fitting)] * len(spec.items)
    if spec.kind == "record":
        return [[one[key] for one in fitting if isinstance(one, dict)] for key in spec.values]
    return [[one[at] for one in fitting if isinstance(one, tuple)] for at in range(len(spec.items))]


def _numbers(values: Sequence[int | float]) -> Style:
    real = [value for value in values if value == value and abs(value) != float("inf")]
    if not real:
        return Style()
    seen = tuple(dict.fromkeys(real))[:50]
    bits = len(real) >= 4 and set(real) == {0, 1}
    return Style(seen=seen, low=min(real), high=max(real), bits=bits)


def _texts(values: Sequence[str | bytes]) -> Style:
    lengths = (min(map(len, values)), max(map(len, values)))
    seen = tuple(dict.fromkeys(values))[:50]
    text = "".join(value for value in values if isinstance(value, str))
    if not text:
        return Style(seen=seen, lengths=lengths)
    letters = sorted(set(text) - set(string.whitespace))
    exact = len(text) >= 8 and len(letters) <= 4
    alphabet = "".join(letters) if exact else _widen(letters)
    return Style(seen=seen, lengths=lengths, alphabet=alphabet, words=any(c.isspace() for c in text))


def _widen(letters: Sequence[str]) -> str:
    """The whole class for each ASCII letter and digit; other characters as they are."""
    classes = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
    widened = [group for group in classes if any(letter in group for letter in letters)]
    return "".join(widened) + "".join(letter for letter in letters if not any(letter in group for group in classes))


def _containers(spec: TypeSpec, values: Sequence[_Container]) -> Style:
    lengths = (min(map(len, values)), max(map(len, values)))
    elements = [one for value in values for one in value]
    if spec.kind == "dict":
        contents = [one for value in values if isinstance(value, dict) for one in value.values()]
        return Style(lengths=lengths, items=(observe(spec.items[0], elements), observe(spec.items[1], contents)))
    ordered = [value for value in values if isinstance(value, (list, tuple))]
    telling = [value for value in ordered if len(value) >= 3]
    item = observe(spec.items[0], elements)
    return Style(
        lengths=lengths,
        order=_order(ordered),
        distinct=bool(telling) and all(_all_differ(value) for value in ordered),
        table=_is_table(spec.items[0], ordered),
        items=(item,),
    )


def _order(values: Sequence[object]) -> Order | None:
    rows = [value for value in values if isinstance(value, (list, tuple)) and len(value) >= 2]
    # One pair in order says nothing; several, or three elements, do.
    if sum(len(row) - 1 for row in rows) < 2 or not all(map(_all_numbers_or_texts, rows)):
        return None
    if all(a <= b for row in rows for a, b in pairwise(row)):
        return "up"
    return "down" if all(a >= b for row in rows for a, b in pairwise(row)) else None


def _all_numbers_or_texts(row: Sequence[object]) -> bool:
    return all(isinstance(one, (int, float)) for one in row) or all(type(one) is str for one in row)


def _all_differ(row: Sequence[object]) -> bool:
    try:
        return len(set(row)) == len(row)
    except TypeError:
        return False


def _is_table(item: TypeSpec, values: Sequence[Sequence[object]]) -> bool:
    if item.kind not in ("list", "series"):
        return False
    widths = [{len(row) for row in value if isinstance(row, (list, tuple))} for value in values if value]
    if not widths or any(len(width) != 1 for width in widths):
        return False
    square = [len(value) == width for value, (width,) in zip([v for v in values if v], widths, strict=True)]
    return any(n > 1 for n in map(len, values)) and (
        all(square) or len(set.union(*widths)) > 1 or max(set.union(*widths)) > 4
    )
