"""The report of a run: Markdown that people can attach to a pull request.

Every number goes through `text.figure`, every untrusted text through `text.for_markdown` or `text.fenced`.
"""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from burnish.agent.result import Result
from burnish.agent.runs.events import (
    CandidateDropped,
    CandidateJudged,
    CandidateMade,
    Entry,
    NewBest,
    SelfCheck,
    Warned,
)
from burnish.agent.text import NOT_MEASURED, fenced, figure, for_markdown, in_cell, interval, plural, shorten
from burnish.agent.wording import Fate, fate, headline, inputs_compared, sentence

_LONGEST = 300
_MOST_DROPPED = 10
_BAR = 28


@dataclass(frozen=True)
class SizeTime:
    """Time of one call at one size of input, in seconds; None where it was not measured or did not finish."""

    size: int
    old_s: float | None
    new_s: float | None


def write_report(
    result: Result, original: str, final: str, events: Iterable[Entry], timings: Sequence[SizeTime] = ()
) -> str:
    """The report, of `optimize` and of `judge`.

    Args:
        result: what came out.
        original: source of the program as it was; OLD of `judge`.
        final: source of the program handed over; NEW of `judge`. The same text when nothing was changed.
        events: the record of the run, in order.
        timings: time per size of input, smallest first, where it was measured.

    Returns:
        Markdown that ends with a newline.
    """
    story = _Story.of(events)
    name = for_markdown(result.task.name)
    parts = [
        f"# {name}: {headline(result)}",
        sentence(result, name),
        *_remarks(result, story),
        "## Change",
        _diff(result, original, final),
        "## Why it counts as equal" if result.command == "optimize" else "## Equality",
        *_equality(result, story),
        "## Speed",
        _speed(result),
        *_by_size(timings),
        *_candidates(story),
        "## Budget and machine",
        _budget(result),
        "## What is not claimed",
        _not_claimed(result),
        "## Reproduce",
        _reproduce(result),
    ]
    return "\n\n".join(parts) + "\n"


@dataclass
class _Story:
    """What the report needs of the events."""

    made: dict[str, CandidateMade] = field(default_factory=dict)
    judged: dict[str, CandidateJudged] = field(default_factory=dict)
    best: list[str] = field(default_factory=list)
    dropped: list[CandidateDropped] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    self_check: SelfCheck | None = None

    @classmethod
    def of(cls, events: Iterable[Entry]) -> _Story:
        story = cls()
        for entry in events:
            match entry.event:
                case CandidateMade() as made:
                    story.made[made.candidate] = made
                case CandidateJudged() as judged:
                    story.judged[judged.candidate] = judged
                case NewBest() as best:
                    story.best.append(best.candidate)
                case CandidateDropped() as dropped:
                    story.dropped.append(dropped)
                case Warned() as warned:
                    story.warnings.append(warned.text)
                case SelfCheck() as check:
                    story.self_check = check
        return story


def _remarks(result: Result, story: _Story) -> list[str]:
    texts = dict.fromkeys([*result.notes, *story.warnings])
    return ["\n".join(f"- {for_markdown(shorten(text, _LONGEST))}" for text in texts)] if texts else []


def _diff(result: Result, original: str, final: str) -> str:
    if original == final:
        return "None: the program is as it was."
    old, new = ("old", "new") if result.command == "judge" else ("original", "faster")
    lines = list(difflib.unified_diff(original.splitlines(), final.splitlines(), old, new, lineterm=""))
    return fenced("\n".join(lines), "diff") if lines else "Only line ends differ."


