"""What the names of a function are bound to, and what changes inside its loops."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from burnish.tools import syntax

if TYPE_CHECKING:
    from tree_sitter import Node

BoundKind = Literal["list", "string", "other", "unknown"]

LOOPS = ("for_statement", "while_statement")
_COMPREHENSIONS = ("list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression")
_LIST_MAKERS = ("list", "sorted", "split", "rsplit", "splitlines", "readlines")
_PURE_MODULES = ("re", "math", "cmath", "operator", "itertools", "bisect", "json", "statistics", "string", "struct")
_READING_METHODS = (
    "get", "items", "keys", "values", "count", "index", "copy", "split", "join", "strip", "lower", "upper",
    "startswith", "endswith", "replace", "find", "format", "encode", "decode",
)  # fmt: skip


@dataclass(frozen=True)
class Bindings:
    """The kinds of value that each name is bound to."""

    kinds: dict[str, frozenset[BoundKind]]

    def kind(self, node: Node) -> BoundKind:
        """What an expression is, when every binding agrees; `unknown` for a name never seen bound to anything."""
        if node.type == "identifier":
            kinds = self.kinds.get(syntax.text(node), frozenset({"unknown"}))
            return next(iter(kinds)) if len(kinds) == 1 else "other"
        return "other" if node.type == "list" else _kind_of(node)


def read_bindings(root: Node) -> Bindings:
    """The bindings below `root`; annotated parameters count by their annotation, others are unknown."""
    kinds: dict[str, set[BoundKind]] = {}
    for node in syntax.walk(root):
        left = node.child_by_field_name("left")
        if node.type == "assignment" and left is not None and left.type == "identifier":
            right = node.child_by_field_name("right")
            if right is not None:
                kinds.setdefault(syntax.text(left), set()).add(_kind_of(right))
        elif node.type in ("assignment", "for_statement", "for_in_clause") and left is not None:
            if left.type not in ("subscript", "attribute"):
                for name in identifiers(left):
                    kinds.setdefault(name, set()).add("unknown")
        elif node.type in ("typed_parameter", "typed_default_parameter") and node.named_children:
            annotation = field(node, "type").split("[")[0].split(".")[-1].strip().lower()
            known: dict[str, BoundKind] = {"list": "list", "str": "string"}
            kinds.setdefault(syntax.text(node.named_children[0]), set()).add(known.get(annotation, "other"))
    return Bindings({name: frozenset(each) for name, each in kinds.items()})


def loops_around(node: Node) -> Iterator[Node]:
    """Loops that run `node` again in each round, innermost first, up to the nearest function."""
    child, parent = node, node.parent
    while parent is not None and parent.type not in ("function_definition", "lambda"):
        repeated = parent.type == "while_statement"
        if parent.type == "for_statement":
            repeated = child == parent.child_by_field_name("body")
        elif parent.type in _COMPREHENSIONS:
            repeated = child != next((each for each in parent.named_children if each.type == "for_in_clause"), None)
        if repeated:
            yield parent
        child, parent = parent, parent.parent


def is_invariant(call: Node) -> bool:
    """Whether nothing that `call` reads is bound, or may be changed in place, inside the innermost loop around it."""
    loop = next(loops_around(call), None)
    if loop is None or loop.type not in LOOPS:
        return False
    if call.parent is not None and call.parent.type == "expression_statement":
        return False
    function = call.child_by_field_name("function")
    read = identifiers(call)
    if function is not None and function.type == "identifier":
        read.discard(syntax.text(function))
    return bool(read) and not read & _changed_in(loop)


def appended_in(name: str, loop: Node) -> Iterator[str]:
    """The texts of what is appended to the list `name` in `loop`; an empty one where that is not a single element."""
    for node in syntax.walk(loop):
        if node.type == "call" and field(node, "function") in (f"{name}.append", f"{name}.insert", f"{name}.extend"):
            arguments = node.child_by_field_name("arguments")
            given = arguments.named_children if arguments is not None else []
            one = field(node, "function").endswith(".append") and len(given) == 1
            yield " ".join(syntax.text(given[0]).split()) if one else ""
        elif node.type == "augmented_assignment" and field(node, "left") == name:
            yield ""


def identifiers(node: Node) -> set[str]:
    """Names in `node`; of `a.b` only `a`, of `f(x=y)` only `f` and `y`."""
    found = set()
    for each in syntax.walk(node):
        parent = each.parent
        if each.type != "identifier":
            continue
        if parent is not None and parent.type == "attribute" and parent.child_by_field_name("attribute") == each:
            continue
        if parent is not None and parent.type == "keyword_argument" and parent.child_by_field_name("name") == each:
            continue
        found.add(syntax.text(each))
    return found


def field(node: Node, name: str) -> str:
    """The text of a field of `node`; empty when it has none."""
    child = node.child_by_field_name(name)
    return syntax.text(child) if child is not None else ""


def _changed_in(loop: Node) -> set[str]:
    changed: set[str] = set()
    for node in syntax.walk(loop):
        left = node.child_by_field_name("left")
        if node.type in ("assignment", "augmented_assignment", "for_statement", "for_in_clause") and left is not None:
            changed |= identifiers(left)
        elif node.type == "named_expression":
            changed.add(field(node, "name"))
        elif node.type in ("as_pattern_target", "delete_statement"):
            changed |= identifiers(node)
        elif node.type == "call":
            function = node.child_by_field_name("function")
            owner = function.child_by_field_name("object") if function is not None else None
            if function is None or owner is None or syntax.text(owner) in _PURE_MODULES:
                continue
            if field(function, "attribute") not in _READING_METHODS:
                changed |= identifiers(owner)
    return changed


def _kind_of(node: Node) -> BoundKind:
    if node.type in ("list", "list_comprehension"):
        return "list"
    if node.type in ("string", "concatenated_string"):
        return "string"
    if node.type == "call":
        return "list" if field(node, "function").split(".")[-1] in _LIST_MAKERS else "other"
    if node.type == "binary_operator" and field(node, "operator") == "*" and node.named_children:
        return _kind_of(node.named_children[0])
    if node.type in ("identifier", "subscript", "attribute", "conditional_expression", "await"):
        return "unknown"
    return "other"
