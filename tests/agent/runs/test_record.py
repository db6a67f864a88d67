"""The record survives kills, full disks and second writers, and says what it cannot read."""

from __future__ import annotations

import json
import os
import random
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burnish.agent.errors import StorageError, UsageError
from burnish.agent.models.base import Message, ModelRequest, Usage
from burnish.agent.result import ProgramOut, Result, Task
from burnish.agent.runs.events import (
    CandidateDropped,
    CandidateJudged,
    Entry,
    ModelAnswered,
    RunFinished,
    RunStarted,
    Warned,
)
from burnish.agent.runs.index import list_runs
from burnish.agent.runs.record import Record

STARTED = RunStarted(
    command="optimize", source="a.py::f", model="scripted/x", strategy="refine", seed=1, version="0.1.0"
)


def a_result(run_id: str = "r") -> Result:
    return Result(
        burnish_version="0.1.0",
        run_id=run_id,
        command="optimize",
        outcome="met",
        task=Task(name="f", source="a.py::f"),
        program=ProgramOut(path=None, sha256=None, patch=None),
        sandbox="bubblewrap",
    )


def test_what_is_appended_is_read_back_in_order(tmp_path: Path) -> None:
    with Record.create("optimize", tmp_path) as record:
        kept = [record.append(STARTED), record.append(Warned(text="ü \u202e \x1b[2J")), record.finish("met", 1.5)]
    entries = list(Record.open(record.run_id, folder=tmp_path).events())
    assert entries == kept
    assert [entry.seq for entry in entries] == [0, 1, 2]
    assert entries[2].event == RunFinished(outcome="met", seconds=1.5)
    lines = (record.folder / "events.jsonl").read_text("ascii").splitlines()
    assert [set(json.loads(line)) for line in lines] == [{"seq", "at", "type", "data"}] * 3


def test_files_are_the_users_alone(tmp_path: Path) -> None:
    home = tmp_path / "new" / "runs"
    with Record.create("optimize", home) as record:
        record.put_text("x")
        record.append(STARTED)
        record.write_result(a_result())
    for folder in (home.parent, home, record.folder):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = sorted(path.name for path in record.folder.iterdir())
    assert files == ["events.jsonl", "result.json", "run.json", "texts.sqlite"]
    assert {stat.S_IMODE((record.folder / name).stat().st_mode) for name in files} == {0o600}


@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(st.characters()), max_size=6))
def test_texts_are_named_by_content_and_kept_once(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    with Record.create("optimize", tmp_path_factory.mktemp("runs")) as record:
        names = [record.put_text(text) for text in texts * 2]
        assert [record.get_text(name) for name in names] == texts * 2
        assert len(set(names)) == len(set(texts))


def test_a_half_surrogate_pair_is_kept_in_texts_and_events(tmp_path: Path) -> None:
    with Record.create("optimize", tmp_path) as record:
        assert record.get_text(record.put_text("\ud800")) == "\ud800"
        entry = record.append(Warned(text="\ud800"))
        assert list(record.events()) == [entry]


def test_a_hundred_texts_are_small(tmp_path: Path) -> None:
    rng = random.Random(1)
    words = [f"name_{rng.randrange(10**6)}" for _ in range(4000)]
    with Record.create("optimize", tmp_path) as record:
        for _ in range(100):
            record.put_text(" ".join(rng.choices(words, k=rng.randrange(80, 160))))
    blocks = sum(path.stat().st_blocks for path in record.folder.iterdir())
    assert blocks * 512 < 250_000


def test_requests_share_their_messages(tmp_path: Path) -> None:
    system = Message(role="system", content="long " * 1000)
    with Record.create("optimize", tmp_path) as record:
        names = []
        for number in range(20):
            request = ModelRequest(messages=(system, Message(role="user", content=f"do {number}")), seed=number)
            names.append(record.put_request(request))
            assert record.get_request(names[-1]) == request
            assert record.put_request(request) == names[-1]
        assert record.get_text(names[0]).count("long") == 0
    assert len(set(names)) == 20


def test_a_damaged_or_missing_text_is_said(tmp_path: Path) -> None:
    with Record.create("optimize", tmp_path) as record:
        for sha in ("0" * 64, "not hexadecimal"):
            with pytest.raises(StorageError, match="has no text"):
                record.get_text(sha)


def test_a_torn_last_line_is_passed_over_and_then_cut_off(tmp_path: Path) -> None:
    with Record.create("optimize", tmp_path) as record:
        whole = [record.append(STARTED), record.append(Warned(text="a"))]
    path = record.folder / "events.jsonl"
    for torn in (b'{"seq":2,"at":"2026', b"\0\0\0\0", b'{"seq":2,"at"\n'):
        path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[: len(whole)]) + torn)
        assert list(Record.open(record.run_id, folder=tmp_path).events()) == whole
        with Record.open(record.run_id, write=True, folder=tmp_path) as again:
            whole.append(again.append(Warned(text="b")))
            assert list(again.events()) == whole
    assert [entry.seq for entry in whole] == list(range(5))