def _equality(result: Result, story: _Story) -> list[str]:
    part = result.correctness
    rows = [("Inputs compared", figure(part.inputs_compared, "count"))]
    rows += [(f"from {in_cell(source)}", figure(n, "count")) for source, n in sorted(part.inputs_by_source.items())]
    rows.append(("Sizes compared", "not drawn by size" if part.sizes is None else "{:,} to {:,}".format(*part.sizes)))
    rows.append(("Void: the original could not finish", figure(part.inputs_void, "count")))
    if part.tests.total:
        tests = part.tests
        rows.append(("Tests passed", f"{tests.passed:,} of {tests.total:,}, {tests.binding:,} of them binding"))
        rows += [(f"tests: {origin}", figure(n, "count")) for origin, n in tests.by_origin.model_dump().items() if n]
    if part.mutants is None or not part.mutants.total:
        rows.append(("Mutants told apart by the inputs", NOT_MEASURED))
    else:
        killed = f"{part.mutants.killed:,} of {part.mutants.total:,}"
        rows.append(
            (
                "Mutants told apart by the inputs",
                f"{killed} ({figure(part.mutants.killed / part.mutants.total, 'share')})",
            )
        )
    if result.command == "optimize":
        rows.append(("Candidates shown to be different", figure(part.counterexamples, "count")))
    if story.self_check is not None:
        runs = plural(story.self_check.runs, "run")
        rows.append(("Original against itself", f"{'the same' if story.self_check.ok else 'different'} in {runs}"))
    relaxed = (
        ", ".join(in_cell(rule) for rule in part.policy) or "none: values, types, exceptions, output and arguments"
    )
    rows.append(("Relaxations asked for", relaxed))
    found = result.counterexample
    example = (
        []
        if found is None
        else [
            "The input that tells them apart, what each made of it, and the difference:",
            "\n".join(
                f"- {label}: {for_markdown(shorten(text, _LONGEST))}"
                for label, text in (
                    ("input", found.input),
                    ("old", found.old),
                    ("new", found.new),
                    ("difference", found.difference),
                )
            ),
        ]
    )
    return [_table(("What", "Figure"), rows), *example]


def _speed(result: Result) -> str:
    speed = result.speed
    baseline = {"given": "the code as given", "reference": "a reference", "first_correct": "our own first draft"}
    rows = [
        ("Speedup, old time over new", figure(speed.ratio, "ratio")),
        ("Interval", interval(speed.ci_low, speed.ci_high)),
        ("Chance of a false bound (alpha)", figure(speed.alpha, "number")),
        ("Pairs timed", f"{speed.pairs:,}" + (", on held-out inputs" if speed.held_out else "")),
        ("Against", baseline[speed.baseline]),
        ("Asked for", "nothing" if speed.target is None else figure(speed.target, "ratio")),
        ("CPU time, old over new", figure(speed.cpu_ratio, "ratio")),
        ("Peak memory, old over new", figure(speed.peak_memory_ratio, "ratio")),
        ("Deterministic cost, old over new", figure(speed.cost_ratio, "ratio")),
    ]
    if speed.exponent_before is None or speed.exponent_after is None:
        rows.append(("Time against size", "not fitted"))
    else:
        before, after = figure(speed.exponent_before, "growth"), figure(speed.exponent_after, "growth")
        rows.append(("Time against size, fitted", f"{before} → {after.removeprefix('about ')}"))
    return _table(("What", "Figure"), rows)


def _by_size(timings: Sequence[SizeTime]) -> list[str]:
    known = [time for row in timings for time in (row.old_s, row.new_s) if time is not None]
    if not known or max(known) <= 0:
        return []
    width = max(len(f"{row.size:,}") for row in timings)
    lines = []
    for row in timings:
        for label, time in (("old", row.old_s), ("new", row.new_s)):
            size = f"{row.size:,}" if label == "old" else ""
            bar = "" if time is None else _bar(time / max(known))
            lines.append(f"{size:>{width}}  {label}  {bar:<{_BAR}}  {figure(time, 'seconds')}")
    return ["Time of one call by size of input:", fenced("\n".join(lines), "text")]


def _bar(share: float) -> str:
    eighths = max(1, round(share * _BAR * 8))
    return "█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8].strip()


