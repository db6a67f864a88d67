"""A session: one program, loaded afresh in a new process for every job, under one hash seed."""

from __future__ import annotations

import contextlib
import os
import select
import struct
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from burnish.sandbox.errors import SandboxUnavailable
from burnish.sandbox.isolation.base import Channel, Limits, Sandbox
from burnish.sandbox.isolation.unit import Unit
from burnish.sandbox.worker import codec

Arguments = tuple[Sequence[Any], Mapping[str, Any]]
Failure = Literal["timeout", "memory", "processes", "crashed", "too large", "load"]
_HEAD = struct.Struct("<Q")
PATH = "/target.py"
"""The file name programs see as their own."""
PATIENCE = 3
"""Factor by which a second try may take longer than the first."""


@dataclass(frozen=True)
class Usage:
    """What a worker and everything it started used, from exec until it was asked."""

    cpu_s: float
    peak_bytes: int
    """Resident memory of the largest process."""


@dataclass(frozen=True)
class Outcome:
    """How a job ended. `body` is what it sent, still encoded; None exactly when `failure` is set."""

    body: bytes | None
    failure: Failure | None = None
    detail: str = ""
    ns: int = 0
    """From handing over the input until the last byte of the result was read; 0 unless timed."""
    left: int = 0
    """Processes the job left behind or had beside itself."""
    threads: int = 0
    """Threads alive after the warm-up of a timed job."""
    strays: tuple[str, ...] = ()
    """Names of files left outside the job's own folder."""
    audit: tuple[str, ...] = ()
    """Forbidden things a timed job did."""
    after: bytes = b""
    """Of a timed job: the arguments of its calls as the calls left them, still encoded."""


class JobFailed(Exception):
    """Inside a session: the job is lost."""

    def __init__(self, failure: Failure, detail: str = "") -> None:
        super().__init__(failure, detail)
        self.failure: Failure = failure
        self.detail = detail


