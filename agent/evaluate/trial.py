"""Judging candidates against one original: gate, equality, a quick timing; and, for finalists, the verdict."""

from __future__ import annotations

import math
import random
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from burnish.agent.evaluate.base import Evaluation
from burnish.agent.evaluate.workload import LEAST_S, SLOWEST_S, Workload
from burnish.agent.operators.base import Program
from burnish.agent.result import Counterexample, Speed
from burnish.agent.strategies.base import Score
from burnish.sandbox.equal.calls import Call
from burnish.sandbox.equal.compare import Difference, NotComparable, compare_values
from burnish.sandbox.equal.inputs import ENDS_S, Generator, literal
from burnish.sandbox.equal.oracle import Oracle, Reference
from burnish.sandbox.equal.values import Malformed
from burnish.sandbox.equal.verdict import Challenger, Verdict
from burnish.sandbox.isolation.session import Arguments
from burnish.sandbox.isolation.unit import Unit
from burnish.sandbox.measure import timing
from burnish.sandbox.measure.quiet import machine_lock
from burnish.sandbox.measure.statistics import (
    ALPHA,
    LOOKS,
    Interval,
    fit_exponent,
    hodges_lehmann,
    log_ratios,
    look,
)
from burnish.tools.diff import changed_lines
from burnish.tools.gate import check, kept, unlike

SCREEN_PAIRS = 5
VERDICT_S = 60.0
"""A verdict that has not been reached by then is "no significant difference", where time is not shorter still."""
SAVED_SHARE = 0.25
"""Share of the time gained that a cold run must save in processor time: nothing at all would be noise half the time."""
LOADING_S = 0.02
"""Where single calls are too fast to time, a cold run may take so much more processor time: loading, mostly."""
HELD_OUT = 120
"""Inputs drawn anew, from a secret seed, for each finalist."""

Faster = Literal["yes", "no", "no_significant_difference"]
Tick = Callable[[int, int], None]


class Lost(Exception):
    """A timed run of the candidate failed or differed; the text says how."""

    def __init__(self, text: str, call: Call | None = None, difference: Difference | None = None) -> None:
        super().__init__(text)
        self.call, self.difference = call, difference


class OriginalFailed(Exception):
    """The original cannot be timed on what was drawn; that says nothing about the candidate."""


@dataclass(frozen=True)
class Batch:
    """Calls that are timed together, and those made before."""

    calls: list[Arguments]
    warm: list[Arguments]


@dataclass(frozen=True)
class Finding:
    """The verdict on one finalist."""

    speed: Speed
    faster: Faster
    equal: Verdict
    notes: tuple[str, ...] = ()
    timings: tuple[tuple[int, float, float | None], ...] = ()
    """(size, seconds of the original, seconds of the finalist or None where it was not timed)."""
    moved: bool = False
    """What looks like a gain was work moved elsewhere, or results shared between calls."""


