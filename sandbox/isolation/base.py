"""The Sandbox protocol: start a worker apart from the host, talk to it over pipes, end it and all it started.

What a worker does with its pipes is the same for every backend and lives in `session.py`.
`tests/conformance/sandbox.py` is what every backend passes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

Enforcement = Literal["kernel", "watcher", "not enforced"]

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Hard limits of one job. Reaching one ends the job, never the host."""

    wall_s: float = 5.0
    memory_bytes: int = 2048 * MIB
    """Address space of each process, and memory held by all of them together."""
    processes: int = 64
    scratch_bytes: int = 64 * MIB
    file_bytes: int = 16 * MIB
    """Size of one file, what is printed included."""
    result_bytes: int = 256 * MIB
    """Size of one encoded result."""


@runtime_checkable
class Channel(Protocol):
    """A running worker and the host's ends of its four pipes."""

    orders: int
    reports: int
    values_in: int
    values_out: int

    def kill(self) -> None:
        """Kill the worker and everything it started, and close the pipes. May be called twice."""


@runtime_checkable
class Sandbox(Protocol):
    """A way to run workers apart from the host."""

    @property
    def name(self) -> str:
        """As in `--sandbox` and in results."""

    def start(self, hash_seed: int, limits: Limits) -> Channel:
        """Start a worker under `PYTHONHASHSEED=hash_seed`.

        Raises:
            burnish.sandbox.errors.SandboxUnavailable: it does not start; the text says why.
        """

    def enforcement(self) -> dict[str, Enforcement]:
        """Who holds each limit: time, memory, processes, disk, output, network."""

    def close(self) -> None:
        """Kill every worker still running. May be called twice."""
