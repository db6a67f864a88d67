"""What people and scripts see: the right stream, the right words, nothing that a terminal obeys."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import subprocess
import sys
import threading
import unicodedata
from pathlib import Path

import pytest
from rich.console import Console

from burnish.agent.models.base import Usage
from burnish.agent.result import Correctness, Counterexample, ProgramOut, Result, Speed, Spent, Task
from burnish.agent.runs.events import (
    BudgetUsed,
    CandidateDropped,
    CandidateJudged,
    CandidateMade,
    Entry,
    Event,
    InputsChosen,
    ModelAnswered,
    ModelCalled,
    NewBest,
    ProfileTaken,
    RunFinished,
    RunStarted,
    SelfCheck,
    StepFinished,
    StepStarted,
    Verdict,
    Warned,
)
from burnish.agent.view import JsonView, QuietView, RichView, View, Views

NASTY = "\x1b]52;c;cm0=\x07 [bold]x[/] \u202e\n\x1b[2J"

STORY: tuple[Event, ...] = (
    RunStarted(command="optimize", source="a.py::f", model="local/m", strategy="refine", seed=7, version="0.1.0"),
    StepStarted(step="inputs", detail="drawing"),
    InputsChosen(by_source={"types": 200, "examples": 12}, sizes=(0, 4096)),
    StepFinished(step="inputs", seconds=0.81),
    SelfCheck(ok=True, runs=3),
    ProfileTaken(text_sha="0" * 64, hottest_line="    for x in xs:"),
    StepStarted(step="search", detail="round 1"),
    ModelCalled(operator="rewrite", samples=4, request_sha="0" * 64, temperature=0.8, round=1),
    ModelAnswered(answer_sha=("0" * 64,), usage=Usage(prompt_tokens=9, completion_tokens=5), seconds=2.0),
    BudgetUsed(calls=1, prompt_tokens=900, completion_tokens=512, usd=0.0123, wall_s=72.4),
    CandidateDropped(reason="no code in the answer", operator="rewrite"),
    CandidateMade(candidate="3", parent="original", operator="rewrite", changed_lines=2, source_sha="0" * 64),
    CandidateJudged(
        candidate="3",
        stage="equal",
        correct=False,
        counterexample=Counterexample(input="f([])", old="[]", new="None", difference="type"),
    ),
    CandidateJudged(candidate="4", stage="static", correct=False, problem=NASTY),
    CandidateJudged(candidate="5", stage="screen", correct=True, ratio=6.2, inputs=212),
    NewBest(candidate="5", ratio=6.2),
    StepFinished(step="search", seconds=20.5, detail="3 candidates"),
    Verdict(equal="yes", faster="yes", ratio=6.2, ci_low=5.914, ci_high=6.421, pairs=24),
    Warned(text=NASTY),
    RunFinished(outcome="met", seconds=30.0),
)


def a_result() -> Result:
    return Result(
        burnish_version="0.1.0",
        run_id="20261122-003045-ab12cd",
        command="optimize",
        outcome="met",
        task=Task(name="f", source="a.py::f"),
        program=ProgramOut(path="out/f.py", sha256="0" * 64, patch="-a\n+b"),
        correctness=Correctness(inputs_compared=212, inputs_by_source={"types": 200, "examples": 12}, sizes=(0, 4096)),
        speed=Speed(ratio=6.2, ci_low=5.914, ci_high=6.421, alpha=0.001, pairs=24),
        budget=Spent(calls=1, prompt_tokens=900, completion_tokens=512, usd=0.0123, wall_s=72.4),
        sandbox="bubblewrap",
        notes=[NASTY],
    )


def tell(view: View) -> None:
    for seq, event in enumerate(STORY):
        view.show(Entry(seq=seq, at="2026-11-22T00:30:45.000Z", event=event))
    view.finish(a_result(), [Path("/somewhere/with a name/that is rather long/" + "x" * 60 + "/report.md")])
    view.close()


def shown(verbosity: int = 0, **settings: object) -> str:
    out = io.StringIO()
    tell(RichView(Console(file=out, **settings), verbosity))  # type: ignore[arg-type]
    return out.getvalue()


def test_plain_lines_say_what_happened_failed_attempts_too() -> None:
    lines = [line.strip() for line in shown().splitlines()]
    for line in (
        "burnish optimize a.py::f  local/m, refine, seed 7",
        "· inputs: drawing ...",
        "· 212 inputs, sizes 0 to 4,096: types 200, examples 12",
        "✓ inputs     0.8 s",
        "· the original agrees with itself in 3 runs",
        "· hottest line: for x in xs:",
        "✗ unusable answer: no code in the answer",
        "✗ candidate 3: not equal: f([]) old [] new None",
        "✓ candidate 5: equal on 212 inputs, about 6.20x",
        "★ candidate 5: best so far, 6.20x",
        "✓ verdict: equal and faster, 6.20x, 5.91x to 6.43x, 24 pairs",
        "✓ search     20.5 s  3 candidates",
        "met: f is now 6.20x faster (5.91x to 6.43x) and was shown equal to the original on 212 inputs.",
        "used       1 call, 1,412 tokens, 0.013 USD, 1 min 12 s",
    ):
        assert line in lines
    assert any(line.endswith("x/report.md") for line in lines)


def test_more_is_said_when_asked() -> None:
    more = shown(1)
    assert "rewrite: asked for 4 samples, round 1, temperature 0.8" in more
    assert "used 1 call, 1,412 tokens, 0.013 USD, 1 min 12 s" in more
    assert len(more.splitlines()) == len(shown().splitlines()) + 4


@pytest.mark.parametrize("settings", [{}, {"force_terminal": True, "width": 80, "color_system": "truecolor"}])
def test_untrusted_text_does_nothing(settings: dict[str, object]) -> None:
    text = shown(1, **settings)
    left = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).replace("\r", "")
    assert "\x1b" not in left
    assert "\x1b[2J" not in text
    assert all(char == "\n" or unicodedata.category(char) not in ("Cc", "Cf") for char in left)
    assert "[bold]x[/]" in left


def test_a_terminal_gets_a_frame_and_a_path_that_can_be_copied() -> None:
    text = shown(force_terminal=True, width=60, color_system=None)
    assert "╭─ met ─" in text
    assert "x" * 60 + "/report.md\n" in text
    assert all(len(line) <= 60 for line in text.splitlines() if line.startswith(("╭", "│", "╰")))


def test_a_terminal_without_unicode_gets_ascii() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", errors="strict")
    view = RichView(Console(file=stream, force_terminal=True, width=80))
    view.show(Entry(seq=0, at="", event=STORY[1]))
    view.show(Entry(seq=1, at="", event=StepFinished(step="inputs", seconds=1.0)))
    view.finish(a_result().model_copy(update={"notes": []}))
    stream.flush()
    assert b"+ \x1b" in raw.getvalue() or b"+\x1b" in raw.getvalue()


def test_json_lines_are_the_record_and_the_result_is_last() -> None:
    out, people = io.StringIO(), io.StringIO()
    tell(Views(JsonView(out), QuietView(Console(file=people))))
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["type"] for line in lines[:-1]] == [event.type for event in STORY]
    assert [Entry.from_json(line).event for line in lines[:-1]] == list(STORY)
    assert Result.model_validate(lines[-1]) == a_result()
    assert out.getvalue().isascii()
    assert people.getvalue().splitlines() == [
        "f is now 6.20x faster (5.91x to 6.43x) and was shown equal to the original on 212 inputs."
    ]


def test_threads_may_tell_at_once() -> None:
    out = io.StringIO()
    view = JsonView(out)
    threads = [threading.Thread(target=tell, args=(view,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([json.loads(line) for line in out.getvalue().splitlines()]) == 4 * (len(STORY) + 1)


IN_A_TERMINAL = """
import sys, time
from burnish.agent.runs.events import CandidateDropped, Entry, StepFinished, StepStarted
from burnish.agent.view import make_view

