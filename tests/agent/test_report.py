"""The report says what the result holds, no more, and nothing in it is alive."""

from __future__ import annotations

import json

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from burnish.agent.report import SizeTime, write_report
from burnish.agent.result import (
    Correctness,
    Counterexample,
    Machine,
    Mutants,
    ProgramOut,
    Result,
    Speed,
    Spent,
    Task,
)
from burnish.agent.runs.events import (
    CandidateDropped,
    CandidateJudged,
    CandidateMade,
    Entry,
    Event,
    NewBest,
    SelfCheck,
    Warned,
)
from burnish.agent.wording import describe, fate, headline, sentence

OLD = "def f(xs):\n    return sorted(xs)[0]\n"
NEW = "def f(xs):\n    return min(xs)\n"
EVIL = "![x](http://evil) @octocat fixes #1 <script>|\n# heading ``` `"


def a_result(**changes: object) -> Result:
    base = Result(
        burnish_version="0.1.0",
        run_id="20261122-003045-ab12cd",
        command="optimize",
        outcome="met",
        task=Task(name="f", source="my code/a.py::f"),
        program=ProgramOut(path="out/a.py", sha256="0" * 64, patch="x"),
        correctness=Correctness(
            inputs_compared=1212,
            inputs_void=3,
            inputs_by_source={"types": 1200, "examples": 12},
            sizes=(0, 4096),
            mutants=Mutants(total=20, killed=18),
        ),
        speed=Speed(
            target=1.05,
            ratio=6.2199,
            ci_low=5.914,
            ci_high=6.421,
            alpha=0.001,
            pairs=24,
            held_out=True,
            cpu_ratio=6.1,
            exponent_before=1.96,
            exponent_after=1.03,
        ),
        budget=Spent(calls=4, prompt_tokens=900, completion_tokens=512, usd=0.0123, wall_s=72.4),
        model="local/m",
        strategy="refine",
        sandbox="bubblewrap",
        machine=Machine(cpu="Some CPU", cores=2, python="3.11.2"),
    )
    return base.model_copy(update=changes)


def entries(*events: Event) -> list[Entry]:
    return [Entry(seq=seq, at="2026-11-22T00:30:45.000Z", event=event) for seq, event in enumerate(events)]


def tokens(markdown: str) -> list[Token]:
    found: list[Token] = []
    for token in MarkdownIt("gfm-like", {"html": True, "linkify": False}).parse(markdown):
        found += [token, *(token.children or [])]
    return found


def rows(report: str) -> dict[str, str]:
    cells = [line.strip("| ").split(" | ") for line in report.splitlines() if line.startswith("| ")]
    return {left: right for left, right in cells if left not in ("What", "---")}


def test_the_figures_are_those_of_the_result() -> None:
    report = write_report(a_result(), OLD, NEW, entries(SelfCheck(ok=True, runs=3)))
    assert report.startswith(
        "# `f`: 6.21x faster\n\n"
        "`f` is now 6.21x faster (5.91x to 6.43x) and was shown equal to the original on 1,212 inputs."
    )
    figures = rows(report)
    assert figures["Speedup, old time over new"] == "6.21x"
    assert figures["Interval"] == "5.91x to 6.43x"
    assert figures["Chance of a false bound (alpha)"] == "0.001"
    assert figures["Pairs timed"] == "24, on held-out inputs"
    assert figures["CPU time, old over new"] == "6.10x"
    assert figures["Peak memory, old over new"] == "not measured"
    assert figures["Time against size, fitted"] == "about O(n^2) → O(n)"
    assert figures["from `types`"] == "1,200"
    assert figures["Sizes compared"] == "0 to 4,096"
    assert figures["Void: the original could not finish"] == "3"
    assert figures["Mutants told apart by the inputs"] == "18 of 20 (90 %)"
    assert figures["Original against itself"] == "the same in 3 runs"
    assert figures["Cost"] == "0.013 USD"
    assert figures["Wall time"] == "1 min 12 s"
    assert "-    return sorted(xs)[0]\n+    return min(xs)\n" in report
    assert "it was not proved for all others" in report
    assert "burnish judge 'my code/a.py::f' out/a.py::f" in report


def test_what_is_not_known_is_said_to_be_so() -> None:
    bare = a_result(
        correctness=Correctness(),
        speed=Speed(),
        budget=Spent(),
        machine=None,
        outcome="abstained",
        program=ProgramOut(path=None, sha256=None, patch=None),
    )
    report = write_report(bare, OLD, OLD, [])
    figures = rows(report)
    assert {figures[name] for name in ("Speedup, old time over new", "Interval", "Machine")} == {"not measured"}
    assert figures["Mutants told apart by the inputs"] == "not measured"
    assert figures["Time against size"] == "not fitted"
    assert "No speedup is claimed." in report
    assert "No input was compared" in report
    assert "None: the program is as it was." in report
    assert "burnish judge" not in report
    assert "burnish runs show 20261122-003045-ab12cd" in report
    assert "O(n" not in report


