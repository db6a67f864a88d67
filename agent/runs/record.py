"""The record of a run: its events, its texts by content, its result.

One folder a run: `run.json` (what it is), `events.jsonl` (append-only, one event a line), `texts.sqlite`, and
`result.json` once there is one. An event is in the file before `append` returns, so a kill at any instant leaves a
readable record; what it may leave is one torn line at the end, which readers pass over and the next writer cuts off.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from pydantic import ValidationError

from burnish.agent.config import runs_dir
from burnish.agent.errors import StorageError
from burnish.agent.models.base import Message, ModelRequest
from burnish.agent.result import Outcome, Result
from burnish.agent.runs.events import Entry, Event, ModelAnswered, RunFinished
from burnish.agent.runs.index import find_run
from burnish.agent.runs.storage import (
    ABOUT,
    EVENTS,
    FILE_MODE,
    FOLDER_MODE,
    RESULT,
    TEXTS,
    UNREADABLE,
    make_folders,
    replace_file,
    storage,
    sync_folder,
    write_all,
)
from burnish.agent.runs.texts import Texts, text_sha


class Record:
    """One run on disk. Made by `create` and `open`; threads may share it, one process writes it."""

    def __init__(self, folder: Path, *, write: bool) -> None:
        """Open the run in `folder`; `create` and `open` are the ways in."""
        self.folder = folder
        self.run_id = folder.name
        self._lock = threading.Lock()
        self._fd = -1
        self._next = 0
        if write:
            self._start_writing()
        try:
            self._texts = Texts(folder / TEXTS, write=write)
        except StorageError:
            self._let_go()
            raise

    @classmethod
    def create(cls, command: str, folder: Path | None = None) -> Record:
        """A new run, open for writing.

        Args:
            command: the command it belongs to, as `runs list` shows it.
            folder: where runs are kept; `runs_dir()` when None.

        Raises:
            StorageError: the disk refuses.
        """
        parent = runs_dir() if folder is None else folder.absolute()
        with storage(parent):
            make_folders(parent)
            now = datetime.now(UTC)
            while True:
                place = parent / f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
                try:
                    place.mkdir(mode=FOLDER_MODE)
                    break
                except FileExistsError:
                    continue
            about = {"schema": 1, "run_id": place.name, "command": command, "started": _stamp(now)}
            os.close(os.open(place / EVENTS, os.O_WRONLY | os.O_CREAT, FILE_MODE))
            record = cls(place, write=True)
            try:
                # Last, so that a run that is listed has all its files and its writer.
                replace_file(place / ABOUT, json.dumps(about).encode())
                sync_folder(parent)
            except OSError:
                record.close()
                raise
        return record

    @classmethod
    def open(cls, name: str, *, write: bool = False, folder: Path | None = None) -> Record:
        """The run whose id is `name`, or the only one whose id begins with it.

        Args:
            name: an id or its beginning.
            write: to go on with it; a run has one writer at a time.
            folder: where runs are kept; `runs_dir()` when None.

        Raises:
            UsageError: no such run, or more than one.
            StorageError: it is being written by another process, or the disk refuses.
        """
        return cls(find_run(name, runs_dir() if folder is None else folder.absolute()), write=write)

    def append(self, event: Event) -> Entry:
        """Put `event` at the end; it is in the file when this returns, and on the disk when it is a model's answer.

        Raises:
            StorageError: the disk refuses; the record is then as it was before the call.
        """
        with self._lock:
            entry = Entry(seq=self._next, at=_stamp(datetime.now(UTC)), event=event)
            line = json.dumps(entry.as_json(), separators=(",", ":"), allow_nan=False).encode() + b"\n"
            with storage(self.folder):
                if self._fd < 0:
                    raise StorageError(f"the record in {self.folder} is closed", "open it for writing")
                before = os.fstat(self._fd).st_size
                try:
                    write_all(self._fd, line)
                    if isinstance(event, ModelAnswered | RunFinished):
                        os.fsync(self._fd)
                except OSError:
                    self._cut(before)
                    raise
            self._next += 1
        return entry

    def events(self) -> Iterator[Entry]:
        """The events so far, in order; a line torn by a kill at the end of the file is passed over.

        Raises:
            StorageError: another line cannot be read.
        """
        path = self.folder / EVENTS
        with storage(self.folder):
            lines = path.read_bytes().split(b"\n")[:-1]
        for number, line in enumerate(lines, start=1):
            try:
                if number == len(lines) and not _is_json(line):
                    return
                entry = Entry.from_json(json.loads(line))
            except ValueError:
                raise StorageError(f"line {number} of {path} cannot be read", UNREADABLE) from None
            yield entry

    def put_text(self, text: str) -> str:
        """Keep `text`, once, and return its SHA-256; on disk when this returns.

        Raises:
            StorageError: the disk refuses.
        """
        return self._texts.put(text)

    def put_texts(self, texts: Sequence[str]) -> tuple[str, ...]:
        """Keep several texts, all of them or none, and return their SHA-256; cheaper than one after the other.

        Raises:
            StorageError: the disk refuses.
        """
        return self._texts.put_all(texts)

    def get_text(self, sha: str) -> str:
        """The text that `put_text` named `sha`.

        Raises:
            StorageError: it is not there or is damaged.
        """
        return self._texts.get(sha)

    def put_request(self, request: ModelRequest) -> str:
        """Keep `request`, each of its messages once whatever number of requests holds it, and return its SHA-256."""
        data = request.model_dump(mode="json")
        contents = [message.content for message in request.messages]
        data["messages"] = [
            {"role": message.role, "content_sha": text_sha(content)}
            for message, content in zip(request.messages, contents, strict=True)
        ]
        return self.put_texts([*contents, json.dumps(data, sort_keys=True, separators=(",", ":"))])[-1]

    def get_request(self, sha: str) -> ModelRequest:
        """The request that `put_request` named `sha`.

        Raises:
            StorageError: it, or one of its messages, is not there or is damaged.
        """
        data = json.loads(self.get_text(sha))
        data["messages"] = [Message(role=m["role"], content=self.get_text(m["content_sha"])) for m in data["messages"]]
        return ModelRequest.model_validate(data)

    def write_result(self, result: Result) -> Path:
        """Write `result.json`, whole or not at all, and return its path.

        Raises:
            StorageError: the disk refuses; a `result.json` of before is then untouched.
        """
        path = self.folder / RESULT
        with storage(self.folder):
            replace_file(path, json.dumps(result.as_json(), indent=2).encode() + b"\n")
        return path

    def result(self) -> Result | None:
        """What `write_result` wrote; None when the run has no result.

        Raises:
            StorageError: it cannot be read.
        """
        path = self.folder / RESULT
        with storage(self.folder):
            try:
                return Result.model_validate_json(path.read_bytes())
            except FileNotFoundError:
                return None
            except ValidationError:
                raise StorageError(f"{path} cannot be read", UNREADABLE) from None

    def finish(self, outcome: Outcome, seconds: float) -> Entry:
        """Append `run_finished` and close the record.

        Raises:
            StorageError: the disk refuses; the record is closed all the same.
        """
        try:
            return self.append(RunFinished(outcome=outcome, seconds=seconds))
        finally:
            self.close()

    def close(self) -> None:
        """Let go of the files, so that another process may write. May be called twice."""
        self._let_go()
        self._texts.close()

    def __enter__(self) -> Record:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _cut(self, size: int) -> None:
        # Half a line must not stay in front of the next one; where it cannot be removed, nothing follows it.
        try:
            os.ftruncate(self._fd, size)
        except OSError:
            with suppress(OSError):
                os.close(self._fd)
            self._fd = -1

    def _let_go(self) -> None:
        with self._lock:
            if self._fd >= 0:
                os.close(self._fd)
                self._fd = -1

    def _start_writing(self) -> None:
        with storage(self.folder):
            self._fd = os.open(self.folder / EVENTS, os.O_RDWR | os.O_APPEND)
            try:
                _claim(self._fd, self.folder)
                lines = (self.folder / EVENTS).read_bytes().split(b"\n")[:-1]
                if lines and not _is_json(lines[-1]):
                    lines.pop()
                os.ftruncate(self._fd, sum(len(line) + 1 for line in lines))
                self._next = len(lines)
            except BaseException:
                self._let_go()
                raise


def _claim(fd: int, folder: Path) -> None:
    # `runs list` holds a shared lock for an instant to see whether a writer is there; it must not look like one.
    for attempt in range(10):
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if attempt == 9:
                break
            time.sleep(0.02)
    raise StorageError(f"the run in {folder} is being written by another process", "wait for it to end, or stop it")


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