view = make_view(as_json=True)
for event in (StepStarted(step="search", detail="round 1"), CandidateDropped(reason="none", operator="o"),
              StepFinished(step="search", seconds=0.4)):
    view.show(Entry(seq=0, at="", event=event))
    view.progress(3, 10)
    time.sleep(0.3)
view.show(Entry(seq=0, at="", event=StepStarted(step="cut short")))
view.close()
"""


def run_in_a_terminal(environment: dict[str, str]) -> tuple[str, str]:
    """stdout, which is a pipe, and what the terminal on stderr got."""
    master, slave = pty.openpty()
    env = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")} | environment
    process = subprocess.Popen([sys.executable, "-c", IN_A_TERMINAL], stdout=subprocess.PIPE, stderr=slave, env=env)
    os.close(slave)
    seen = b""
    while True:
        try:
            chunk = os.read(master, 65536)
        except OSError:
            break
        if not chunk:
            break
        seen += chunk
    out, _ = process.communicate()
    os.close(master)
    assert process.returncode == 0
    return out.decode(), seen.decode()


def test_the_spinner_runs_on_stderr_and_leaves_the_terminal_as_it_was() -> None:
    out, seen = run_in_a_terminal({"TERM": "xterm-256color"})
    assert "3 of 10" in seen
    assert [json.loads(line)["type"] for line in out.splitlines()] == [
        "step_started",
        "candidate_dropped",
        "step_finished",
        "step_started",
    ]
    assert re.search("[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏].* search", seen)
    assert seen.count("\x1b[?25l") == seen.count("\x1b[?25h") == 2
    assert "unusable answer" in seen


@pytest.mark.parametrize(
    ("environment", "escapes"), [({"TERM": "dumb"}, False), ({"TERM": "xterm", "NO_COLOR": "1"}, True)]
)
def test_dumb_terminals_and_no_color_are_honoured(environment: dict[str, str], escapes: bool) -> None:
    _, seen = run_in_a_terminal(environment)
    assert ("\x1b" in seen) == escapes
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", seen)