def test_a_damaged_line_in_the_middle_is_an_error_that_names_it(tmp_path: Path) -> None:
    with Record.create("optimize", tmp_path) as record:
        record.append(STARTED)
        record.append(Warned(text="a"))
    path = record.folder / "events.jsonl"
    path.write_bytes(b"{}\n" + path.read_bytes())
    with pytest.raises(StorageError, match=r"line 1 of .*events\.jsonl"):
        list(record.events())
    path.write_bytes(b'{"seq":0,"at":"x","type":"from_the_future","data":{}}\n')
    with pytest.raises(StorageError, match="line 1"):
        list(record.events())


def test_the_result_is_replaced_whole(tmp_path: Path) -> None:
    with Record.create("optimize", tmp_path) as record:
        assert record.result() is None
        record.write_result(a_result("one"))
        path = record.write_result(a_result("two"))
        assert record.result() == a_result("two")
        assert json.loads(path.read_bytes()) == a_result("two").as_json()
        assert not path.with_name("result.json.new").exists()
        path.write_text("{")
        with pytest.raises(StorageError, match=r"result\.json cannot be read"):
            record.result()


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    with Record.create("optimize", tmp_path) as record:
        record.append(STARTED)
        with pytest.raises(StorageError, match="another process"):
            Record.open(record.run_id, write=True, folder=tmp_path)
        assert [run.running for run in list_runs(tmp_path)] == [True]
        assert len(list(Record.open(record.run_id, folder=tmp_path).events())) == 1
    assert [run.running for run in list_runs(tmp_path)] == [False]
    with pytest.raises(StorageError, match="closed"):
        record.append(STARTED)


def test_threads_may_share_a_record(tmp_path: Path) -> None:
    with Record.create("optimize", tmp_path) as record:

        def work(name: int) -> None:
            for number in range(20):
                record.append(Warned(text=record.put_text(f"{name} {number}")))

        threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        entries = list(record.events())
        texts = {record.get_text(entry.event.text) for entry in entries if isinstance(entry.event, Warned)}
    assert [entry.seq for entry in entries] == list(range(80))
    assert len(texts) == 80


