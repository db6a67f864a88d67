"""Names that a module binds itself."""

from __future__ import annotations

import ast
import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from burnish.tools.attributes import module_attributes


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("", ()),
        ("x = 1\n", ("x",)),
        ("x: int = 1\ny: int\n", ("x", "y")),
        ("x += 1\n", ("x",)),
        ("a = b = 1\n", ("a", "b")),
        ("a, b = 1, 2\n", ("a", "b")),
        ("(a, b) = 1, 2\n", ("a", "b")),
        ("[a, *b] = 1, 2\n", ("a", "b")),
        ("a, (b, c) = 1, (2, 3)\n", ("a", "b", "c")),
        ("x = 1; y = 2\n", ("x", "y")),
        ("x = 1\nx = 2\n", ("x",)),
        ("__all__ = ['f']\n_x = 1\n", ("_x",)),
        ("box.x = 1\nbox[i] = 2\n", ()),
        ("def f():\n    x = 1\nclass C:\n    y = 2\n", ("C",)),
        ("def f():\n    global LAST, x\n    LAST = 1\nx = 2\n", ("LAST", "x")),
        ("@d\nclass C:\n    def f(self):\n        global n\n", ("C", "n")),
        ("if True:\n    x = 1\nelse:\n    y = 2\n", ("x", "y")),
        ("try:\n    x = 1\nexcept ValueError:\n    y = 2\n", ("x", "y")),
        ("for i in range(3):\n    last = i\n", ("i", "last")),
        ("with open('f') as file:\n    text = file.read()\n", ("text",)),
        ("π = 3\n", ("π",)),
    ],
)
def test_names(source: str, names: tuple[str, ...]) -> None:
    assert module_attributes(source) == names


_NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True).filter(lambda name: not keyword.iskeyword(name))


@given(st.lists(_NAMES, max_size=6))
def test_every_assigned_name_once_and_in_order(names: list[str]) -> None:
    source = "".join(f"{name} = {index}\n" for index, name in enumerate(names))
    ast.parse(source)
    assert module_attributes(source) == tuple(dict.fromkeys(names))


@given(st.text(max_size=60))
def test_no_text_is_too_strange(source: str) -> None:
    module_attributes(source)
