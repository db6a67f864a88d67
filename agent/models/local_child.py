"""Starting and ending the process that holds a local model."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from burnish.agent.config import weights_dir
from burnish.agent.errors import ModelUnavailable, StorageError
from burnish.agent.models.chat_stream import Chat
from burnish.agent.models.local_server import Settings

_START_LIMIT_S = 300.0
_END_LIMIT_S = 5.0
_LOG_LIMIT = 1 << 20
# Everything else, keys above all, stays out of the child.
_ENVIRONMENT = (
    *("PATH", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "PYTHONHOME"),
    *("LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES"),
)


# Threads that wait by spinning take the core that the one they wait for needs: beside one busy process, two of them
# were seen giving 0.4 to 3 tokens/s, and 6 to 15 when they sleep.
_WAITING = {"OMP_WAIT_POLICY": "passive"}


class Child:
    """The process, from its start to its end. Its log is `local-server.log` in the weights folder.

    Raises:
        ModelUnavailable: it does not start.
        StorageError: the log cannot be written.
    """

    def __init__(self, settings: Settings) -> None:
        self.log = weights_dir() / "local-server.log"
        with _open_log(self.log) as log:
            self._process = subprocess.Popen(
                # -P: `-m` would put the working folder, a stranger's repository perhaps, in front of the path.
                [sys.executable, "-P", "-m", "burnish.agent.models.local_server"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=self.log.parent,
                env=_environment(),
                # The terminal's Ctrl-C is for us; the child ends when we close its stdin.
                start_new_session=True,
            )
        try:
            self.chat = Chat(self._address(settings), settings.api_key)
        except BaseException:
            self._end()
            raise

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def alive(self) -> bool:
        """False once it has ended."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End it and wait for that. May be called twice."""
        self._end()
        self.chat.close()

    def _end(self) -> None:
        stdin, stdout = _pipes(self._process)
        with contextlib.suppress(OSError):
            stdin.close()
        try:
            self._process.wait(_END_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        stdout.close()

    def _address(self, settings: Settings) -> str:
        stdin, stdout = _pipes(self._process)
        with contextlib.suppress(BrokenPipeError):
            stdin.write(settings.as_line().encode())
            stdin.flush()
        said = _loads(_line(stdout, time.monotonic() + _START_LIMIT_S))
        if isinstance(address := said.get("address"), str):
            return address
        why = said.get("error", "it ended or said nothing")
        raise ModelUnavailable(
            f"The process of {settings.alias} did not start: {why}.",
            f"Its log is {self.log}. If the weights are damaged, fetch them again: "
            f"burnish models rm {settings.alias.removeprefix('local/')}, then pull.",
        )


def _environment() -> dict[str, str]:
    return {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ} | _WAITING


def _loads(line: bytes) -> dict[str, object]:
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    assert process.stdin is not None and process.stdout is not None
    return process.stdin, process.stdout


def _line(stream: IO[bytes], deadline: float) -> bytes:
    """The first line, or what came of it before the end or the deadline."""
    line = b""
    while not line.endswith(b"\n"):
        ready, _, _ = select.select([stream], [], [], max(0.0, deadline - time.monotonic()))
        chunk = os.read(stream.fileno(), 4096) if ready else b""
        if not chunk:
            break
        line += chunk
    return line


def _open_log(path: Path) -> IO[bytes]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.exists() and path.stat().st_size > _LOG_LIMIT:
            path.unlink()
        return path.open("ab")
    except OSError as error:
        raise StorageError(
            f"The log {path} cannot be written: {error.strerror or error}.",
            "Make room there, or set BURNISH_HOME to a folder that can be written.",
        ) from error