def test_open_takes_a_beginning_and_names_what_is_near(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no run"):
        Record.open("2026", folder=tmp_path)
    ids = []
    for _ in range(3):
        with Record.create("judge", tmp_path) as record:
            ids.append(record.run_id)
    assert Record.open(ids[0], folder=tmp_path).run_id == ids[0]
    others = [run_id for run_id in ids if run_id[:-1] != ids[0][:-1]]
    assert len(others) == 2
    assert Record.open(ids[0][:-1], folder=tmp_path).run_id == ids[0]
    with pytest.raises(UsageError, match="3 runs begin with") as ambiguous:
        Record.open(ids[0][:4], folder=tmp_path)
    assert ids[0] in ambiguous.value.hint
    with pytest.raises(UsageError) as unknown:
        Record.open(ids[1][:-1] + "?", folder=tmp_path)
    assert ids[1] in unknown.value.hint
    with pytest.raises(UsageError):
        Record.open("", folder=tmp_path)
    with pytest.raises(UsageError):
        Record.open("../" + tmp_path.name, folder=tmp_path)


def test_runs_are_listed_newest_first_whatever_state_they_are_in(tmp_path: Path) -> None:
    assert list_runs(tmp_path / "none") == []
    (tmp_path / "not a run").mkdir()
    with Record.create("optimize", tmp_path) as first:
        first.append(STARTED)
        first.write_result(a_result(first.run_id))
    time.sleep(0.002)
    with Record.create("judge", tmp_path) as second:
        second.append(STARTED)
    time.sleep(0.002)
    with Record.create("judge", tmp_path) as third:
        (third.folder / "result.json").write_text("{")
    runs = list_runs(tmp_path)
    assert [run.run_id for run in runs] == [third.run_id, second.run_id, first.run_id]
    assert [run.source for run in runs] == ["", "a.py::f", "a.py::f"]
    assert [run.result is not None for run in runs] == [False, False, True]


WRITER = """
import sys
from pathlib import Path
from burnish.agent.runs.events import ModelAnswered, Warned
from burnish.agent.runs.record import Record

record = Record.create("optimize", Path(sys.argv[1]))
print(record.run_id, flush=True)
number = 0
while True:
    sha = record.put_text(f"answer {number} " * 50)
    entry = record.append(ModelAnswered(answer_sha=(sha,), usage=None, seconds=0.0))
    print(entry.seq, sha, flush=True)
    entry = record.append(Warned(text="w" * (number * 997 % 20000)))
    print(entry.seq, "-", flush=True)
    number += 1
"""


@pytest.mark.parametrize("seed", range(5))
def test_a_killed_writer_leaves_every_event_it_acknowledged(tmp_path: Path, seed: int) -> None:
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    run_id = writer.stdout.readline().strip()
    time.sleep(random.Random(seed).uniform(0.0, 0.25))
    writer.send_signal(signal.SIGKILL)
    said = [line.split() for line in writer.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    writer.wait()
    with Record.open(run_id, write=True, folder=tmp_path) as record:
        entries = {entry.seq: entry.event for entry in record.events()}
        assert sorted(entries) == list(range(len(entries)))
        for seq, sha in said:
            event = entries[int(seq)]
            assert isinstance(event, Warned) if sha == "-" else record.get_text(sha).startswith("answer")
        for event in entries.values():
            if isinstance(event, ModelAnswered):
                assert record.get_text(event.answer_sha[0])
        assert record.append(STARTED).seq == len(entries)


FULL = """
import resource, sys
from pathlib import Path
from burnish.agent.errors import StorageError
from burnish.agent.runs.events import Warned
from burnish.agent.runs.record import Record

record = Record.create("optimize", Path(sys.argv[1]))
print(record.run_id)
resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
for what in (lambda n: record.append(Warned(text="w" * 3000)).seq,
             lambda n: record.put_text("".join(chr(33 + (i * i * n + i) % 9000) for i in range(4000)))):
    done = []
    try:
        for n in range(1, 100):
            done.append(what(n))
    except StorageError as error:
        print(len(done), error.exit_code, error.message)
        for _ in range(3):
            try:
                what(n)
            except StorageError:
                pass
    assert all(record.get_text(sha) for sha in done if isinstance(sha, str))
"""


def test_a_full_disk_is_a_storage_error_and_leaves_a_readable_record(tmp_path: Path) -> None:
    ran = subprocess.run([sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, check=True)
    run_id, events, texts = ran.stdout.splitlines()
    assert events.split()[1] == texts.split()[1] == "74"
    assert str(tmp_path / run_id) in events
    assert str(tmp_path / run_id) in texts
    with Record.open(run_id, write=True, folder=tmp_path) as record:
        entries = list(record.events())
        assert len(entries) == int(events.split()[0]) > 5
        assert (record.folder / "events.jsonl").read_bytes().endswith(b"}\n")
        record.append(STARTED)
        assert len(list(record.events())) == len(entries) + 1


def test_a_place_that_cannot_be_a_folder_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot keep the record of runs in") as error:
        Record.create("optimize", tmp_path / "file" / "runs")
    assert "BURNISH_HOME" in error.value.hint


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_a_storage_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StorageError, match="permission"):
        Record.create("optimize", tmp_path)


def test_entries_round_trip_and_refuse_what_is_not_one() -> None:
    judged = CandidateJudged(candidate="c1", stage="screen", correct=True, ratio=2.0)
    for event in (
        STARTED,
        judged,
        ModelAnswered(answer_sha=("a",), usage=Usage(prompt_tokens=1, completion_tokens=2), seconds=0.1),
    ):
        entry = Entry(seq=3, at="2026-11-22T00:30:45.000Z", event=event)
        assert Entry.from_json(json.loads(json.dumps(entry.as_json()))) == entry
    for wrong in (
        {},
        {"seq": 0, "at": "", "type": "warning", "data": []},
        {"seq": 0, "at": "", "type": "x", "data": {}},
    ):
        with pytest.raises(ValueError):
            Entry.from_json(wrong)
    with pytest.raises(ValueError):
        CandidateJudged(candidate="c1", stage="screen", correct=True, ratio=float("inf"))
    with pytest.raises(ValueError):
        CandidateDropped.model_validate({"reason": "x", "operator": "y", "more": 1})
