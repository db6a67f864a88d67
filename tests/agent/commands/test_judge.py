"""`burnish judge` from outside: what it prints where, exit codes, bad input, Ctrl-C."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.tasks import FAST_MODULE, SLOW, WRONG, without_override, write_slow

from burnish.agent.cli import main
from burnish.agent.config import home, runs_dir
from burnish.agent.result import Result

COMMAND = [sys.executable, "-m", "burnish.agent.cli"]


@pytest.fixture
def pair(tmp_path: Path) -> tuple[str, str]:
    """Files with a slow and a fast version."""
    new = tmp_path / "fast.py"
    new.write_text(FAST_MODULE)
    return str(write_slow(tmp_path)), str(new)


@pytest.fixture(autouse=True)
def no_leftovers() -> Iterator[None]:
    """No process of a sandbox outlives a test."""
    yield
    deadline = time.monotonic() + 5
    while children := workers(os.getpid()):
        assert time.monotonic() < deadline, children
        time.sleep(0.02)


def workers(parent: int) -> list[int]:
    """Living processes named bwrap below `parent`."""
    below: dict[int, list[int]] = {}
    names: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                head, _, rest = (entry / "stat").read_text().rpartition(")")
            except OSError:
                continue
            state, up = rest.split()[:2]
            if state not in "ZX":
                names[int(entry.name)] = head.partition("(")[2]
                below.setdefault(int(up), []).append(int(entry.name))
    found, waiting = [], [parent]
    while waiting:
        pid = waiting.pop()
        waiting += below.get(pid, [])
        if names.get(pid) == "bwrap":
            found.append(pid)
    return found


def assert_plain(text: str) -> None:
    assert "Traceback" not in text
    assert "internal error" not in text


@pytest.mark.sandbox
def test_json_is_alone_on_stdout_with_the_result_last(pair: tuple[str, str], tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "judge", *pair, "--json", "-q", "-o", str(tmp_path / "out")],
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert done.returncode == 0, done.stderr
    *events, last = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["seq"] for event in events] == list(range(len(events)))
    assert events[0]["type"] == "run_started"
    assert events[-1] == {**events[-1], "type": "run_finished"}
    assert last == json.loads((tmp_path / "out" / "result.json").read_text())
    result = Result.model_validate(last)
    assert (result.outcome, result.equal, result.faster) == ("met", "yes", "yes")
    assert result.model is None
    assert result.budget.calls == 0
    (folder,) = runs_dir().iterdir()
    assert [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()] == events
    assert len(done.stderr.splitlines()) == 1, "with -q one sentence for people"
    assert_plain(done.stderr)


@pytest.mark.sandbox
def test_text_for_people_is_on_stderr(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    new = tmp_path / "new.py"
    new.write_text(WRONG)
    assert main(["judge", str(write_slow(tmp_path)), f"{new}::pairs"]) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert "pairs" in err
    assert str(runs_dir()) in err
    assert_plain(err)


def static(text: str | bytes) -> Callable[[Path], list[str]]:
    def make(folder: Path) -> list[str]:
        path = folder / "t.py"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return [f"{path}::f", f"{path}::f"]

    return make


def named(*names: str) -> Callable[[Path], list[str]]:
    """Arguments; `SLOW` stands for the file with the slow function."""
    return lambda folder: [name.replace("SLOW", str(write_slow(folder))) for name in names]


STATIC: dict[str, tuple[Callable[[Path], list[str]], str]] = {
    "no such file": (named("nothing.py::f", "nothing.py::f"), "there is no file"),
    "no such new file": (named("SLOW", "nothing.py"), "there is no file"),
    "no such function": (named("SLOW::pears", "SLOW"), "pears"),
    "a folder": (lambda f: [str(f), str(f)], "is a folder"),
    "a file as a folder": (named("SLOW/x.py", "SLOW"), "cannot be read"),
    "an empty name": (named("SLOW::", "SLOW"), "function"),
    "nothing at all": (lambda f: ["", ""], "folder"),
    "a nul in the name": (named("a\0b.py", "a\0b.py"), "cannot be read"),
    "not UTF-8": (static(b"def f(x):\n    return '\xff'\n"), "not UTF-8"),
    "a nul in the text": (static(b"def f(x: int):\n    return x\0\n"), ""),
    "a syntax error": (static("def f(x:\n    return\n"), "line"),
    "no function": (static("x = 1\n"), "function"),
    "a class": (static("class f:\n    pass\n"), "class"),
    "a method": (static("class A:\n    def f(self): ...\n"), "method"),
    "async": (static("async def f(x: int):\n    return x\n"), "async"),
    "input()": (static("def f(x: int):\n    return x + int(input())\n"), "standard input"),
    "sys.stdin": (static("import sys\ndef f(x: int):\n    return sys.stdin.read() * x\n"), "standard input"),
    "a bad inputs file": (named("SLOW", "SLOW", "--inputs", "SLOW"), "cannot be used"),
    "no inputs file": (named("SLOW", "SLOW", "--inputs", "none.json"), "cannot be read"),
    "a wrong sandbox": (named("SLOW", "SLOW", "--sandbox", "chroot"), "Known: auto, bubblewrap"),
    "a wrong option": (named("SLOW", "SLOW", "--fast"), "--fast"),
    "a wrong seed": (named("SLOW", "SLOW", "--seed", "x"), "seed"),
    "a target below 1": (named("SLOW", "SLOW", "--target-speedup", "0.5"), "target-speedup"),
    "one file": (named("SLOW"), "argument"),
    "a byte order mark": (static(b"\xef\xbb\xbfdef f(x: int):\n    return x\n"), "byte order mark"),
}


@pytest.mark.parametrize("name", STATIC)
def test_bad_input_is_told_before_a_run_begins(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    make, words = STATIC[name]
    code = main(["judge", *make(tmp_path)])
    out, err = capfd.readouterr()
    assert code == 2, err
    assert_plain(err)
    assert out == ""
    assert err.startswith("error: ")
    assert words in err
    assert not runs_dir().exists()


RUNNING = {
    "a missing package": ("import numpy\ndef f(x: int):\n    return x\n", 2, "numpy"),
    "a module that fails": ("1 / 0\ndef f(x: int):\n    return x\n", 2, "ZeroDivisionError"),
    "nothing to make inputs from": ("def f(x):\n    return x\n", 2, "input"),
    "8 GB": ("def f(x: int):\n    return len(bytearray(8 << 30)) + x\n", 1, "Not comparable"),
    "1 GB printed": (
        "def f(x: int):\n    for _ in range(1 << 14):\n        print('x' * (1 << 16))\n    return x\n",
        1,
        "Not comparable",
    ),
    "random": ("import random\ndef f(x: int):\n    return random.random()\n", 1, "does not agree with itself"),
    "os.urandom": ("import os\ndef f(x: int):\n    return os.urandom(4)\n", 1, "does not agree with itself"),
    "the clock": ("import time\ndef f(x: int):\n    return time.time()\n", 1, "does not agree with itself"),
    "the hash seed": ("def f(x: str):\n    return list({x, x + 'b', x + 'c'})\n", 1, "does not agree with itself"),
    "always raises": ("def f(x: int):\n    raise ValueError(x)\n", 1, "raised an exception on each"),
    "exits": ("import os\ndef f(x: int):\n    os._exit(0)\n", 1, "Not comparable"),
    "a socket": ("import socket\ndef f(x: int):\n    return socket.socket()\n", 1, "ot comparable"),
}


@pytest.mark.sandbox
@pytest.mark.parametrize("name", RUNNING)
def test_targets_that_cannot_be_judged(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source, expected, words = RUNNING[name]
    code = main(["judge", *static(source)(tmp_path)])
    err = capfd.readouterr().err
    assert code == expected, err
    assert_plain(err)
    assert words in err
    (folder,) = runs_dir().iterdir()
    result = Result.model_validate_json((folder / "result.json").read_bytes())
    assert result.outcome == ("error" if expected == 2 else "abstained")
    assert result.equal == (None if expected == 2 else "not_comparable")
    assert json.loads((folder / "events.jsonl").read_text().splitlines()[-1])["data"]["outcome"] == result.outcome


@pytest.mark.sandbox
def test_a_target_that_never_ends(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    begun = time.monotonic()
    assert main(["judge", *static("def f(x: int):\n    while True:\n        pass\n")(tmp_path), "-q"]) == 1
    assert time.monotonic() - begun < 90
    assert_plain(capfd.readouterr().err)


@pytest.mark.sandbox
@pytest.mark.parametrize("after", ["run_started", "inputs_chosen"])
def test_ctrl_c_leaves_a_result_and_no_process(pair: tuple[str, str], after: str) -> None:
    process = subprocess.Popen(
        [*COMMAND, "judge", *pair, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(json.loads(line))
        if lines[-1]["type"] == after:
            break
    time.sleep(0.15)
    left = workers(process.pid)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130, err
    assert_plain(err)
    (folder,) = runs_dir().iterdir()
    assert str(folder) in err
    last = json.loads(out.splitlines()[-1])
    assert last["outcome"] == "interrupted"
    assert last == json.loads((folder / "result.json").read_text())
    assert not [pid for pid in left if (Path("/proc") / str(pid)).exists()]


@pytest.mark.sandbox
def test_ctrl_c_before_anything_began(pair: tuple[str, str]) -> None:
    process = subprocess.Popen(
        [*COMMAND, "judge", *pair], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    deadline = time.monotonic() + 20
    while not runs_dir().exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130, err
    assert_plain(err)


def test_no_sandbox_on_this_machine(pair: tuple[str, str]) -> None:
    """In a namespace of ours that allows no further ones, as on a system that forbids them."""
    forbid = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"'
    inside = ["unshare", "-Ur", "sh", "-c", forbid, "sh"]
    if shutil.which("unshare") is None or subprocess.run([*inside, "true"], capture_output=True).returncode:
        pytest.skip("namespaces cannot be forbidden here")
    done = subprocess.run([*inside, *COMMAND, "judge", *pair], capture_output=True, text=True, timeout=60)
    assert done.returncode == 3, done.stderr
    assert_plain(done.stderr)
    assert "sandbox" in done.stderr
    assert "hint: " in done.stderr
    (folder,) = runs_dir().iterdir()
    assert json.loads((folder / "result.json").read_text())["outcome"] == "error"


@pytest.mark.parametrize("place", ["output", "state"])
def test_a_folder_that_cannot_be_written(pair: tuple[str, str], place: str, tmp_path: Path) -> None:
    closed = tmp_path / "closed" if place == "output" else home()
    closed.mkdir(parents=True)
    closed.chmod(0o500)
    more = ["-o", str(closed / "out")] if place == "output" else []
    done = subprocess.run(
        [*without_override(), *COMMAND, "judge", *pair, *more], capture_output=True, text=True, timeout=60
    )
    closed.chmod(0o700)
    assert done.returncode == 74, done.stderr
    assert_plain(done.stderr)
    assert str(closed) in done.stderr
    assert "hint: " in done.stderr
    assert not runs_dir().exists()


@pytest.mark.sandbox
@pytest.mark.parametrize("size", [100, 5_000])
def test_a_full_disk(pair: tuple[str, str], size: int) -> None:
    """No file may grow past `size` bytes: too little for the record's first lines, or for what comes later."""
    if shutil.which("prlimit") is None:
        pytest.skip("prlimit is not there")
    limited = ["prlimit", f"--fsize={size}"]
    done = subprocess.run([*limited, *COMMAND, "judge", *pair], capture_output=True, text=True, timeout=90)
    assert done.returncode == 74, done.stderr
    assert_plain(done.stderr)
    assert str(home()) in done.stderr
    assert "hint: " in done.stderr


@pytest.mark.sandbox
def test_a_target_with_windows_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "t.py"
    path.write_bytes(SLOW.replace("\n", "\r\n").encode())
    new = tmp_path / "n.py"
    new.write_text(WRONG)
    assert main(["judge", str(path), str(new), "-q"]) == 1
    (folder,) = runs_dir().iterdir()
    assert json.loads((folder / "result.json").read_text())["equal"] == "no"
