"""Changing one function of a module and nothing else."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from burnish.tools import layout, syntax
from burnish.tools.additions import additions
from burnish.tools.answers import code_blocks, extract_code, parse_blocks, plain_lines, render_blocks
from burnish.tools.diff import changed_lines, unified_diff
from burnish.tools.errors import EditError
from burnish.tools.python_source import own, read_function, read_parameters
from burnish.tools.snippets import indent_unit, replace_snippet
from burnish.tools.syntax import same_tokens

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = [
    "apply_answer",
    "changed_lines",
    "extract_code",
    "parse_blocks",
    "render_blocks",
    "replace_function",
    "same_tokens",
    "search_replace",
    "unified_diff",
]

_UNCHANGED = "The function {} is the same as before. Change how it works so that it is faster."


def apply_answer(module_source: str, name: str, answer: str) -> str:
    """The module with its function `name` as a model's answer has it: the first code block that is a usable edit.

    Raises:
        EditError: no block is; the reason is that of the block which came nearest.
        SourceError: the module has no such function.
    """
    read_function(module_source, name)
    blocks = code_blocks(answer)
    if not blocks:
        raise EditError(f"There is no code in the answer. Write the whole function {name} in one ```python block.")
    reasons: list[tuple[int, str]] = []
    for block in blocks:
        problem = syntax.problem(block.code)
        cut = _at_end(problem, block.code) if problem else _lost_returns(module_source, block.code, name)
        if cut and not block.closed:
            reasons.append(
                (3, f"The answer ended in the middle of the code. Write a shorter function. {problem or ''}")
            )
            continue
        if problem is not None and block.info and not block.info.startswith(("py", "ipy")):
            reasons.append((0, f"The code is not Python but {block.info}."))
            continue
        try:
            return replace_function(module_source, name, block.code)
        except EditError as error:
            has_it = f"def {name}" in block.code
            reasons.append((2 if has_it and "same as" not in str(error) else 1 if has_it else 0, str(error)))
    raise EditError(max(reasons, key=lambda each: each[0])[1])


def replace_function(module_source: str, name: str, new_source: str) -> str:
    """The module with the body of its function `name` taken from the program `new_source`.

    Decorators, signature and docstring stay as the module has them. Imports, helper functions and constants of
    `new_source` that the new body needs are put directly above the function; all else in it is left out. A
    `functools` cache on the new function is kept.

    Raises:
        EditError: `new_source` is not Python, has no such function, changes its signature, redefines names that the
            module has, or is the same program as before.
        SourceError: the module has no such function.
    """
    read_function(module_source, name)
    new_source = plain_lines(new_source)
    problem = syntax.problem(new_source)
    if problem is not None:
        raise EditError(f"The code is not valid Python: {problem}")
    new = _defined(new_source, name)
    old = _defined(module_source, name)
    _check_signature(old.node, new.node, name)
    parts = _Parts(module_source, old)
    body = parts.body(new.node, new_source)
    caches = _new_decorators(old, new)
    extra = additions(module_source, new_source, name, parts.without_annotations(caches, body))
    function = parts.function(caches, body)
    result = _checked(module_source, parts.put(function, extra), name)
    if syntax.tokens(_defined(result, name).outer) == syntax.tokens(old.outer):
        raise EditError(_UNCHANGED.format(name))
    return result


def search_replace(module_source: str, name: str, blocks: list[tuple[str, str]]) -> str:
    """The module with each search text, found by its tokens within the function `name`, replaced, one after another.

    Raises:
        EditError: nothing or more than one place matches, the result does not parse, changes the signature or is
            the same program as before.
        SourceError: the module has no such function.
    """
    read_function(module_source, name)
    if not blocks:
        raise EditError("There is no SEARCH/REPLACE block in the answer.")
    result = module_source
    for number, (search, replacement) in enumerate(blocks, 1):
        label = f"Block {number}" if len(blocks) > 1 else "The block"
        definition = _defined(result, name)
        searched = syntax.leaves(syntax.parse(textwrap.dedent(plain_lines(search))))
        if [each.text for each in searched] == [each.text for each in syntax.leaves(definition.outer)]:
            result = replace_function(result, name, plain_lines(replacement))
            continue
        changed = replace_snippet(result, definition.outer, plain_lines(search), plain_lines(replacement), label)
        _check_signature(definition.node, _defined(changed, name).node, name)
        result = _checked(result, changed, name)
    if same_tokens(module_source, result):
        raise EditError(_UNCHANGED.format(name))
    return result


class _Parts:
    """The pieces of a module around one function."""

    def __init__(self, module_source: str, definition: syntax.Definition) -> None:
        self.source = module_source
        self.bytes = syntax.encode(module_source)
        self.definition = definition
        self.newline = layout.newline(module_source)
        outer, node = definition.outer, definition.node
        self.start, self.end = outer.start_byte, outer.end_byte
        self.line_start = self.bytes.rfind(b"\n", 0, self.start) + 1
        self.indent = layout.indentation(self._text(self.line_start, self.start))
        body = node.child_by_field_name("body")
        if body is None:
            raise EditError(f"The function {definition.name} has no body.")
        colon = max(each.end_byte for each in node.children if each.type == ":")
        line_end = self.bytes.find(b"\n", colon)
        self.header_end = colon if line_end == -1 or body.start_byte < line_end else line_end
        self.unit = indent_unit(self.bytes, outer)
        literal = syntax.docstring_node(body)
        self.docstring = syntax.text(literal) if literal is not None else None

    def body(self, new: Node, new_source: str) -> str:
        """The statements of the function `new`, indented for here, with the docstring that belongs here."""
        block = new.child_by_field_name("body")
        if block is None:
            raise EditError(f"The function {self.definition.name} has no body.")
        new_bytes = syntax.encode(new_source)
        first = block.named_children[0] if block.named_children else block
        literal = syntax.docstring_node(block)
        docstring = self.docstring
        if literal is not None and docstring is not None:
            rest = [each for each in block.named_children if each.start_byte >= literal.end_byte]
            first = rest[0] if rest else first
            if all(each.type == "comment" for each in rest):
                return self._indented(docstring)
        line = new_bytes.rfind(b"\n", 0, first.start_byte) + 1
        lead = new_bytes[line : first.start_byte].decode("utf-8", "replace")
        text = layout.indentation(lead) + new_bytes[first.start_byte : new.end_byte].decode("utf-8", "surrogatepass")
        lines = layout.reindent(text, self.indent + self.unit, self.unit).rstrip()
        return lines if docstring is None else f"{self._indented(docstring)}\n{lines}"

    def function(self, caches: list[str], body: str) -> str:
        """The whole function, from its first decorator on."""
        at = self.definition.node.start_byte
        before, header = self._text(self.start, at), self._text(at, self.header_end)
        added = "".join(f"@{each}\n{self.indent}" for each in caches)
        header = header.removesuffix("\r")
        return before + self._ends(added) + header + self.newline + self._ends(body)

    def without_annotations(self, caches: list[str], body: str) -> str:
        """The function with bare parameters, at the left margin: what it refers to, its body alone refers to."""
        bare = [(name, kind, "") for name, kind, _ in signature(self.definition.node)]
        lines = [*(f"@{each}" for each in caches), f"def {self.definition.name}({listed(bare)}):"]
        return layout.reindent("\n".join([*(self.indent + line for line in lines), body]), "", "    ")

    def put(self, function: str, extra: str) -> str:
        """The module with `function` in place and `extra` above it."""
        above = self._ends(layout.reindent(extra, self.indent, self.unit)) if extra else ""
        return self._text(0, self.line_start) + above + self.indent + function + self._text(self.end, len(self.bytes))

    def _indented(self, docstring: str) -> str:
        return f"{self.indent}{self.unit}{plain_lines(docstring)}"

    def _ends(self, text: str) -> str:
        return text.replace("\n", self.newline)

    def _text(self, start: int, end: int) -> str:
        return self.bytes[start:end].decode("utf-8", "surrogatepass")


def _defined(source: str, name: str) -> syntax.Definition:
    """The last function `name` at module level, as Python would have it."""
    found = syntax.definitions(source)
    matching = [each for each in found if each.name == name and each.kind in ("function", "async function")]
    if not matching:
        there = ", ".join(dict.fromkeys(each.qualname for each in found)) or "no function at all"
        raise EditError(f"There is no function {name} at the top level of the code; it has {there}.")
    return matching[-1]


def _check_signature(old: Node, new: Node, name: str) -> None:
    if new.has_error:
        raise EditError(f"The function {name} uses syntax that is not understood.")
    before, after = signature(old), signature(new)
    if before != after:
        raise EditError(
            f"The signature of {name} changed from ({listed(before)}) to ({listed(after)}). "
            "Keep the parameters exactly: names, order, defaults."
        )
    if old.children[0].type != new.children[0].type:
        raise EditError(f"The function {name} must stay a plain function, without async.")


def signature(function: Node) -> list[tuple[str, str, str]]:
    """Name, kind and default of each parameter."""
    return [
        (each.name, each.kind, " ".join(syntax.tokens(syntax.parse(each.default))) if each.default is not None else "")
        for each in read_parameters(function)
    ]


def listed(parameters: list[tuple[str, str, str]]) -> str:
    """What `signature` gives, as a person writes it."""
    marks = {"star": "*", "double_star": "**"}
    out: list[str] = []
    for at, (name, kind, default) in enumerate(parameters):
        if kind == "keyword" and not any(each[1] in ("star", "keyword") for each in parameters[:at]):
            out.append("*")
        out.append(marks.get(kind, "") + name + (f"={default.split(chr(10))[0].strip()}" if default else ""))
        if kind == "positional_only" and (at + 1 == len(parameters) or parameters[at + 1][1] != kind):
            out.append("/")
    return ", ".join(out)


def _new_decorators(old: syntax.Definition, new: syntax.Definition) -> list[str]:
    before = {syntax.text(each)[1:].strip() for each in old.outer.children if each.type == "decorator"}
    after = [syntax.text(each)[1:].strip() for each in new.outer.children if each.type == "decorator"]
    added = [each for each in after if each not in before]
    for each in added:
        if each.split("(")[0].removeprefix("functools.") not in ("cache", "lru_cache"):
            raise EditError(f"The decorator @{each} was added. Leave out new decorators.")
    return added


def _at_end(problem: syntax.Problem, code: str) -> bool:
    """Whether a syntax error is one that more text could have mended."""
    last = code.rstrip().count("\n") + 1
    never_closed = ("was never closed", "unterminated", "expected an indented block", "unexpected EOF")
    return problem.line >= last or any(each in problem.reason for each in never_closed)


def _lost_returns(before: str, after: str, name: str) -> bool:
    """Whether the function gave something back and, cut off between two statements, no longer does."""
    kinds = ("return_statement", "yield", "raise_statement")
    counts = []
    for source in (before, after):
        nodes = [each.node for each in syntax.definitions(source) if each.name == name]
        if not nodes:
            return False
        counts.append(sum(each.type in kinds for each in own(nodes[-1])))
    return counts[0] > 0 and counts[1] == 0


def _checked(before: str, after: str, name: str) -> str:
    """`after`, when it is a module in which only the function and what stands directly above it changed."""
    problem = syntax.problem(after)
    if problem is not None:
        raise EditError(f"The module with this change is not valid Python: {problem}")
    old, new = _defined(before, name), _defined(after, name)
    old_bytes, new_bytes = syntax.encode(before), syntax.encode(after)
    if old_bytes[old.outer.end_byte :] != new_bytes[new.outer.end_byte :]:
        raise EditError(f"The change reaches beyond the function {name}. Write only the function.")
    return after
