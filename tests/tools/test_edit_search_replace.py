"""SEARCH/REPLACE by tokens."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burnish.tools.answers import parse_blocks, render_blocks
from burnish.tools.edit import search_replace
from burnish.tools.errors import EditError
from burnish.tools.python_source import read_function

MODULE = """\
LIMIT = 5


def runs(text, size=2):
    found = []
    for i in range(len(text)):
        # compare with all
        for j in range(i, len(text)):
            if text[i:j] == text[i:j][::-1]:
                found.append((i, j))
            else:
                pass
    if not found: return None
    return max(found, key=lambda p: p[1] - p[0])


def after(text):
    return text
"""


def edit(*blocks: tuple[str, str]) -> str:
    return search_replace(MODULE, "runs", list(blocks))


def test_whole_statements_first_lines_and_expressions() -> None:
    assert edit(("found = []", "found = [(0, 0)]\nseen = set()")) == MODULE.replace(
        "    found = []\n", "    found = [(0, 0)]\n    seen = set()\n"
    )
    assert edit(("for j in range(i, len(text)):", "for j in range(i + size, len(text)):")) == MODULE.replace(
        "range(i, len", "range(i + size, len"
    )
    assert edit(("lambda p: p[1] - p[0]", "len")) == MODULE.replace("lambda p: p[1] - p[0]", "len")
    assert edit(("return None", "return ()")) == MODULE.replace("return None", "return ()")
    assert edit(("else:\n    pass", "")) == MODULE.replace("            else:\n                pass\n", "")
    assert "        continue\n    return max" in edit(("return None", "for i in text:\n    continue"))


def test_white_space_and_comments_do_not_matter_and_strings_do() -> None:
    search = "for i in range( len(text) ):\n  for j in range(i,len(text)):   # other\n"
    assert "for k in ()" in edit((search, "for k in ():\n  for j in ():\n"))
    with pytest.raises(EditError, match="is not in the function"):
        search_replace("def f(x):\n    return 'a b'\n", "f", [("return 'a  b'", "return 1")])


def test_blocks_follow_one_another() -> None:
    assert "found = {1}" in edit(("found = []", "found = {0}"), ("found = {0}", "found = {1}"))


def test_the_whole_function_may_be_searched() -> None:
    source = read_function(MODULE, "runs").source
    result = edit((source, "import re\n\ndef runs(text, size=2):\n    return re.findall('.', text)\nprint(1)\n"))
    assert result.startswith("LIMIT = 5\n\n\nimport re\n\n\ndef runs(text, size=2):\n    return re")
    assert "print" not in result


@pytest.mark.parametrize(
    ("search", "replacement", "reason"),
    [
        ("found = [1]", "found = []", "most similar lines are:\n    found = \\[\\]"),
        ("len(text)", "n", "is there 2 times"),
        ("in range(len(text)):", "in text:", "middle of a statement"),
        ("", "x = 1", "empty SEARCH"),
        ("# compare with all", "", "empty SEARCH"),
        ("return None", "return (", "not valid Python"),
        ("def runs(text, size=2):", "def runs(text, size=3):", "signature of runs changed"),
        ("def runs(text, size=2):", "def walks(text, size=2):", "no function runs"),
        ("found = []", "found = []  # same", "same as before"),
        ("return text", "return 1", "is not in the function"),
        ("LIMIT = 5", "LIMIT = 6", "is not in the function"),
    ],
)
def test_reasons(search: str, replacement: str, reason: str) -> None:
    with pytest.raises(EditError, match=reason):
        edit((search, replacement))


def test_a_definition_in_the_replacement_lands_inside_the_function() -> None:
    result = edit(("return max(found, key=lambda p: p[1] - p[0])", "def after(x):\n  return 2\nreturn after(found)"))
    assert result.endswith("    return after(found)" + MODULE[MODULE.index("\n\n\ndef after") :])


@settings(deadline=None, max_examples=60)
@given(
    unit=st.sampled_from([" ", "  ", "   ", "    ", "\t"]),
    shift=st.sampled_from(["", "  ", "        ", "\t"]),
    blank=st.booleans(),
)
def test_the_blocks_own_indentation_does_not_matter(unit: str, shift: str, blank: bool) -> None:
    def lay(lines: list[tuple[int, str]]) -> str:
        return ("\n\n" if blank else "\n").join(shift + unit * depth + text for depth, text in lines)

    search = [
        (0, "for j in range(i, len(text)):"),
        (1, "if text[i:j] == text[i:j][::-1]:"),
        (2, "found.append((i, j))"),
    ]
    replacement = [(0, "for j in (i,"), (3, "i + 1):"), (1, "if j:"), (2, "found.append((j, i))")]
    result = edit((lay(search), lay(replacement)))
    plain = "\n".join(line for line in result.split("\n") if line.strip() and "i + 1):" not in line)
    assert plain == "\n".join(
        line
        for line in MODULE.replace("range(i, len(text)):", "(i,").replace("text[i:j] == text[i:j][::-1]", "j")
        .replace("((i, j))", "((j, i))").split("\n")
        if line.strip()
    )  # fmt: skip


line = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=20).filter(
    lambda text: text.lstrip()[:1] not in ("<", "=", ">", "`", "~")
)
block = st.lists(line, max_size=4).map("\n".join)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(block, block), max_size=3))
def test_blocks_survive_being_written_and_read(blocks: list[tuple[str, str]]) -> None:
    assert parse_blocks(render_blocks(blocks)) == blocks


def test_sloppy_blocks_are_read() -> None:
    expected = [("a = 1", "a = 2\nb = 3")]
    for answer in (
        "Text\n```python\n<<<<< SEARCH\na = 1\n=====\na = 2\nb = 3\n>>>>> REPLACE\n```\n",
        "<<<<<<<<< SEARCH\n```python\na = 1\n```\n==========\n```python\na = 2\nb = 3\n```\n>>>>>>>\n",
        "  <<<<<<< search\r\na = 1\r\n =======\r\na = 2\r\nb = 3\r\n>>>>>>> replace",
    ):
        assert parse_blocks(answer) == expected
    assert parse_blocks("nothing") == []


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("<<<<<<< SEARCH\na\n=======\nb", "ended in the middle"),
        ("<<<<<<< SEARCH\na\n>>>>>>> REPLACE", "no ======= line"),
        ("<<<<<<< SEARCH\na\n=======\nb\n<<<<<<< SEARCH\n", "before the one before it"),
    ],
)
def test_broken_blocks(answer: str, reason: str) -> None:
    with pytest.raises(EditError, match=reason):
        parse_blocks(answer)
