"""The end of a run that met its target: files, copies, the patch, the change in the user's file, the record."""

from __future__ import annotations

import json
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.tasks import FAST, SLOW, WRONG, always, fenced, last_run, write_slow

from burnish.agent.jobs import Ask, optimize
from burnish.agent.result import Result
from burnish.agent.runs.events import (
    CandidateDropped,
    CandidateJudged,
    CandidateMade,
    Event,
    ModelAnswered,
    ModelCalled,
    ProfileTaken,
    RunFinished,
    RunStarted,
    StepFinished,
    StepStarted,
)
from burnish.agent.runs.record import Record

pytestmark = pytest.mark.sandbox


@dataclass
class Met:
    """A run that met its target."""

    code: int
    target: Path
    output: Path
    folder: Path
    result: Result
    events: list[Event]


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Met]:
    place = tmp_path_factory.mktemp("met")
    target = write_slow(place)
    target.chmod(0o640)
    model = always("I cannot help with that.", fenced(WRONG), fenced(FAST))
    ask = Ask(str(target), target_speedup=1.5, apply=True, output=place / "new" / "out", seed=7)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BURNISH_HOME", str(place / "home"))
        patch.setenv("BURNISH_LOCK_DIR", str(place / "lock"))
        code = optimize(ask, model)
        found = Met(code, target, place / "new" / "out", *last_run())
        assert found.result.outcome == "met", (found.result, found.events)
        yield found


def test_a_good_answer_meets_the_target(met: Met) -> None:
    assert met.code == 0
    assert met.result.outcome == "met"
    assert met.result.speed.ratio is not None
    assert met.result.speed.ci_low is not None
    assert met.result.speed.ratio > met.result.speed.ci_low > 1.5
    assert met.result.speed.held_out
    assert met.result.correctness.inputs_compared > 100
    assert met.result.correctness.tests.passed == met.result.correctness.tests.total
    assert met.result.correctness.counterexamples == 1
    assert met.result.model == "scripted/answers"
    assert met.result.sandbox == "bubblewrap"
    assert met.result.seed == 7
    assert met.result.budget.calls == 1


def test_the_files_of_a_run_are_there_and_copied(met: Met) -> None:
    names = {"result.json", "report.md", "program.py", "program.patch"}
    assert {path.name for path in met.output.iterdir()} == names
    for name in names:
        assert (met.output / name).read_bytes() == (met.folder / name).read_bytes()
    assert Result.model_validate_json((met.output / "result.json").read_bytes()) == met.result
    assert "pairs" in (met.output / "report.md").read_text()


def test_the_change_is_applied_and_nothing_else_changes(met: Met) -> None:
    source = met.target.read_text()
    assert source == (met.output / "program.py").read_text()
    assert "seen" in source
    assert source.startswith(SLOW[: SLOW.index("def pairs")])
    assert stat.S_IMODE(met.target.stat().st_mode) == 0o640
    assert [path.name for path in met.target.parent.iterdir() if path.is_file()] == ["slow.py"]


@pytest.mark.parametrize("tool", [["git", "apply"], ["patch", "-s", "-p1", "-i"]])
def test_the_patch_applies(met: Met, tool: list[str], tmp_path: Path) -> None:
    path = write_slow(tmp_path)
    subprocess.run([*tool, str(met.output / "program.patch")], cwd=tmp_path, check=True)
    assert path.read_text() == met.target.read_text()


def test_the_record_accounts_for_everything(met: Met) -> None:
    lines = [json.loads(line) for line in (met.folder / "events.jsonl").read_text().splitlines()]
    assert [line["seq"] for line in lines] == list(range(len(lines)))
    assert [line["at"] for line in lines] == sorted(line["at"] for line in lines)
    assert isinstance(met.events[0], RunStarted)
    assert met.events[-1] == RunFinished(outcome="met", seconds=met.result.budget.wall_s)
    made = [event.candidate for event in met.events if isinstance(event, CandidateMade)]
    judged = [event.candidate for event in met.events if isinstance(event, CandidateJudged)]
    dropped = [event for event in met.events if isinstance(event, CandidateDropped)]
    assert len(set(made)) == len(made) == 2
    assert sorted(judged) == sorted(made)
    assert len(made) + len(dropped) == sum(e.samples for e in met.events if isinstance(e, ModelCalled))
    running: list[str] = []
    for event in met.events:
        if isinstance(event, StepStarted):
            running.append(event.step)
        elif isinstance(event, StepFinished):
            assert running.pop() == event.step
    assert not running


def test_every_text_that_an_event_names_is_kept(met: Met) -> None:
    with Record.open(met.folder.name, folder=met.folder.parent) as record:
        for event in met.events:
            if isinstance(event, ModelCalled):
                assert record.get_request(event.request_sha).samples == event.samples
            elif isinstance(event, ModelAnswered):
                assert "I cannot help with that." in [record.get_text(sha) for sha in event.answer_sha]
            elif isinstance(event, CandidateMade):
                assert "def pairs" in record.get_text(event.source_sha)
            elif isinstance(event, ProfileTaken):
                assert "count" in record.get_text(event.text_sha)
