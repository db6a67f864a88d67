"""Timed runs: fresh process a measurement, OLD and NEW side by side, the host holding the watch.

Both programs are timed on the same inputs, never twice on the same input, under the same hash seed, in random order.
What is timed runs from handing over the input until the last byte of the encoded result has been read here.
"""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from burnish.sandbox.isolation.base import Limits, Sandbox
from burnish.sandbox.isolation.session import Arguments, Outcome, Session, Usage
from burnish.sandbox.isolation.unit import Unit

PARENTS = 5
"""Clean parents a program, each under a hash seed of its own: one seed alone can favour a program by 2 to 3 %."""
COLD_RUNS = 9


class Watch:
    """Times one program under several hash seeds."""

    def __init__(self, sandbox: Sandbox, unit: Unit, seeds: Sequence[int], limits: Limits | None = None) -> None:
        self._sessions = [Session(sandbox, unit, seed, limits) for seed in seeds]

    def time(self, at: int, calls: Sequence[Arguments], warm: Sequence[Arguments], wall_s: float) -> Outcome:
        """Time `calls` as one batch in a fresh process of parent number `at`."""
        return self._sessions[at % len(self._sessions)].run("time", calls, warm=warm, wall_s=wall_s)

    def close(self) -> None:
        """End the parents."""
        for session in self._sessions:
            session.close()


@dataclass(frozen=True)
class Pair:
    """One input batch through both programs."""

    old: Outcome
    new: Outcome
    calls: Sequence[Arguments]

    @property
    def ns(self) -> tuple[int, int]:
        """(old, new) nanoseconds."""
        return self.old.ns, self.new.ns


class Duel:
    """Interleaved timing of two programs."""

    def __init__(self, sandbox: Sandbox, old: Unit, new: Unit, seed: int, limits: Limits | None = None) -> None:
        self._rng = random.Random(seed)
        seeds = [self._rng.randrange(1, 1 << 32) for _ in range(PARENTS)]
        self._old, self._new = Watch(sandbox, old, seeds, limits), Watch(sandbox, new, seeds, limits)
        self._count = 0

    def pair(self, calls: Sequence[Arguments], warm: Sequence[Arguments], wall_s: float) -> Pair:
        """Time both programs on `calls`, in random order."""
        at, self._count = self._count, self._count + 1
        if self._rng.random() < 0.5:
            old = self._old.time(at, calls, warm, wall_s)
            new = self._new.time(at, calls, warm, wall_s)
        else:
            new = self._new.time(at, calls, warm, wall_s)
            old = self._old.time(at, calls, warm, wall_s)
        return Pair(old, new, calls)

    def close(self) -> None:
        """End all parents."""
        self._old.close()
        self._new.close()


def cold(sandbox: Sandbox, unit: Unit, call: Arguments, wall_s: float) -> Usage | None:
    """What a new worker uses from exec on when it makes one call and nothing else; None if the call was lost."""
    session = Session(sandbox, unit)
    try:
        outcome = session.run("time", [call], wall_s=wall_s)
        return session.usage() if outcome.body is not None else None
    finally:
        session.close()


@dataclass(frozen=True)
class ColdRatios:
    """Of cold runs on the same inputs: old over new, and what is saved."""

    cpu: float
    """Processor time of the whole tree."""
    peak: float
    """Peak memory."""
    saved_s: float
    """Seconds of processor time that the new one uses less; negative where it uses more."""


def cold_ratios(
    sandbox: Sandbox, old: Unit, new: Unit, draw: Callable[[], Arguments], wall_s: float, bar_s: float = 0.0
) -> ColdRatios | None:
    """Run both programs cold on inputs drawn anew, alternately; None when a run was lost.

    The median of each program is taken, so that one disturbed run does not decide; and runs are added, up to four
    times as many, until the processor time saved is clearly above `bar_s` or below it.
    """
    used: tuple[list[Usage], list[Usage]] = ([], [])
    while True:
        for index in range(COLD_RUNS):
            call = draw()
            for which in (0, 1) if index % 2 else (1, 0):
                usage = cold(sandbox, (old, new)[which], call, wall_s)
                if usage is None:
                    return None
                used[which].append(usage)
        seconds = [[usage.cpu_s for usage in side] for side in used]
        cpu = [statistics.median(side) for side in seconds]
        # Of the difference of two medians, with normal noise.
        error = 1.25 * math.sqrt(sum(statistics.variance(side) / len(side) for side in seconds))
        if abs(cpu[0] - cpu[1] - bar_s) > 2 * error or len(used[0]) >= 4 * COLD_RUNS:
            break
    peak = [statistics.median(usage.peak_bytes for usage in side) for side in used]
    return ColdRatios(cpu[0] / cpu[1], peak[0] / peak[1], cpu[0] - cpu[1])


def lines_executed(sandbox: Sandbox, unit: Unit, calls: Sequence[Arguments], wall_s: float) -> int | None:
    """Lines of Python executed, each call in a fresh process, summed; None when a call was lost."""
    from burnish.sandbox.worker import codec

    session = Session(sandbox, unit)
    total = 0
    try:
        for call in calls:
            outcome = session.run("count", [call], wall_s=wall_s)
            if outcome.body is None:
                return None
            total += int(codec.decode(outcome.body))
    except (ValueError, TypeError):
        return None
    finally:
        session.close()
    return total


IDENTITY = Unit("def identity(*args, **kwargs):\n    return args, kwargs\n", "identity")
"""Sends its arguments back: what it takes is transport and encoding."""


def transport_ns(sandbox: Sandbox, calls: Sequence[Arguments], wall_s: float = 5.0) -> int:
    """Nanoseconds to hand over `calls` and get as much back: the least of five."""
    watch = Watch(sandbox, IDENTITY, [0])
    try:
        times = [watch.time(0, calls, [], wall_s).ns for _ in range(5)]
    finally:
        watch.close()
    return min(times)
