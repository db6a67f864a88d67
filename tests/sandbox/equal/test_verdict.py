"""Equal or not, through a real sandbox: rivals that only look equal, and their honest twins."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.judging import Bench, calls

from burnish.sandbox.isolation.base import Sandbox

pytestmark = pytest.mark.sandbox


@pytest.fixture(scope="module")
def bench(sandbox: Sandbox) -> Iterator[Bench]:
    made = Bench(sandbox)
    yield made
    made.close()


SQUARES = "def f(xs): return [x * x for x in xs]"
LISTS = calls([3, 1, 2], [], [5], [-4, 4], [2, 2, 2], list(range(50)), [1 << 70])
WORDS = calls("a b a", "", "x", "b a c b", "the cat and the dog and the hat")
COUNT = "def f(t):\n    d = {}\n    for w in t.split(): d[w] = d.get(w, 0) + 1\n    return d"

TRAPS = {
    "tuple for list": (SQUARES, "def f(xs): return tuple(x * x for x in xs)", LISTS),
    "generator for list": (SQUARES, "def f(xs): return (x * x for x in xs)", LISTS),
    "map for list": (SQUARES, "def f(xs): return map(lambda x: x * x, xs)", LISTS),
    "float for int": (SQUARES, "def f(xs): return [float(x * x) for x in xs]", LISTS),
    "true for one": ("def f(xs): return int(bool(xs))", "def f(xs): return bool(xs)", LISTS),
    "none for empty": (SQUARES, "def f(xs): return [x * x for x in xs] or None", LISTS),
    "list subclass": (SQUARES, "class L(list): pass\ndef f(xs): return L(x * x for x in xs)", LISTS),
    "equal by its own __eq__": (
        SQUARES, "class L(list):\n    __eq__ = lambda a, b: True\n    __class__ = list\ndef f(xs): return L()", LISTS,
    ),
    "mutated argument": ("def f(xs): return sorted(xs)", "def f(xs):\n    xs.sort()\n    return list(xs)", LISTS),
    "argument not mutated": ("def f(xs): xs.sort()", "def f(xs): sorted(xs)", LISTS),
    "aliased argument": ("def f(xs): return list(xs)", "def f(xs): return xs", LISTS),
    "not aliased": (
        "def f(xs):\n    xs.append(1)\n    return xs",
        "def f(xs):\n    xs.append(1)\n    return xs[:]", LISTS,
    ),
    "shared rows": ("def f(xs): return [[0] for _ in xs]", "def f(xs): return [[0]] * len(xs)", LISTS),
    "reordered dict": (
        COUNT,
        "def f(t):\n    w = t.split()\n    return {k: w.count(k) for k in sorted(set(w))}", WORDS,
    ),
    "another class of dict": (COUNT, "from collections import Counter\ndef f(t): return Counter(t.split())", WORDS),
    "other exception arguments": (
        "def f(xs):\n    if not xs: raise ValueError('empty')\n    return 1",
        "def f(xs):\n    if not xs: raise ValueError('Empty')\n    return 1", LISTS,
    ),
    "other exception": ("def f(xs): return xs[0]", "def f(xs): return next(iter(xs))", LISTS),
    "no exception": ("def f(xs): return xs[0]", "def f(xs): return xs[0] if xs else None", LISTS),
    "missing print": ("def f(xs):\n    print(len(xs))", "def f(xs): pass", LISTS),
    "missing warning": (
        "import warnings\ndef f(xs):\n    warnings.warn('old')\n    return 1",
        "import warnings\ndef f(xs): return 1", LISTS,
    ),
    "missing file": ("def f(xs):\n    open('out', 'w').write(str(xs))", "def f(xs): pass", LISTS),
    "missing state": ("SEEN = []\ndef f(xs): SEEN.append(len(xs))", "SEEN = []\ndef f(xs): pass", LISTS),
    "wrong only on empty": (SQUARES, "def f(xs): return [x * x for x in xs] if xs else [0]", LISTS),
    "wrong only on negative": ("def f(xs): return [abs(x) for x in xs]", "def f(xs): return xs[:]", LISTS),
    "wrong only on huge": (SQUARES, "def f(xs): return [x * x & (1 << 64) - 1 for x in xs]", LISTS),
    "wrong only on duplicates": ("def f(xs): return sorted(xs)", "def f(xs): return sorted(set(xs))", LISTS),
    "wrong only on long": (SQUARES, "def f(xs): return [x * x for x in xs[:40]]", LISTS),
    "luck of a hash seed": ("def f(t): return sorted(set(t.split()))", "def f(t): return list(set(t.split()))", WORDS),
    "single precision": (
        "def f(xs): return [x / 3 for x in xs]",
        "from array import array\ndef f(xs): return list(array('f', [x / 3 for x in xs]))", LISTS,
    ),
    "another order of a sum": (
        "def f(xs): return sum(x / 10 for x in xs)", "def f(xs): return sum(x / 10 for x in reversed(xs))",
        calls([1], [1, 2, 3]),
    ),
    "minus zero": ("def f(xs): return 0.0", "def f(xs): return -0.0", LISTS),
    "leaves at once": (SQUARES, "import os\ndef f(xs): os._exit(0)", LISTS),
    "exits": (SQUARES, "import sys\ndef f(xs): sys.exit(0)", LISTS),
    "cannot be ended": (
        SQUARES,
        "def f(xs):\n    while 1:\n        try:\n            while 1: 0\n        except BaseException: 0",
        calls([1], []),
    ),
    "leaves a thread": (
        SQUARES,
        "import threading, time\ndef f(xs):\n    threading.Thread(target=time.sleep, args=(9,), daemon=True).start()\n"
        "    return [x * x for x in xs]", LISTS,
    ),
    "leaves a process": (
        SQUARES,
        "import os, time\ndef f(xs):\n    if os.fork() == 0: time.sleep(9)\n    return [x * x for x in xs]", LISTS,
    ),
    "leaves a file": (SQUARES, "def f(xs):\n    open('/tmp/memo', 'w')\n    return [x * x for x in xs]", LISTS),
    "leaves shared memory": (
        SQUARES,
        "import os\ndef f(xs):\n    os.mkdir('/dev/shm/m')\n    return [x * x for x in xs]", LISTS,
    ),
    "reads gc": (SQUARES, "import gc\ndef f(xs):\n    gc.get_objects()\n    return [x * x for x in xs]", LISTS),
    "reads frames": (SQUARES, "import sys\ndef f(xs):\n    sys._getframe(1)\n    return [x * x for x in xs]", LISTS),
    "reads every frame": (
        SQUARES,
        "import sys\ndef f(xs):\n    sys._current_frames()\n    return [x * x for x in xs]", LISTS,
    ),
    "uses ctypes": (
        SQUARES, "import ctypes\ndef f(xs):\n    ctypes.CDLL(None).getpid()\n    return [x * x for x in xs]", LISTS,
    ),
    "reads the worker's memory": (
        SQUARES,
        "def f(xs):\n    open('/proc/1/mem', 'rb')\n    return [x * x for x in xs]", LISTS,
    ),
    "by a name of bytes": (
        SQUARES,
        "def f(xs):\n    open(b'/proc/1/mem', 'rb')\n    return [x * x for x in xs]", LISTS,
    ),
    "by a roundabout name": (
        SQUARES,
        "def f(xs):\n    open('/usr/../proc/1/mem')\n    return [x * x for x in xs]", LISTS,
    ),
    "starts a program": (
        SQUARES, "import subprocess\ndef f(xs):\n    subprocess.run(['true'])\n    return [x * x for x in xs]", LISTS,
    ),
    "traces": (SQUARES, "import sys\ndef f(xs):\n    sys.settrace(None)\n    return [x * x for x in xs]", LISTS),
    "does not load": (SQUARES, "def f(xs: return", LISTS),
    "another name": (SQUARES, "def g(xs): return [x * x for x in xs]", LISTS),
    "prints while it loads": (SQUARES, "print('hello')\n" + SQUARES, LISTS),
    "the digest of something else": (
        "import hashlib\ndef f(t): return [hashlib.sha256(t.encode()).digest()]",
        "import hashlib\nH = hashlib.sha256(b'')\ndef f(t): return [H]", WORDS,
    ),
    "under a forged name": (
        "from decimal import Decimal\ndef f(xs): return Decimal(sum(xs))",
        "class Decimal(str): __module__, __qualname__, __slots__ = 'decimal', 'Decimal', ()\n"
        "def f(xs): return Decimal(sum(xs))", LISTS,
    ),
    "attributes made up when they are asked for": (
        "class R:\n    def __init__(self, n): self.n = n\ndef f(xs): return R(len(xs))",
        "class R:\n    __slots__ = ('m',)\n    __dict__ = property(lambda self: {'n': len(self.m)})\n"
        "def f(xs):\n    r = R()\n    r.m = xs\n    return r", LISTS,
    ),
    "another function of the same name": (
        "def g(x): return x + 1\ndef f(xs): return g", "def g(x): return x - 1\ndef f(xs): return g", LISTS,
    ),
    "another class of the same name": (
        "class R:\n    def __init__(self, xs): self.xs = xs\n    def __iter__(self): return iter(self.xs)\n"
        "def f(xs): return R(xs)",
        "class R:\n    def __init__(self, xs): self.xs = xs\n    def __iter__(self): return iter(())\n"
        "def f(xs): return R(xs)", LISTS,
    ),
    "another default": (
        "from collections import defaultdict\ndef f(xs): return defaultdict(lambda: 0)",
        "from collections import defaultdict\ndef f(xs): return defaultdict(lambda: 9)", LISTS,
    ),
    "a default that remembers": (
        "from collections import defaultdict\ndef f(xs): return defaultdict(int)",
        "from collections import defaultdict\ndef f(xs): return defaultdict(lambda: len(xs))", LISTS,
    ),
    "other groups under the same keys": (
        "from itertools import groupby\ndef f(xs): return groupby(sorted(xs + [1, 1]))",
        "from itertools import groupby\ndef f(xs): return groupby(sorted(set(xs + [1])))", LISTS,
    ),
    "an object in a set that is not the one beside it": (
        "class P:\n    pass\ndef f(xs):\n    p = P()\n    return {p}, p",
        "class P:\n    pass\ndef f(xs): return {P()}, P()", LISTS,
    ),
    "hides an object": (SQUARES, "def f(xs): return [lambda: x * x for x in xs]", LISTS),
}  # fmt: skip


@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_is_told_apart(bench: Bench, name: str) -> None:
    old, new, inputs = TRAPS[name]
    verdict = bench.judge(old, new, inputs, **({"wall_s": 0.5} if name == "cannot be ended" else {}))
    assert not verdict.equal
    assert verdict.call is not None
    assert verdict.difference is not None
    assert str(verdict.difference)
    assert 1 <= verdict.compared <= len(inputs)


TWINS = {
    "the same": (SQUARES, SQUARES, LISTS),
    "other words": (
        SQUARES,
        "def f(values):\n    return list(map(lambda v: v ** 2, values))".replace("values", "xs"), LISTS,
    ),
    "a memo within one call": (
        "def f(xs): return [sum(range(x % 99)) for x in xs]",
        "def f(xs):\n    memo = {}\n    out = []\n    for x in xs:\n"
        "        if x not in memo: memo[x] = sum(range(x % 99))\n"
        "        out.append(memo[x])\n    return out", LISTS,
    ),
    "a table at module level": (
        "def f(xs): return [bin(x & 255).count('1') for x in xs]",
        "TABLE = [bin(i).count('1') for i in range(256)]\ndef f(xs): return [TABLE[x & 255] for x in xs]", LISTS,
    ),
    "a generator kept lazy": (
        "def f(xs):\n    for x in xs:\n        yield x + 1",
        "def f(xs): return map((1).__add__, xs)", calls([1], [], [3, 4]),
    ),
    "a cheaper exception path": (
        "def f(xs):\n    try: return xs[0]\n    except IndexError: raise LookupError('none') from None",
        "def f(xs):\n    if not xs: raise LookupError('none')\n    return xs[0]", LISTS,
    ),
    "the interpreter's own words": (
        "def f(xs): return {1: 2}[len(xs)]",
        "def f(xs): return {1: 2, 'x': 0}[len(xs)]", LISTS,
    ),
    "sets in any order": (
        "def f(t): return set(t.split())",
        "def f(t): return {w for w in reversed(t.split())}", WORDS,
    ),
    "a helper": (SQUARES, "def g(x): return x * x\ndef f(xs): return [g(x) for x in xs]", LISTS),
    "a standard module": (COUNT, "from collections import Counter\ndef f(t): return dict(Counter(t.split()))", WORDS),
    "the same print": (
        "def f(xs):\n    for x in xs: print(x)",
        "def f(xs):\n    if xs: print('\\n'.join(map(str, xs)))", LISTS,
    ),
    "one for many that cannot be changed": (
        "from decimal import Decimal\nfrom datetime import date\n"
        "def f(t): return [(Decimal(len(w)), date.fromordinal(len(w) + 1)) for w in t.split()]",
        "from decimal import Decimal\nfrom datetime import date\nfrom functools import lru_cache\n"
        "@lru_cache(maxsize=9)\ndef g(n): return Decimal(n), date.fromordinal(n + 1)\n"
        "def f(t): return [g(len(w)) for w in t.split()]", WORDS,
    ),
    "a path that was asked something": (
        "from pathlib import PurePosixPath\ndef f(t): return [PurePosixPath(w) for w in t.split()]",
        "from pathlib import PurePosixPath\n"
        "def f(t): return [p for w in t.split() for p in [PurePosixPath(w)] if str(p) and p.parts and hash(p) + 1]",
        WORDS,
    ),
    "attributes in another order": (
        "from types import SimpleNamespace as N\ndef f(xs): return N(n=len(xs), total=sum(xs))",
        "from types import SimpleNamespace as N\ndef f(xs): return N(total=sum(xs), n=len(xs))", LISTS,
    ),
    "every kind of iterator": (
        "def f(xs): return zip(xs, xs[1:])",
        "import itertools\ndef f(xs): return itertools.pairwise(xs)", LISTS,
    ),
    "objects in a set and beside it": (
        "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass P:\n    name: str\n"
        "def f(t):\n    ps = [P(w) for w in t.split()]\n    return set(ps), ps",
        "from dataclasses import dataclass\nimport os\n\n@dataclass(frozen=True)\nclass P:\n    name: str\n"
        "def f(t):\n    ps = list(map(P, t.split()))\n    return set(ps[::-1]) | set(ps), ps",
        calls("a", "b c", "the cat sat down"),
    ),
    "the same class and function elsewhere": (
        "class R:\n    def __init__(self, xs): self.n = len(xs)\n    def __len__(self): return self.n\n"
        "def g(x): return [y for y in x]\ndef f(xs): return [R(xs), R, g]",
        "import os\ndef g(x):\n    return [z for z in x]\n\n\n"
        "def f(xs): return [R(xs), R, g]\nclass R:\n    def __init__(self, xs):\n        self.n = len(xs)\n"
        "    def __len__(self):\n        return self.n", LISTS,
    ),
    "the same default": (
        "from collections import defaultdict\ndef f(xs):\n    d = defaultdict(lambda: [])\n"
        "    for x in xs: d[x].append(x)\n    return d",
        "from collections import defaultdict\ndef f(xs):\n    d = defaultdict(lambda: [])\n"
        "    for x in xs: d[x] += [x]\n    return d", LISTS,
    ),
    "mutates alike": ("def f(xs): xs.sort()", "def f(xs): xs[:] = sorted(xs)", LISTS),
}  # fmt: skip


@pytest.mark.parametrize("name", TWINS)
def test_an_honest_twin_is_equal(bench: Bench, name: str) -> None:
    old, new, inputs = TWINS[name]
    verdict = bench.judge(old, new, inputs)
    assert verdict.difference is None
    assert verdict.equal
    assert verdict.compared == len(inputs)


@pytest.mark.parametrize(
    "memory",
    [
        "MEMO = {}\ndef f(x):\n    if MEMO: return x\n    MEMO[x] = 1\n    return x + 1",
        "def f(x, memo=[]):\n    memo.append(x)\n    return x + 1 if len(memo) == 1 else x",
        "from functools import cache\n@cache\ndef g(): return []\ndef f(x):\n    g().append(x)\n"
        "    return x + 2 - len(g())",
        "def f(x):\n    f.n = getattr(f, 'n', 0) + 1\n    return x + 2 - f.n",
    ],
)
def test_what_is_right_on_the_first_call_only_is_told_apart(bench: Bench, memory: str) -> None:
    verdict = bench.judge("def f(x): return x + 1", memory, calls(1, 2, 3, 1, 2, 3))
    assert not verdict.equal
    assert verdict.difference is not None
    assert verdict.difference.where.startswith("on a later call")


def test_files_of_one_call_are_not_met_by_another(bench: Bench) -> None:
    memory = "import os\ndef f(x):\n    old = os.listdir('/tmp')\n    os.mkdir('m')\n    os.rmdir('m')\n"
    assert bench.judge("def f(x): return x + 1", memory + "    return x + len(old)", calls(1, 2, 3, 1, 2, 3)).equal


def test_a_result_shared_between_calls_is_told_apart(bench: Bench) -> None:
    old = "def f(t): return t.split()"
    new = "from functools import lru_cache\n@lru_cache(maxsize=9)\ndef f(t): return t.split()"
    copied = (
        "from functools import lru_cache\n@lru_cache(maxsize=9)\ndef g(t): return t.split()\ndef f(t): return g(t)[:]"
    )
    assert not bench.judge(old, new, calls("a b", "b")).equal
    assert bench.judge(old, copied, calls("a b", "b")).equal


def test_a_counterexample_is_made_small(bench: Bench) -> None:
    verdict = bench.judge(
        "def f(xs): return sorted(xs)", "def f(xs): return sorted(set(xs))",
        calls([1, 2, 3], [9, 5, 1, 1, 7, 5, 30, 4]),
    )  # fmt: skip
    assert verdict.call is not None
    assert len(verdict.call.args[0]) == 2
    assert verdict.compared == 2


def test_random_numbers_must_be_taken_from_the_same_place(bench: Bench) -> None:
    old = "import random\ndef f(n):\n    random.seed(n)\n    return random.random()"
    new = "import random\ndef f(n): return random.Random(n).random()"
    assert bench.judge(old, old, calls(1, 2)).equal
    assert not bench.judge(old, new, calls(1, 2)).equal
