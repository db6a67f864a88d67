"""Only the function changes, and only when the answer is a usable edit."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burnish.tools.edit import apply_answer, replace_function, same_tokens, search_replace
from burnish.tools.errors import EditError, SourceError
from burnish.tools.python_source import read_function

MODULE = '''\
"""Module text."""
import math
from collections import Counter

RATE = 3   # kept


def other(x):
    return sum(x)  # kept too


@staticmethod
def shared(left: list[int], right: list[int], *, limit: int = 10) -> list[int]:
    """Elements of both.

    >>> shared([1], [1])
    """
    out = []
    for x in left:
        # search
        if x in right and x not in out:
            out.append(x)
    return out[:limit]


LAST = shared
'''
NAME = "shared"
START, END = MODULE.index("@staticmethod"), MODULE.index("\n\n\nLAST")


def outside(result: str) -> tuple[bool, bool]:
    return result.startswith(MODULE[:START]), result.endswith(MODULE[END:])


def header(body: str, signature: str = "left, right, *, limit=10") -> str:
    return f"def shared({signature}):\n" + textwrap.indent(textwrap.dedent(body), "    ")


def test_the_body_is_taken_and_all_else_stays() -> None:
    result = replace_function(MODULE, NAME, header("seen = set(right)\nreturn [x for x in left if x in seen]\n"))
    assert outside(result) == (True, True)
    assert result[START : -len(MODULE[END:])] == textwrap.dedent('''\
        @staticmethod
        def shared(left: list[int], right: list[int], *, limit: int = 10) -> list[int]:
            """Elements of both.

            >>> shared([1], [1])
            """
            seen = set(right)
            return [x for x in left if x in seen]''')


def test_needed_helpers_constants_and_imports_come_along_and_the_rest_does_not() -> None:
    answer = """
from __future__ import annotations
import math
import heapq, json
from collections import Counter, deque, OrderedDict
from itertools import islice

WIDTH = 4
TABLE = [0] * WIDTH
for i in range(WIDTH):
    TABLE[i] = math.sqrt(i)
UNUSED = 1


def inner(x):
    return TABLE[x % WIDTH] + heapq.heappop([x])


def shared(left, right, *, limit=10):
    queue = deque(left)
    result = Counter(right)
    return [inner(x) for x in queue if x in result]


result = shared([1], [2])
print(result)
assert shared([], []) == []
if __name__ == "__main__":
    inner = 3
