"""What happened in a run and what came of it, in the same words for the terminal and the report.

What is ours and what is untrusted are kept apart until a view or a report filters the second for its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from burnish.agent.result import Result, Speed, Spent
from burnish.agent.runs.events import (
    BudgetUsed,
    CandidateDropped,
    CandidateJudged,
    CandidateMade,
    Event,
    InputsChosen,
    ModelAnswered,
    ModelCalled,
    NewBest,
    ProfileTaken,
    SelfCheck,
    StepFinished,
    Verdict,
    Warned,
)
from burnish.agent.text import NOT_MEASURED, figure, interval, plural


@dataclass(frozen=True)
class Line:
    """One line about an event: `subject` and `detail` are untrusted and may be empty, `words` stand between them."""

    mark: Literal["done", "good", "bad", "best", "warning", "note"]
    words: str
    detail: str = ""
    subject: str = ""
    level: int = 0
    """Shown from this verbosity on."""


def describe(event: Event) -> Line | None:
    """The line for `event`; None when there is nothing to tell (the start and the end, which views show their way)."""
    match event:
        case StepFinished():
            return Line("done", figure(event.seconds, "seconds"), event.detail, event.step)
        case InputsChosen():
            sizes = "" if event.sizes is None else ", sizes {:,} to {:,}".format(*event.sizes)
            total = plural(sum(event.by_source.values()), "input")
            return Line("note", total + sizes, sources(event.by_source))
        case SelfCheck(ok=True):
            return Line("note", f"the original agrees with itself in {plural(event.runs, 'run')}")
        case SelfCheck():
            return Line("bad", f"the original differs from itself in {plural(event.runs, 'run')}", event.problem or "")
        case ProfileTaken():
            return None if event.hottest_line is None else Line("note", "hottest line", event.hottest_line.strip())
        case ModelCalled():
            asked = (
                f"asked for {plural(event.samples, 'sample')}, round {event.round}, temperature {event.temperature:g}"
            )
            return Line("note", asked, subject=event.operator, level=1)
        case ModelAnswered():
            return Line("note", _answered(event), level=1)
        case CandidateMade():
            changed = plural(event.changed_lines, "line")
            detail = f"{event.operator} of {event.parent}"
            return Line("note", f"{changed} changed", detail, _candidate(event.candidate), level=1)
        case CandidateDropped():
            return Line("bad", "unusable answer", event.reason)
        case CandidateJudged():
            end = fate(event)
            return Line("good" if end.kept else "bad", end.words, end.detail, _candidate(event.candidate))
        case NewBest():
            bound = "" if event.ci_low is None else f" (at least {figure(event.ci_low, 'ratio')})"
            return Line("best", f"best so far, {figure(event.ratio, 'ratio')}{bound}", "", _candidate(event.candidate))
        case BudgetUsed():
            return Line("note", f"used {used(event)}", level=1)
        case Verdict():
            return _verdict(event)
        case Warned():
            return Line("warning", "warning", event.text)
        case _:
            return None


def used(spent: BudgetUsed | Spent) -> str:
    """What was used, on one line."""
    tokens = plural(spent.prompt_tokens + spent.completion_tokens, "token")
    money, wall = figure(spent.usd, "usd"), figure(spent.wall_s, "seconds")
    return f"{plural(spent.calls, 'call')}, {tokens}, {money}, {wall}"


def sources(by_source: Mapping[str, int]) -> str:
    """Inputs by where they came from, the largest share first."""
    ordered = sorted(by_source.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{source} {figure(number, 'count')}" for source, number in ordered if number)


def _candidate(name: str) -> str:
    return f"candidate {name}"


def _answered(event: ModelAnswered) -> str:
    tokens = "" if event.usage is None else f", {plural(event.usage.completion_tokens, 'token')} out"
    return f"{plural(len(event.answer_sha), 'answer')} in {figure(event.seconds, 'seconds')}{tokens}"


def _verdict(event: Verdict) -> Line:
    if event.equal != "yes":
        return Line("bad", "verdict: " + event.equal.replace("_", " "))
    measured = f"{figure(event.ratio, 'ratio')}, {interval(event.ci_low, event.ci_high)}, {plural(event.pairs, 'pair')}"
    match event.faster:
        case "yes":
            return Line("good", f"verdict: equal and faster, {measured}")
        case "no":
            return Line("bad", f"verdict: equal, not faster, {measured}")
        case "no_significant_difference":
            return Line("bad", f"verdict: equal, no significant difference, {measured}")
    return Line("good", f"verdict: equal, speed {NOT_MEASURED}")


@dataclass(frozen=True)
class Fate:
    """What became of a candidate, in words; `detail` is untrusted and may be empty."""

    kept: bool
    words: str
    detail: str = ""


def fate(judged: CandidateJudged) -> Fate:
    """The words for a judged candidate."""
    if not judged.correct:
        words = {"static": "refused before running", "equal": "not equal"}.get(judged.stage, "failed")
        if (example := judged.counterexample) is not None:
            return Fate(False, words, f"{example.input} old {example.old} new {example.new}")
        return Fate(False, words, judged.problem)
    equal = "equal" if judged.inputs is None else f"equal on {plural(judged.inputs, 'input')}"
    if judged.ratio is None:
        return Fate(not judged.problem, f"{equal}, speed {NOT_MEASURED}", judged.problem)
    about = "" if judged.stage == "verdict" else "about "
    bound = "" if judged.ci_low is None else f" (at least {figure(judged.ci_low, 'ratio')})"
    return Fate(not judged.problem, f"{equal}, {about}{figure(judged.ratio, 'ratio')}{bound}", judged.problem)


def headline(result: Result) -> str:
    """The outcome in a few words that hold nothing untrusted."""
    if result.command == "judge":
        equal = {"yes": "equal", "no": "not equal", "not_comparable": "not comparable", None: result.outcome}[
            result.equal
        ]
        if result.equal != "yes" or result.faster is None:
            return equal
        return (
            equal
            + {
                "yes": f" and {figure(result.speed.ratio, 'ratio')} faster",
                "no": " but not faster",
                "no_significant_difference": ", no significant difference in speed",
            }[result.faster]
        )
    return {
        "met": f"{figure(result.speed.ratio, 'ratio')} faster" if result.speed.ratio is not None else "shown right",
        "correct": "equal, but not as fast as asked" if result.program.patch else "no faster version found",
        "abstained": "nothing could be shown",
        "out_of_budget": "stopped by a budget",
        "error": "ended by an error",
        "waiting": "waiting for an answer",
        "interrupted": "interrupted",
    }[result.outcome]


def sentence(result: Result, name: str) -> str:
    """The outcome in one sentence.

    Args:
        result: what came out.
        name: the function, made safe for the place the sentence goes to.
    """
    return _judge_sentence(result, name) if result.command == "judge" else _optimize_sentence(result, name)


def _judge_sentence(result: Result, name: str) -> str:
    if result.equal == "no":
        return f"The two versions of {name} are not equal: an input tells them apart."
    if result.equal != "yes":
        return f"The two versions of {name} could not be compared, so nothing is said about them."
    equal = f"The two versions of {name} were shown equal on {inputs_compared(result)}"
    match result.faster:
        case "yes":
            return f"{equal}, and the new one is {_speedup(result.speed)}."
        case "no":
            return f"{equal}; the new one is not faster ({_measured(result.speed)})."
        case "no_significant_difference":
            return f"{equal}; no significant difference in speed was found ({_measured(result.speed)})."
    return f"{equal}; their speed was {NOT_MEASURED}."


def _optimize_sentence(result: Result, name: str) -> str:
    changed = result.program.patch is not None
    best = f"{name} is now {_speedup(result.speed)} and was shown equal to the original on {inputs_compared(result)}"
    match result.outcome:
        case "met" if result.speed.ratio is None:
            return f"{name} was shown right on {inputs_compared(result)}."
        case "met":
            return f"{best}."
        case "correct" if changed and result.speed.ratio is not None:
            asked = "the speedup asked for" if result.speed.target is None else figure(result.speed.target, "ratio")
            return f"{best}, but {asked} was not reached."
        case "correct":
            return f"No version of {name} was shown to be equal and faster; it stays as it was."
        case "abstained":
            return f"Nothing is claimed about {name}: no version could be shown equal to the original."
        case "out_of_budget" if changed and result.speed.ratio is not None:
            return f"A budget ended the run. {best}."
        case "out_of_budget":
            return f"A budget ended the run before a faster version of {name} was found."
        case "waiting":
            return f"The run on {name} waits for a person's answer."
        case "interrupted":
            return f"The run on {name} was interrupted."
        case _:
            return f"The run on {name} ended with an error."


def inputs_compared(result: Result) -> str:
    """On how many inputs equality rests."""
    return plural(result.correctness.inputs_compared, "input")


def _speedup(speed: Speed) -> str:
    return f"{figure(speed.ratio, 'ratio')} faster ({interval(speed.ci_low, speed.ci_high)})"


def _measured(speed: Speed) -> str:
    return f"{figure(speed.ratio, 'ratio')}, interval {interval(speed.ci_low, speed.ci_high)}"
