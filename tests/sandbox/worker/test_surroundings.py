"""What a call leaves changed beside its values is seen, and what it does not change is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.judging import Bench, calls

from burnish.sandbox.isolation.base import Sandbox
from burnish.sandbox.isolation.bubblewrap import BubblewrapSandbox

pytestmark = pytest.mark.sandbox
SUM = "def f(xs): return sum(xs)"
LISTS = calls([1, 2, 3], [], [5], [-4, 9])


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    sandbox: Sandbox = BubblewrapSandbox()
    made = Bench(sandbox)
    yield made
    made.close()
    sandbox.close()


EFFECTS = {
    "environment": ("import os\ndef f(xs):\n    os.environ['N'] = str(len(xs))\n    return sum(xs)", "variable N"),
    "working folder": ("import os\ndef f(xs):\n    os.chdir('/')\n    return sum(xs)", "working folder"),
    "standard output": ("import io, sys\ndef f(xs):\n    sys.stdout = io.StringIO()\n    return sum(xs)", "sys.stdout"),
    "a builtin": ("import builtins\nbuiltins.max = min\n" + SUM, "builtins.max"),
    "a new builtin": ("import builtins\nbuiltins.total = sum\n" + SUM, "builtins.total"),
    "a clock": ("import time\ntime.time = lambda: 0.0\n" + SUM, "time.time"),
    "random numbers": ("import random\nrandom.random = lambda: 0.5\n" + SUM, "random.random"),
    "the recursion limit": ("import sys\nsys.setrecursionlimit(5000)\n" + SUM, "recursion limit"),
    "garbage collection": ("import gc\ngc.disable()\n" + SUM, "garbage collection"),
    "precision": ("import decimal\ndecimal.getcontext().prec = 5\n" + SUM, "decimal context"),
    "the seed": ("import random\ndef f(xs):\n    random.seed(42)\n    return sum(xs)", "state of random"),
    "the umask": ("import os\nos.umask(0o77)\n" + SUM, "umask"),
    "a thread of the lowest level": (
        "import _thread, time\n_thread.start_new_thread(time.sleep, (9,))\n" + SUM,
        "threads",
    ),
}


@pytest.mark.parametrize("name", EFFECTS)
def test_what_a_program_changes_is_seen(bench: Bench, name: str) -> None:
    source, words = EFFECTS[name]
    verdict = bench.judge(SUM, source, LISTS)
    assert not verdict.equal
    assert words in str(verdict.difference)


@pytest.mark.parametrize("name", EFFECTS)
def test_the_same_change_is_equal(bench: Bench, name: str) -> None:
    source, _ = EFFECTS[name]
    assert bench.judge(source, source.replace("return", "pass; return"), LISTS).equal


@pytest.mark.parametrize(
    "source",
    [
        "import random\n" + SUM,
        "import random\ndef f(xs):\n    random.Random(1).random()\n    return sum(xs)",
        "import random\nRNG = random.Random(3)\n" + SUM,
        "import decimal, locale, logging, threading, datetime\n" + SUM,
        "import sys\ndef f(xs):\n    sys.stdout.flush()\n    return sum(xs)",
    ],
)
def test_what_changes_nothing_is_equal(bench: Bench, source: str) -> None:
    assert bench.judge(SUM, source, LISTS).equal
    assert bench.judge(source, SUM, LISTS).equal


STATE = {
    "a class's attribute": "class C:\n    n = 0\ndef f(xs):\n    C.n += 1\n    return sum(xs)",
    "a global not set before": "def f(xs):\n    global LAST\n    LAST = len(xs)\n    return sum(xs)",
    "a counter": "import itertools\nIDS = itertools.count()\ndef f(xs):\n    next(IDS)\n    return sum(xs)",
    "the end of a large file": "def f(xs):\n    open('x', 'w').write('y' * 70000 + str(xs))\n    return sum(xs)",
}
LESS = {
    "a class's attribute": "class C:\n    n = 0\n" + SUM,
    "a global not set before": SUM,
    "a counter": "import itertools\nIDS = itertools.count()\n" + SUM,
    "the end of a large file": "def f(xs):\n    open('x', 'w').write('y' * 70000)\n    return sum(xs)",
}


@pytest.mark.parametrize("name", STATE)
def test_state_that_is_left_alone_is_missed(bench: Bench, name: str) -> None:
    assert bench.judge(STATE[name], STATE[name], LISTS).equal
    assert not bench.judge(STATE[name], LESS[name], LISTS).equal


def test_a_pipe_in_the_working_folder_is_seen_and_not_read(bench: Bench) -> None:
    pipe = "import os\ndef f(xs):\n    os.mkfifo('p')\n    return sum(xs)"
    assert bench.judge(pipe, pipe.replace("sum(xs)", "sum(list(xs))"), LISTS).equal
    assert not bench.judge(pipe, SUM, LISTS).equal


def test_exit_codes_are_compared(bench: Bench) -> None:
    old = "import sys\ndef f(xs):\n    if not xs: sys.exit(3)\n    return sum(xs)"
    assert bench.judge(old, old.replace("sys.exit(3)", "raise SystemExit(3)"), LISTS).equal
    assert not bench.judge(old, old.replace("3", "0"), LISTS).equal


@pytest.mark.parametrize("tell", ["os.environ.get('PYTHONHASHSEED')", "len(sys.argv) > 1", "len(sys.orig_argv) > 1"])
def test_a_program_is_not_told_how_it_is_run(bench: Bench, tell: str) -> None:
    told = f"import os, sys\nTOLD = bool({tell})\ndef f(xs): return sum(xs) + TOLD"
    assert bench.judge(SUM, told, LISTS).equal