"""
    result = replace_function(MODULE, NAME, answer)
    assert outside(result) == (True, True)
    added = result[START : result.index("@staticmethod")]
    assert added == textwrap.dedent("""\
        import heapq
        from collections import deque

        WIDTH = 4
        TABLE = [0] * WIDTH
        for i in range(WIDTH):
            TABLE[i] = math.sqrt(i)


        def inner(x):
            return TABLE[x % WIDTH] + heapq.heappop([x])


        """)
    for dropped in ("json", "islice", "OrderedDict", "UNUSED", "print", "__main__", "__future__"):
        assert dropped not in result


def test_the_new_docstring_is_kept_only_where_there_was_none() -> None:
    with_new = replace_function(MODULE, NAME, header('"""Mine."""\nreturn []\n'))
    assert "Elements of both." in with_new
    assert "Mine." not in with_new
    assert '"""Mine."""' in replace_function("def f(x): return x\n", "f", 'def f(x):\n  """Mine."""\n  return 1 * x\n')


def test_annotations_of_the_new_signature_need_no_import() -> None:
    new = "from typing import List\nRATE = 9\n" + header("return []", "left: List[int], right, *, limit=10")
    assert replace_function(MODULE, NAME, new) == replace_function(MODULE, NAME, header("return []"))


def test_a_whole_module_repeated_adds_nothing() -> None:
    changed = MODULE.replace("for x in left:", "for x in list(left):")
    assert replace_function(MODULE, NAME, changed).count("def other") == 1


def test_functions_that_stand_indented_or_on_one_line() -> None:
    module = "if True:\n\tdef f(x): return x  # tail\n\ny = 1\n"
    result = replace_function(
        module, "f", "def g(x):\n  return x\n\ndef f(x):\n    if x:\n        return 2\n    return g(x)\n"
    )
    assert result.endswith("return g(x)\n\ny = 1\n")
    assert read_function(result, "f").parameters == read_function(module, "f").parameters


def test_strings_over_several_lines_keep_their_text() -> None:
    body = 'def f(x):\n  a = """one\n two\n\tthree"""\n  return a + x\n'
    result = replace_function("def f(x):\n\treturn x\n", "f", body)
    assert result == 'def f(x):\n\ta = """one\n two\n\tthree"""\n\treturn a + x\n'


def test_windows_line_ends_stay() -> None:
    result = replace_function(MODULE.replace("\n", "\r\n"), NAME, "import heapq\n" + header("heapq\nreturn [\n  1]\n"))
    assert "\n" not in result.replace("\r\n", "")


def test_a_cache_on_the_function_is_kept() -> None:
    result = replace_function(
        "def f(n):\n    return n\n",
        "f",
        "from functools import lru_cache\n@lru_cache(maxsize=9)\ndef f(n):\n    return 1 * n\n",
    )
    assert result.startswith("from functools import lru_cache\n\n\n@lru_cache(maxsize=9)\ndef f(n):\n")


@pytest.mark.parametrize(
    ("new", "reason"),
    [
        ("def shared(left, right, *, limit=10):\n    return (\n", "not valid Python: line 2"),
        ("def joint(a):\n    return a\n", "no function shared.*it has joint"),
        ("x = 1\n", "no function at all"),
        (header("return []", "right, left, *, limit=10"), "signature of shared changed"),
        (header("return []", "left, right, limit=10"), "signature of shared changed"),
        (header("return []", "left, right, *, limit=11"), "signature of shared changed"),
        ("async " + header("return []"), "without async"),
        ("@property\n" + header("return []"), "decorator @property"),
        ("RATE = 4\n" + header("return [RATE]"), "already has a different RATE"),
        ("def other(x): return 1\n" + header("return other(left)"), "already has a different other"),
        ("def sum(x): return 1\n" + header("return sum(left)"), "hides the builtin"),
        ("from heapq import *\n" + header("return nlargest(2, left)"), "Import nlargest by name"),
        (MODULE.replace("# search", "# look\n"), "same as before"),
    ],
)
def test_reasons(new: str, reason: str) -> None:
    with pytest.raises(EditError, match=f"(?s){reason}"):
        replace_function(MODULE, NAME, new)


def test_answers_with_prose_several_blocks_or_a_cut() -> None:
    good = header("return sorted(set(left) & set(right))[:limit]\n")
    expected = replace_function(MODULE, NAME, good)
    for answer in (
        f"Sure!\n\n```python\n{good}```\nUse it so:\n```python\nprint(shared([1], [2]))\n```",
        f"The old one:\n```python\n{MODULE}```\nThe new one:\n```python\n{good}```",
        f"```json\n{{}}\n```\n~~~~py\n{good}~~~~",
        f"```python\n{good}",
        good,
        f"Here it is:\n\n{good}\nThis is faster.",
        f"1. Step\n   ```python\n{textwrap.indent(good, '   ')}   ```",
        good.replace("\n", "\r\n"),
    ):
        assert apply_answer(MODULE, NAME, answer) == expected


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("", "no code in the answer"),
        ("I cannot help with that.", "no code in the answer"),
        ("```python\ndef shared(left, right, *, limit=10):\n    out = [x for x in", "ended in the middle"),
        ("```python\ndef shared(left, right, *, limit=10):\n", "ended in the middle"),
        ("```javascript\nfunction shared(a) { return a; }\n```", "not Python but javascript"),
        ("```python\nprint(1)\n```", "no function shared"),
    ],
)
def test_reasons_for_answers(answer: str, reason: str) -> None:
    with pytest.raises(EditError, match=reason):
        apply_answer(MODULE, NAME, answer)


def test_a_module_without_the_function_is_the_users_mistake() -> None:
    with pytest.raises(SourceError, match="no function f"):
        replace_function("x = 1\n", "f", "def f(): pass")
    with pytest.raises(SourceError, match="no function f"):
        search_replace("x = 1\n", "f", [])


def test_same_tokens_sees_structure_but_no_layout() -> None:
    assert same_tokens("if a:\n  b( 1,2 )\n", "if a:\n\n        b(1, 2)  # x\n")
    assert not same_tokens("if a:\n  b\n  c\n", "if a:\n  b\nc\n")
    assert not same_tokens("def f():\n  return\n  x\n", "def f():\n  return x\n")
    assert not same_tokens("x = 'a b'\n", "x = 'a  b'\n")


expressions = st.recursive(
    st.sampled_from(["left", "right", "limit", "1", "-2", "'a  b'", "[x for x in left]", "len(right)"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda each: f"({each[0]} + {each[1]})"),
        st.tuples(inner, inner).map(lambda each: f"[{each[0]},\n {each[1]}]"),
    ),
    max_leaves=4,
)
statements = st.recursive(
    expressions.map(lambda each: [f"y = {each}"]),
    lambda inner: st.one_of(
        st.tuples(expressions, inner).map(
            lambda each: [f"if {each[0]}:", *(f"  {line}" for line in each[1]), "else:", "  z = 0"]
        ),
        st.tuples(inner, inner).map(lambda each: [*each[0], "# note", *each[1]]),
        inner.map(lambda each: ["for i in left:", *(f"      {line}" for line in each), "", "i = 1"]),
    ),
    max_leaves=4,
).map(lambda lines: "\n".join(line for part in lines for line in part.split("\n")))


def indented(body: str, by: str) -> str:
    return "\n".join(by + line if line else line for line in body.split("\n"))


@settings(deadline=None, max_examples=30)
@given(statements)
def test_whatever_the_new_body_the_rest_stays_byte_for_byte(body: str) -> None:
    new = f"def shared(left, right, *, limit=10):\n{indented(body, '   ')}\n   return y\n"
    result = replace_function(MODULE, NAME, new)
    assert outside(result) == (True, True)
    before, after = read_function(MODULE, NAME), read_function(result, NAME)
    assert (before.parameters, before.decorators, before.docstring) == (
        after.parameters, after.decorators, after.docstring,
    )  # fmt: skip
    head = MODULE[START : MODULE.index("    out = []")]
    assert same_tokens(after.source, f"{head}{indented(body, '    ')}\n    return y\n")
    with pytest.raises(EditError, match="same as before"):
        replace_function(result, NAME, result)
