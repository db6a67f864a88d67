"""Replacing a piece of a function that is found by its tokens, whatever its white space and comments."""

from __future__ import annotations

import difflib
import textwrap
from typing import TYPE_CHECKING

from burnish.tools import layout, syntax
from burnish.tools.errors import EditError

if TYPE_CHECKING:
    from tree_sitter import Node

_CLAUSES = ("else_clause", "elif_clause", "except_clause", "finally_clause", "case_clause", "decorator")


def replace_snippet(source: str, function: Node, search: str, replacement: str, label: str) -> str:
    """`source` with the one piece of `function`, a node of it, that has the tokens of `search` replaced.

    A piece is whole statements, the first lines of a compound statement, or one expression. `label` names the block
    in reasons.

    Raises:
        EditError: the piece is not there, is there several times, or the result does not parse.
    """
    wanted = [each.text for each in syntax.leaves(syntax.parse(textwrap.dedent(search)))]
    if not wanted:
        raise EditError(f"{label} has an empty SEARCH text. Copy the lines to change into it.")
    leaves = syntax.leaves(function)
    words = [each.text for each in leaves]
    size = len(wanted)
    spans = [
        (leaves[at].start, leaves[at + size - 1].end)
        for at in range(len(words) - size + 1)
        if words[at] == wanted[0] and words[at : at + size] == wanted
    ]
    starts, ends = _statement_bounds(function)
    lines = [span for span in spans if span[0] in starts and span[1] in ends]
    found = lines or [span for span in spans if _is_expression(function, span)]
    if not found:
        if spans:
            raise EditError(f"The SEARCH text of {label.lower()} stops in the middle of a statement. Use whole lines.")
        raise EditError(
            f"The SEARCH text of {label.lower()} is not in the function. The most similar lines are:\n"
            + _most_similar(syntax.text(function), search)
        )
    if len(found) > 1:
        raise EditError(f"The SEARCH text of {label.lower()} is there {len(found)} times. Add lines around it.")
    return _first_that_parses(source, function, found[0], replacement, bool(lines))


def indent_unit(source: bytes, node: Node) -> str:
    """The blanks by which the first block of `node` that has its own line is indented; four spaces without any."""
    for block in syntax.walk(node):
        if block.type != "block" or block.parent is None or block.start_point.row == block.parent.start_point.row:
            continue
        inner, outer = (_lead(source, each.start_byte) for each in (block, block.parent))
        if inner.startswith(outer) and inner != outer and not inner.strip():
            return inner[len(outer) :]
    return "    "


def _first_that_parses(source: str, function: Node, span: tuple[int, int], replacement: str, lines: bool) -> str:
    reason: syntax.Problem | None = None
    for variant in _variants(replacement.strip("\n")):
        changed = _put(source, function, span, variant, lines)
        problem = syntax.problem(changed)
        if problem is None:
            return changed
        reason = reason or problem
    raise EditError(f"The module with this change is not valid Python: {reason}")


def _variants(replacement: str) -> list[str]:
    """The replacement, and the same with a first line that lost its indentation set under the second."""
    first, _, rest = replacement.partition("\n")
    second = next((line for line in rest.split("\n") if line.strip()), "")
    if layout.indentation(first) or not layout.indentation(second):
        return [replacement]
    return [replacement, f"{layout.indentation(second)}{first}\n{rest}"]


def _put(source: str, function: Node, span: tuple[int, int], replacement: str, lines: bool) -> str:
    text = syntax.encode(source)
    start, end = span
    line_start = text.rfind(b"\n", 0, start) + 1
    before = text[line_start:start].decode("utf-8", "replace")
    indent, unit = layout.indentation(before), indent_unit(text, function)
    new = replacement
    if not lines:
        new = "\n".join(line.strip(" \t") if at == 0 else line for at, line in enumerate(replacement.split("\n")))
    elif not replacement.strip():
        new = ""
        if not before.strip():
            start = line_start
            line_end = text.find(b"\n", end)
            if not text[end : max(line_end, end)].strip():
                end = line_end + 1 if line_end != -1 else len(text)
    elif not before.strip():
        start = line_start
        new = layout.reindent(replacement, indent, unit)
    elif "\n" in replacement:
        start -= len(before) - len(before.rstrip())
        new = "\n" + layout.reindent(replacement, indent + unit, unit)
    else:
        new = replacement.strip()
    new = new.replace("\n", layout.newline(source))
    return (text[:start] + syntax.encode(new) + text[end:]).decode("utf-8", "surrogatepass")


def _statement_bounds(function: Node) -> tuple[set[int], set[int]]:
    """Where statements and clauses begin, and where they or their first lines end."""
    starts, ends = {function.start_byte}, {function.end_byte}
    for node in syntax.walk(function):
        if syntax.is_statement(node) or node.type in _CLAUSES or node.type == "function_definition":
            starts.add(node.start_byte)
            ends.add(node.end_byte)
        elif node.type == ":" and node.parent is not None:
            after = (each for each in node.parent.children if each.start_byte >= node.end_byte)
            if next((each.type for each in after if each.type != "comment"), "") == "block":
                ends.add(node.end_byte)
    return starts, ends


def _is_expression(function: Node, span: tuple[int, int]) -> bool:
    node = function.descendant_for_byte_range(*span)
    return node is not None and node.is_named and (node.start_byte, node.end_byte) == span


def _most_similar(function: str, search: str) -> str:
    lines = function.replace("\r\n", "\n").split("\n")
    wanted = [line.strip() for line in search.strip("\n").split("\n")]
    height = min(len(wanted), len(lines))
    matcher = difflib.SequenceMatcher(None, autojunk=False)
    matcher.set_seq2("\n".join(wanted)[:2000])
    best, best_at = -1.0, 0
    for at in range(min(len(lines) - height + 1, 400)):
        matcher.set_seq1("\n".join(line.strip() for line in lines[at : at + height])[:2000])
        score = matcher.quick_ratio()
        if score > best:
            best, best_at = score, at
    return "\n".join(lines[best_at : best_at + height][:20])


def _lead(source: bytes, at: int) -> str:
    line = source[source.rfind(b"\n", 0, at) + 1 : at].decode("utf-8", "replace")
    return layout.indentation(line) if line.strip() else line
