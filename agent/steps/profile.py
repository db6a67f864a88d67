"""Where a program spends its time: the lines that take any, each with its share, as the next prompt shows them."""

from __future__ import annotations

import random

from burnish.agent.operators.base import Program
from burnish.agent.runs.events import ProfileTaken
from burnish.agent.steps.context import Run, program_id
from burnish.sandbox.equal.oracle import arguments
from burnish.sandbox.isolation.session import Session
from burnish.sandbox.worker import codec
from burnish.tools.errors import SourceError
from burnish.tools.python_source import read_function

_WALL_S = 10.0
_FEWEST_SAMPLES = 10
_LEAST_SHARE = 0.01


def profile(run: Run, program: Program) -> str:
    """Lines of the function with their shares of the CPU time; empty where too little was seen. Taken once."""
    name = program_id(program)
    if name not in run.profiles:
        run.profiles[name] = _take(run, program)
    return run.profiles[name]


def _take(run: Run, program: Program) -> str:
    trial = run.trial
    if trial is None or trial.workload is None:
        return ""
    work = trial.workload
    call = work.generator.sized(work.slowest, random.Random(run.options.seed))
    session = Session(run.sandbox, trial.unit(program))
    try:
        outcome = session.run("profile", [arguments(call)], wall_s=_WALL_S)
    finally:
        session.close()
    try:
        samples = codec.decode(outcome.body) if outcome.body is not None else {}
        counts = {int(line): int(count) for line, count in samples.items()}
        function = read_function(program.source, program.name)
    except (ValueError, TypeError, AttributeError, SourceError):
        return ""
    total = sum(counts.values())
    if total < _FEWEST_SAMPLES:
        return ""
    lines = function.source.splitlines()
    shares = {at: counts.get(function.start_line + at, 0) / total for at in range(len(lines))}
    # The rest would be the whole program once more, and a small model reads every line of it slowly.
    text = "\n".join(f"{share:4.0%} | {lines[at]}" for at, share in shares.items() if share >= _LEAST_SHARE)
    hottest = max(shares, key=lambda at: shares[at])
    run.emit(ProfileTaken(text_sha=run.record.put_text(text), hottest_line=lines[hottest].strip()))
    return text
