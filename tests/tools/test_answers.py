"""Code is found in an answer whatever surrounds it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burnish.tools.answers import extract_code

CODE = "def f(x):\n    return x\n"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (f"```python\n{CODE}```", [CODE]),
        (f"```Python title=x\n{CODE}```", [CODE]),
        (f"```\n{CODE}```\n```\n1\n```", [CODE, "1\n"]),
        (f"~~~py\n{CODE}~~~\n", [CODE]),
        (f"````python\n{CODE}```\n````", [CODE + "```\n"]),
        (f"```bash\nls\n```\n```py\n{CODE}```\n```\nout\n```", [CODE]),
        (f"```bash\nls\n```\n```\n{CODE}```", [CODE]),
        ("```bash\nls\n```", ["ls\n"]),
        (f"text\n```python\n{CODE}", [CODE]),
        (f"> ```python\n{CODE}> ```", [CODE]),
        (f"  ```python\n  {CODE.replace(chr(10), chr(10) + '  ')}```", [CODE]),
        (CODE, [CODE]),
        (f"Use this:\nimport re\n\n@cache\n{CODE}\nIt is fast.", ["import re\n\n@cache\n" + CODE]),
        ("```python\n```", []),
        ("just words about def and class", []),
        ("from here on it is easy", []),
        ("", []),
    ],
)
def test_where_code_is(answer: str, expected: list[str]) -> None:
    assert extract_code(answer) == expected


@settings(deadline=None, max_examples=100)
@given(st.text() | st.lists(st.sampled_from(["```", "~~~~", "python", "\n", "def f():", " ", "x", "\r"])).map("".join))
def test_any_answer_can_be_read(answer: str) -> None:
    assert all(each.strip() for each in extract_code(answer))
