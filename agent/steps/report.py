"""Make the result of everything that was found, and write it, the program and the report."""

from __future__ import annotations

import hashlib
from pathlib import Path

from burnish.agent.config import version
from burnish.agent.evaluate.trial import Finding, counterexample
from burnish.agent.machine import machine
from burnish.agent.operators.base import Program
from burnish.agent.report import SizeTime, write_report
from burnish.agent.result import (
    Correctness,
    Origins,
    Outcome,
    ProgramOut,
    Result,
    Speed,
    Task,
    Tests,
)
from burnish.agent.runs.storage import replace_file, storage
from burnish.agent.steps.context import Run
from burnish.tools.diff import unified_diff
from burnish.tools.gate import notes as gate_notes


def make_result(run: Run, outcome: Outcome, chosen: str | None) -> Result:
    """The result of a run that hands over the program `chosen`; None hands over the original as it was."""
    finding = run.findings.get(chosen) if chosen else None
    original = run.target.program
    final = run.programs[chosen] if chosen else None
    notes = [*run.notes, *(finding.notes if finding else ())]
    if final is not None:
        notes += gate_notes(original.source, final.source, original.name)
    speed = finding.speed if finding else Speed(target=run.options.target_speedup)
    spent = run.budget.spent()
    spent.model_s, spent.sandbox_s = round(run.model_s, 3), round(run.sandbox_s, 3)
    return Result(
        burnish_version=version(),
        run_id=run.record.run_id,
        command="judge" if run.command == "judge" else "optimize",
        outcome=outcome,
        task=Task(name=original.name, source=run.target.source),
        program=ProgramOut(
            path="program.py" if final else None,
            sha256=_sha(final or original),
            patch=unified_diff(original.source, final.source, run.target.path.name) if final else None,
        ),
        correctness=correctness(run, finding),
        speed=speed,
        budget=spent,
        model=run.model.name if run.model else None,
        strategy=run.strategy.name if run.strategy else None,
        sandbox=run.sandbox.name,
        seed=run.options.seed,
        machine=machine(),
        notes=notes,
    )


def make_judgement(run: Run, name: str) -> Result:
    """The result of `judge`, whose NEW is the program `name`."""
    finding = run.findings.get(name)
    result = make_result(run, "abstained", name if finding else None)
    if finding is None:
        result.equal = "not_comparable"
        return result
    result.equal = "yes" if finding.equal.equal else "no"
    result.counterexample = counterexample(finding.equal)
    result.faster = finding.faster if finding.equal.equal else None
    if finding.equal.equal:
        result.outcome = "met" if finding.faster == "yes" else "correct"
    return result


def correctness(run: Run, finding: Finding | None) -> Correctness:
    """What equality rests on."""
    trial = run.trial
    if trial is None:
        return Correctness()
    reference = trial.reference
    counts = reference.by_source
    total = finding.equal.compared if finding else 0
    examples, existing = counts.get("examples", 0), counts.get("existing", 0)
    passed = total if finding and finding.equal.equal else max(0, total - 1)
    origins = Origins(examples=examples, existing=existing, original=max(0, total - examples - existing))
    return Correctness(
        tests=Tests(total=total, passed=passed, binding=total, by_origin=origins if finding else Origins()),
        inputs_compared=total,
        inputs_void=len(reference.void),
        inputs_by_source=counts,
        sizes=reference.sizes,
        counterexamples=sum(1 for one in run.evaluations.values() if one.counterexample),
    )


def write_files(run: Run, result: Result, folder: Path, chosen: str | None) -> list[Path]:
    """Write `report.md`, `program.py` and `program.patch` into `folder`; returns them, the report first.

    Raises:
        burnish.agent.errors.StorageError: the disk refuses.
    """
    original = run.target.program
    final = run.programs[chosen] if chosen else original
    finding = run.findings.get(chosen) if chosen else None
    timings = [SizeTime(*one) for one in finding.timings] if finding else []
    report = write_report(result, original.source, final.source, run.record.events(), timings)
    files = {"report.md": report}
    if chosen:
        files |= {"program.py": final.source, "program.patch": result.program.patch or ""}
    with storage(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            replace_file(folder / name, text.encode("utf-8", "surrogatepass"))
    return [folder / name for name in files]


def _sha(program: Program) -> str:
    return hashlib.sha256(program.source.encode("utf-8", "surrogatepass")).hexdigest()
