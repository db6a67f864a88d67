"""The bubblewrap backend."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from burnish.sandbox.isolation.base import Sandbox
from burnish.sandbox.isolation.bubblewrap import BubblewrapSandbox, find_bwrap, trial
from conformance.sandbox import SandboxConformance

pytestmark = pytest.mark.sandbox


class TestBubblewrap(SandboxConformance):
    """It passes the suite."""

    def make(self) -> Sandbox:
        return BubblewrapSandbox()


def test_a_trial_of_a_working_sandbox_finds_nothing_wrong() -> None:
    assert find_bwrap() is not None
    assert trial() is None


HOST = """
import sys
from burnish.sandbox.isolation.bubblewrap import BubblewrapSandbox
from burnish.sandbox.isolation.session import Session
from burnish.sandbox.isolation.unit import Unit
source = '''
import os, time
def f(n):
    for _ in range(2):
        if os.fork() == 0:
            os.setsid()
            time.sleep(100)
    time.sleep(n)
'''
sandbox = BubblewrapSandbox()
idle, busy = Session(sandbox, Unit(source, "f")), Session(sandbox, Unit(source, "f"))
idle.run("observe", [((0,), {})])
print("ready", flush=True)
busy.run("observe", [((100,), {})], wall_s=100)
"""


def _below(parent: int) -> set[int]:
    """Every process under `parent`."""
    parents = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found: set[int] = set()
    more = {parent}
    while more:
        more = {pid for pid, above in parents.items() if above in more} - found
        found |= more
    return found


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_outlives_a_killed_host(number: signal.Signals) -> None:
    host = subprocess.Popen([sys.executable, "-c", HOST], stdout=subprocess.PIPE)
    assert host.stdout is not None
    assert host.stdout.readline() == b"ready\n"
    deadline = time.monotonic() + 5
    while len(below := _below(host.pid)) < 5 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(below) >= 5  # two workers, a job and its two children
    os.kill(host.pid, number)
    host.wait()
    host.stdout.close()
    deadline = time.monotonic() + 5
    while any(map(_alive, below)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not [pid for pid in below if _alive(pid)]
