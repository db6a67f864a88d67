"""Where a program spends its time: each line with its share, as the next prompt shows it."""

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


def profile(run: Run, program: Program) -> str:
    """The function's lines, each with its share of the CPU time; empty where too little was seen. Taken once."""
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
    percents = (f"{share:4.0%}" if share >= 0.005 else "    " for share in shares.values())
    text = "\n".join(f"{percent} | {line}" for percent, line in zip(percents, lines, strict=True))
    hottest = max(shares, key=lambda at: shares[at])
    run.emit(ProfileTaken(text_sha=run.record.put_text(text), hottest_line=lines[hottest].strip()))
    return text