def test_candidates_are_listed_with_their_fate_failures_too() -> None:
    example = Counterexample(input="f([])", old="[]", new="None", difference="type")
    story = entries(
        CandidateMade(candidate="c1", parent="original", operator="rewrite", changed_lines=1, source_sha="a"),
        CandidateMade(candidate="c2", parent="original", operator="rewrite", changed_lines=2, source_sha="b"),
        CandidateMade(candidate="c3", parent="c2", operator="rewrite", changed_lines=2, source_sha="c"),
        *(CandidateDropped(reason=f"no code {number}", operator="rewrite") for number in range(12)),
        CandidateJudged(candidate="c1", stage="equal", correct=False, counterexample=example),
        CandidateJudged(candidate="c2", stage="screen", correct=True, ratio=2.0, inputs=10),
        NewBest(candidate="c2", ratio=2.0),
        CandidateJudged(candidate="c2", stage="verdict", correct=True, ratio=2.1, ci_low=1.9, inputs=12),
    )
    lines = write_report(a_result(), OLD, NEW, story).splitlines()
    assert "- `c1` (`rewrite`, 1 line changed): not equal: `f([]) old [] new None`" in lines
    assert "- `c2` (`rewrite`, 2 lines changed): equal on 12 inputs, 2.10x (at least 1.90x) **Best.**" in lines
    assert "- `c3` (`rewrite`, 2 lines changed): not judged" in lines
    assert "- unusable answer (`rewrite`): `no code 0`" in lines
    assert "- and 2 unusable answers more" in lines


def test_untrusted_text_is_dead_wherever_it_stands() -> None:
    result = a_result(
        task=Task(name=EVIL, source=EVIL),
        program=ProgramOut(path=EVIL, sha256=None, patch="x"),
        correctness=Correctness(inputs_by_source={EVIL: 1}, policy=[EVIL]),
        model=EVIL,
        machine=Machine(cpu=EVIL, cores=1, python=EVIL),
        notes=[EVIL],
        counterexample=Counterexample(input=EVIL, old=EVIL, new=EVIL, difference=EVIL),
    )
    story = entries(
        Warned(text=EVIL),
        CandidateMade(candidate=EVIL, parent=EVIL, operator=EVIL, changed_lines=1, source_sha="a"),
        CandidateJudged(candidate=EVIL, stage="static", correct=False, problem=EVIL),
        CandidateDropped(reason=EVIL, operator=EVIL),
    )
    report = write_report(result, OLD + EVIL, NEW + EVIL, story)
    found = tokens(report)
    assert not {"image", "link_open", "html_inline", "html_block"} & {token.type for token in found}
    live = "".join(token.content for token in found if token.type == "text")
    assert not any(word in live for word in ("@octocat", "#1", "evil", "script"))
    clean = tokens(write_report(a_result(), OLD, NEW, story[1:2]))
    headings = [token.type for token in found].count("heading_open")
    assert headings == [token.type for token in clean].count("heading_open")
    widths = [line.count(" | ") for line in report.splitlines() if line.startswith("| ")]
    assert len(widths) > 20
    cells = [token.type for token in found]
    assert cells.count("td_open") + cells.count("th_open") == 2 * cells.count("tr_open")


def test_the_drawing_of_time_per_size() -> None:
    timings = [SizeTime(100, 0.001, 0.0008), SizeTime(10_000, 1.0, 0.25), SizeTime(1_000_000, None, 0.5)]
    report = write_report(a_result(), OLD, NEW, [], timings)
    lines = report.splitlines()
    full = next(line for line in lines if line.startswith("   10,000  old"))
    assert full.count("█") == 28
    assert full.endswith("1.0 s")
    assert sum(line.count("█") for line in lines if line.endswith("0.2 s")) == 7
    assert any(line.startswith("1,000,000  old") and line.endswith("not measured") for line in lines)
    assert "by size" not in write_report(a_result(), OLD, NEW, [], [SizeTime(1, None, None)])


@pytest.mark.parametrize(
    ("equal", "faster", "words"),
    [
        ("yes", "yes", "shown equal on 1,212 inputs, and the new one is 6.21x faster (5.91x to 6.43x)."),
        ("yes", "no", "the new one is not faster (6.21x, interval 5.91x to 6.43x)."),
        ("yes", "no_significant_difference", "no significant difference in speed was found"),
        ("yes", None, "their speed was not measured."),
        ("no", None, "are not equal: an input tells them apart."),
        ("not_comparable", None, "could not be compared"),
    ],
)
def test_judge(equal: str, faster: str | None, words: str) -> None:
    found = Counterexample(input="f([])", old="[]", new="None", difference="type") if equal == "no" else None
    judged = a_result(command="judge", equal=equal, faster=faster, counterexample=found, model=None, strategy=None)
    report = write_report(judged, OLD, NEW, [])
    assert words in report
    assert "--- old\n+++ new" in report
    assert ("- input: `f([])`" in report) == (equal == "no")
    assert "Candidates" not in report


@pytest.mark.parametrize("outcome", ["met", "correct", "abstained", "out_of_budget", "error", "waiting", "interrupted"])
@pytest.mark.parametrize("ratio", [None, 3.0])
@pytest.mark.parametrize("patch", [None, "x"])
def test_every_outcome_has_a_sentence(outcome: str, ratio: float | None, patch: str | None) -> None:
    result = a_result(
        outcome=outcome, speed=Speed(ratio=ratio, target=5.0), program=ProgramOut(path=None, sha256=None, patch=patch)
    )
    told = sentence(result, "f")
    assert told.endswith(".")
    assert headline(result)
    claims = "faster (" in told
    assert claims == (
        ratio is not None and (outcome == "met" or (patch is not None and outcome in ("correct", "out_of_budget")))
    )
    assert "None" not in told
    json.dumps(told)


def test_a_candidate_that_was_not_timed_claims_no_speed() -> None:
    end = fate(CandidateJudged(candidate="c", stage="equal", correct=True, inputs=1))
    assert (end.kept, end.words) == (True, "equal on 1 input, speed not measured")
    line = describe(CandidateJudged(candidate="c", stage="verdict", correct=False, problem="crashed"))
    assert line is not None
    assert (line.words, line.detail, line.mark) == ("failed", "crashed", "bad")
