"""Files of a run: private to the user, written so that a kill loses nothing, errors in words."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from burnish.agent.errors import StorageError

ABOUT, EVENTS, TEXTS, RESULT = "run.json", "events.jsonl", "texts.sqlite", "result.json"
UNREADABLE = "it is damaged, or was written by another version of Burnish"

FILE_MODE = 0o600
FOLDER_MODE = 0o700

_WHY = {
    errno.ENOSPC: ("the disk is full", "free some space"),
    errno.EDQUOT: ("the disk quota is used up", "free some space"),
    errno.EFBIG: ("a file grew past the size limit", "raise the limit (ulimit -f)"),
    errno.EROFS: ("the disk is read-only", "make it writable"),
    errno.EACCES: ("permission was denied", "make the folder yours"),
    errno.EPERM: ("permission was denied", "make the folder yours"),
}


@contextmanager
def storage(folder: Path) -> Iterator[None]:
    """Turn what the disk refuses inside the block into a StorageError that names `folder`."""
    try:
        yield
    except OSError as error:
        why, cure = _WHY.get(error.errno or 0, (error.strerror or str(error), "look at the disk"))
        raise _refused(folder, why, cure) from error
    except sqlite3.Error as error:
        raise _refused(folder, str(error), "look at free space and permissions there") from error


def _refused(folder: Path, why: str, cure: str) -> StorageError:
    return StorageError(
        f"cannot keep the record of runs in {folder}: {why}",
        f"{cure}, or keep state elsewhere by setting BURNISH_HOME to another folder",
    )


def make_folders(folder: Path) -> None:
    """Create `folder` and the parents it lacks, open to the user alone."""
    for missing in reversed([folder, *folder.parents]):
        if not missing.is_dir():
            missing.mkdir(mode=FOLDER_MODE, exist_ok=True)


def write_all(fd: int, data: bytes) -> None:
    """Write all of `data`, however little the system takes at a time."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def replace_file(path: Path, data: bytes) -> None:
    """Put `data` at `path` so that a reader, or a kill, sees the old file or the new one and nothing between."""
    temporary = path.with_name(path.name + ".new")
    try:
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE)
        try:
            write_all(fd, data)
            os.fsync(fd)
        finally:
            os.close(fd)
        temporary.replace(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make names created in `folder` survive a power failure."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
