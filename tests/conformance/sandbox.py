"""What every sandbox does. Use: subclass `SandboxConformance` and say `make()`."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from burnish.sandbox.equal.compare import Observation, read_observation
from burnish.sandbox.equal.values import plain
from burnish.sandbox.isolation.base import MIB, Limits, Sandbox
from burnish.sandbox.isolation.session import Outcome, Session
from burnish.sandbox.isolation.unit import Unit

LIMITS = Limits(  # of time more than any job needs, where it is not the point: a busy machine stands still for seconds
    wall_s=10.0, memory_bytes=256 * MIB, processes=16, scratch_bytes=8 * MIB, file_bytes=2 * MIB, result_bytes=4 * MIB
)
HEAD = "import os, sys, time\nSEEN = []\n"


class SandboxConformance:
    """The suite. Every test ends with a job that must go as if nothing had happened."""

    def make(self) -> Sandbox:
        """A new sandbox."""
        raise NotImplementedError

    @pytest.fixture
    def sandbox(self) -> Iterator[Sandbox]:
        made = self.make()
        yield made
        made.close()
        made.close()

    def run(self, sandbox: Sandbox, body: str, *args: object, wall_s: float | None = None) -> Outcome:
        """The outcome of one call of a function with this body; afterwards the session must still work."""
        code = "".join(f"    {line}\n" for line in body.splitlines())
        source = f"{HEAD}def f(*args):\n    if args == ('still here?',): return SEEN\n{code}"
        session = Session(sandbox, Unit(source, "f"), limits=LIMITS)
        try:
            outcome = session.run("observe", [(args, {})], wall_s=wall_s)
            after = session.run("observe", [(("still here?",), {})], wall_s=20.0)
            assert after.failure is None, after
            assert returned(after) == []
            assert after.strays == ()
            assert after.left == 0
        finally:
            session.close()
        assert (outcome.body is None) == (outcome.failure is not None)
        return outcome

    def test_it_is_a_sandbox(self, sandbox: Sandbox) -> None:
        assert isinstance(sandbox, Sandbox)
        assert sandbox.name.isidentifier()
        assert set(sandbox.enforcement()) == {"time", "memory", "processes", "disk", "output", "network"}

    def test_every_job_has_a_fresh_process(self, sandbox: Sandbox) -> None:
        source = f"{HEAD}def f():\n    SEEN.append(1)\n    time.burnish = getattr(time, 'burnish', 0) + 1\n"
        source += "    return SEEN, time.burnish, os.getpid()\n"
        session = Session(sandbox, Unit(source, "f"), limits=LIMITS)
        found = [returned(session.run("observe", [((), {})])) for _ in range(3)]
        session.close()
        assert [each[:2] for each in found] == [[[1], 1]] * 3
        assert len({each[2] for each in found}) == 3

    @pytest.mark.parametrize(
        "write",
        [
            "open('/tmp/kept', 'w').write('x')",
            "os.mkdir('/dev/shm/kept')",
            "os.mkdir('/dev/kept')",
            "os.mkdir('/kept')",
            "os.symlink('/', '/tmp/kept')",
            "os.makedirs('/tmp/kept/inner'); os.chmod('/tmp/kept/inner', 0); os.chmod('/tmp/kept', 0)",
            "os.makedirs('inner/kept'); os.chmod('inner/kept', 0); os.chmod('inner', 0); os.chmod('.', 0)",
            "os.mkfifo('/tmp/kept')",
            "open('kept', 'w').write('x')",
            "os.rename(os.getcwd(), '/tmp/kept')",
        ],
    )
    def test_nothing_written_is_met_by_the_next_job(self, sandbox: Sandbox, write: str) -> None:
        look = "[n for d in ('/tmp', '/tmp/job', '/dev/shm', '/dev', '/') for n in os.listdir(d) if n == 'kept']"
        source = f"{HEAD}def f():\n    before = {look}\n    try:\n        {write}\n    except OSError: pass\n"
        session = Session(sandbox, Unit(f"{source}    return before\n", "f"), limits=LIMITS)
        outcomes = [session.run("observe", [((), {})]) for _ in range(3)]
        session.close()
        assert [returned(each) for each in outcomes] == [[]] * 3

    def test_many_jobs_leave_no_descriptors_behind(self, sandbox: Sandbox) -> None:
        session = Session(sandbox, Unit(f"{HEAD}def f():\n    return len(os.listdir('/proc/self/fd'))\n", "f"))
        found = {returned(session.run("observe", [((), {})])) for _ in range(300)}
        session.close()
        assert len(found) == 1

    @pytest.mark.parametrize(
        "body", ["while 1: 0", "time.sleep(60)", "while 1:\n    try: time.sleep(60)\n    except BaseException: 0"]
    )
    def test_time_is_limited(self, sandbox: Sandbox, body: str) -> None:
        begun = time.monotonic()
        assert self.run(sandbox, body, wall_s=0.3).failure == "timeout"
        assert time.monotonic() - begun < 30

    def test_memory_of_a_process_is_limited(self, sandbox: Sandbox) -> None:
        outcome = self.run(sandbox, "return len(bytearray(8 << 30))")
        assert outcome.failure == "memory" or seen(outcome).interrupted == "MemoryError"

    def test_memory_of_all_processes_together_is_limited(self, sandbox: Sandbox) -> None:
        body = "for _ in range(4):\n    if os.fork() == 0:\n        held = b'x' * (100 << 20)\n        time.sleep(90)\n"
        outcome = self.run(sandbox, body + "time.sleep(90)", wall_s=60.0)
        assert outcome.failure == "memory"

    def test_output_is_limited(self, sandbox: Sandbox) -> None:
        body = "text = 'x' * (1 << 20)\ntry:\n    for _ in range(1024): sys.stdout.write(text)\nexcept OSError: pass"
        outcome = self.run(sandbox, body)
        assert outcome.failure is not None or seen(outcome).interrupted == "too much output"

    def test_disk_is_limited(self, sandbox: Sandbox) -> None:
        body = (
            "written = 0\ntry:\n    for n in range(64):\n        with open(f'/tmp/{n}', 'wb') as file:\n"
            "            written += file.write(b'x' * (1 << 20))\nexcept OSError: return written\nreturn -1"
        )
        assert 0 <= returned(self.run(sandbox, body)) <= LIMITS.scratch_bytes

    def test_results_are_limited(self, sandbox: Sandbox) -> None:
        assert self.run(sandbox, "return 'x' * (16 << 20)").failure == "too large"

    def test_a_large_result_below_the_limit_arrives(self, sandbox: Sandbox) -> None:
        assert returned(self.run(sandbox, "return 'x' * (3 << 20)")) == "x" * (3 << 20)

    def test_processes_are_limited(self, sandbox: Sandbox) -> None:
        begun = time.monotonic()
        body = "for _ in range(200):\n    if os.fork() == 0: time.sleep(90)\ntime.sleep(90)"
        assert self.run(sandbox, body, wall_s=60.0).failure in ("processes", "crashed")
        assert time.monotonic() - begun < 45

    def test_a_fork_bomb_ends(self, sandbox: Sandbox) -> None:
        begun = time.monotonic()
        body = "end = time.monotonic() + 2\nwhile time.monotonic() < end:\n    try: os.fork()\n    except OSError: pass"
        assert self.run(sandbox, body, wall_s=1.0).failure in ("processes", "timeout", "memory")
        assert time.monotonic() - begun < 30

    @pytest.mark.parametrize(
        "body",
        [
            "os._exit(0)",
            "os._exit(3)",
            "os.kill(os.getpid(), 9)",
            "try: os.kill(-1, 9)\nfinally: os._exit(0)",
            "import resource; resource.setrlimit(resource.RLIMIT_AS, (1, 1)); return list(range(10**6))",
            "sys.setrecursionlimit(10**8)\ndef down(): return [down()]\nreturn down()",
        ],
    )
    def test_a_job_that_dies_has_failed(self, sandbox: Sandbox, body: str) -> None:
        outcome = self.run(sandbox, body, wall_s=1.0)
        assert outcome.failure is not None or seen(outcome).interrupted

    def test_the_worker_cannot_be_killed_from_inside(self, sandbox: Sandbox) -> None:
        body = "try: os.kill(1, 9)\nexcept OSError: pass\ntime.sleep(0.05)\nreturn 'alive'"
        assert returned(self.run(sandbox, body)) == "alive"

    def test_exceptions_that_end_programs_are_results(self, sandbox: Sandbox) -> None:
        assert seen(self.run(sandbox, "sys.exit(4)")).value.name == "builtins.SystemExit"
        assert seen(self.run(sandbox, "raise KeyboardInterrupt")).value.name == "builtins.KeyboardInterrupt"

    def test_a_daemon_is_gone_and_told_of(self, sandbox: Sandbox) -> None:
        body = (
            "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(60)\n    os._exit(0)\n"
            "time.sleep(0.1)\nreturn 'done'"
        )
        outcome = self.run(sandbox, body)
        assert (returned(outcome), outcome.left > 0) == ("done", True)

    def test_the_network_is_out_of_reach(self, sandbox: Sandbox) -> None:
        body = (
            "import socket\nwith socket.socket() as one:\n    one.settimeout(0.3)\n    try: one.connect(tuple(args))\n"
            "    except OSError: return 'unreachable'\nreturn 'reached'"
        )
        import socket

        with socket.create_server(("127.0.0.1", 0)) as server:
            for address in (server.getsockname(), ("1.1.1.1", 53)):
                assert returned(self.run(sandbox, body, *address)) == "unreachable"

    def test_files_and_environment_of_the_host_are_unseen(
        self, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        canary = tmp_path / "canary"
        canary.write_text("seen")
        monkeypatch.setenv("BURNISH_CANARY", "seen")
        body = "return [os.path.exists(p) for p in args], sorted(os.environ), os.path.expanduser('~')"
        hidden = [str(canary), str(Path.home()), str(Path(__file__)), "/etc/passwd", "/etc/hostname", "/home", "/var"]
        exists, names, home = returned(self.run(sandbox, body, *hidden))
        # A home folder may be there as an empty mount point: what counts is that nothing of it can be read.
        assert not any(there for path, there in zip(hidden, exists, strict=True) if path != str(Path.home()))
        assert "BURNISH_CANARY" not in names
        usual = {"LANG", "TZ", "PATH", "HOME", "PWD", "LC_CTYPE"}
        assert not [name for name in names if name not in usual and not name.startswith("PYTHON")]
        assert home == "/tmp"
        inside = returned(
            self.run(sandbox, "try: return os.listdir(args[0])\nexcept OSError: return []", str(Path.home()))
        )
        interpreter = Path(sys.base_prefix).resolve()
        assert not [name for name in inside if not interpreter.is_relative_to(Path.home() / name)]

    def test_the_root_is_read_only(self, sandbox: Sandbox) -> None:
        body = (
            "import sysconfig\nwritten = []\n"
            "for folder in ('/', '/usr/lib', '/opt/burnish/worker', '/dev', '/etc', sysconfig.get_paths()['stdlib']):\n"
            "    try: open(folder + '/x', 'w'); written.append(folder)\n    except OSError: pass\nreturn written"
        )
        assert returned(self.run(sandbox, body)) == []

    def test_stdin_is_empty(self, sandbox: Sandbox) -> None:
        assert returned(self.run(sandbox, "return sys.stdin.read()")) == ""

    @pytest.mark.parametrize(
        "frame",
        [
            "b'x'",
            "b'\\xff' * 64",
            "struct.pack('<Q', 1 << 60)",
            "struct.pack('<Q', 100) + b'short'",
            "struct.pack('<Q', 9) + b't' * 9",
            "struct.pack('<Q', 1) + b'N'",
            "struct.pack('<Q', 0)",
            "struct.pack('<Q', 6000) + b'l\\x01\\0\\0\\0*' * 1000",
            "(struct.pack('<Q', 1) + b'N') * 3",
            "struct.pack('<Q', 5) + b'i\\0\\0\\0\\0'",
        ],
    )
    def test_frames_written_by_the_program_end_in_an_outcome(self, sandbox: Sandbox, frame: str) -> None:
        # Into every pipe there is, the worker's own among them, before and after the true result.
        body = (
            "import struct\n"
            "for fd in range(3, 64):\n"
            "    try: os.set_blocking(fd, False); os.write(fd, FRAME)\n    except OSError: pass\n"
            "try: names = os.listdir(b'/proc/1/fd')\nexcept OSError: names = []\n"
            "for name in names:\n    try:\n        if b'pipe' in os.readlink(b'/proc/1/fd/' + name):\n"
            "            os.write(os.open(b'/proc/1/fd/' + name, os.O_WRONLY | os.O_NONBLOCK), FRAME)\n"
            "    except OSError: pass\nreturn 1"
        ).replace("FRAME", frame)
        code = "".join(f"    {line}\n" for line in body.splitlines())
        session = Session(sandbox, Unit(f"{HEAD}def f():\n{code}", "f"), limits=LIMITS)
        plain_one = Session(sandbox, Unit("def f():\n    return 1\n", "f"), limits=LIMITS)
        try:
            for _ in range(2):
                outcome = session.run("observe", [((), {})], wall_s=0.6)
                assert (outcome.body is None) == (outcome.failure is not None)
            assert returned(plain_one.run("observe", [((), {})])) == 1
        finally:
            session.close()
            plain_one.close()

    def test_a_result_forged_for_the_next_job_is_not_taken(self, sandbox: Sandbox) -> None:
        """Otherwise the next job would seem to have answered at once."""
        body = (
            "import struct\n"
            "def frame(body): return struct.pack('<Q', len(body)) + body\n"
            "keys = b''.join(b's' + struct.pack('<I', len(k)) + k for k in (b'ready', b'problem', b'threads'))\n"
            "ready = b'd' + struct.pack('<I', 3) + b'*' + keys + struct.pack('<I', 3) + b'*TNi' + bytes(8)\n"
            "answer = b'l' + struct.pack('<I', 1) + b'*' + b'l' + struct.pack('<I', 2) + b'*Ti' + bytes(8)\n"
            "none = b'l' + struct.pack('<I', 0) + b'*'\n"
            "for fd in range(3, 64):\n"
            "    try: os.write(fd, b''.join(map(frame, (answer, none, ready, answer, none))))\n"
            "    except OSError: pass\nos._exit(0)"
        )
        code = "".join(f"    {line}\n" for line in body.splitlines())
        session = Session(sandbox, Unit(f"{HEAD}def f(n):\n    if n: return n\n{code}", "f"), limits=LIMITS)
        try:
            assert session.run("time", [((0,), {})]).failure == "crashed"
            after = session.run("time", [((7,), {})])
            assert after.body is not None
            assert (7).to_bytes(8, "little") in after.body
        finally:
            session.close()

    def test_what_cannot_be_loaded_says_why(self, sandbox: Sandbox) -> None:
        for source, why in (
            ("def f(:", "SyntaxError"),
            ("1 / 0\ndef f(): 0", "ZeroDivisionError"),
            ("import numpy_that_is_not_there\ndef f(): 0", "numpy_that_is_not_there"),
            ("def g(): 0", "f"),
            ("raise SystemExit(3)\ndef f(): 0", "SystemExit"),
            ("\0", "null bytes"),
        ):
            session = Session(sandbox, Unit(source, "f"), limits=LIMITS)
            outcome = session.run("observe", [((), {})])
            session.close()
            assert outcome.failure == "load"
            assert why in outcome.detail

    def test_the_hash_seed_is_the_one_asked_for(self, sandbox: Sandbox) -> None:
        found = []
        for seed in (1, 1, 2):
            session = Session(sandbox, Unit("def f():\n    return hash('burnish')\n", "f"), seed, LIMITS)
            found.append(returned(session.run("observe", [((), {})])))
            session.close()
        assert found[0] == found[1] != found[2]

    def test_usage_grows_with_what_was_used(self, sandbox: Sandbox) -> None:
        source = "def f(n):\n    held = b'x' * n\n    return sum(i * i for i in range(n // 40))\n"
        session = Session(sandbox, Unit(source, "f"), limits=LIMITS)
        assert session.usage() is None
        session.run("observe", [((1,), {})])
        before = session.usage()
        session.run("observe", [((40 << 20,), {})])
        after = session.usage()
        session.close()
        assert before is not None
        assert after is not None
        assert after.cpu_s > before.cpu_s > 0
        assert after.peak_bytes - before.peak_bytes > 20 * MIB

    def test_closing_gives_everything_back(self, sandbox: Sandbox) -> None:
        gc.collect()
        before = len([*Path("/proc/self/fd").iterdir()])
        for _ in range(3):
            session = Session(sandbox, Unit("def f():\n    return 1\n", "f"), limits=LIMITS)
            session.run("observe", [((), {})])
            session.close()
            session.close()
        gc.collect()
        assert len([*Path("/proc/self/fd").iterdir()]) == before


def seen(outcome: Outcome) -> Observation:
    """What was observed."""
    assert outcome.body is not None, outcome
    return read_observation(outcome.body)


def returned(outcome: Outcome) -> Any:
    """The plain value that was returned; tuples as lists."""
    found = seen(outcome)
    assert not found.raised, found.value
    return plain(found.value)
