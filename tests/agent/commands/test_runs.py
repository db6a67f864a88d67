"""`burnish runs list` and `burnish runs show`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from burnish.agent.commands.runs import app
from burnish.agent.config import home
from burnish.agent.errors import UsageError
from burnish.agent.result import ProgramOut, Result, Speed, Task
from burnish.agent.runs.events import CandidateJudged, RunStarted
from burnish.agent.runs.record import Record


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BURNISH_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "160")
    assert home() == tmp_path
    return tmp_path / "runs"


def a_run(*, finished: bool, source: str = "a.py::f") -> str:
    with Record.create("optimize") as record:
        record.append(
            RunStarted(command="optimize", source=source, model="local/m", strategy="refine", seed=0, version="0.1.0")
        )
        record.append(CandidateJudged(candidate="c1", stage="static", correct=False, problem="\x1b[2Jbad"))
        if finished:
            record.write_result(
                Result(
                    burnish_version="0.1.0",
                    run_id=record.run_id,
                    command="optimize",
                    outcome="met",
                    task=Task(name="f", source=source),
                    program=ProgramOut(path="out/a.py", sha256=None, patch="x"),
                    speed=Speed(ratio=6.2, ci_low=5.9, ci_high=6.4),
                    sandbox="bubblewrap",
                )
            )
            record.finish("met", 1.0)
    return record.run_id


def call(*words: str) -> str:
    result = CliRunner().invoke(app, words, catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_nothing_kept_yet(runs: Path) -> None:
    assert str(runs) in call("list")
    assert json.loads(call("list", "--json")) == {"type": "runs", "runs": []}
    assert not runs.exists()


def test_list_shows_finished_and_unfinished_runs(runs: Path) -> None:
    done, cut = a_run(finished=True), a_run(finished=False, source="b\x1b[2J.py::g")
    lines = call("list").splitlines()
    (first,) = [line for line in lines if done in line]
    (second,) = [line for line in lines if cut in line]
    assert first.split()[:5] == [done, "optimize", "met", "a.py::f", "6.20x"]
    assert second.split()[:5] == [cut, "optimize", "unfinished", "b\\x1b[2J.py::g", "-"]
    told = {run["run_id"]: run for run in json.loads(call("list", "--json"))["runs"]}
    assert (told[done]["outcome"], told[done]["ratio"], told[done]["running"]) == ("met", 6.2, False)
    assert (told[cut]["outcome"], told[cut]["ratio"]) == (None, None)


def test_show_a_finished_run(runs: Path) -> None:
    run_id = a_run(finished=True)
    text = call("show", run_id)
    assert "burnish optimize a.py::f" in text
    assert "candidate c1: refused before running: \\x1b[2Jbad" in text
    assert "met: f is now 6.20x faster (5.90x to 6.40x)" in text
    assert str(runs / run_id / "result.json") in text
    assert "\x1b" not in text
    kept = json.loads((runs / run_id / "result.json").read_text())
    assert json.loads(call("show", run_id[:-1], "--json")) == kept


def test_show_an_unfinished_run(runs: Path) -> None:
    run_id = a_run(finished=False)
    assert "unfinished: this run has no result" in call("show", run_id)
    with pytest.raises(UsageError, match="no result"):
        call("show", run_id, "--json")
    with pytest.raises(UsageError, match="no run"):
        call("show", "nothing")


def test_a_run_being_written_is_running(runs: Path) -> None:
    with Record.create("judge") as record:
        assert "running" in call("list")
        assert "running: this run has no result" in call("show", record.run_id)


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, burnish.agent.commands.runs; print({'rich', 'pydantic', 'httpx', 'langgraph'} & set(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "set()"
