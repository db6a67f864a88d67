"""Is NEW equal to OLD? Every input of the reference, each in a fresh process, under changing hash seeds."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from burnish.sandbox.equal.calls import Call
from burnish.sandbox.equal.compare import Difference, NotComparable, Observation, compare, read_observation
from burnish.sandbox.equal.oracle import HASH_SEEDS, Entry, Oracle, arguments
from burnish.sandbox.equal.shrink import shrink
from burnish.sandbox.equal.values import Malformed
from burnish.sandbox.isolation.session import Arguments, Outcome, Session
from burnish.sandbox.isolation.unit import Unit

SEQUENCES = 12
"""Inputs compared again as later calls of a process."""
SHRINK_BUDGET = 60
SHRINK_S = 10.0
"""Seconds after which a counterexample is small enough: one that runs out of time costs the whole limit each try."""


@dataclass(frozen=True)
class Verdict:
    """The word "equal" and what it rests on."""

    equal: bool
    compared: int
    """Inputs compared, the one that told them apart included."""
    call: Call | None = None
    """A counterexample, shrunk."""
    difference: Difference | None = None
    """What differs on it."""


class Challenger:
    """A candidate on trial against an oracle."""

    def __init__(self, oracle: Oracle, unit: Unit) -> None:
        self._oracle = oracle
        self._sessions = [Session(oracle.sandbox, unit, seed, oracle.limits) for seed in HASH_SEEDS]

    def close(self) -> None:
        """End its workers."""
        for session in self._sessions:
            session.close()

    def against(self, entries: Sequence[Entry], tick: Callable[[int, int], None] = lambda done, of: None) -> Verdict:
        """Compare on every entry; the first difference ends it and is shrunk."""
        for index, entry in enumerate(entries):
            tick(index, len(entries))
            difference = self._differs(entry, index)
            if difference is not None:
                call, smallest = self._smallest(entry.call, difference, index)
                return Verdict(False, index + 1, call, smallest)
        return self._later(entries) or Verdict(True, len(entries))

    def _later(self, entries: Sequence[Entry]) -> Verdict | None:
        """Compare some calls once more where they are not the first of their process.

        Before them come another call and the same one, whose results are changed by their owner: what is kept between
        calls, and what a result shares with it, shows.
        """
        step = max(1, len(entries) // SEQUENCES)
        for index, entry in enumerate(entries[::step]):
            other = _neighbour(entries, index * step)
            warm = [arguments(other.call), arguments(entry.call)]
            old = self._oracle.observe_after(entry, warm)
            difference = old and self._differs(old, index, warm)
            if difference:
                shown = Difference(f"on a later call, {difference.where}", difference.old, difference.new)
                return Verdict(False, len(entries), entry.call, shown)
        return None

    def _differs(self, entry: Entry, index: int, warm: Sequence[Arguments] = ()) -> Difference | None:
        session = self._sessions[index % len(HASH_SEEDS)]
        outcome = session.observe_patiently(arguments(entry.call), warm=warm)
        if outcome.body == entry.body:
            return _left_behind(entry, outcome)
        if outcome.body is None:
            return Difference("outcome", _shown(entry.seen), _lost(outcome))
        try:
            seen = read_observation(outcome.body)
            return compare(entry.seen, seen) or _misbehaved(entry, seen, outcome)
        except (Malformed, NotComparable) as error:
            return Difference("outcome", _shown(entry.seen), f"not comparable ({error})")

    def _smallest(self, call: Call, difference: Difference, index: int) -> tuple[Call, Difference]:
        found = difference
        deadline = time.monotonic() + SHRINK_S

        def still_fails(smaller: Call) -> bool:
            nonlocal found
            if time.monotonic() > deadline:
                return False
            outcome = self._oracle.observe(smaller)
            if outcome.body is None:
                return False
            try:
                seen = read_observation(outcome.body)
            except Malformed:
                return False
            if seen.interrupted or (seen.raised and not seen.value.explicit):
                return False  # a smaller input the original was never meant for says less than the one we have
            other = self._differs(Entry(smaller, outcome.body, seen, outcome.left, outcome.strays), index)
            found = other or found
            return other is not None

        smallest = shrink(call, still_fails, SHRINK_BUDGET)
        return smallest, found if smallest is not call else difference


def _neighbour(entries: Sequence[Entry], at: int) -> Entry:
    """Another entry, of the same size where there is one: what is mixed up most easily."""
    alike = [each for index, each in enumerate(entries) if index != at and each.call.size == entries[at].call.size]
    return alike[at % len(alike)] if alike else entries[at - 1]


def _shown(seen: Observation) -> str:
    from burnish.sandbox.equal.values import render

    return ("raised " if seen.raised else "returned ") + render(seen.value)


def _lost(outcome: Outcome) -> str:
    words = {
        "timeout": "did not finish in time",
        "memory": "ran out of memory",
        "processes": "started too many processes",
        "too large": "returned more than can be taken",
        "load": "cannot be loaded",
        "crashed": "ended without a result",
    }
    text = words[outcome.failure or "crashed"]
    return f"{text} ({outcome.detail})" if outcome.detail else text


def _misbehaved(entry: Entry, new: Observation, outcome: Outcome) -> Difference | None:
    """Things a program must not begin to do: reach for the observer, leave threads, processes or files behind."""
    old = entry.seen
    more = sorted(set(new.rest["audit"]) - set(old.rest["audit"]))
    if more:
        return Difference("behaviour", "nothing of the kind", f"uses {', '.join(more)}")
    if new.rest["threads"] > old.rest["threads"]:
        return Difference("threads alive after the call", str(old.rest["threads"]), str(new.rest["threads"]))
    return _left_behind(entry, outcome)


def _left_behind(old: Entry, new: Outcome) -> Difference | None:
    """What the host sees beside the values."""
    if new.left > old.left:
        return Difference("processes alive after the call", str(old.left), str(new.left))
    more = [name for name in new.strays if name not in old.strays]
    if more:
        return Difference("files left behind", ", ".join(old.strays) or "none", ", ".join(more))
    return None
