"""What is refused before anything runs, and what is only reported."""

from __future__ import annotations

import pytest

from burnish.tools.gate import check, notes, unlike

OLD = '''\
import math
import numpy as np


def f(x, y=1):
    """Doc."""
    return math.sqrt(x) + y
'''


def new(body: str, above: str = "", signature: str = "x, y=1") -> str:
    return f"{above}\ndef f({signature}):\n    {body}\n"


@pytest.mark.parametrize(
    "program",
    [
        OLD,
        new("return math.isqrt(x)", "import math, heapq, numpy.linalg"),
        new("open = [x]\n    return open", ""),
        new("import re\n    return re.compile('x')"),
        new("return x", signature="x: int, y: int=1"),
        new("pass\n    return None"),
    ],
)
def test_let_on(program: str) -> None:
    assert check(OLD, program, "f") == []


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("def f(:", "not valid Python"),
        ("g = 1", "f is missing"),
        ("class A:\n    def f(self): pass\n", "f is missing"),
        (new("return x", signature="x, y=2"), "signature of f changed"),
        ("async " + new("return x").lstrip(), "signature of f changed"),
        (new("return x", "import numba"), "imports numba"),
        (new("from .fast import g\n    return g(x)"), "its own package"),
        (new("pass"), "placeholder"),
        (new('"""Doc."""\n    ...  # as before'), "placeholder"),
        (new("raise NotImplementedError('soon')"), "placeholder"),
        (new("return input()"), "calls input()"),
        (new("return eval(x)"), "the builtin eval"),
        (new("g = exec\n    return g(x)"), "the builtin exec"),
        (new("return open(x)"), "the builtin open"),
        (new("return sys._getframe(1)", "import sys"), "attribute _getframe"),
        (new("return _exit(0)", "from os import _exit"), "attribute _exit"),
        (new("import subprocess as s\n    return s"), "the module subprocess"),
        (new("return x", "import concurrent.futures"), "the module concurrent"),
        (new("return ().__class__.__base__.__subclasses__()"), "__subclasses__"),
    ],
)
def test_refused(program: str, reason: str) -> None:
    reasons = check(OLD, program, "f")
    assert any(reason in each for each in reasons), reasons


def test_what_the_original_does_may_stay() -> None:
    old = "import subprocess\nimport numba\n" + OLD + "    return eval(input())\n"
    assert check(old, old.replace("sqrt", "isqrt"), "f") == []


@pytest.mark.parametrize(
    ("program", "note"),
    [
        (new("return x", "import functools\n@functools.lru_cache(maxsize=8)"), "(@functools.lru_cache(maxsize=8))."),
        (new("return x", "from functools import cache\n@cache"), "(@cache) without bound."),
        (
            new("return g(x)", "from functools import lru_cache\n@lru_cache(None)\ndef g(x): return x\n"),
            "without bound",
        ),
        (new("return MEMO.setdefault(x, 1)", "MEMO = {}\n"), "changes the module's MEMO"),
        (new("MEMO[x] = 1\n    return 1", "MEMO = {}\n"), "changes the module's MEMO"),
        (new("f.seen = x\n    return 1"), "changes the module's f"),
        (new("global LAST\n    LAST = x"), "may rebind the module's LAST"),
        (new("return g(x)", "def g(x, memo={}): return memo\n"), "the default memo={}"),
    ],
)
def test_what_outlives_a_call_is_reported_and_refused_unless_it_is_bounded(program: str, note: str) -> None:
    found = notes(OLD, program, "f")
    assert any(note in each for each in found), found
    bounded = "maxsize=" in program or "memo={}" in program
    assert (check(OLD, program, "f") == []) is bounded
    assert notes(program, program, "f") == []


def test_what_a_nested_function_keeps_is_found_too() -> None:
    body = "seen = 0\n    def g():\n        nonlocal seen\n        seen += 1\n        MEMO[x] = seen\n    return g()"
    assert notes(OLD, new(body, "MEMO = {}\n"), "f") == ["f changes the module's MEMO, which outlives the call."]


def test_a_memo_of_one_call_and_a_table_are_not_reported() -> None:
    assert notes(OLD, new("memo = {}\n    memo[x] = TABLE[y]\n    return memo", "TABLE = [1, 2]\n"), "f") == []


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("def f(a, b=1): 0", "def f(a, b=2): 0", "signature"),
        ("def f(a, b=1): 0", "def f(x, b=1): 0", "signature"),
        ("def f(a): 0", "def f(a, /): 0", "signature"),
        ("def f(a): 0", "def f(a, b): 0", "signature"),
        ("def f(a, b): 0", "def f(a): 0", "signature"),
        ("def f(a): 0", "def f(a):\n    return a.__traceback__.tb_frame", "behaviour"),
        ("def f(a): 0", "def f(a):\n    return getattr(a, 'f_back')", "behaviour"),
        ("def f(a): 0", "from sys import settrace\ndef f(a): 0", "behaviour"),
        ("def f(a): 0", "import warnings\ndef f(a):\n    return warnings.showwarning", "behaviour"),
    ],
)
def test_what_cannot_stand_in_for_the_original_is_told(old: str, new: str, what: str) -> None:
    found = unlike((old, "f"), (new, "f"))
    assert found is not None
    assert found[0] == what


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("def f(a, b=1): 0", "def f(a, b = 1): 1"),
        ("def f(a): 0", "def f(a, b=2, *, c=3, **more): 1"),
        ("def f(a: int): 0", "def f(a): 1"),
        ("import sys\ndef f(a):\n    sys.settrace(a)", "import sys\ndef f(a):\n    sys.settrace(None)"),
    ],
)
def test_what_can_stand_in_for_the_original_is_let_on(old: str, new: str) -> None:
    assert unlike((old, "f"), (new, "f")) is None
    assert unlike((old, "f"), (new.replace("def f", "def g"), "g")) is None
