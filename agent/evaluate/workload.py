"""The inputs programs are timed on: as large as the original can take in some tens of milliseconds."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from burnish.sandbox.equal.calls import Call
from burnish.sandbox.equal.inputs import Generator
from burnish.sandbox.equal.oracle import Oracle, arguments
from burnish.sandbox.equal.types import has_size
from burnish.sandbox.isolation.session import Arguments
from burnish.sandbox.measure.timing import transport_ns

WINDOW_S = (0.02, 0.06)
"""A timed call of the original should take so long."""
LEAST_S = 0.005
"""A batch of several calls takes at least so long."""
SLOWEST_S = 0.4
"""The ladder of sizes ends at a size that takes longer."""
MOST_CALLS = 200
"""Calls in one batch."""
_LARGEST_CONTAINER = 1 << 16
_LARGEST_NUMBER = 1 << 40


@dataclass(frozen=True)
class Workload:
    """What one timed run consists of."""

    size: int
    batch: int
    """Distinct calls a run; more than one only where a single call is too fast to time."""
    seconds: float
    """What the original took for it, about."""
    transport: float
    """Share of that which is handing over and encoding."""
    growth: tuple[tuple[int, float], ...]
    """(size, seconds) of the original up the ladder."""
    generator: Generator

    @property
    def slowest(self) -> int:
        """The largest size that is still quick enough to run by itself: there a difference stands out most."""
        return max((size for size, seconds in self.growth if seconds <= 1.5 * SLOWEST_S), default=self.size)

    def draw(self, rng: random.Random) -> list[Arguments]:
        """A new batch."""
        return [arguments(call) for call in self.calls(rng, self.batch)]

    def calls(self, rng: random.Random, count: int) -> list[Call]:
        """`count` new calls of this size."""
        return [self.generator.sized(self.size, rng) for _ in range(count)]

    def warm(self, rng: random.Random) -> list[Arguments]:
        """A small call to warm up on, never one of those timed."""
        return [arguments(self.generator.sized(max(1, self.size // 8), rng))]


def find_workload(oracle: Oracle, generator: Generator, seed: int) -> Workload | None:
    """The workload of an original; None when it finishes on no input of any size."""
    rng = random.Random(seed)
    sized = any(has_size(spec) for _, spec in generator.spec.parameters)
    largest = _LARGEST_CONTAINER if sized else _LARGEST_NUMBER
    growth = oracle.grow(generator.sized, seed, SLOWEST_S, largest)
    if not growth:
        return None
    size, seconds = max((pair for pair in growth if pair[1] <= WINDOW_S[1]), default=growth[0])
    above = next((pair for pair in growth if pair[0] > size), None)
    for _ in range(8):
        if seconds >= WINDOW_S[0] or above is None or above[0] - size < 2:
            break
        middle = (size + above[0]) // 2
        took = oracle.seconds(generator.sized(middle, rng), SLOWEST_S * 4)
        if took is None or took > WINDOW_S[1]:
            above = (middle, math.inf if took is None else took)
        else:
            size, seconds = middle, took
    batch = 1 if seconds >= LEAST_S else min(MOST_CALLS, math.ceil(1.5 * LEAST_S / seconds))
    work = Workload(size, batch, seconds * batch, 0.0, tuple(growth), generator)
    share = transport_ns(oracle.sandbox, work.draw(rng)) / 1e9 / work.seconds
    return Workload(size, batch, work.seconds, share, work.growth, generator)
