"""Timed runs: what is said of a job, and counts that do not depend on the machine."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from burnish.sandbox.isolation.base import Sandbox
from burnish.sandbox.isolation.bubblewrap import BubblewrapSandbox
from burnish.sandbox.isolation.unit import Unit
from burnish.sandbox.measure.timing import Duel, cold, cold_ratios, lines_executed, transport_ns

pytestmark = pytest.mark.sandbox
SLEEP = Unit("import time\ndef f(s):\n    time.sleep(s)\n    return s\n", "f")
NOTHING = Unit("def f(s):\n    return s\n", "f")
SPIN = Unit("def f(n):\n    total = 0\n    for i in range(n):\n        total += i\n    return total\n", "f")
CLOSED = Unit("def f(n):\n    return n * (n - 1) // 2\n", "f")
BROKEN = Unit("import os\ndef f(n):\n    os._exit(0)\n", "f")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    made = BubblewrapSandbox()
    yield made
    made.close()


def test_the_host_times_both_programs_on_the_same_calls(sandbox: Sandbox) -> None:
    duel = Duel(sandbox, SLEEP, NOTHING, seed=1)
    try:
        pairs = [duel.pair([((0.03,), {})], [((0.0,), {})], wall_s=5) for _ in range(3)]
        lost = duel.pair([((3.0,), {})], [], wall_s=0.2)
    finally:
        duel.close()
    for pair in pairs:
        assert pair.ns[0] > 30_000_000
        assert pair.ns[1] > 0
        assert pair.old.body == pair.new.body
    # The least of them: a busy machine can stand still for longer than the sleep.
    assert min(pair.ns[1] for pair in pairs) < min(pair.ns[0] for pair in pairs)
    assert (lost.old.failure, lost.old.ns) == ("timeout", 0)


def test_clocks_of_the_program_do_not_matter(sandbox: Sandbox) -> None:
    fast = "import time\ntime.sleep, slow = (lambda s: None), time.sleep\n"
    fast += "time.perf_counter_ns = time.perf_counter = time.time = lambda: 0\ndef f(s):\n    slow(s)\n    return s\n"
    duel = Duel(sandbox, NOTHING, Unit(fast, "f"), seed=1)
    try:
        assert duel.pair([((0.03,), {})], [], wall_s=5).ns[1] > 30_000_000
    finally:
        duel.close()


def test_executed_lines_repeat_exactly_and_grow_with_the_work(sandbox: Sandbox) -> None:
    calls = [((10,), {}), ((20,), {})]
    count = lines_executed(sandbox, SPIN, calls, 5.0)
    assert count is not None
    assert count == lines_executed(sandbox, SPIN, calls, 5.0)
    assert count - (lines_executed(sandbox, SPIN, [((10,), {}), ((10,), {})], 5.0) or 0) == 20
    closed = [lines_executed(sandbox, CLOSED, [each], 5.0) for each in calls]
    assert closed[0] == closed[1]
    assert (closed[0] or 0) * 2 < count
    assert lines_executed(sandbox, BROKEN, calls, 5.0) is None


def test_cold_runs_count_the_work_of_loading_too(sandbox: Sandbox) -> None:
    moved = Unit("total = sum(i for i in range(3_000_000))\ndef f(n):\n    return total\n", "f")
    calls = [((3_000_000,), {})]
    gain = cold_ratios(sandbox, SPIN, CLOSED, lambda: calls[0], 10.0)
    none = cold_ratios(sandbox, SPIN, moved, lambda: calls[0], 10.0)
    assert gain is not None
    assert none is not None
    assert gain.cpu > 2 * none.cpu
    assert gain.saved_s > 0.03
    assert cold(sandbox, BROKEN, calls[0], 5.0) is None
    assert cold_ratios(sandbox, SPIN, BROKEN, lambda: calls[0], 10.0) is None


def test_transport_is_more_for_more(sandbox: Sandbox) -> None:
    small, large = ([(([random.random()] * count,), {})] for count in (1, 100_000))
    assert 0 < transport_ns(sandbox, small) < transport_ns(sandbox, large)
