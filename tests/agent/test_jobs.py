"""`optimize` and `judge` from end to end, with a scripted model and the real sandbox."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from support.tasks import FAST, SLOW, WRONG, always, by_call, fenced, last_run, write_slow

from burnish.agent.config import runs_dir
from burnish.agent.errors import BurnishError, ModelUnavailable, StorageError, UsageError
from burnish.agent.jobs import Ask, judge, optimize
from burnish.agent.models.base import Capabilities, ModelRequest
from burnish.agent.models.scripted import ScriptedModel
from burnish.agent.runs.budget import Limits
from burnish.agent.runs.events import (
    CandidateDropped,
    CandidateJudged,
    CandidateMade,
    Event,
    ModelCalled,
    RunFinished,
    RunStarted,
    Verdict,
    Warned,
)
from burnish.agent.runs.record import Record
from burnish.sandbox.errors import SandboxUnavailable

pytestmark = pytest.mark.sandbox


def assert_ended(outcome: str) -> list[Event]:
    """The newest run says everywhere that it ended with `outcome`; its events."""
    _, result, events = last_run()
    assert result.outcome == outcome
    assert isinstance(events[0], RunStarted)
    assert isinstance(events[-1], RunFinished)
    assert events[-1].outcome == outcome
    return events


REPEATED = "def pairs(items):\n" + "    x = 1\n" * 400

BAD_ANSWERS = {
    "nothing": "",
    "refusal": "I'm sorry, but I can't make this function faster.",
    "half a block": "```python\ndef pairs(items: list[int]) -> int:\n    seen = {",
    "another language": "```javascript\nfunction pairs(items) { return 0; }\n```",
    "the same again": fenced(SLOW[SLOW.index("def pairs") :]),
    "endless": REPEATED,
    "not text": "\x00\x1b[2J\ud800" * 10,
    "another function": fenced("def other(items):\n    return 1\n"),
}


def test_a_model_that_fails_midway_does_not_lose_what_was_found(tmp_path: Path) -> None:
    """The third round's first answer is good, and its second call fails: the good one is judged all the same."""

    def answers(number: int) -> list[str]:
        if number == 4:
            raise ModelUnavailable("the server went away", "start it")
        return [fenced(FAST)] if number == 3 else ["no idea"]

    assert optimize(Ask(str(write_slow(tmp_path)), target_speedup=1.5), by_call(answers)) in (0, 1)
    events = last_run()[2]
    assert [event.correct for event in events if isinstance(event, CandidateJudged)] == [True]
    assert any(isinstance(event, Verdict) for event in events)
    assert [event.text for event in events if isinstance(event, Warned)] == [
        "the server went away; going on with what was found"
    ]


def test_a_model_that_fails_before_anything_good_is_an_error(tmp_path: Path) -> None:
    def answers(number: int) -> list[str]:
        if number == 2:
            raise ModelUnavailable("the server went away")
        return [fenced(WRONG)]

    with pytest.raises(ModelUnavailable):
        optimize(Ask(str(write_slow(tmp_path))), by_call(answers))
    assert any(isinstance(event, CandidateJudged) for event in assert_ended("error"))


def test_what_a_budget_cuts_short_is_judged_first(tmp_path: Path) -> None:
    """The last call that the budget allows brings the good answer."""
    model = by_call(lambda number: [fenced(FAST)] if number == 3 else ["no idea"])
    ask = Ask(str(write_slow(tmp_path)), limits=Limits(max_calls=3))
    assert optimize(ask, model) in (0, 5)
    _, result, events = last_run()
    assert [event.correct for event in events if isinstance(event, CandidateJudged)] == [True]
    assert any(isinstance(event, Verdict) for event in events)
    assert result.budget.calls == 3


@pytest.mark.parametrize(
    "limits",
    [Limits(max_calls=0), Limits(max_tokens=500), Limits(max_seconds=0.5)],
    ids=["calls", "tokens", "time"],
)
def test_a_budget_too_small_for_one_call(tmp_path: Path, limits: Limits) -> None:
    assert optimize(Ask(str(write_slow(tmp_path)), limits=limits), always(fenced(FAST))) == 5
    events = assert_ended("out_of_budget")
    assert not any(isinstance(event, ModelCalled) for event in events)
    _, result, _ = last_run()
    assert result.budget.calls == 0
    assert any(note.startswith("The search ended") for note in result.notes)