class Session:
    """Runs jobs of one program, one at a time. A job that hit a limit costs the worker; the next starts a new one."""

    def __init__(self, sandbox: Sandbox, unit: Unit, hash_seed: int = 0, limits: Limits | None = None) -> None:
        self._sandbox, self._unit, self._hash_seed = sandbox, unit, hash_seed
        self._limits = limits or Limits()
        self._channel: Channel | None = None
        self.problem: str | None = None
        """Why the program cannot be loaded at all (it does not compile); None when it can."""

    def open(self) -> None:
        """Start the worker and give it the program, unless that was done."""
        if self._channel is not None:
            return
        self._channel = self._sandbox.start(self._hash_seed, self._limits)
        deadline = time.monotonic() + 10.0
        try:
            self._receive(self._channel.reports, deadline)
            limits = {
                "memory": self._limits.memory_bytes,
                "processes": self._limits.processes,
                "file": self._limits.file_bytes,
            }
            order = {"op": "load", "source": self._unit.source, "name": self._unit.name, "path": PATH, "limits": limits}
            self._send(self._channel.orders, codec.encode(order), deadline)
            report = codec.decode(self._receive(self._channel.reports, deadline))
            self.problem = report["problem"]
        except JobFailed as failed:
            complaint = getattr(self._channel, "complaint", str)()
            self.close()
            raise SandboxUnavailable(
                f"the {self._sandbox.name} sandbox does not start: {complaint or failed.failure}",
                "`burnish doctor` tells what is missing.",
            ) from failed

    def run(
        self,
        op: Literal["observe", "time", "profile", "count"],
        calls: Sequence[Arguments],
        *,
        warm: Sequence[Arguments] = (),
        seed: int = 0,
        clock: int = 0,
        interval: float = 0.001,
        wall_s: float | None = None,
    ) -> Outcome:
        """Run one job in a fresh process.

        Args:
            op: observe (one call, all that can be seen), time (a batch, by the host's watch), profile or count (one).
            calls: arguments of the call or calls.
            warm: calls made before, whose results are thrown away.
            seed: for the `random` module.
            clock: seconds by which the program's clocks are moved.
            interval: seconds of CPU time between samples of a profile.
            wall_s: wall-clock limit of the job; the session's where None.
        """
        self.open()
        if self.problem is not None:
            return Outcome(None, "load", self.problem)
        assert self._channel is not None
        channel = self._channel
        deadline = time.monotonic() + (self._limits.wall_s if wall_s is None else wall_s)
        order: dict[str, Any] = {"op": op, "seed": seed, "clock": clock, "interval": interval}
        order["watch"] = list(self._unit.watch)
        order["warm"] = [(list(args), dict(kwargs)) for args, kwargs in warm]
        plain = [(list(args), dict(kwargs)) for args, kwargs in calls]
        payload = codec.encode(plain if op == "time" else plain[0])
        ns = 0
        audit: tuple[str, ...] = ()
        after = b""
        try:
            self._send(channel.orders, codec.encode(order), deadline)
            ready = codec.decode(self._receive(channel.values_out, deadline))
            if not ready["ready"]:
                self._report(channel, deadline)
                return Outcome(None, "load", str(ready["problem"]))
            threads = int(ready["threads"]) if op == "time" else 0
            begun = time.perf_counter_ns()
            self._send(channel.values_in, payload, deadline)
            body = self._receive(channel.values_out, deadline)
            ns = time.perf_counter_ns() - begun if op == "time" else 0
            if op == "time":
                after = self._receive(channel.values_out, deadline)
                audit = tuple(map(str, codec.decode(self._receive(channel.values_out, deadline))))
            report = self._report(channel, deadline)
            if not report["clean"] or _has_more(channel.values_out):
                raise ValueError("more than one result, or files that cannot be removed")
        except JobFailed as failed:
            self.close()
            return Outcome(None, failed.failure, failed.detail)
        except (ValueError, LookupError, TypeError, ArithmeticError) as error:
            self.close()  # what came back is not of the protocol: the program wrote to the pipes itself
            return Outcome(None, "crashed", f"the result cannot be read ({type(error).__name__})")
        return Outcome(
            body,
            ns=ns,
            left=report["left"],
            threads=threads,
            strays=tuple(report["strays"]),
            audit=audit,
            after=after,
        )

    def observe_patiently(
        self, call: Arguments, *, warm: Sequence[Arguments] = (), seed: int = 0, clock: int = 0
    ) -> Outcome:
        """Observe a call that is known to finish in time; where it does not, once more with `PATIENCE` times as much.

        A busy machine can stand still for longer than a limit that is many times what a program needs.
        """
        outcome = self.run("observe", [call], warm=warm, seed=seed, clock=clock)
        if outcome.failure == "timeout":
            wall_s = PATIENCE * self._limits.wall_s
            outcome = self.run("observe", [call], warm=warm, seed=seed, clock=clock, wall_s=wall_s)
        return outcome

    def usage(self) -> Usage | None:
        """What the worker and all its jobs used so far; None if it cannot tell any more."""
        if self._channel is None:
            return None
        deadline = time.monotonic() + 2.0
        try:
            self._send(self._channel.orders, codec.encode({"op": "usage"}), deadline)
            told = codec.decode(self._receive(self._channel.reports, deadline))
        except JobFailed:
            self.close()
            return None
        return Usage(told["cpu_ns"] / 1e9, told["peak_kb"] * 1024)

    def close(self) -> None:
        """End the worker and whatever is left in its sandbox. The session may be used again."""
        if self._channel is not None:
            channel, self._channel = self._channel, None
            channel.kill()

    def _report(self, channel: Channel, deadline: float) -> dict[str, Any]:
        report: dict[str, Any] = codec.decode(self._receive(channel.reports, deadline, ended=True))
        if report["reason"]:
            raise JobFailed(report["reason"])
        return report

    def _send(self, fd: int, body: bytes, deadline: float) -> None:
        os.set_blocking(fd, False)
        view = memoryview(_HEAD.pack(len(body)) + body)
        while view:
            try:
                view = view[os.write(fd, view) :]
            except BlockingIOError:
                if not _wait(fd, select.POLLOUT, deadline):
                    raise JobFailed("timeout") from None
            except BrokenPipeError:
                raise JobFailed("crashed", "the worker is gone") from None

    def _receive(self, fd: int, deadline: float, *, ended: bool = False) -> bytes:
        size = _HEAD.unpack(self._exactly(fd, _HEAD.size, deadline, ended))[0]
        if size > self._limits.result_bytes:
            raise JobFailed("too large", f"more than {self._limits.result_bytes >> 20} MiB")
        return self._exactly(fd, size, deadline, ended)

    def _exactly(self, fd: int, count: int, deadline: float, ended: bool) -> bytes:
        """Read `count` bytes. A report that arrives while values are awaited means that the job died without them."""
        parts = bytearray()
        reports = self._channel.reports if self._channel else fd
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        if fd != reports:
            poll.register(reports, select.POLLIN)
        while len(parts) < count:
            left = deadline - time.monotonic()
            ready = dict(poll.poll(max(0.0, left * 1000))) if left > 0 else {}
            if fd in ready:
                part = os.read(fd, min(count - len(parts), 1 << 20))
                if not part:
                    raise JobFailed("crashed", "the worker is gone")
                parts += part
            elif ready:
                report = codec.decode(self._receive(reports, deadline, ended=True))
                raise JobFailed(report["reason"] or "crashed", _how(report["signal"]))
            else:
                raise JobFailed("timeout")
        return bytes(parts)


def _how(signal_number: int) -> str:
    if not signal_number:
        return "it ended without a result"
    import signal

    with contextlib.suppress(ValueError):
        return f"killed by {signal.Signals(signal_number).name}"
    return f"killed by signal {signal_number}"


def _has_more(fd: int) -> bool:
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return bool(poll.poll(0))


def _wait(fd: int, event: int, deadline: float) -> bool:
    poll = select.poll()
    poll.register(fd, event)
    left = deadline - time.monotonic()
    return bool(left > 0 and poll.poll(left * 1000))
