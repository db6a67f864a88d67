"""Originals and rivals as text, brought before the real oracle in a real sandbox."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import replace

from burnish.sandbox.equal.calls import Call
from burnish.sandbox.equal.oracle import Oracle, Reference
from burnish.sandbox.equal.verdict import Challenger, Verdict
from burnish.sandbox.isolation.base import MIB, Limits, Sandbox
from burnish.sandbox.isolation.unit import Unit
from burnish.tools.attributes import module_attributes

# Of time more than anything here needs: a busy machine stands still for seconds.
LIMITS = Limits(wall_s=5.0, memory_bytes=512 * MIB, processes=16, result_bytes=16 * MIB)


def unit(source: str) -> Unit:
    """The function `f` of a module, watched as a run would watch it."""
    source = textwrap.dedent(source)
    return Unit(source, "f", module_attributes(source))


def calls(*args: object) -> list[Call]:
    """One call for each argument; a tuple is several arguments."""
    return [Call(each if isinstance(each, tuple) else (each,)) for each in args]


def prepare(sandbox: Sandbox, old: Unit, inputs: Sequence[Call]) -> Reference:
    """What the oracle finds out about an original."""
    oracle = Oracle(sandbox, old, LIMITS)
    try:
        return oracle.prepare(inputs)
    finally:
        oracle.close()


class Bench:
    """Judges rivals; an original that comes up again is not prepared again."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._known: dict[tuple[str, str, float], tuple[Oracle, Reference]] = {}

    def judge(self, old: str, new: str, inputs: Sequence[Call], *, wall_s: float = LIMITS.wall_s) -> Verdict:
        """The verdict on `new`; the original must be comparable."""
        key = old, repr(inputs), wall_s
        if key not in self._known:
            made = Oracle(self._sandbox, unit(old), replace(LIMITS, wall_s=wall_s))
            self._known[key] = made, made.prepare(inputs)
        oracle, reference = self._known[key]
        assert reference.problem is None, reference.problem
        first = oracle.unit
        challenger = Challenger(oracle, Unit(textwrap.dedent(new), "f", first.watch))
        try:
            return challenger.against(reference.entries)
        finally:
            challenger.close()

    def close(self) -> None:
        """End the originals' workers."""
        for oracle, _ in self._known.values():
            oracle.close()
