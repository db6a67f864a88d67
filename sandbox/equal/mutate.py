"""Small changes to values that keep their types."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import TypeVar

from burnish.sandbox.equal.types import TypeSpec, accepts

T = TypeVar("T")

Fresh = Callable[[TypeSpec], object]
"""Draws a value of a type."""


def mutate_value(value: object, spec: TypeSpec | None, rng: random.Random, fresh: Fresh) -> object:
    """A value of the same type that differs a little from `value`; `value` itself when there is no other.

    Args:
        value: Built-in data; not changed in place.
        spec: Its type, where known: it decides what may be added, and whether a tuple's length may change.
        rng: Where the randomness comes from.
        fresh: Draws what is added to empty containers.
    """
    spec = _member(value, spec)
    if spec is not None and spec.kind == "literal":
        return rng.choice(spec.values)
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return rng.choice([value + 1, value - 1, value + 1, value - 1, -value, value * 2, value // 2, 0])
    if isinstance(value, float):
        steps = [value + 1.0, value - 1.0, -value, value / 2, math.nextafter(value, math.inf), float("nan"), 0.0]
        return rng.choice(steps)
    if isinstance(value, complex):
        return rng.choice([value + 1, value - 1j, -value, value.conjugate()])
    if isinstance(value, str):
        return _mutate_text(value, rng)
    if isinstance(value, bytes):
        edited = _edit(list(value), rng, lambda one: one ^ (1 << rng.randrange(8)), lambda: rng.randrange(256))
        return bytes(edited)
    if isinstance(value, dict):
        return _mutate_dict(value, spec, rng, fresh)
    if isinstance(value, (list, tuple, set, frozenset)):
        return _mutate_container(value, spec, rng, fresh)
    return value if spec is None else fresh(spec)


def _member(value: object, spec: TypeSpec | None) -> TypeSpec | None:
    """The member of a union that `value` is of, or another one when it is None."""
    if spec is None or spec.kind != "union":
        return spec
    if value is None:
        return next((item for item in spec.items if item.kind != "none"), None)
    return next((item for item in spec.items if accepts(item, value)), None)


def _mutate_text(text: str, rng: random.Random) -> str:
    characters = "abz AZ019-_.,\u00e9"

    def change(one: str) -> str:
        flipped = one.swapcase()
        # Some characters become two when their case changes; the text may then grow, which is a change as good.
        return flipped if flipped != one and rng.random() < 0.5 else rng.choice(characters)

    if text and rng.random() < 0.1:
        return text.swapcase()
    return "".join(_edit(list(text), rng, change, lambda: rng.choice(characters)))


def _mutate_container(
    value: list[object] | tuple[object, ...] | set[object] | frozenset[object],
    spec: TypeSpec | None,
    rng: random.Random,
    fresh: Fresh,
) -> object:
    item = spec.items[0] if spec is not None and spec.kind in ("list", "series", "set", "frozenset") else None

    def change(one: object) -> object:
        return mutate_value(one, item, rng, fresh)

    if isinstance(value, tuple) and item is None:
        # A tuple whose length may not change.
        if not value:
            return value
        at = rng.randrange(len(value))
        place = spec.items[at] if spec is not None and len(spec.items) == len(value) else None
        return (*value[:at], mutate_value(value[at], place, rng, fresh), *value[at + 1 :])
    if not value and item is None:
        return value
    ordered = sorted(value, key=repr) if isinstance(value, (set, frozenset)) else list(value)
    new = ordered[-1] if item is None else None
    edited = _edit(ordered, rng, change, lambda: new if item is None else fresh(item))
    return type(value)(edited)


def _mutate_dict(
    value: dict[object, object], spec: TypeSpec | None, rng: random.Random, fresh: Fresh
) -> dict[object, object]:
    if spec is not None and spec.kind == "record":
        key = rng.choice(spec.values)
        return value | {key: mutate_value(value[key], spec.items[spec.values.index(key)], rng, fresh)}
    kinds = spec.items if spec is not None and spec.kind == "dict" else (None, None)
    pairs = list(value.items())
    if not pairs:
        return {fresh(kinds[0]): fresh(kinds[1])} if kinds[0] and kinds[1] else value

    def change(pair: tuple[object, object]) -> tuple[object, object]:
        key, one = pair
        if rng.random() < 0.3:
            return mutate_value(key, kinds[0], rng, fresh), one
        return key, mutate_value(one, kinds[1], rng, fresh)

    def new() -> tuple[object, object]:
        return change(rng.choice(pairs)) if kinds[0] is None or kinds[1] is None else (fresh(kinds[0]), fresh(kinds[1]))

    return dict(_edit(pairs, rng, change, new))


def _edit(elements: list[T], rng: random.Random, change: Callable[[T], T], new: Callable[[], T]) -> list[T]:
    """`elements` with one dropped, repeated, moved, changed or added."""
    if not elements:
        return [new()]
    at = rng.randrange(len(elements))
    match rng.choice(["drop", "repeat", "swap", "change", "change", "add"]):
        case "drop":
            del elements[at]
        case "repeat":
            elements.insert(rng.randrange(len(elements) + 1), elements[at])
        case "swap":
            other = rng.randrange(len(elements))
            elements[at], elements[other] = elements[other], elements[at]
        case "change":
            elements[at] = change(elements[at])
        case "add":
            elements.insert(at, new())
    return elements
