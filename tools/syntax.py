"""Python text as a syntax tree: parsing, leaf tokens, definitions.

Offsets are bytes of the UTF-8 text. Rows count from 0; what is named line or column counts from 1.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tree_sitter import Language, Node

MAX_DEPTH = 500
"""Deeper nesting than this is refused: CPython's own parser may overflow the C stack on it."""

Kind = Literal["function", "async function", "method", "nested function", "class"]


@dataclass(frozen=True)
class Problem:
    """Why a text is not Python; `line` and `column` count from 1."""

    line: int
    column: int
    reason: str
    text: str
    """The line it is on."""

    def __str__(self) -> str:
        where = f"line {self.line}, column {self.column}: {self.reason}"
        return f"{where}\n    {self.text.strip()[:200]}" if self.text.strip() else where


@dataclass(frozen=True)
class Leaf:
    """A token and the bytes it covers; the words of `not in` and `is not` are two tokens over the same bytes."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Definition:
    """A function or class somewhere in a module."""

    name: str
    kind: Kind
    qualname: str
    node: Node
    """The `def` or `class` itself."""
    outer: Node
    """The same with its decorators."""


def encode(source: str) -> bytes:
    """The bytes that offsets count; never raises."""
    return source.encode("utf-8", "surrogatepass")


@lru_cache(maxsize=16)
def parse(source: str) -> Node:
    """The root of the syntax tree of `source`, which may be broken."""
    from tree_sitter import Parser

    return Parser(_language()).parse(encode(source)).root_node


@lru_cache(maxsize=64)
def problem(source: str) -> Problem | None:
    """What keeps `source` from being a Python module, or None. Nothing in it is run."""
    if "\r" in source.replace("\r\n", ""):
        row = source.replace("\r\n", "\n").split("\r")[0].count("\n")
        return Problem(row + 1, 1, "a carriage return alone is not a line end here; use \\n or \\r\\n", "")
    if _depth(parse(source)) > MAX_DEPTH:
        return Problem(1, 1, f"nested more than {MAX_DEPTH} levels deep", "")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, "<source>", "exec", dont_inherit=True)
    except SyntaxError as error:
        return Problem(error.lineno or 1, max(error.offset or 1, 1), error.msg, error.text or "")
    except UnicodeError:
        return Problem(1, 1, "contains characters that are not valid Unicode text", "")
    except (ValueError, OverflowError, RecursionError, MemoryError) as error:
        return Problem(1, 1, str(error) or type(error).__name__, "")
    return None


def text(node: Node) -> str:
    """The source text of `node`."""
    return (node.text or b"").decode("utf-8", "surrogatepass")


def walk(node: Node) -> Iterator[Node]:
    """`node` and everything below it, in the order of the text."""
    stack = [node]
    while stack:
        top = stack.pop()
        yield top
        stack.extend(reversed(top.children))


def leaves(node: Node) -> list[Leaf]:
    """The tokens of `node` without comments and line breaks; a string literal is one token."""
    found: list[Leaf] = []
    stack = [node]
    while stack:
        top = stack.pop()
        if top.type in ("comment", "line_continuation"):
            continue
        if top.children and top.type != "string":
            stack.extend(reversed(top.children))
            continue
        words = [text(top)] if top.type == "string" else text(top).split()
        found.extend(Leaf(word, top.start_byte, top.end_byte) for word in words)
    return found


def tokens(node: Node) -> list[str]:
    """The tokens of `node` with marks for blocks and ends of statements, so that equal lists mean equal programs."""
    found: list[str] = []
    stack: list[Node | str] = [node]
    while stack:
        top = stack.pop()
        if isinstance(top, str):
            found.append(top)
            continue
        if top.type in ("comment", "line_continuation", ";"):
            continue
        if top.type == "string" or not top.children:
            word = text(top) if top.type == "string" else " ".join(text(top).split())
            if word:
                found.append(word)
            continue
        if top.type == "block":
            stack.append("\n}")
        if is_statement(top):
            stack.append("\n;")
        stack.extend(reversed(top.children))
        if top.type == "block":
            found.append("\n{")
    return found


def same_tokens(a: str, b: str) -> bool:
    """Whether two texts are the same program but for comments and white space."""
    return tokens(parse(a)) == tokens(parse(b))


def is_statement(node: Node) -> bool:
    """Whether `node` is a statement of a block or of the module."""
    return node.parent is not None and node.parent.type in ("block", "module") and node.is_named


@lru_cache(maxsize=32)
def definitions(source: str) -> tuple[Definition, ...]:
    """Every function and class in `source`, in the order of the text."""
    found = []
    stack: list[tuple[Node, str, str]] = [(parse(source), "module", "")]
    while stack:
        node, scope, prefix = stack.pop()
        inner, path = scope, prefix
        if node.type in ("function_definition", "class_definition"):
            name_node = node.child_by_field_name("name")
            name = text(name_node) if name_node is not None else ""
            kind: Kind
            if node.type == "class_definition":
                kind, inner = "class", "class"
            else:
                asynchronous = bool(node.children) and node.children[0].type == "async"
                kind = "async function" if asynchronous else "function"
                kind = {"class": "method", "function": "nested function"}.get(scope, kind)  # type: ignore[assignment]
                inner = "function"
            decorated = node.parent is not None and node.parent.type == "decorated_definition"
            found.append(Definition(name, kind, prefix + name, node, node.parent if decorated else node))  # type: ignore[arg-type]
            path = f"{prefix}{name}."
        stack.extend((child, inner, path) for child in reversed(node.named_children))
    return tuple(found)


def docstring(body: Node) -> str | None:
    """The value of the docstring of a block or module, or None."""
    node = docstring_node(body)
    if node is None:
        return None
    try:
        value = ast.literal_eval(text(node))
    except (ValueError, SyntaxError):
        return None
    return value if isinstance(value, str) else None


def docstring_node(body: Node) -> Node | None:
    """The string literal that begins a block or module."""
    first = next((each for each in body.named_children if each.type != "comment"), None)
    if first is None or first.type != "expression_statement" or len(first.named_children) != 1:
        return None
    value = first.named_children[0]
    if value.type == "concatenated_string":
        prefixes = [text(each) for each in value.named_children if each.type == "string"]
    else:
        prefixes = [text(value)] if value.type == "string" else []
    plain = prefixes and all(not set(each.split("'")[0].split('"')[0].lower()) & set("bft") for each in prefixes)
    return value if plain else None


def _depth(root: Node) -> int:
    cursor = root.walk()
    deepest = depth = 0
    while True:
        if cursor.goto_first_child():
            depth += 1
            deepest = max(deepest, depth)
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return deepest
            depth -= 1


@lru_cache(maxsize=1)
def _language() -> Language:
    import tree_sitter_python
    from tree_sitter import Language

    return Language(tree_sitter_python.language())
