"""Each kind of finding is made where it is, and not where it is not."""

from __future__ import annotations

import textwrap

import pytest

from burnish.tools.python_source import read_function, static_hints


def hints(body: str, signature: str = "a, b") -> list[str]:
    return list(static_hints(read_function(f"import re\n\ndef f({signature}):\n" + textwrap.indent(body, "    "), "f")))


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("seen = []\nfor x in a:\n    if x in seen: pass\n", 6, "`in` searches the list `seen`"),
        ("for x in a:\n    if x not in b.split(): pass\n", 5, "searches the list `b.split()`"),
        ("q = [1]\nwhile q:\n    q.pop(0)\n", 6, "`.pop(0)` moves"),
        ("for x in a:\n    b.insert(0, x)\n", 5, "`.insert(0)` moves"),
        ("seen = []\nfor x in a:\n    if x in seen: pass\n    seen.append(x)\n", 6, "`known.add(x)` as well"),
        ("seen = []\nfor x in a:\n    if x in seen: pass\n", 6, "put `known = set(seen)` before the loop"),
        ("return [a.count(x) for x in b]\n", 4, "`.count()` scans `a`"),
        ("for x in a:\n    y = b.count(x)\n", 5, "put `counts = collections.Counter(b)` before the loop"),
        (
            "q = []\nfor x in a:\n    y = q.count(x)\n    q.append(x)\n",
            6,
            "`counts.get(x, 0)` in place of `q.count(x)`",
        ),
        ("q = counts = []\nfor x in a:\n    y = b.count(x)\n", 6, "counts_[x]"),
        (
            "q = []\nfor x in a:\n    y = q.count(x)\n    q += [x]\n",
            6,
            "keep a dict beside it that changes wherever `q` does",
        ),
        ("for x in a:\n    y = b.index(x)\n", 5, "`first[x]` in place of `b.index(x)`"),
        ("for x in a:\n    for y in a:\n        if x + y == b: return 1\n", 4, "for each element of `a`"),
        (
            "for i in range(len(a)):\n    for j in range(i + 1, len(a)):\n        if a[i] == a[j]: return i\n",
            4,
            "what was met so far in a dict",
        ),
        ("for x in a:\n    b.remove(x)\n", 5, "removes without a scan"),
        ("q = list(a)\nfor x in b:\n    y = q.index(x)\n", 6, "`.index()` scans `q`"),
        ("s = ''\nfor x in a:\n    s += x\n", 6, "grows by string"),
        ("for x in a:\n    y = re.compile(b)\n", 5, "`re.compile(b)` depends on nothing"),
        ("for x in a:\n    b = b + [max(a[0])]\n", 5, "depends on nothing"),
        ("for x in a:\n    b.append(max(b))\n", 5, "goes through all elements"),
        ("for x in a:\n    y = b[1:]\n", 5, "copies its elements"),
        ("return f(a, 1) + f(a, 2)\n", 4, "calls itself in 2 places"),
        ("for x in a:\n    for y in a:\n        for z in a:\n            pass\n", 6, "three deep"),
        ("for x in range(2, a):\n    if a % x == 0: return x\n", 5, "every possible divisor of `a`"),
        ("return [x for x in range(1, a + 1) if not a % x]\n", 4, "every possible divisor of `a`"),
    ],
)
def test_findings(body: str, line: int, words: str) -> None:
    assert any(each.startswith(f"Line {line}: ") and words in each for each in hints(body)), hints(body)


@pytest.mark.parametrize(
    "body",
    [
        "seen = set()\nfor x in a:\n    if x in seen: seen.add(x)\n",
        "seen = []\nfor x in seen:\n    pass\nreturn a in seen\n",
        "seen = []\nseen = set(seen)\nfor x in a:\n    y = x in seen\n",
        "for x in sorted(a):\n    b.append(x)\n",
        "n = 0\nfor x in a:\n    n += x\n",
        "for x in a:\n    for y in b:\n        if x == y: return 1\n",
        "for x in a:\n    for y in a:\n        if x < y: return 1\n",
        "for i in range(len(a)):\n    for j in range(i, len(a)):\n        if a[i] == b: return 1\n",
        "for x in a:\n    y = re.sub('a', 'b', x)\n",
        "for x in range(2, int(a ** 0.5) + 1):\n    y = b % x\n",
        "return f(a[1:], b)\n",
        "for x in a:\n    b[1:] = x\n",
        "while a:\n    a = g(a)\n",
    ],
)
def test_nothing_where_nothing_is(body: str) -> None:
    assert hints(body) == []


def test_an_annotation_says_what_a_parameter_is() -> None:
    assert "searches the list `b`" in hints("for x in a:\n    y = x in b\n", "a: str, b: list[int]")[0]
    assert hints("for x in a:\n    y = x in b\n", "a: str, b: set[int]") == []


def test_counting_the_letters_of_a_text_one_by_one_is_found() -> None:
    assert "collections.Counter" in hints("for x in a:\n    y = a.count(x)\n", "a: str, b: int")[0]


def test_a_cached_function_may_call_itself() -> None:
    source = "import functools\n@functools.cache\ndef f(n):\n    return f(n - 1) + f(n - 2)\n"
    assert static_hints(read_function(source, "f")) == ()
