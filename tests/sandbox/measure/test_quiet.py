from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from burnish.sandbox.errors import SandboxUnavailable
from burnish.sandbox.measure.quiet import lock_path, machine_lock

HOLD = """
import sys, time
from burnish.sandbox.measure.quiet import machine_lock
with machine_lock(10):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    chosen = tmp_path / "quiet"
    monkeypatch.setenv("BURNISH_LOCK_DIR", str(chosen))
    return chosen


@contextmanager
def other_process(program: str = HOLD) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock."""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


def test_another_process_waits_and_is_told_why_it_gave_up() -> None:
    with other_process(), pytest.raises(TimeoutError, match=r"0\.2 s.*Wait until"):
        start = time.monotonic()
        try:
            with machine_lock(0.2):
                pass
        finally:
            assert 0.2 <= time.monotonic() - start < 20


def test_a_killed_process_holds_nothing() -> None:
    with other_process() as process:
        process.send_signal(signal.SIGKILL)
        with machine_lock(10):
            pass


def test_a_process_forked_by_the_holder_does_not_keep_it() -> None:
    program = HOLD.replace("    time.sleep", "    import os\n    if os.fork(): os._exit(0)\n    time.sleep")
    with other_process(program), machine_lock(10):
        pass


def test_a_child_that_leaves_the_block_gives_nothing_back() -> None:
    program = """
import os, time
from burnish.sandbox.measure.quiet import machine_lock
with machine_lock(10):
    child = os.fork()
    if child:
        assert os.waitpid(child, 0)[1] == 0
        print("held", flush=True)
        time.sleep(60)
if not child:
    os._exit(0)
"""
    with other_process(program), pytest.raises(TimeoutError), machine_lock(0):
        pass


def test_a_thread_may_nest_it_and_only_the_outermost_block_gives_it_back() -> None:
    with machine_lock():
        with machine_lock(0):
            pass
        assert not acquired_elsewhere()
    assert acquired_elsewhere()


def test_an_exception_gives_it_back() -> None:
    with pytest.raises(KeyError), machine_lock():
        raise KeyError
    assert acquired_elsewhere()


def test_another_thread_of_the_same_process_waits() -> None:
    outcome: list[str] = []

    def attempt() -> None:
        try:
            with machine_lock(0.05):
                outcome.append("taken")
        except TimeoutError:
            outcome.append("timeout")

    with machine_lock():
        thread = threading.Thread(target=attempt)
        thread.start()
        thread.join()
    assert outcome == ["timeout"]


def test_a_removed_file_is_noticed_by_whoever_waits(folder: Path) -> None:
    with other_process():
        (folder / "lock").unlink()
        with machine_lock(5):
            assert (folder / "lock").exists()


def test_the_folder_is_made_for_us_alone(folder: Path) -> None:
    with machine_lock():
        assert folder.stat().st_mode & 0o777 == 0o700
        assert lock_path() == folder / "lock"
        assert (folder / "lock").stat().st_mode & 0o777 == 0o600


def test_a_folder_that_others_can_open_is_refused(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o755)
    refused("other users")


def test_a_linked_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    folder.symlink_to(tmp_path / "elsewhere")
    refused("link")
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_linked_lock_is_refused_and_its_target_left_alone(folder: Path, tmp_path: Path) -> None:
    folder.mkdir(mode=0o700)
    (folder / "lock").symlink_to(tmp_path / "victim")
    refused("link")
    assert not (tmp_path / "victim").exists()


def test_a_file_in_place_of_the_folder_is_refused(folder: Path) -> None:
    folder.write_text("")
    refused("quiet")


def refused(why: str) -> None:
    with pytest.raises(SandboxUnavailable, match=why) as caught, machine_lock(0):
        pass
    assert "BURNISH_LOCK_DIR" in caught.value.hint


def acquired_elsewhere() -> bool:
    program = "from burnish.sandbox.measure.quiet import machine_lock\nwith machine_lock(0): pass"
    return subprocess.run([sys.executable, "-c", program], stderr=subprocess.DEVNULL, check=False).returncode == 0
