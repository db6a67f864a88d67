"""Large values of telling shapes: what is drawn in the style of examples alone is too much alike."""

from __future__ import annotations

import copy
import math
import random
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from burnish.sandbox.equal.draw import ODD_CHARACTERS, Draw, Span
from burnish.sandbox.equal.style import UNSEEN, Style
from burnish.sandbox.equal.types import TypeSpec

T = TypeVar("T")

Values = Literal["small", "vast", "shown", "wide"]
"""`small`: few different ones, of either sign. `wide`: thousands and more. `vast`: beyond machine words, or for texts
beyond ASCII. `shown`: in the style of the examples."""
Arrangement = Literal["drawn", "up", "equal", "nearly", "down", "alternating"]

_VALUES: tuple[Values, ...] = ("small", "vast", "shown", "wide")
_ARRANGEMENTS: tuple[Arrangement, ...] = ("drawn", "up", "equal", "nearly", "down", "alternating")
_SMALL = ((-8, 8), (-3, 3), (-1, 1), (-30, -1))
_WIDE = ((-300, 300), (-70_000, 70_000), (-(2**33), 2**33), (0, 10**6))
_POWERS = (31, 32, 33, 53, 62, 63, 64, 65, 100)
_LETTERS = ("ab", "01", "aA", "a b", "xyz")
_ASCII = string.ascii_letters + string.digits + string.punctuation + 4 * " \n" + "\t\r"


@dataclass(frozen=True)
class Shape:
    """What the elements of a large container, or the characters of a long text, have in common."""

    values: Values
    arrangement: Arrangement


