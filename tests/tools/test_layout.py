"""Indentation."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from burnish.tools.layout import line_kinds, newline, reindent


def test_kinds_of_lines() -> None:
    text = "a = (1,\n2)\n# c\n\nb = '''\n# d\n'''; c = \\\n1\nd = '#\"' # '\ne = 'x\\\ny'\nf"
    assert line_kinds(text) == [
        "code", "continuation", "comment", "blank", "code", "string", "string", "continuation", "code", "code",
        "string", "code",
    ]  # fmt: skip


def test_levels_become_units() -> None:
    text = "if a:\n  # c\n  b(1,\n    2)\n  if c:\n          d\n# e\nelse:\n  f\n"
    assert reindent(text, "\t", "    ") == (
        "\tif a:\n\t    # c\n\t    b(1,\n\t      2)\n\t    if c:\n\t        d\n\t# e\n\telse:\n\t    f\n"
    )


@settings(deadline=None, max_examples=100)
@given(st.text(st.sampled_from("ab:#'\"\\([)] \t\n")), st.sampled_from(["", "  ", "\t"]), st.sampled_from(["  ", "\t"]))
def test_only_indentation_changes(text: str, indent: str, unit: str) -> None:
    result = reindent(text, indent, unit)
    assert [line.lstrip(" \t") for line in result.split("\n")] == [line.lstrip(" \t") for line in text.split("\n")]


def test_the_line_end_most_used() -> None:
    assert newline("a\r\nb\r\nc\n") == "\r\n"
    assert newline("a\nb") == newline("") == "\n"
