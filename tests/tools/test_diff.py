"""Patches that git applies."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burnish.tools.edit import changed_lines, unified_diff


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a\nb\nc\n", "a\nB\nc\n"),
        ("a\nb", "a\nb\n"),
        ("a\nb", "a\nc"),
        ("a\r\nb\r\n", "a\r\nc\r\n"),
        ("a\x0cb\u2028c\n", "a\x0cb\u2028d\n"),
        ("", "a\n"),
    ],
)
def test_git_applies_it(tmp_path: Path, old: str, new: str) -> None:
    file, patch = tmp_path / "m.py", tmp_path / "p.diff"
    file.write_bytes(old.encode())
    patch.write_bytes(unified_diff(old, new, "m.py").encode())
    subprocess.run(["git", "apply", "--whitespace=nowarn", "p.diff"], cwd=tmp_path, check=True, timeout=30)
    assert file.read_bytes() == new.encode()


lines = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=6).map("\n".join)


@settings(deadline=None, max_examples=60)
@given(lines, lines)
def test_a_difference_has_lines_and_equality_has_none(old: str, new: str) -> None:
    patch = unified_diff(old, new, "m.py")
    body = [line for line in patch.split("\n")[2:] if line[:1] in ("+", "-")]
    assert (patch == "") == (old == new)
    assert changed_lines(old, new) == len(body)
