"""The original as its own oracle: what it does on every input, whether it agrees with itself, how it grows."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from burnish.sandbox.equal.calls import Call
from burnish.sandbox.equal.compare import NotComparable, Observation, compare, read_observation
from burnish.sandbox.equal.values import Malformed, read, render
from burnish.sandbox.isolation.base import Limits, Sandbox
from burnish.sandbox.isolation.session import Arguments, Outcome, Session
from burnish.sandbox.isolation.unit import Unit

HASH_SEEDS = (0, 1, 2)
SELF_CHECKED = 24
"""How many inputs are run again under other hash seeds, clocks and random seeds."""
_CLOCK_SHIFT = 400 * 86400
_SLOW = 3
"""After so many inputs on which it ran out of time, an original gets a quarter of it: most are as hopeless."""
_WORDS = {
    "timeout": "out of time",
    "memory": "out of memory",
    "processes": "too many processes",
    "too large": "result too large",
}
_TWICE_BELOW_S = 0.1
_SMALL = 8
"""Sizes below this may fail without ending the ladder."""
_MUST_AGREE_AFTER = 6
"""Give up on an original that finishes on none of its first inputs."""


def arguments(call: Call) -> Arguments:
    """What a session takes."""
    return call.args, call.kwargs


@dataclass(frozen=True)
class Entry:
    """An input and what the original does on it."""

    call: Call
    body: bytes
    seen: Observation
    left: int = 0
    """Processes it leaves behind."""
    strays: tuple[str, ...] = ()
    """Files it leaves outside its own folder."""


@dataclass
class Reference:
    """What is known of the original."""

    entries: list[Entry] = field(default_factory=list)
    void: list[tuple[Call, str]] = field(default_factory=list)
    """Inputs on which it could not finish, and why."""
    problem: str | None = None
    """Why it is not comparable; None when it is."""
    cannot_load: bool = False
    """The problem is that the module itself fails when it is loaded."""

    @property
    def by_source(self) -> dict[str, int]:
        """Inputs compared, by where they came from."""
        return dict(sorted(Counter(entry.call.source for entry in self.entries).items()))

    @property
    def sizes(self) -> tuple[int, int] | None:
        """Smallest and largest size compared."""
        found = [entry.call.size for entry in self.entries]
        return (min(found), max(found)) if found else None


class Oracle:
    """Runs the original."""

    def __init__(self, sandbox: Sandbox, unit: Unit, limits: Limits | None = None) -> None:
        self.sandbox, self.unit = sandbox, unit
        self.limits = limits or Limits()
        self._sessions = [Session(sandbox, unit, seed, self.limits) for seed in HASH_SEEDS]
        self._later: dict[int, tuple[Entry, Entry | None]] = {}

    def close(self) -> None:
        """End its workers."""
        for session in self._sessions:
            session.close()

    def observe(
        self, call: Call, at: int = 0, *, seed: int = 0, clock: int = 0, wall_s: float | None = None
    ) -> Outcome:
        """Run one call under hash seed number `at`."""
        return self._sessions[at].run("observe", [arguments(call)], seed=seed, clock=clock, wall_s=wall_s)

    def observe_after(self, entry: Entry, warm: Sequence[Arguments]) -> Entry | None:
        """What the original does on the call of `entry` after others in the same process; None if it cannot finish."""
        key = id(entry)
        if key not in self._later:
            outcome = self._sessions[0].observe_patiently(arguments(entry.call), warm=warm)
            # The entry is kept as well, so that its id stays taken.
            later = _entry(entry.call, outcome)
            self._later[key] = entry, later if isinstance(later, Entry) else None
        return self._later[key][1]

    def prepare(self, calls: Sequence[Call], tick: Callable[[int, int], None] = lambda done, of: None) -> Reference:
        """Observe every call, then a part of them again under other hash seeds, clocks and random seeds."""
        found = Reference()
        for index, call in enumerate(calls):
            tick(index, len(calls))
            self.add(found, call)
            if found.problem:
                return found
            if index + 1 == _MUST_AGREE_AFTER and not found.entries:
                break
        found.problem = self._unusable(found) or self._self_check(found)
        return found

    def add(self, found: Reference, call: Call) -> None:
        """Observe one call and put it with the entries or with the void."""
        slow = sum(1 for _, why in found.void if why == _WORDS["timeout"])
        outcome = self.observe(call, wall_s=self.limits.wall_s if slow < _SLOW else self.limits.wall_s / 4)
        if outcome.failure == "load":
            found.problem, found.cannot_load = f"the module cannot be loaded: {outcome.detail}", True
            return
        entry = _entry(call, outcome)
        if isinstance(entry, Entry):
            found.entries.append(entry)
        else:
            found.void.append((call, entry))

    def _unusable(self, found: Reference) -> str | None:
        if not found.entries:
            why = Counter(reason for _, reason in found.void).most_common(1)
            return f"the original finished on none of {len(found.void)} inputs ({why[0][0] if why else 'no input'})"
        if all(entry.seen.raised for entry in found.entries):
            first = render(found.entries[0].seen.value)
            return (
                f"the original raised an exception on each of {len(found.entries)} inputs, the first one {first}:"
                " inputs that it accepts are needed"
            )
        return None

    def _self_check(self, found: Reference) -> str | None:
        step = max(1, len(found.entries) // SELF_CHECKED)
        for index, entry in enumerate(found.entries[::step]):
            at = 1 + index % (len(HASH_SEEDS) - 1)
            for seed, clock in ((1 + index, 0), (0, _CLOCK_SHIFT)):
                outcome = self._sessions[at].observe_patiently(arguments(entry.call), seed=seed, clock=clock)
                if outcome.body is None:
                    return f"the original finished once and then did not ({_why(outcome)})"
                if outcome.body == entry.body and not self._opaque(entry):
                    continue
                try:
                    difference = compare(entry.seen, read_observation(outcome.body))
                except NotComparable as error:
                    return f"not comparable: {error}"
                except Malformed:
                    return "the original's result cannot be read"
                if difference:
                    return (
                        "the original does not agree with itself when hash seed, random seed or clock change"
                        f" ({difference.where}: {difference.old}, then {difference.new})"
                    )
        return None

    @staticmethod
    def _opaque(entry: Entry) -> bool:
        try:
            compare(entry.seen, entry.seen)
        except NotComparable:
            return True
        return False

    def grow(
        self, draw: Callable[[int, random.Random], Call], seed: int, slowest_s: float, largest: int
    ) -> list[tuple[int, float]]:
        """(size, seconds) up a ladder of doubling sizes, until it takes longer than `slowest_s` or cannot finish."""
        rng = random.Random(seed)
        found: list[tuple[int, float]] = []
        size = 1
        while size <= largest:
            seconds = self.seconds(draw(size, rng), slowest_s * 2)
            if seconds is None and size < _SMALL:  # too small for it, perhaps: the mean of nothing, the second of one
                size *= 2
                continue
            if seconds is None:
                break
            if seconds < _TWICE_BELOW_S:  # a disturbance would bend the curve
                again = self.seconds(draw(size, rng), slowest_s * 2)
                seconds = seconds if again is None else min(seconds, again)
            found.append((size, seconds))
            if seconds > slowest_s:
                break
            size *= 2
        return found

    def seconds(self, call: Call, wall_s: float) -> float | None:
        """Seconds of one timed call; None if it did not finish or raised."""
        outcome = self._sessions[0].run("time", [arguments(call)], wall_s=wall_s)
        if outcome.body is None:
            return None
        return outcome.ns / 1e9 if _returned(outcome.body) else None


def _entry(call: Call, outcome: Outcome) -> Entry | str:
    """What was seen of the call; or why it could not finish."""
    if outcome.body is None:
        return _why(outcome)
    try:
        seen = read_observation(outcome.body)
    except Malformed:
        return "its result cannot be read"
    return seen.interrupted or Entry(call, outcome.body, seen, outcome.left, outcome.strays)


def _returned(body: bytes) -> bool:
    """Whether a batch of one call returned; the program may have forged what is read here."""
    try:
        return read(body).data[0].data[0].data is True
    except (Malformed, LookupError, TypeError, AttributeError):
        return False


def _why(outcome: Outcome) -> str:
    reason = _WORDS.get(outcome.failure or "", "crashed")
    return f"{reason}: {outcome.detail}" if outcome.detail and reason == "crashed" else reason
