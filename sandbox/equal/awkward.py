"""The values of each type on which programs go wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain, zip_longest

from burnish.sandbox.equal.types import TypeSpec

_MOST = 24
_INTS = (0, 1, -1, 2, -7, 10, 2**31, 2**63, -(2**63) - 1, 10**30)
_FLOATS = (0.0, -0.0, 1.0, -1.5, 0.1, math.nan, math.inf, -math.inf, 7, 1e308, 5e-324, 2.0**53)
_COMPLEX = (0j, 1 + 2j, -1.5j, complex(-0.0, math.nan), complex(math.inf, 0))
_TEXTS = (
    "",
    "a",
    "aa",
    " ",
    "Ab cd  Ab",
    "\u00e9e\u0301",  # the same letter, composed and combining
    "\U0001f600\U00010348",  # beyond 16 bits
    "\u00df\u0130\u01c6",  # change length or come back otherwise when their case changes
    "a\nb\r\n\tc",
    "-10",
    "\u0664\u00b2",  # digits, but not ASCII ones
    "\x00\x7f\\'\"",
    "abracadabra" * 400,
)
_BYTES = (b"", b"a", b"\x00", b"\xff\xfe", b"aa", b"a\nb", bytes(range(256)), b"ab" * 2000)
_MIXED = (0, "", None, -1, "a", 0.5, True, 10**30)


def awkward_values(spec: TypeSpec, hashable: bool = False) -> Sequence[object]:
    """At most 24 awkward values of `spec`, the most telling first; repeats are possible.

    Lone surrogates are left out: no text that a program reads decodes to one.

    Args:
        spec: The type.
        hashable: Whether values of Any must be hashable; the rest of a type says so itself.
    """
    match spec.kind:
        case "none":
            return [None]
        case "bool":
            return [False, True]
        case "int":
            return list(_INTS)
        case "float":
            return list(_FLOATS)
        case "complex":
            return list(_COMPLEX)
        case "str":
            return list(_TEXTS)
        case "bytes":
            return list(_BYTES)
        case "literal":
            return list(spec.values)[:_MOST]
        case "any":
            return [*_MIXED, *([] if hashable else [[], [[]], {}, (1, "a")])]
        case "union":
            return _in_turn([awkward_values(item, hashable) for item in spec.items])[:_MOST]
        case "tuple":
            return [tuple(row) for row in _one_at_a_time(spec.items, hashable)][:_MOST]
        case "record":
            return [dict(zip(spec.values, row, strict=True)) for row in _one_at_a_time(spec.items)][:_MOST]
        case "dict":
            return list(_dicts(*spec.items))[:_MOST]
    rows = _rows(spec.items[0], hashable or spec.kind in ("set", "frozenset"))
    match spec.kind:
        case "set":
            return [set(row) for row in rows][:_MOST]
        case "frozenset":
            return [frozenset(row) for row in rows][:_MOST]
        case "series":
            return [tuple(row) for row in rows][:_MOST]
    return list(rows)[:_MOST]


def plain_value(spec: TypeSpec) -> object:
    """A value of `spec` with nothing odd about it, not empty."""
    plain: dict[str, object] = {
        "none": None, "bool": True, "int": 3, "float": 2.5, "complex": 1j, "str": "abc", "bytes": b"abc", "any": 3,
    }  # fmt: skip
    if spec.kind in plain:
        return plain[spec.kind]
    if spec.kind == "literal":
        return spec.values[0]
    parts = [plain_value(item) for item in spec.items]
    match spec.kind:
        case "union":
            return parts[0]
        case "tuple" | "series":
            return tuple(parts)
        case "record":
            return dict(zip(spec.values, parts, strict=True))
        case "dict":
            return {parts[0]: parts[1]}
        case "set":
            return set(parts)
        case "frozenset":
            return frozenset(parts)
    return parts


def _rows(item: TypeSpec, hashable: bool) -> list[list[object]]:
    plain, odd = plain_value(item), awkward_values(item, hashable)
    short: list[object] = [value for value in odd if not isinstance(value, (str, bytes)) or len(value) < 100]
    rows: list[list[object]] = [[], [plain], [plain, plain], short, short[::-1], short * 2, [plain, *short[:2], plain]]
    if item.kind in ("int", "float"):
        rows += [[3, -1, 2, -1, 3], [5, 4, 3, 2, 1], [1, 2, 3, 4, 5], [-3, -2, -2, -1], [0] * 8, [7] * 50]
        if item.kind == "float":
            # Ints may stand for floats, and a result shows whether they were converted.
            ints: list[object] = [3, -1, 2, -1, 3]
            rows = [[float(value) if isinstance(value, int) else value for value in row] for row in rows] + [ints]
    return rows + [[value] for value in odd]


def _dicts(key: TypeSpec, value: TypeSpec) -> list[dict[object, object]]:
    keys, values = awkward_values(key, hashable=True), awkward_values(value)
    plain_key, plain = plain_value(key), plain_value(value)
    several = {k: values[at % len(values)] for at, k in enumerate(keys)}
    backwards = dict(reversed(several.items()))
    found: list[dict[object, object]] = [{}, {plain_key: plain}, several, backwards, dict.fromkeys(keys, plain)]
    for at in range(max(len(keys), len(values))):
        found += [{keys[at % len(keys)]: plain}, {plain_key: values[at % len(values)]}]
    return found


def _one_at_a_time(items: tuple[TypeSpec, ...], hashable: bool = False) -> list[list[object]]:
    """Rows with an awkward value at one place and plain ones elsewhere, and rows of awkward values only."""
    plain = [plain_value(item) for item in items]
    odd = [awkward_values(item, hashable) for item in items]
    single: list[list[list[object]]] = [
        [[*plain[:at], value, *plain[at + 1 :]] for value in values] for at, values in enumerate(odd)
    ]
    together = [[values[at % len(values)] for values in odd] for at in range(max(map(len, odd), default=0))]
    mixed: list[list[object]] = [plain, *(row for row in chain.from_iterable(zip_longest(together, *single)) if row)]
    return mixed


def _in_turn(lists: Sequence[Sequence[object]]) -> list[object]:
    """The first of each, the second of each, and so on."""
    nothing = object()
    return [one for one in chain.from_iterable(zip_longest(*lists, fillvalue=nothing)) if one is not nothing]