SHAPES = tuple(Shape(_VALUES[(at + at // 12) % 4], _ARRANGEMENTS[at % 6]) for at in range(24))
"""All of them; the first twelve have each kind of values three times and each arrangement twice."""

BANDS = ((64, 99, 12), (100, 300, 24), (1001, 1100, 12))
"""Least and greatest size, and how many shapes are drawn of it: around sizes at which programs change their ways, and
past the depth to which Python recurses."""
_BAND_S = 1.0
"""Seconds, about, that the original may take for one band."""
_FAILED_BELOW_S = 0.2


class Shaped(Draw):
    """A draw of one shape. Orders, alphabets and lengths that examples show are kept; signs and sizes are not.

    Args:
        rng: Where the randomness comes from.
        size: Elements or characters of an outer container or text.
        shape: What they are like.
        top: Span of numbers that are arguments themselves.
    """

    def __init__(self, rng: random.Random, size: int, shape: Shape, top: Callable[[Style], Span]) -> None:
        spans: dict[Values, Span] = {
            "small": rng.choice(_SMALL),
            "wide": rng.choice(_WIDE),
            # Distinct ints are sampled from this span, which has to fit a machine word.
            "vast": (-(2**61), 2**61),
            "shown": (0, max(1, size)),
        }
        super().__init__(rng, size=size, inner=(0, 4), top=top, span=spans[shape.values])
        self.shape = shape
        self.letters = rng.choice(_LETTERS)
        # As in annotations, ints stand for floats: all of a draw, as 1 and 1.0 would leave a sort's order open.
        self.whole = rng.random() < 0.5

    def _span(self, style: Style, depth: int) -> Span:
        return super()._span(style if depth == 0 or self.shape.values == "shown" else UNSEEN, depth)

    def _int(self, style: Style, depth: int) -> int:
        if depth == 0 or self.shape.values != "vast":
            return super()._int(style, depth)
        off = self.rng.choice((2, 10**6))
        return self.rng.choice((-1, 1)) * (1 << self.rng.choice(_POWERS)) + self.rng.randint(-off, off)

    def _float(self, style: Style, depth: int) -> float:
        if depth == 0 or self.shape.values in ("shown", "wide"):
            return super()._float(style, depth)
        if self.shape.values == "small":
            number = self._int(style, depth)
            return number if self.whole else number / 2
        return self.rng.choice((-1.0, 1.0)) * math.ldexp(1 + self.rng.random(), self.rng.randint(-200, 200))

    def _text(self, style: Style, count: int, depth: int) -> str:
        match self.shape.values:
            case "shown":
                text = super()._text(style, count, depth)
            case "small":
                text = "".join(self.rng.choices(style.alphabet[:3] or self.letters, k=count))
            case "wide":
                text = "".join(self.rng.choices(_ASCII, k=count))
            case "vast":
                text = "".join(self.rng.choices(ODD_CHARACTERS, k=count))
        return "".join(arranged(text, self.shape.arrangement, self.rng)) if depth == 0 else text

    def _bytes(self, count: int, depth: int) -> bytes:
        few = self.shape.values == "small"
        drawn = bytes(self.rng.choices(b"ab\x00", k=count)) if few else super()._bytes(count, depth)
        return bytes(arranged(drawn, self.shape.arrangement, self.rng)) if depth == 0 else drawn

    def _elements(self, spec: TypeSpec, style: Style, count: int, depth: int) -> list[object]:
        elements = super()._elements(spec, style, count, depth)
        unlike = spec.kind in ("set", "frozenset") or style.distinct
        if depth > 0 or (unlike and self.shape.arrangement in ("equal", "alternating")):
            return elements
        return arranged(elements, self.shape.arrangement, self.rng)


def arranged(elements: Sequence[T], how: Arrangement, rng: random.Random) -> list[T]:
    """`elements` in the arrangement `how`, or as they are where they cannot be sorted.

    >>> arranged("hello", "alternating", random.Random(0))
    ['h', 'e', 'h', 'e', 'h']
    """
    found = list(elements)
    if how == "drawn" or len(found) < 2:
        return found
    if how in ("equal", "alternating"):
        step = 1 if how == "equal" else 2
        return [copy.deepcopy(found[at % step]) for at in range(len(found))]
    anything: list[Any] = found
    try:
        found = sorted(anything, reverse=how == "down")
    except TypeError:
        return found
    if how == "nearly":
        for _ in range(3):
            at = rng.randrange(len(found) - 1)
            found[at], found[at + 1] = found[at + 1], found[at]
        found.insert(rng.randrange(len(found)), found.pop())
    return found


def seconds_at(growth: Sequence[tuple[int, float]], size: int) -> float:
    """Seconds, about, that an original needs at `size`, by its (size, seconds) up a ladder; inf where it may never end.

    >>> seconds_at([(64, 0.1), (128, 0.4)], 256)
    1.6
    """
    for rung, seconds in growth:
        if size <= rung:
            return seconds
    if len(growth) < 2 or growth[-1][1] < _FAILED_BELOW_S:  # the ladder ended because the next size failed
        return math.inf
    (_, before), (last, seconds) = growth[-2:]
    doubling = max(1.0, seconds / max(before, 1e-9))
    try:
        return seconds * math.pow(doubling, math.log2(size / last))
    except OverflowError:
        return math.inf


def reach(growth: Sequence[tuple[int, float]], seconds: float) -> int:
    """The largest size of the ladder at which an original needs at most `seconds`; 0 when there is none."""
    return max((size for size, took in growth if took <= seconds), default=0)


def large_shapes(growth: Sequence[tuple[int, float]], rng: random.Random) -> list[tuple[int, Shape]]:
    """Sizes and shapes to compare on: at most 48, and as many as the original is quick enough for."""
    found: list[tuple[int, Shape]] = []
    for least, greatest, most in BANDS:
        count = min(most, int(_BAND_S / max(1e-6, seconds_at(growth, greatest))))
        found += [(rng.randint(least, greatest), shape) for shape in SHAPES[:count]]
    if found:
        return found
    # Too slow for any of these, or of unknown speed: near the largest size that is quick.
    top = reach(growth, _BAND_S / 20) if growth else BANDS[0][0]
    return [(rng.randint(max(1, top // 2), top), shape) for shape in SHAPES[:12] if top > 2]
