"""One lock for the whole machine: while somebody times a verdict, nobody else computes for Burnish.

It covers timing and the local model's server. The kernel lets go of it when the process that holds it dies, so a
killed run never blocks the next one.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from burnish.sandbox.errors import SandboxUnavailable

_POLL_S = 0.02


class _Holder:
    """What this process holds; a fork's child starts with an empty one."""

    def __init__(self) -> None:
        self.mutex = threading.RLock()
        self.depth = 0
        self.descriptor = -1
        self.watches_forks = False


_holder = _Holder()


@contextmanager
def machine_lock(timeout_s: float | None = None) -> Iterator[None]:
    """Hold the machine's quiet lock; a thread that holds it may take it again.

    The lock is an advisory `flock` on `lock` in `burnish-quiet-<uid>` under the system's folder for temporary files;
    the environment variable `BURNISH_LOCK_DIR` names another folder.

    Args:
        timeout_s: Seconds to wait for whoever holds it; 0 tries once; None waits without end.

    Raises:
        TimeoutError: somebody else still holds it after `timeout_s`.
        SandboxUnavailable: the lock's folder or file cannot be made, or is not ours alone.
    """
    deadline = None if timeout_s is None else time.monotonic() + timeout_s
    holder = _holder
    process = os.getpid()
    if not holder.mutex.acquire(timeout=-1 if timeout_s is None else max(0.0, timeout_s)):
        raise _timeout(timeout_s, lock_path())
    try:
        if holder.depth == 0:
            _watch_forks(holder)
            holder.descriptor = _acquire(lock_path(), deadline, timeout_s)
        holder.depth += 1
        try:
            yield
        finally:
            # A child forked inside the block leaves it too, but what it inherited is its parent's to give back.
            if os.getpid() == process:
                holder.depth -= 1
                if holder.depth == 0:
                    os.close(holder.descriptor)
                    holder.descriptor = -1
    finally:
        if os.getpid() == process:
            holder.mutex.release()


def lock_path() -> Path:
    """The lock's file, which need not exist."""
    chosen = os.environ.get("BURNISH_LOCK_DIR")
    if chosen:
        return Path(chosen) / "lock"
    # TMPDIR often differs from session to session, and then two runs would not see each other's lock.
    shared = Path("/tmp")
    base = shared if shared.is_dir() and os.access(shared, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())
    return base / f"burnish-quiet-{os.geteuid()}" / "lock"


def _watch_forks(holder: _Holder) -> None:
    """An inherited descriptor would keep the lock alive after this process died."""
    if not holder.watches_forks:
        os.register_at_fork(after_in_child=_forget)
        holder.watches_forks = True


def _forget() -> None:
    global _holder
    old, _holder = _holder, _Holder()
    _holder.watches_forks = True
    if old.descriptor >= 0:
        os.close(old.descriptor)


def _acquire(path: Path, deadline: float | None, timeout_s: float | None) -> int:
    while True:
        descriptor = _open(path)
        try:
            _wait(descriptor, deadline, timeout_s, path)
            if _still_there(descriptor, path):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _wait(descriptor: int, deadline: float | None, timeout_s: float | None, path: Path) -> None:
    if deadline is None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            left = deadline - time.monotonic()
            if left <= 0:
                raise _timeout(timeout_s, path) from None
            time.sleep(min(_POLL_S, left))


def _still_there(descriptor: int, path: Path) -> bool:
    """False when the file was removed while we waited: a newcomer would then lock another one."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


def _open(path: Path) -> int:
    folder = path.parent
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise _unusable(folder, _why(error)) from error
    try:
        found = os.fstat(at)
        if found.st_uid != os.geteuid():
            raise _unusable(folder, "it belongs to another user")
        if stat.S_IMODE(found.st_mode) & 0o077:
            raise _unusable(folder, "other users can open it")
        try:
            descriptor = os.open(path.name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=at)
        except OSError as error:
            raise _unusable(path, _why(error)) from error
    finally:
        os.close(at)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _unusable(path, "it is not a regular file")
    return descriptor


def _why(error: OSError) -> str:
    if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.EEXIST):
        return "it is a link, or not of the kind it should be"
    return (error.strerror or "it cannot be opened").lower()


def _unusable(path: Path, why: str) -> SandboxUnavailable:
    return SandboxUnavailable(
        f"The lock that keeps the machine quiet while timing cannot be used: {path}: {why}.",
        "Remove it, or set BURNISH_LOCK_DIR to a folder of your own (mode 0700).",
    )


def _timeout(timeout_s: float | None, path: Path) -> TimeoutError:
    return TimeoutError(
        f"Another Burnish run has kept the machine's quiet lock ({path}) for more than {timeout_s:g} s. "
        "Wait until it has finished, or stop it."
    )
