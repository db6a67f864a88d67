"""Finding code and edit blocks in what a model wrote."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

from burnish.tools import syntax
from burnish.tools.errors import EditError

_OPENING = re.compile(r"^[ \t>]*(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`]*)$")
_PYTHON = ("python", "py", "python3", "py3", "ipython", "ipython3", "pycon")
_CODE_LINE = re.compile(
    r"(async\s+def|def|class|import|from|@|#|if\s|for\s|while\s|try:|with\s|else|elif|except|[A-Za-z_]\w*\s*[:=(\[.])"
)
_FIRST_LINE = re.compile(r"(async\s+def|def|class)\s+\w+|import\s+\w|from\s+[.\w]+\s+import\b|@\w")
_SEARCH = re.compile(r"^\s*<{5,}\s*SEARCH\b.*$", re.IGNORECASE)
_MIDDLE = re.compile(r"^\s*={5,}\s*$")
_REPLACE = re.compile(r"^\s*>{5,}\s*(REPLACE\b.*)?$", re.IGNORECASE)
_FENCE_LINE = re.compile(r"^\s*(`{3,}|~{3,})\w*\s*$")


@dataclass(frozen=True)
class CodeBlock:
    """Code in an answer."""

    info: str
    """First word after the opening fence, in lower case."""
    code: str
    closed: bool
    """False when the answer ended before its closing fence."""


def extract_code(answer: str) -> list[str]:
    """The texts in an answer that may be Python, in the order of the answer; empty when there are none.

    Blocks marked as Python win over unmarked blocks, and these over blocks of other languages. An answer without
    any fence gives its part that looks like Python.
    """
    return [each.code for each in code_blocks(answer)]


def code_blocks(answer: str) -> list[CodeBlock]:
    """What `extract_code` gives, with the fences' particulars."""
    answer = plain_lines(answer)
    found = [each for each in _fenced(answer) if each.code.strip()]
    for group in (
        [each for each in found if each.info in _PYTHON],
        [each for each in found if not each.info],
        found,
    ):
        if group:
            return group
    bare = _bare(answer)
    return [CodeBlock("", bare, closed=False)] if bare.strip() else []


def plain_lines(text: str) -> str:
    """`text` with every line end as a newline."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def parse_blocks(answer: str) -> list[tuple[str, str]]:
    """Pairs of search and replacement text, in the order of the answer; empty when there are none.

    Raises:
        EditError: a block is cut off, or its marks are out of order.
    """
    found: list[tuple[str, str]] = []
    search: list[str] = []
    replacement: list[str] = []
    state = "outside"
    for line in plain_lines(answer).split("\n"):
        if state == "outside":
            if _SEARCH.match(line):
                state, search, replacement = "search", [], []
        elif _SEARCH.match(line):
            raise EditError("A SEARCH block began before the one before it ended with >>>>>>> REPLACE.")
        elif state == "search":
            if _REPLACE.match(line):
                raise EditError("A block has no ======= line between its SEARCH text and its REPLACE text.")
            if _MIDDLE.match(line):
                state = "replace"
            else:
                search.append(line)
        elif _REPLACE.match(line):
            found.append((_unfenced(search), _unfenced(replacement)))
            state = "outside"
        else:
            replacement.append(line)
    if state != "outside":
        raise EditError("The answer ended in the middle of a SEARCH/REPLACE block. Write fewer or shorter blocks.")
    return found


def render_blocks(blocks: Iterable[tuple[str, str]]) -> str:
    """The text that `parse_blocks` reads back."""
    parts: list[str] = []
    for search, replacement in blocks:
        parts += ["<<<<<<< SEARCH", *([search] if search else []), "======="]
        parts += [*([replacement] if replacement else []), ">>>>>>> REPLACE", ""]
    return "\n".join(parts)


def _fenced(answer: str) -> list[CodeBlock]:
    found: list[CodeBlock] = []
    fence = info = ""
    lines: list[str] = []
    for line in answer.split("\n"):
        if not fence:
            opening = _OPENING.match(line)
            if opening:
                fence, words = opening["fence"], re.findall(r"[\w+#-]+", opening["info"])
                info, lines = (words[0].lower() if words else ""), []
            continue
        bare = line.strip(" \t>")
        if len(bare) >= len(fence) and set(bare) == {fence[0]}:
            found.append(CodeBlock(info, _joined(lines), closed=True))
            fence = ""
        else:
            lines.append(line)
    if fence:
        found.append(CodeBlock(info, _joined(lines), closed=False))
    return found


def _joined(lines: list[str]) -> str:
    return textwrap.dedent("\n".join(lines)).strip("\n") + "\n"


def _bare(answer: str) -> str:
    """The part of an unfenced answer from its first line of code to the last line that looks like more of it."""
    if "def " in answer and syntax.problem(answer) is None:
        return answer
    lines = answer.split("\n")
    first = next((at for at, line in enumerate(lines) if _FIRST_LINE.match(line)), None)
    if first is None or not any(re.match(r"(async\s+)?def\s", line) for line in lines[first:]):
        return ""
    last = first
    for at in range(first, len(lines)):
        line = lines[at]
        if line.strip() and not line.startswith((" ", "\t", ")", "]", "}")) and not _CODE_LINE.match(line):
            break
        last = at
    return "\n".join(lines[first : last + 1]).rstrip() + "\n"


def _unfenced(lines: list[str]) -> str:
    if len(lines) >= 2 and _FENCE_LINE.match(lines[0]) and _FENCE_LINE.match(lines[-1]):
        lines = lines[1:-1]
    return "\n".join(lines)
