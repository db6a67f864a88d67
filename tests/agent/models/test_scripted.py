"""Scripted, replaying and recording models."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from burnish.agent.errors import ContextTooLong, ModelUnavailable, StorageError
from burnish.agent.models.base import Capabilities, Message, ModelRequest
from burnish.agent.models.scripted import RecordingModel, ReplayModel, ScriptedModel, request_key
from conformance.model import REQUESTS, ModelConformance, ask

STORY = "Once there was a fox who ran through the wood and over the hill. " * 3


def tell(request: ModelRequest) -> list[str]:
    """As many stories as are asked for."""
    return [f"{number}. {STORY}" for number in range(request.samples)]


class TestScriptedModel(ModelConformance):
    """A script that is a function."""

    @pytest.fixture
    def model(self) -> ScriptedModel:
        """A new one."""
        return ScriptedModel(tell)


class TestRecordingModel(ModelConformance):
    """It is whatever it records."""

    @pytest.fixture
    def model(self, tmp_path: Path) -> RecordingModel:
        """Around a script."""
        return RecordingModel(ScriptedModel(tell), tmp_path / "new" / "folder")


class TestReplayModel(ModelConformance):
    """With the suite's requests recorded."""

    @pytest.fixture
    def model(self, tmp_path: Path) -> ReplayModel:
        """After recording."""
        recording = RecordingModel(ScriptedModel(tell), tmp_path)
        for request in REQUESTS:
            recording.complete(request)
        return ReplayModel(tmp_path)


def texts(answer_of: ScriptedModel, request: ModelRequest) -> list[str]:
    return [sample.text for sample in answer_of.complete(request).samples]


def test_a_list_is_used_up_in_order() -> None:
    model = ScriptedModel(["a", "b", "c"])
    assert texts(model, ask("x", samples=2)) == ["a", "b"]
    assert texts(model, ask("x")) == ["c"]
    with pytest.raises(ModelUnavailable, match="0 of the 1"):
        model.complete(ask("x"))


def test_threads_share_a_list_without_loss() -> None:
    model = ScriptedModel([str(number) for number in range(200)])
    got: list[str] = []
    threads = [
        threading.Thread(target=lambda: [got.extend(texts(model, ask("x"))) for _ in range(25)]) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got, key=int) == [str(number) for number in range(200)]


def test_a_prompt_beyond_the_context_is_refused() -> None:
    model = ScriptedModel(["a"], capabilities=Capabilities(context_tokens=50, max_samples=1))
    with pytest.raises(ContextTooLong):
        model.complete(ask("x" * 400, max_tokens=10))
    assert texts(model, ask("x", max_tokens=10)) == ["a"]


@given(st.text(), st.integers(1, 8), st.lists(st.text(min_size=1, max_size=3), max_size=3))
def test_an_answer_is_a_beginning_of_the_script(text: str, most: int, stops: list[str]) -> None:
    request = ask("x", max_tokens=most, stop=tuple(stops))
    sample = ScriptedModel([text]).complete(request).samples[0]
    assert text.startswith(sample.text)
    assert not any(stop in sample.text for stop in stops)
    assert sample.finish == "stop" or len(sample.text) < len(text)


@given(st.text(), st.integers(1, 100), st.floats(0, 2), st.none() | st.integers())
def test_equal_requests_have_equal_keys(text: str, most: int, temperature: float, seed: int | None) -> None:
    request = ask(text, max_tokens=most, temperature=temperature, seed=seed)
    assert request_key(ModelRequest.model_validate_json(request.model_dump_json())) == request_key(request)


def test_everything_in_a_request_is_in_its_key() -> None:
    base = ask("x")
    changed = [
        ask("y"),
        ask("x", samples=2),
        ask("x", max_tokens=7),
        ask("x", temperature=0.5),
        ask("x", seed=0),
        ask("x", stop=("a",)),
        base.model_copy(update={"messages": (Message(role="system", content="x"),)}),
    ]
    assert len({request_key(request) for request in [base, *changed]}) == len(changed) + 1


def test_a_recording_is_replayed_exactly(tmp_path: Path) -> None:
    can = Capabilities(context_tokens=4096, max_samples=4, local=True)
    recording = RecordingModel(ScriptedModel(["\x00 \u202e é 🦊"], capabilities=can), tmp_path)
    answer = recording.complete(ask("x"))
    replay = ReplayModel(tmp_path)
    assert replay.complete(ask("x")) == answer
    assert replay.capabilities == can.model_copy(update={"local": False})
    assert replay.name == f"replay/{tmp_path}"


def test_what_was_not_recorded_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="No answer to this request") as error:
        ReplayModel(tmp_path).complete(ask("x"))
    assert error.value.hint


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable):
        ReplayModel(tmp_path / "missing")


@pytest.mark.parametrize("text", ["", "{", "{}", "[]", '{"request": 1, "answer": 2}'])
def test_damaged_recordings_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / f"{request_key(ask('x'))}.json").write_text(text)
    with pytest.raises(ModelUnavailable, match="cannot be read"):
        ReplayModel(tmp_path).complete(ask("x"))
    (tmp_path / "model.json").write_text(text)
    with pytest.raises(ModelUnavailable, match=r"model\.json"):
        ReplayModel(tmp_path)


def test_a_recording_of_another_request_is_refused(tmp_path: Path) -> None:
    RecordingModel(ScriptedModel(["a"]), tmp_path).complete(ask("x"))
    recorded = (tmp_path / f"{request_key(ask('x'))}.json").read_text()
    (tmp_path / f"{request_key(ask('y'))}.json").write_text(recorded)
    with pytest.raises(ModelUnavailable, match="another request"):
        ReplayModel(tmp_path).complete(ask("y"))


def test_recordings_are_readable_json_and_leave_nothing_else(tmp_path: Path) -> None:
    RecordingModel(ScriptedModel(["a"]), tmp_path).complete(ask("x"))
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == sorted([f"{request_key(ask('x'))}.json", "model.json"])
    assert json.loads((tmp_path / names[0]).read_text())


def test_an_answer_that_cannot_be_recorded_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError):
        RecordingModel(ScriptedModel(["a"]), tmp_path / "file").complete(ask("x"))
