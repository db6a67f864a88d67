"""Relations between arguments that all examples show, and that drawn inputs keep."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Literal


@dataclass(frozen=True)
class Relation:
    """`alike`: both are of one length. `below`: 0 <= first < len(second). `length`: first == len(second)."""

    kind: Literal["alike", "below", "length"]
    first: str
    second: str


def relations(rows: Sequence[Mapping[str, object]]) -> tuple[Relation, ...]:
    """What holds in all `rows`, each the arguments of one example by parameter.

    >>> relations([{"items": [4, 5, 6], "n": 3}])
    (Relation(kind='length', first='n', second='items'),)
    """
    if not rows:
        return ()
    names = [name for name in rows[0] if all(name in row for row in rows)]
    found: list[Relation] = []
    for first, second in permutations(names, 2):
        pairs = [(row[first], length_of(row[second])) for row in rows]
        lengths = [length for _, length in pairs if length is not None]
        if len(lengths) < len(pairs) or max(lengths) < 2:
            continue
        others = [length_of(one) for one, _ in pairs]
        if first < second and others == lengths:
            found.append(Relation("alike", first, second))
        numbers = [one for one, _ in pairs if type(one) is int]
        if len(numbers) < len(pairs):
            continue
        if numbers == lengths:
            found.append(Relation("length", first, second))
        elif all(0 <= number < length for number, length in zip(numbers, lengths, strict=True)):
            found.append(Relation("below", first, second))
    return tuple(found)


def apply(found: Sequence[Relation], values: dict[str, object], rng: random.Random) -> None:
    """Change the numbers in `values` so that `found` holds; lengths are the drawer's business."""
    for relation in found:
        number = values.get(relation.first)
        length = length_of(values.get(relation.second))
        if type(number) is not int or length is None:
            continue
        if relation.kind == "length":
            values[relation.first] = length
        elif relation.kind == "below" and length and not 0 <= number < length:
            values[relation.first] = rng.randrange(length)


def length_of(value: object) -> int | None:
    """How many elements, characters or keys `value` has; None when it is not a container or text."""
    return len(value) if isinstance(value, (str, bytes, list, tuple, set, frozenset, dict)) else None