def _candidates(story: _Story) -> list[str]:
    if not story.made and not story.judged and not story.dropped:
        return []
    lines = []
    for candidate in dict.fromkeys([*story.made, *story.judged]):
        about = ""
        if (made := story.made.get(candidate)) is not None:
            about = f" ({for_markdown(made.operator)}, {plural(made.changed_lines, 'line')} changed)"
        judged = story.judged.get(candidate)
        end = Fate(False, "not judged") if judged is None else fate(judged)
        detail = f": {for_markdown(shorten(end.detail, _LONGEST))}" if end.detail else ""
        mark = " **Best.**" if story.best[-1:] == [candidate] else ""
        lines.append(f"- {for_markdown(candidate)}{about}: {end.words}{detail}{mark}")
    lines += [
        f"- unusable answer ({for_markdown(drop.operator)}): {for_markdown(shorten(drop.reason, _LONGEST))}"
        for drop in story.dropped[:_MOST_DROPPED]
    ]
    if len(story.dropped) > _MOST_DROPPED:
        lines.append(f"- and {plural(len(story.dropped) - _MOST_DROPPED, 'unusable answer')} more")
    return ["## Candidates tried", "\n".join(lines)]


def _budget(result: Result) -> str:
    spent, machine = result.budget, result.machine
    tokens = f"{spent.prompt_tokens:,} in ({spent.cached_tokens:,} cached), {spent.completion_tokens:,} out"
    rows = [
        ("Model calls", figure(spent.calls, "count")),
        ("Tokens", tokens),
        ("Cost", figure(spent.usd, "usd")),
        ("Wall time", figure(spent.wall_s, "seconds")),
        ("of it model, sandbox", f"{figure(spent.model_s, 'seconds')}, {figure(spent.sandbox_s, 'seconds')}"),
        ("Model", "none" if result.model is None else in_cell(result.model)),
        ("Strategy", "none" if result.strategy is None else in_cell(result.strategy)),
        ("Sandbox", in_cell(result.sandbox) + ("" if result.image is None else f", image {in_cell(result.image)}")),
        ("Machine", NOT_MEASURED if machine is None else f"{in_cell(machine.cpu)}, {plural(machine.cores, 'core')}"),
        ("Python", NOT_MEASURED if machine is None else in_cell(machine.python)),
        ("Burnish", in_cell(result.burnish_version)),
        ("Run, seed", f"{in_cell(result.run_id)}, {result.seed}"),
    ]
    return _table(("What", "Figure"), rows)


def _not_claimed(result: Result) -> str:
    part, speed = result.correctness, result.speed
    lines = []
    if part.inputs_compared:
        lines.append(f"Equality was shown on {inputs_compared(result)}; it was not proved for all others.")
    else:
        lines.append("No input was compared, so nothing is said about equality.")
    if part.inputs_void:
        lines.append(
            f"On {plural(part.inputs_void, 'input')} the original could not finish; nothing was compared there."
        )
    if part.confidence is None:
        lines.append("No probability of being right is given: none has been calibrated.")
    if speed.ratio is None:
        lines.append("No speedup is claimed.")
    else:
        lines.append("The speedup holds for the inputs and the machine it was measured with; others may differ.")
    if speed.baseline == "first_correct":
        lines.append("The speedup is over a first draft of Burnish's own, not over anybody's code.")
    return "\n".join(f"- {line}" for line in lines)


def _reproduce(result: Result) -> str:
    new = result.program.path
    if new is None:
        return fenced(f"burnish runs show {shlex.quote(result.run_id)}", "sh")
    old, seed = result.task.source, f" --seed {result.seed}" if result.seed else ""
    new = new if "::" in new else f"{new}::{result.task.name}"
    command = f"burnish judge {shlex.quote(old)} {shlex.quote(new)}{seed}"
    return f"With the original in its place, and the relaxations above if any:\n\n{fenced(command, 'sh')}"


def _table(head: tuple[str, str], rows: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"| {left} | {right} |" for left, right in (head, ("---", "---"), *rows))