def test_ctrl_c_in_a_call_of_the_model(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def answers(number: int) -> list[str]:
        raise KeyboardInterrupt

    assert optimize(Ask(str(write_slow(tmp_path))), by_call(answers)) == 130
    assert_ended("interrupted")
    folder, _, _ = last_run()
    assert str(folder) in capfd.readouterr().err


def test_a_sandbox_that_fails_midway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = tmp_path / "lock"
    lock.mkdir(mode=0o700)
    monkeypatch.setenv("BURNISH_LOCK_DIR", str(lock))

    def answers(number: int) -> list[str]:
        lock.chmod(0o777)
        return [fenced(FAST)]

    with pytest.raises(SandboxUnavailable) as caught:
        optimize(Ask(str(write_slow(tmp_path))), by_call(answers))
    assert caught.value.exit_code == 3
    assert_ended("error")


def test_two_runs_at_once_in_one_folder(tmp_path: Path) -> None:
    target = write_slow(tmp_path)
    codes: dict[int, int] = {}

    def go(seed: int) -> None:
        ask = Ask(str(target), seed=seed, limits=Limits(max_calls=0), quiet=True)
        codes[seed] = optimize(ask, always(fenced(FAST)))

    threads = [threading.Thread(target=go, args=(seed,)) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == {1: 5, 2: 5}
    results: list[dict[str, Any]] = [json.loads((f / "result.json").read_text()) for f in runs_dir().iterdir()]
    assert sorted(result["seed"] for result in results) == [1, 2]


def test_judging_a_wrong_version_shows_where_it_differs(tmp_path: Path) -> None:
    new = tmp_path / "new.py"
    new.write_text(WRONG)
    assert judge(Ask(str(write_slow(tmp_path)), new=str(new))) == 1
    _, result, _ = last_run()
    assert result.equal == "no"
    assert result.faster is None
    assert result.counterexample is not None
    assert result.counterexample.old != result.counterexample.new


def test_judging_needs_the_same_name_or_one_that_is_given(tmp_path: Path) -> None:
    new = tmp_path / "new.py"
    new.write_text(FAST + "\n\ndef other(items):\n    return 1\n")
    with pytest.raises(Exception, match="missing") as caught:
        judge(Ask(str(write_slow(tmp_path)), new=f"{new}::missing"))
    assert getattr(caught.value, "exit_code", None) == 2
    assert not runs_dir().exists()


def test_an_error_before_the_run_leaves_no_run(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        optimize(Ask(str(write_slow(tmp_path)), strategy="none"), always(""))
    with pytest.raises(BurnishError):
        optimize(Ask(str(write_slow(tmp_path)), sandbox="none"), always(""))
    assert not runs_dir().exists()


def test_useless_answers_are_told_and_lose_nothing(tmp_path: Path) -> None:
    """All kinds of them in one run: each one is dropped with a reason, and the original is handed over."""
    target = write_slow(tmp_path)
    texts = [*BAD_ANSWERS.values(), fenced(WRONG)]
    sent: list[ModelRequest] = []

    def answer(request: ModelRequest) -> list[str]:
        sent.append(request)
        return [texts[(4 * len(sent) + index) % len(texts)] for index in range(request.samples)]

    assert optimize(Ask(str(target), limits=Limits(max_calls=4), quiet=True), ScriptedModel(answer)) == 5
    events = assert_ended("out_of_budget")
    dropped = [event.reason for event in events if isinstance(event, CandidateDropped)]
    made = [event for event in events if isinstance(event, CandidateMade)]
    judged = [event for event in events if isinstance(event, CandidateJudged)]
    calls = [event for event in events if isinstance(event, ModelCalled)]
    assert len(dropped) + len(made) == sum(call.samples for call in calls)
    assert all(dropped)
    assert len(judged) == len(made)
    assert not any(event.correct for event in judged)
    assert any(event.counterexample for event in judged)
    folder, result, _ = last_run()
    assert result.program.path is None
    assert target.read_text() == SLOW
    with Record.open(folder.name) as record:
        assert [record.get_request(call.request_sha) for call in calls] == sent


class Closing(ScriptedModel):
    """Knows whether it was closed."""

    closed = False

    def close(self) -> None:
        self.closed = True


def raising(error: Exception) -> Closing:
    """A model that answers nothing but `error`."""

    def answer(request: ModelRequest) -> list[str]:
        raise error

    return Closing(answer)


@pytest.mark.parametrize(
    ("model", "error", "exit_code", "note"),
    [
        (raising(ModelUnavailable("no server", "start it")), ModelUnavailable, 4, "no server"),
        (Closing([], capabilities=Capabilities(context_tokens=450, max_samples=1)), ModelUnavailable, 4, "context"),
        (raising(ZeroDivisionError("in ours")), ZeroDivisionError, None, "ZeroDivisionError: in ours"),
    ],
    ids=["model", "context", "unexpected"],
)
def test_an_error_is_recorded_and_surfaces(
    tmp_path: Path, model: Closing, error: type[Exception], exit_code: int | None, note: str
) -> None:
    with pytest.raises(error) as caught:
        optimize(Ask(str(write_slow(tmp_path))), model)
    assert getattr(caught.value, "exit_code", None) == exit_code
    assert model.closed
    assert_ended("error")
    assert any(note in one for one in last_run()[1].notes)


def test_files_that_others_touch_meanwhile(tmp_path: Path) -> None:
    """The target was edited and the output folder replaced by a file: neither is overwritten, nothing is lost."""
    target, output = write_slow(tmp_path), tmp_path / "out"

    def answers(number: int) -> list[str]:
        output.rmdir()
        output.write_text("now a file")
        target.write_text(SLOW + "# edited\n")
        return [fenced(FAST)]

    with pytest.raises(StorageError) as caught:
        optimize(Ask(str(target), target_speedup=1.5, output=output, apply=True), by_call(answers))
    assert_ended("met")
    folder, result, _ = last_run()
    assert str(output) in caught.value.message
    assert str(folder) in caught.value.hint
    assert target.read_text() == SLOW + "# edited\n"
    assert output.read_text() == "now a file"
    assert any("changed meanwhile" in note for note in result.notes)
    assert "seen" in (folder / "program.py").read_text()
