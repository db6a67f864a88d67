"""The original as its own oracle: which originals can be compared at all, and what is said of the others."""

from __future__ import annotations

import pytest
from support.judging import LIMITS, calls, prepare, unit

from burnish.sandbox.equal.calls import Call
from burnish.sandbox.equal.oracle import Oracle
from burnish.sandbox.isolation.base import Sandbox

pytestmark = pytest.mark.sandbox
NUMBERS = calls(*range(1, 8))


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("import random\ndef f(n): return random.random()", "does not agree with itself"),
        ("import os\ndef f(n): return os.urandom(8)", "does not agree with itself"),
        ("import time\ndef f(n): return time.time() > 1e12 or time.gmtime().tm_year", "does not agree with itself"),
        ("import datetime\ndef f(n): return datetime.date.today().year", "does not agree with itself"),
        ("import datetime\ndef f(n): return datetime.datetime.now().isoformat()[:7]", "does not agree with itself"),
        ("def f(n): return list({'a', 'b', 'c', 'd', 'e', 'f', 'g'})", "does not agree with itself"),
        ("def f(n): return hash('a')", "does not agree with itself"),
        ("def f(n): return id(object())", "does not agree with itself"),
        ("import os\ndef f(n): return os.getpid()", "does not agree with itself"),
        ("def f(n): return lambda: n", "not comparable: result: a value of type function without a name"),
        ("import threading\ndef f(n): return threading.Lock()", "not comparable: result: a value of type _thread.lock"),
        ("import socket\ndef f(n): return [socket.socket()]", "not comparable: result[0]: a value of type socket"),
        ("def f(n):\n    while True: pass", "finished on none of 6 inputs (out of time)"),
        ("def f(n): return f(n + 1)", "finished on none of 6 inputs (RecursionError)"),
        ("def f(n): return bytearray(1 << 40)", "finished on none of 6 inputs (MemoryError)"),
        ("import os\ndef f(n): os._exit(0)", "finished on none of 6 inputs (crashed: it ended without a result)"),
        ("def f(n): return 'x' * (20 << 20)", "finished on none of 6 inputs (result too large)"),
        ("def f(n):\n    while True: print('x' * 65536)", "finished on none of 6 inputs"),
        ("def f(n): raise ValueError('no')", "raised an exception on each of 7 inputs, the first one ValueError('no')"),
        ("def f(a, b): return a", "raised an exception on each of 7 inputs"),
        ("def g(n): return n", "the module cannot be loaded: KeyError: 'f'"),
        ("def f(n: return n", "the module cannot be loaded: SyntaxError"),
        ("import numpy_that_is_not_there\ndef f(n): 0", "the module cannot be loaded: ModuleNotFoundError"),
        ("raise SystemExit\ndef f(n): 0", "the module cannot be loaded: SystemExit"),
    ],
)  # fmt: skip
def test_an_original_that_cannot_be_compared_says_why(sandbox: Sandbox, source: str, problem: str) -> None:
    limits = LIMITS.__class__(**{**vars(LIMITS), "wall_s": 0.3})
    oracle = Oracle(sandbox, unit(source), limits)
    try:
        found = oracle.prepare(NUMBERS)
    finally:
        oracle.close()
    assert found.problem is not None
    assert problem in found.problem
    assert found.cannot_load == problem.startswith("the module cannot be loaded")


@pytest.mark.parametrize(
    "source",
    [
        "import random\ndef f(n): return random.Random(n).random()",
        "import datetime\ndef f(n): return datetime.date(2000, 1, 1) + datetime.timedelta(n)",
        "import datetime\ndef f(n): return [datetime.datetime(2000, 1, n), datetime.datetime.fromtimestamp(n)]",
        "import collections\ndef f(n): return collections.deque([n]), collections.Counter('aab')",
        "def f(n): return {'a', 'b', 'c', n}",
        "def f(n): return sorted({'a', 'b', 'c'})",
        "def f(n):\n    yield from range(n)",
        "class P:\n    def __init__(self, n): self.n = n\ndef f(n): return [P(n)]",
        "def f(n):\n    if n > 3: raise ValueError(n)\n    return n",
        "def f(n): return 10 // (n - 3)",
        "import sys\ndef f(n):\n    print(n)\n    print('e', file=sys.stderr)",
        "def f(n):\n    d = 0\n    for _ in range(40): d = [d]\n    return d",
        "import time\ndef f(n):\n    began = time.perf_counter()\n    return n",
    ],
)
def test_an_original_that_keeps_to_its_inputs_is_comparable(sandbox: Sandbox, source: str) -> None:
    found = prepare(sandbox, unit(source), NUMBERS)
    assert found.problem is None
    assert len(found.entries) == len(NUMBERS)
    assert not found.void


def test_random_state_is_compared_from_the_same_seed_and_seen_to_change(sandbox: Sandbox) -> None:
    found = prepare(sandbox, unit("import random\ndef f(n): return random.random()"), NUMBERS)
    assert found.problem is not None
    assert "does not agree with itself" in found.problem


def test_inputs_it_cannot_finish_are_void_and_the_others_count(sandbox: Sandbox) -> None:
    source = "def f(n):\n    if n == 3: return bytearray(1 << 40)\n    if n == 5: return f(n)\n    return n"
    found = prepare(sandbox, unit(source), [*NUMBERS, Call((9,), source="user", size=4)])
    assert found.problem is None
    assert [why for _, why in found.void] == ["MemoryError", "RecursionError"]
    assert found.by_source == {"types": 5, "user": 1}
    assert found.sizes == (0, 4)


def test_a_long_run_of_jobs_never_runs_out_of_descriptors(sandbox: Sandbox) -> None:
    found = prepare(sandbox, unit("def f(n):\n    return open('x', 'w').write(str(n))"), calls(*range(300)))
    assert found.problem is None
    assert len(found.entries) == 300


def test_time_grows_up_a_ladder_that_ends_in_time(sandbox: Sandbox) -> None:
    oracle = Oracle(sandbox, unit("import time\ndef f(n): time.sleep(n / 1000)"), LIMITS)
    try:
        found = oracle.grow(lambda size, rng: Call((size,)), 0, 0.05, 1 << 20)
        assert oracle.seconds(Call((1000,)), 0.1) is None
        assert oracle.seconds(Call(("x",)), 0.1) is None
    finally:
        oracle.close()
    assert [size for size, _ in found] == [1 << step for step in range(len(found))]
    assert found[-1][1] > 0.05
    assert all(seconds >= size / 1000 for size, seconds in found)
