"""`optimize` and `judge` from end to end: put the parts together, run, and leave files behind whatever happens."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from burnish.agent.config import version
from burnish.agent.errors import UsageError
from burnish.agent.models.base import Model
from burnish.agent.models.registry import open_model
from burnish.agent.operators.base import Program
from burnish.agent.operators.search_replace import SearchReplace
from burnish.agent.operators.whole_function import WholeFunction
from burnish.agent.result import Outcome, Result
from burnish.agent.runs.budget import Budget, Limits
from burnish.agent.runs.events import Event, RunStarted, StepFinished, StepStarted, Verdict
from burnish.agent.runs.record import Record
from burnish.agent.steps.context import Options, Run
from burnish.agent.steps.finish import finish, keep_error, writing
from burnish.agent.steps.prepare import prepare
from burnish.agent.steps.read import read_source, read_target
from burnish.agent.steps.report import make_judgement, make_result
from burnish.agent.strategies.registry import DEFAULT, open_strategy
from burnish.agent.view import make_view
from burnish.sandbox.equal.calls import Call
from burnish.sandbox.equal.inputs import BadInputs, load_inputs
from burnish.sandbox.isolation.base import Sandbox
from burnish.tools.python_source import read_function

DEFAULT_TARGET = 1.05


@dataclass(frozen=True)
class Ask:
    """The command line of `optimize` or `judge`."""

    target: str
    new: str | None = None
    """`judge` only."""
    model: str | None = None
    strategy: str = DEFAULT
    target_speedup: float | None = None
    inputs: Path | None = None
    sandbox: str = "auto"
    seed: int = 0
    json: bool = False
    output: Path | None = None
    quiet: bool = False
    verbosity: int = 0
    apply: bool = False
    limits: Limits = field(default_factory=Limits)


def open_sandbox(name: str) -> Sandbox:
    """The sandbox of that name.

    Raises:
        UsageError: there is none.
        burnish.sandbox.errors.SandboxUnavailable: it does not work on this machine.
    """
    from burnish.sandbox.isolation.bubblewrap import BubblewrapSandbox

    if name not in ("auto", "bubblewrap"):
        raise UsageError(f"there is no sandbox {name!r}", "Known: auto, bubblewrap.")
    return BubblewrapSandbox()


def optimize(ask: Ask, model: Model | None = None) -> int:
    """Run `optimize`; the exit code.

    Args:
        ask: the command line.
        model: to use instead of the one that `ask` names; closed at the end.

    Raises:
        burnish.agent.errors.BurnishError: what ended it; a run that had begun is recorded with the outcome `error`.
    """
    from burnish.agent.graph import run_machine

    def work(run: Run) -> tuple[Result, str | None]:
        chosen = run_machine(run)
        return make_result(run, _outcome(run, chosen), chosen), chosen

    return _carry_out(_start(ask, "optimize", model), ask, work)


def judge(ask: Ask) -> int:
    """Run `judge`; the exit code: 0 only when NEW is equal and faster.

    Raises:
        burnish.agent.errors.BurnishError: what ended it; a run that had begun is recorded with the outcome `error`.
    """
    assert ask.new is not None
    new = _read_new(ask.new, ask.target)

    def work(run: Run) -> tuple[Result, str | None]:
        name, _ = run.add(new)
        _judge(run, name)
        return make_judgement(run, name), name if name in run.findings else None

    return _carry_out(_start(ask, "judge"), ask, work)


def _carry_out(run: Run, ask: Ask, work: Callable[[Run], tuple[Result, str | None]]) -> int:
    """Do the work of a run, and leave its files behind however it ends."""
    try:
        try:
            run.emit(_started(run))
            result, chosen = work(run)
        except KeyboardInterrupt:
            run.notes.append("Interrupted. What was found until then is in the record of the run.")
            result, chosen = make_result(run, "interrupted", None), None
        except Exception as error:
            keep_error(run, error)
            raise
        if run.problem:
            result.notes.append(f"Not comparable: {run.problem.removeprefix('not comparable: ')}.")
        return finish(run, result, chosen, apply=ask.apply, output=ask.output)
    finally:
        run.close()


def _judge(run: Run, name: str) -> None:
    begun = time.monotonic()
    run.emit(StepStarted(step="prepare"))
    run.emit(StepFinished(step="prepare", detail=prepare(run), seconds=time.monotonic() - begun))
    if run.problem or run.trial is None:
        return
    begun = time.monotonic()
    run.emit(StepStarted(step="decide"))
    finding = run.findings[name] = run.trial.verdict(run.programs[name], run.options.target_speedup)
    speed = finding.speed
    run.emit(StepFinished(step="decide", seconds=time.monotonic() - begun))
    run.emit(
        Verdict(
            equal="yes" if finding.equal.equal else "no",
            faster=finding.faster if finding.equal.equal else None,
            ratio=speed.ratio,
            ci_low=speed.ci_low,
            ci_high=speed.ci_high,
            pairs=speed.pairs,
        )
    )


def _read_new(spec: str, old: str) -> Program:
    place, separator, name = spec.partition("::")
    if not separator:
        name = old.partition("::")[2]
    if not name:
        target = read_target(spec)
        return target.program
    source = read_source(Path(place))
    read_function(source, name)
    return Program(source, name)


def _start(ask: Ask, command: str, model: Model | None = None) -> Run:
    """Read what the user named and open every part, cheapest first, so that a mistake shows before anything starts."""
    target = read_target(ask.target)
    options = Options(
        target_speedup=DEFAULT_TARGET if ask.target_speedup is None else ask.target_speedup,
        stop_at_target=ask.target_speedup is not None,
        seed=ask.seed,
        inputs=_given(ask.inputs),
    )
    if ask.apply and not (os.access(target.path, os.W_OK) and os.access(target.path.resolve().parent, os.W_OK)):
        hint = "Leave --apply away, or make the file and its folder writable."
        raise UsageError(f"{target.path} cannot be written", hint)
    if ask.output is not None:
        with writing(ask.output):
            ask.output.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=ask.output).close()
    strategy = open_strategy(ask.strategy)
    sandbox = open_sandbox(ask.sandbox)
    optimizing = command == "optimize"
    if optimizing and model is None:
        model = open_model(ask.model, ask=_ask_person if sys.stdin.isatty() and not ask.json else None)
    try:
        record = Record.create(command)
    except BaseException:
        if model is not None:
            model.close()
        raise
    return Run(
        command=command,
        target=target,
        options=options,
        record=record,
        view=make_view(as_json=ask.json, quiet=ask.quiet, verbosity=ask.verbosity),
        budget=Budget(ask.limits),
        sandbox=sandbox,
        model=model,
        strategy=strategy if optimizing else None,
        operators={one.name: one for one in (WholeFunction(), SearchReplace())},
    )


def _started(run: Run) -> Event:
    return RunStarted(
        command=run.command,
        source=run.target.source,
        model=run.model.name if run.model else None,
        strategy=run.strategy.name if run.strategy else None,
        seed=run.options.seed,
        version=version(),
    )


def _ask_person(question: str) -> bool:
    from rich.prompt import Confirm

    return Confirm.ask(question, default=False)


def _given(path: Path | None) -> tuple[Call, ...]:
    if path is None:
        return ()
    try:
        return tuple(load_inputs(path.read_text(encoding="utf-8"), path.name))
    except BadInputs as error:
        raise UsageError(f"the inputs in {path} cannot be used: {error}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the inputs in {path} cannot be read: {error}") from error


def _outcome(run: Run, chosen: str | None) -> Outcome:
    if run.problem:
        return "abstained"
    if chosen and run.findings[chosen].faster == "yes":
        return "met"
    return "out_of_budget" if run.out_of_budget else "correct"
