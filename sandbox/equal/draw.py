"""Drawing values of a type: workloads of a size, and small varied ones."""

from __future__ import annotations

import math
import random
import string
from collections.abc import Callable
from functools import cached_property
from itertools import accumulate

from burnish.sandbox.equal.style import UNSEEN, Order, Style
from burnish.sandbox.equal.types import INT, STR, TypeSpec, has_size

Span = tuple[float, float]
"""Least and greatest; ints are drawn from the ints within it."""

_FARTHEST = 1e300
ODD_CHARACTERS = "aaabABZ09 .,-_\t\n'\"\u00e9\u00df\u00f1\u0301\u6f22\U0001f600"


class Draw:
    """One draw: what its values have in common is decided once.

    Everything depends on `rng` alone, so that the same state of it gives the same values.

    Args:
        rng: Where the randomness comes from.
        size: Elements or characters of an outer container or text.
        inner: Fewest and most elements of what lies inside containers, where no example shows it.
        top: Span of numbers that are arguments themselves.
        span: Span of numbers in containers.
        keep: Whether orders, lengths and alphabets seen in examples are kept. Their signs always are.
        order: Sorts outer lists that have no order to keep.
        few: Whether elements come from a handful of values.
        odd: Whether texts without examples have odd characters.
    """

    def __init__(
        self,
        rng: random.Random,
        *,
        size: int,
        inner: tuple[int, int],
        top: Callable[[Style], Span],
        span: Span,
        keep: bool = True,
        order: Order | None = None,
        few: bool = False,
        odd: bool = False,
    ) -> None:
        self.rng = rng
        self.size = size
        self.inner = inner
        self.top = top
        self.span = span
        self.keep = keep
        self.order = order
        self.few = few
        self.odd = odd
        # What Any stands for, the same throughout the draw: a mixture could not be sorted or summed.
        self.anything = INT if rng.random() < 0.7 else STR

    def value(self, spec: TypeSpec, style: Style = UNSEEN, depth: int = 0, length: int | None = None) -> object:
        """A value of `spec`; `depth` counts the containers around it, `length` overrides the number of elements."""
        rng = self.rng
        match spec.kind:
            case "none":
                return None
            case "bool":
                return rng.random() < 0.5
            case "int":
                return self._int(style, depth)
            case "float":
                return self._float(style, depth)
            case "complex":
                low, high = self._span(UNSEEN, depth)
                return complex(rng.uniform(low, high), rng.uniform(low, high))
            case "literal":
                return rng.choice(spec.values)
            case "any":
                return self.value(self.anything, UNSEEN, max(depth, 1))
            case "union":
                return self._union(spec, style, depth, length)
            case "tuple" | "record":
                return self._fixed(spec, style, depth)
        count = self._length(style, depth) if length is None else length
        match spec.kind:
            case "str":
                return self._text(style, count, depth)
            case "bytes":
                return self._bytes(count, depth)
            case "dict":
                return self._dict(spec, style, count, depth)
        elements = self._elements(spec, style, count, depth)
        if spec.kind == "set":
            return set(elements)
        if spec.kind == "frozenset":
            return frozenset(elements)
        kept = style.order if self.keep else None
        elements = _ordered(elements, kept or (self.order if depth == 0 else None))
        return tuple(elements) if spec.kind == "series" else elements

    def _span(self, style: Style, depth: int) -> Span:
        if depth == 0:
            return self.top(style)
        low, high = self.span
        if style.bits and self.keep:
            return (0, 1)
        if style.low is None:
            return (low, high)
        if style.low < 0:
            return (min(low, -high), high)
        floor = 1 if style.low >= 1 else 0
        return (floor, max(floor, high))

    def _int(self, style: Style, depth: int) -> int:
        low, high = self._span(style, depth)
        return self.rng.randint(math.ceil(low), math.floor(high))

    def _float(self, style: Style, depth: int) -> float:
        low, high = self._span(style, depth)
        low, high = max(low, -_FARTHEST), min(high, _FARTHEST)
        kind = self.rng.random()
        drawn = self.rng.uniform(low, high)
        # Numbers with few digits repeat, and hit what programs compare with.
        rounded = float(round(drawn)) if kind < 0.2 else round(drawn, 2) if kind < 0.4 else drawn
        return min(max(rounded, float(low)), float(high))

    def _union(self, spec: TypeSpec, style: Style, depth: int, length: int | None) -> object:
        members = list(zip(spec.items, style.items or (UNSEEN,) * len(spec.items), strict=True))
        sized = [member for member in members if has_size(member[0])]
        plain = [member for member in members if member[0].kind != "none"]
        if depth == 0 and sized and self.size > 0:
            item, one = sized[0]
        elif len(plain) < len(members) and self.rng.random() >= 0.2:
            item, one = self.rng.choice(plain)
        else:
            item, one = self.rng.choice(members)
        return self.value(item, one, depth, length)

    def _fixed(self, spec: TypeSpec, style: Style, depth: int) -> object:
        styles = style.items or (UNSEEN,) * len(spec.items)
        parts = [self.value(item, one, depth) for item, one in zip(spec.items, styles, strict=True)]
        if spec.kind == "record":
            return dict(zip(spec.values, parts, strict=True))
        alike = len(set(spec.items)) == 1
        return tuple(_ordered(parts, style.order) if alike and self.keep else parts)

    def _length(self, style: Style, depth: int) -> int:
        if depth == 0:
            return self.size
        if style.lengths and self.keep:
            low, high = style.lengths
            return self.rng.randint(min(low, 20), min(high, 20))
        return self.rng.randint(*self.inner)

    def _elements(self, spec: TypeSpec, style: Style, count: int, depth: int) -> list[object]:
        item, one = spec.items[0], style.items[0] if style.items else UNSEEN
        if item.kind == "any":
            item = self.anything
        if style.table and self.keep:
            # A table with `count` rows and columns would be too large; this one has about `count` cells.
            side = math.isqrt(count)
            return [self.value(item, one, depth + 1, side) for _ in range(side)]
        unique = spec.kind in ("set", "frozenset") or (style.distinct and self.keep)
        if unique and item.kind == "int":
            low, high = self._span(one, depth + 1)
            least = math.ceil(low)
            return list(self.rng.sample(range(least, max(math.floor(high), least + 2 * count) + 1), count))
        if unique:
            return self._distinct(item, one, count, depth + 1)
        if self.few and depth == 0:
            pool = [self.value(item, one, depth + 1) for _ in range(3)]
            return [self.rng.choice(pool) for _ in range(count)]
        return [self.value(item, one, depth + 1) for _ in range(count)]

    def _distinct(self, item: TypeSpec, style: Style, count: int, depth: int) -> list[object]:
        """Up to `count` different values: fewer when the type does not have as many, or hides them well."""
        found: dict[object, object] = {}
        for attempt in range(10 * count):
            if len(found) == count:
                break
            fresh = item.kind == "str" and attempt >= count // 2
            value = self._fresh_word(style, count) if fresh else self.value(item, style, depth)
            try:
                found.setdefault(value, value)
            except TypeError:
                found.setdefault(repr(value), value)
        return list(found.values())

    def _dict(self, spec: TypeSpec, style: Style, count: int, depth: int) -> dict[object, object]:
        key_style, value_style = style.items or (UNSEEN, UNSEEN)
        keys = self._elements(TypeSpec("set", (spec.items[0],)), Style(items=(key_style,)), count, depth)
        return {key: self.value(spec.items[1], value_style, depth + 1) for key in keys}

    def _text(self, style: Style, count: int, depth: int) -> str:
        if self.odd and not style.alphabet:
            return "".join(self.rng.choices(ODD_CHARACTERS, k=count))
        if style.alphabet and self.keep and not style.words:
            return "".join(self.rng.choices(style.alphabet, k=count))
        if depth > 0 and not style.alphabet:
            return self._word() if count else ""
        return self._words(style, count)

    def _bytes(self, count: int, depth: int) -> bytes:
        return self.rng.randbytes(count)

    def _words(self, style: Style, count: int) -> str:
        """Words with blanks between them, `count` characters in all; capitals and marks where examples have them."""
        rng = self.rng
        capitals = any(c in string.ascii_uppercase for c in style.alphabet)
        marks = [c for c in style.alphabet if not c.isalnum()]
        parts: list[str] = []
        written = 0
        while written <= count:
            word = self._word()
            if capitals and rng.random() < 0.125:
                word = word.capitalize()
            if marks and rng.random() < 0.125:
                word += rng.choice(marks)
            parts.append(word)
            written += len(word) + 1
        text = " ".join(parts)[:count]
        return text[:-1] + rng.choice("aeiost") if text.endswith(" ") else text

    def _word(self) -> str:
        words, weights = self._vocabulary
        return self.rng.choices(words, cum_weights=weights)[0]

    @cached_property
    def _vocabulary(self) -> tuple[list[str], list[float]]:
        """Words and their cumulative weights, for all texts of the draw: few are frequent, most rare (Zipf, Heaps)."""
        count = 8 + 4 * math.isqrt(self.size)
        words: dict[str, None] = {}
        while len(words) < count:
            length = min(12, 1 + int(self.rng.expovariate(0.25)))
            words["".join(self.rng.choices(string.ascii_lowercase, k=length))] = None
        return list(words), list(accumulate(1.0 / rank for rank in range(1, count + 1)))

    def _fresh_word(self, style: Style, count: int) -> str:
        """A word so long that `count` of them rarely repeat."""
        letters = style.alphabet if style.alphabet and self.keep else string.ascii_lowercase
        length = 2 + math.ceil(math.log(count + 1) / math.log(max(2, len(letters))))
        return "".join(self.rng.choices(letters, k=length))


def _ordered(elements: list[object], order: Order | None) -> list[object]:
    if order is None:
        return elements
    try:
        return sorted(elements, reverse=order == "down")  # type: ignore[type-var]
    except TypeError:
        return elements
