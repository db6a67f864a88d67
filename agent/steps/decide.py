"""The final verdict: finalists on inputs drawn anew, alpha divided among them, the best one first."""

from __future__ import annotations

import time
from collections.abc import Sequence

from burnish.agent.evaluate.trial import VERDICT_S
from burnish.agent.runs.events import Verdict
from burnish.agent.steps.context import Run
from burnish.sandbox.measure.statistics import ALPHA

LEAST_S = 10.0
"""A verdict gets this long even where the budget's time is over: without one, all that was spent is lost."""


def decide(run: Run, finalists: Sequence[str]) -> str | None:
    """The id of the program to hand over; None when none is shown equal and faster than the original.

    Finalists are measured in order until one clears the target. Where none does, the one with the best lower bound
    above 1 is handed over all the same, and the result says that the target was missed.
    """
    assert run.trial is not None
    chosen: str | None = None
    for name in finalists:
        begun = time.monotonic()
        run.trial.patience_s = min(VERDICT_S, max(LEAST_S, run.budget.remaining_seconds()))
        finding = run.trial.verdict(run.programs[name], run.options.target_speedup, ALPHA / len(finalists))
        run.sandbox_s += time.monotonic() - begun
        run.findings[name] = finding
        speed = finding.speed
        run.emit(
            Verdict(
                equal="yes" if finding.equal.equal else "no",
                faster=finding.faster,
                ratio=speed.ratio,
                ci_low=speed.ci_low,
                ci_high=speed.ci_high,
                pairs=speed.pairs,
            )
        )
        if not finding.equal.equal:
            continue
        if finding.faster == "yes":
            return name
        low = speed.ci_low or 0.0
        if low > 1.0 and not finding.moved and low > (_low(run, chosen) if chosen else 1.0):
            chosen = name
    # Those of the program that is handed over are in the result anyway.
    run.notes += [f"{one}: {note}" for one, found in run.findings.items() if one != chosen for note in found.notes]
    return chosen


def _low(run: Run, name: str) -> float:
    return run.findings[name].speed.ci_low or 1.0