@dataclass
class Trial:
    """Everything a candidate is judged with."""

    oracle: Oracle
    original: Program
    reference: Reference
    generator: Generator | None
    """None where inputs were only given, and none can be drawn."""
    workload: Workload | None
    rng: random.Random = field(default_factory=random.Random)
    tick: Tick = lambda done, of: None
    patience_s: float = VERDICT_S
    """Seconds, about, that the pairs of one verdict are timed for; an open question is then left open."""
    _batches: list[Batch] = field(default_factory=list)

    def unit(self, candidate: Program) -> Unit:
        """What the sandbox runs of a candidate."""
        old = self.oracle.unit
        return Unit(candidate.source, candidate.name, old.watch)

    def evaluate(self, candidate: Program) -> Evaluation:
        """See `base.Evaluator`."""
        lines = changed_lines(self.original.source, candidate.source)
        problems = check(self.original.source, candidate.source, self.original.name)
        if problems:
            return Evaluation(Score(correct=False, changed_lines=lines, stage="static"), " ".join(problems))
        unit = self.unit(candidate)
        verdict = self.equal(unit)
        if not verdict.equal:
            return _different(verdict, lines)
        if self.workload is None:
            return Evaluation(Score(correct=True, changed_lines=lines, stage="equal"))
        try:
            ratio = self.screen(unit, self.workload)
        except OriginalFailed:
            return Evaluation(Score(correct=True, changed_lines=lines, stage="equal"))
        except Lost as lost:
            return Evaluation(Score(correct=False, changed_lines=lines, stage="screen"), str(lost))
        return Evaluation(Score(correct=True, ratio=ratio, changed_lines=lines, stage="screen"))

    def close(self) -> None:
        """End the original's workers."""
        self.oracle.close()

    def equal(self, unit: Unit) -> Verdict:
        """Compare with the original on every input of the reference."""
        challenger = Challenger(self.oracle, unit)
        try:
            return challenger.against(self.reference.entries, self.tick)
        finally:
            challenger.close()

    def screen(self, unit: Unit, work: Workload) -> float:
        """A quick estimate of old time over new time, from a few pairs.

        Raises:
            Lost: a run failed or differed.
        """
        with machine_lock():
            duel = timing.Duel(self.oracle.sandbox, self.oracle.unit, unit, self.rng.randrange(1 << 32))
            try:
                pairs = [self._timed(duel, work, batch) for batch in self._screening(work)]
            finally:
                duel.close()
        return math.exp(hodges_lehmann(log_ratios(pairs)))

    def _screening(self, work: Workload) -> list[Batch]:
        """The batches every candidate is screened on, drawn once: drawing can cost more than running."""
        if not self._batches:
            self._batches = [Batch(work.draw(self.rng), work.warm(self.rng)) for _ in range(SCREEN_PAIRS)]
        return self._batches

    def _pair(self, duel: timing.Duel, work: Workload, rng: random.Random) -> tuple[int, int]:
        """One pair of times on inputs drawn anew. Where the original fails on them, others are drawn."""
        for _ in range(5):
            try:
                return self._timed(duel, work, Batch(work.draw(rng), work.warm(rng)))
            except OriginalFailed:
                continue
        raise OriginalFailed(f"The original fails on inputs of size {work.size}, at which it was to be timed.")

    def _timed(self, duel: timing.Duel, work: Workload, batch: Batch) -> tuple[int, int]:
        """One pair of times in nanoseconds.

        Raises:
            Lost: the candidate failed or differed.
        """
        wall_s = 1.0 + 8 * max(work.seconds, SLOWEST_S)
        pair = duel.pair(batch.calls, batch.warm, wall_s=wall_s)
        if pair.new.failure == "timeout":  # once more: a busy machine can stand still for longer than any limit
            pair = duel.pair(batch.calls, batch.warm, wall_s=wall_s)
        if pair.old.body is None:
            raise OriginalFailed("the original could not be timed")
        new = pair.new
        if new.body is None:
            raise Lost(f"on a large input it {'ran out of time' if new.failure == 'timeout' else 'was lost'}")
        if new.threads or new.left:
            raise Lost("it leaves threads or processes behind")
        forbidden = set(new.audit) - set(pair.old.audit)
        if forbidden:
            raise Lost(f"it uses {', '.join(sorted(forbidden))}")
        try:
            difference = compare_values(pair.old.body, new.body) or compare_values(pair.old.after, new.after)
        except (Malformed, NotComparable) as error:
            raise Lost(f"its result cannot be compared: {error}") from error
        if difference:
            args, kwargs = batch.calls[0]
            call = Call(tuple(args), kwargs, "timing", work.size) if len(batch.calls) == 1 else None
            raise Lost(f"different on an input of size {work.size}: {difference}", call, difference)
        return pair.ns

    def verdict(self, candidate: Program, target: float, alpha: float = ALPHA) -> Finding:
        """The final verdict on one finalist: equal on inputs drawn anew, and faster by at least `target`, or not."""
        unit = self.unit(candidate)
        names = ((each.source, each.name) for each in (self.original, candidate))
        if (found := unlike(*names)) is not None:
            difference = Difference(*found)
            return Finding(
                Speed(target=target), "no", Verdict(False, 0, None, difference), (f"Different {difference}.",)
            )
        secret = random.Random(secrets.randbits(64))
        verdict = self._held_out(unit, secret)
        if not verdict.equal:
            return Finding(Speed(target=target), "no", verdict)
        if self.workload is None:
            note = "Speed was not measured: the original finishes on no input that can be drawn for a size."
            return Finding(Speed(target=target), "no_significant_difference", verdict, (note,))
        try:
            with machine_lock():
                finding = self._faster(unit, self.workload, target, alpha, secret, verdict)
        except OriginalFailed as failed:
            return Finding(Speed(target=target), "no_significant_difference", verdict, (str(failed),))
        except Lost as lost:
            different = Verdict(False, verdict.compared, lost.call, lost.difference)
            return Finding(Speed(target=target), "no", different, (f"While it was timed: {lost}.",))
        shared = kept(self.original.source, candidate.source)
        if shared and finding.faster == "yes":
            return replace(finding, faster="no", moved=True, notes=(*finding.notes, *shared))
        return finding

    def _held_out(self, unit: Unit, secret: random.Random) -> Verdict:
        """Equality on the known inputs and on new ones."""
        verdict = self.equal(unit)
        if not verdict.equal or self.generator is None:
            return verdict
        known = [entry.call for entry in self.reference.entries]
        growth = self.workload.growth if self.workload else ()
        fresh = self.generator.unseen(
            known, growth, HELD_OUT, secret, lambda call: self.oracle.observe(call, wall_s=ENDS_S).body is not None
        )
        extra = Reference()
        for call in fresh:
            self.oracle.add(extra, call)
        challenger = Challenger(self.oracle, unit)
        try:
            held = challenger.against(extra.entries, self.tick)
        finally:
            challenger.close()
        self.reference.entries.extend(extra.entries)
        self.reference.void.extend(extra.void)
        return Verdict(held.equal, verdict.compared + held.compared, held.call, held.difference)

    def _faster(
        self, unit: Unit, work: Workload, target: float, alpha: float, secret: random.Random, verdict: Verdict
    ) -> Finding:
        notes: list[str] = []
        decision, interval = self._looks(unit, work, target, alpha, secret)
        speed = Speed(
            target=target, ratio=interval.ratio, ci_low=interval.low, ci_high=interval.high, alpha=alpha,
            pairs=interval.pairs, held_out=True,
        )  # fmt: skip
        if not math.isfinite(interval.high):
            speed.ci_high = None
        words: dict[str, Faster] = {"faster": "yes", "not_faster": "no", "undecided": "no_significant_difference"}
        faster, moved = words[decision], False
        if work.transport > 0.1:
            notes.append(
                f"Handing over inputs and results took {work.transport:.0%} of the original's time, which makes the"
                " true ratio larger than the one measured."
            )
        gained_s = work.seconds * (1 - 1 / interval.ratio)
        least_s = SAVED_SHARE * gained_s if work.batch == 1 else -LOADING_S
        cold = timing.cold_ratios(
            self.oracle.sandbox, self.oracle.unit, unit, lambda: work.draw(secret)[0], 2.0 + 8 * work.seconds, least_s
        )
        if cold is not None and work.batch == 1:
            speed.cpu_ratio, speed.peak_memory_ratio = cold.cpu, cold.peak
        if faster == "yes" and (cold is None or cold.saved_s < least_s):
            faster, moved = "no", True
            notes.append("A cold run with one call saves too little processor time: work was moved, not saved.")
        if work.batch > 1:
            sample = work.draw(secret)[:3]
            counts = [timing.lines_executed(self.oracle.sandbox, one, sample, 5.0) for one in (self.oracle.unit, unit)]
            if counts[0] and counts[1]:
                speed.cost_ratio = counts[0] / counts[1]
            if faster == "yes" and (speed.cost_ratio is None or speed.cost_ratio <= 1.0):
                faster, moved = "no", True
                notes.append("A single call in a fresh process executes no fewer lines: calls share state.")
        timings = self._growth(unit, work, speed, secret)
        for size, _, new_s in timings:
            if new_s is None:
                raise Lost(f"at size {size}, which the original can take, it fails or does not end")
        size, old_s, new_s = timings[-1]
        if faster == "yes" and size > work.size and new_s is not None and new_s > old_s > LEAST_S:
            faster, moved = "no", True
            notes.append(f"At size {size} it is slower than the original: {new_s:.2g} s against {old_s:.2g} s.")
        return Finding(speed, faster, verdict, tuple(notes), timings, moved)

    def _looks(
        self, unit: Unit, work: Workload, target: float, alpha: float, secret: random.Random
    ) -> tuple[str, Interval]:
        duel = timing.Duel(self.oracle.sandbox, self.oracle.unit, unit, secret.randrange(1 << 32))
        pairs: list[tuple[int, int]] = []
        deadline = time.monotonic() + self.patience_s
        try:
            for index, count in enumerate(LOOKS):
                while len(pairs) < count:
                    self.tick(len(pairs), LOOKS[-1])
                    pairs.append(self._pair(duel, work, secret))
                decision, interval = look(pairs, target, alpha)
                rate = (self.patience_s - (deadline - time.monotonic())) / len(pairs)
                following = LOOKS[index + 1] if index + 1 < len(LOOKS) else count
                if decision != "undecided" or time.monotonic() + rate * (following - count) > deadline:
                    break
        finally:
            duel.close()
        return decision, interval

    def _growth(
        self, unit: Unit, work: Workload, speed: Speed, secret: random.Random
    ) -> tuple[tuple[int, float, float | None], ...]:
        """Time the finalist up the ladder and fit how time grows with size, before and after."""
        challenger = Oracle(self.oracle.sandbox, unit, self.oracle.limits)
        found: list[tuple[int, float, float | None]] = []
        try:
            for size, old in work.growth:
                new = challenger.seconds(work.generator.sized(size, secret), 4 * SLOWEST_S)
                found.append((size, old, new))
        finally:
            challenger.close()
        speed.exponent_before = fit_exponent([size for size, _, _ in found], [old for _, old, _ in found])
        timed = [(size, new) for size, _, new in found if new is not None]
        speed.exponent_after = fit_exponent([size for size, _ in timed], [new for _, new in timed])
        return tuple(found)


def _different(verdict: Verdict, lines: int) -> Evaluation:
    example = counterexample(verdict)
    assert example is not None
    problem = f"With arguments {example.input} the results differ: {example.difference}"
    return Evaluation(Score(correct=False, changed_lines=lines, stage="equal"), problem, example)


def counterexample(verdict: Verdict) -> Counterexample | None:
    """For the result and for people; None when there is none."""
    if verdict.call is None or verdict.difference is None:
        return None
    found = verdict.difference
    return Counterexample(input=literal(verdict.call), old=found.old, new=found.new, difference=str(found))
