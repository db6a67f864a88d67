"""The difference between two texts."""

from __future__ import annotations

import difflib


def unified_diff(old: str, new: str, path: str) -> str:
    """A patch from `old` to `new` that `git apply` and `patch -p1` take; empty when the texts are equal."""
    parts: list[str] = []
    for line in difflib.unified_diff(_lines(old), _lines(new), f"a/{path}", f"b/{path}"):
        parts.append(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
    return "".join(parts)


def changed_lines(old: str, new: str) -> int:
    """Lines taken away plus lines added, as the patch has them."""
    body = list(difflib.unified_diff(_lines(old), _lines(new), n=0))[2:]
    return sum(line.startswith(("+", "-")) for line in body)


def _lines(text: str) -> list[str]:
    """Lines with their newlines; only a newline ends a line, as `diff` counts."""
    lines = [f"{line}\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]
