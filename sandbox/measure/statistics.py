"""The figure "faster": Hodges-Lehmann on log ratios, with bounds that hold their level at every look.

The estimator is the median of the Walsh averages (Hodges and Lehmann, "Estimates of location based on rank tests",
1963). Its bounds invert the exact signed-rank test, so they assume only that the log ratios of pairs are symmetric
about their centre. Alpha is spent over looks that are fixed in advance; adding looks would break the level.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate
from typing import Literal

LOOKS: tuple[int, ...] = (12, 24, 48, 96, 192)
"""Numbers of pairs after which a decision may be taken."""

ALPHA = 0.001
"""Chance, at most, of a wrong "faster" over all looks together; the same for a wrong "not_faster"."""

Decision = Literal["faster", "not_faster", "undecided"]

_ABOVE_FLOOR = 5.0


@dataclass(frozen=True)
class Interval:
    """Old time over new time, with its bounds."""

    ratio: float
    """Hodges-Lehmann estimate; above 1 is faster."""
    low: float
    """Lower bound of the ratio; 0.0 when `alpha` cannot be reached with so few pairs."""
    high: float
    """Upper bound of the ratio; infinite when `alpha` cannot be reached with so few pairs."""
    pairs: int
    alpha: float
    """What was spent at this look, on each side."""


def hodges_lehmann(xs: Sequence[float]) -> float:
    """The median of all averages of two of `xs`, each with itself included.

    >>> hodges_lehmann([1.0, 2.0, 9.0])
    3.5

    Raises:
        ValueError: `xs` is empty.
    """
    return _median(_walsh(xs))


def lower_bound(xs: Sequence[float], alpha: float) -> float:
    """The lower confidence bound, at level 1 - `alpha` and one-sided, of the centre of symmetry of `xs`.

    It is the largest value that the exact signed-rank test does not reject; minus infinity when no sample of this
    length can reach `alpha`.

    >>> lower_bound([1.0, 2.0, 3.0, 4.0, 5.0], 0.05)
    1.0
    >>> lower_bound([1.0, 2.0, 3.0], 0.05)
    -inf

    Raises:
        ValueError: `xs` is empty, or `alpha` is not in [0, 1).
    """
    return _bounds(_walsh(xs), len(xs), alpha)[0]


def upper_bound(xs: Sequence[float], alpha: float) -> float:
    """The upper counterpart of `lower_bound`; infinity when no sample of this length can reach `alpha`.

    >>> upper_bound([1.0, 2.0, 3.0, 4.0, 5.0], 0.05)
    5.0

    Raises:
        ValueError: `xs` is empty, or `alpha` is not in [0, 1).
    """
    return _bounds(_walsh(xs), len(xs), alpha)[1]


@lru_cache(maxsize=256)
def null_counts(n: int) -> tuple[int, ...]:
    """How many of the 2**n sign patterns give each value 0, 1, ... n(n+1)/2 of the signed-rank statistic.

    >>> null_counts(3)
    (1, 1, 1, 2, 1, 1, 1)
    """
    # The coefficients of (1+x)(1+x^2)...(1+x^n). None exceeds 2**n, so they fit side by side, without carries, into
    # one integer, and each factor is one shift and one addition.
    width = n // 8 + 1
    packed = 1
    for rank in range(1, n + 1):
        packed += packed << (8 * width * rank)
    values = n * (n + 1) // 2 + 1
    data = packed.to_bytes(values * width, "little")
    return tuple(int.from_bytes(data[at : at + width], "little") for at in range(0, len(data), width))


def spent(alpha: float = ALPHA) -> tuple[float, ...]:
    """How much of `alpha` each look in `LOOKS` spends. The sum is never above `alpha`.

    The first look gets 2**-12, the least with which twelve pairs can decide anything, provided that a quarter of
    `alpha` remains; otherwise nothing. The others share the rest equally.

    >>> [round(part, 6) for part in spent(0.001)]
    [0.000244, 0.000189, 0.000189, 0.000189, 0.000189]

    Raises:
        ValueError: `alpha` is not in (0, 1).
    """
    if not 0.0 < alpha < 1.0:
        raise ValueError(f"alpha must be between 0 and 1, not {alpha}")
    least = 2.0 ** -LOOKS[0]
    first = least if least <= 0.75 * alpha else 0.0
    others = len(LOOKS) - 1
    share = (alpha - first) / others
    while Fraction(first) + others * Fraction(share) > Fraction(alpha):
        share = math.nextafter(share, 0.0)
    return (first, *[share] * others)


def look(pairs: Sequence[tuple[int, int]], threshold: float, alpha: float = ALPHA) -> tuple[Decision, Interval]:
    """Decide whether old time over new time exceeds `threshold`, from all pairs measured so far.

    To be called once at each number of pairs in `LOOKS`, until it decides: over all looks together, "faster" is then
    wrong with a chance of at most `alpha`, and so is "not_faster".

    Args:
        pairs: (old, new) times in nanoseconds, in the order measured.
        threshold: The bar; 1.05 asks for five per cent. A bound that only touches it does not decide.
        alpha: For all looks together.

    Returns:
        The decision, and the interval at what this look spends.

    Raises:
        ValueError: the number of pairs is not in `LOOKS`, a time is not positive, or `threshold` or `alpha` is out of
            range.

    >>> decision, interval = look([(200, 100)] * 12, 1.05)
    >>> decision, round(interval.ratio, 6), round(interval.low, 6)
    ('faster', 2.0, 2.0)
    """
    if len(pairs) not in LOOKS:
        raise ValueError(f"a decision is taken at {', '.join(map(str, LOOKS))} pairs, not at {len(pairs)}")
    if not 0.0 < threshold < math.inf:
        raise ValueError(f"the threshold must be a positive number, not {threshold}")
    averages = _walsh(log_ratios(pairs))
    share = spent(alpha)[LOOKS.index(len(pairs))]
    low, high = _bounds(averages, len(pairs), share)
    bar = math.log(threshold)
    decision: Decision = "faster" if low > bar else "not_faster" if high < bar else "undecided"
    return decision, Interval(_exp(_median(averages)), _exp(low), _exp(high), len(pairs), share)


def log_ratios(pairs: Sequence[tuple[int, int]]) -> list[float]:
    """log(old / new) of each pair; exactly negated when old and new are swapped.

    Raises:
        ValueError: a time is not positive.
    """
    for old, new in pairs:
        if old <= 0 or new <= 0:
            raise ValueError(f"times must be positive, not ({old}, {new})")
    return [math.log(old) - math.log(new) for old, new in pairs]


def fit_exponent(sizes: Sequence[int], seconds: Sequence[float], floor: float | None = None) -> float | None:
    """The exponent k of time ~ size**k: the least-squares slope of log time against log size.

    Args:
        sizes: One size for each time.
        seconds: Times in seconds.
        floor: What a call costs that has nothing to do, in seconds; the smallest of `seconds` when None. Only times
            of at least five times the floor count, so that fixed costs do not flatten the slope.

    Returns:
        The slope; None when fewer than three different sizes are left.

    >>> fit_exponent([1, 10, 100, 1000, 10000], [0.001, 0.001, 0.01, 1.0, 100.0])
    2.0

    Raises:
        ValueError: `sizes` and `seconds` differ in length.
    """
    measured = [(size, took) for size, took in zip(sizes, seconds, strict=True) if size > 0 and 0.0 < took < math.inf]
    if not measured:
        return None
    least = _ABOVE_FLOOR * (min(took for _, took in measured) if floor is None else floor)
    points = [(math.log(size), math.log(took)) for size, took in measured if took >= least]
    if len({x for x, _ in points}) < 3:
        return None
    mean_x = math.fsum(x for x, _ in points) / len(points)
    mean_y = math.fsum(y for _, y in points) / len(points)
    slope = math.fsum((x - mean_x) * (y - mean_y) for x, y in points) / math.fsum((x - mean_x) ** 2 for x, _ in points)
    return round(slope, 9)


def _walsh(xs: Sequence[float]) -> list[float]:
    """The averages (x_i + x_j) / 2 for i <= j, in order."""
    if not xs:
        raise ValueError("at least one value is needed")
    return sorted((x + y) / 2 for at, x in enumerate(xs) for y in xs[at:])


def _median(ordered: Sequence[float]) -> float:
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _bounds(averages: Sequence[float], n: int, alpha: float) -> tuple[float, float]:
    cut = _critical(n, alpha)
    return (-math.inf, math.inf) if cut < 0 else (averages[cut], averages[-1 - cut])


@lru_cache(maxsize=1024)
def _critical(n: int, alpha: float) -> int:
    """The largest w with P(W <= w) <= `alpha` for the signed-rank statistic W of n values; -1 when there is none."""
    if not 0.0 <= alpha < 1.0:
        raise ValueError(f"alpha must be at least 0 and below 1, not {alpha}")
    allowed = math.floor(Fraction(alpha) * 2**n)
    return sum(1 for below in accumulate(null_counts(n)) if below <= allowed) - 1


def _exp(x: float) -> float:
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf
