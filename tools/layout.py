"""Lines and indentation of Python text that need not parse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from burnish.tools import syntax

if TYPE_CHECKING:
    from tree_sitter import Node

LineKind = Literal["code", "comment", "continuation", "string", "blank"]


def newline(source: str) -> str:
    """The line end that `source` uses most."""
    windows = source.count("\r\n")
    return "\r\n" if windows * 2 > source.count("\n") else "\n"


def indentation(line: str) -> str:
    """The blanks that `line` begins with."""
    return line[: len(line) - len(line.lstrip(" \t\f"))]


def line_kinds(text: str) -> list[LineKind]:
    """What each line of `text` begins as: a new logical line, or the inside of one begun before."""
    kinds: list[LineKind] = []
    quote, depth, escaped = "", 0, False
    for line in text.split("\n"):
        stripped = line.strip()
        if quote:
            kinds.append("string")
        elif not stripped:
            kinds.append("blank")
        elif depth or escaped:
            kinds.append("continuation")
        else:
            kinds.append("comment" if stripped.startswith("#") else "code")
        quote, depth, escaped = _scan(line.rstrip("\r"), quote, depth)
    return kinds


def reindent(text: str, indent: str, unit: str) -> str:
    """`text` with its outermost lines at `indent` and one `unit` more for every level below; strings stay as they are.

    The depth of a line is read from how its indentation compares with the lines before, so any unit, tabs included,
    comes out as `unit`.
    """
    out: list[str] = []
    comments: list[tuple[int, int]] = []
    levels: list[int] = []
    old_width, head = 0, indent
    for line, kind in zip(text.split("\n"), line_kinds(text), strict=True):
        body = line.lstrip(" \t\f")
        width = _width(line)
        if kind == "string":
            out.append(line)
        elif kind == "blank":
            out.append("")
        elif kind == "continuation":
            out.append(_shifted(head, width - old_width) + body)
        elif kind == "comment":
            comments.append((len(out), width))
            out.append(body)
        else:
            while levels and width < levels[-1]:
                levels.pop()
            if not levels or width > levels[-1]:
                levels.append(width)
            old_width, head = width, indent + unit * (len(levels) - 1)
            _place(comments, levels, out, indent, unit)
            out.append(head + body)
    _place(comments, levels, out, indent, unit)
    return "\n".join(out)


def unindented(node: Node) -> str:
    """The text of a statement, with its first line at the left margin."""
    source = syntax.text(node)
    column = node.start_point.column
    return reindent(" " * column + source, "", "    ") if column else source


def _place(comments: list[tuple[int, int]], levels: list[int], out: list[str], indent: str, unit: str) -> None:
    for row, width in comments:
        depth = max(sum(level <= width for level in levels) - 1, 0)
        out[row] = indent + unit * depth + out[row]
    comments.clear()


def _width(line: str) -> int:
    return len(indentation(line).replace("\f", "").expandtabs(8))


def _shifted(head: str, by: int) -> str:
    return head + " " * by if by >= 0 else head[: max(len(head) + by, 0)]


def _scan(line: str, quote: str, depth: int) -> tuple[str, int, bool]:
    """The open quote, the open brackets and whether a backslash joins the next line, after `line`."""
    at = 0
    while at < len(line):
        char = line[at]
        if char == "\\":
            if at == len(line) - 1:
                return quote, depth, True
            at += 2
        elif quote:
            if line.startswith(quote, at):
                at += len(quote)
                quote = ""
            else:
                at += 1
        elif char == "#":
            break
        elif char in "\"'":
            quote = char * 3 if line.startswith(char * 3, at) else char
            at += len(quote)
        else:
            depth = max(depth + (char in "([{") - (char in ")]}"), 0)
            at += 1
    return quote if len(quote) == 3 else "", depth, False
