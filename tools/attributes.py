"""Attributes that a module gives itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from burnish.tools import syntax

if TYPE_CHECKING:
    from tree_sitter import Node

_SCOPES = (
    "function_definition",
    "class_definition",
    "lambda",
    "list_comprehension",
    "set_comprehension",
    "dictionary_comprehension",
    "generator_expression",
)
_TARGETS = {
    "assignment": "left",
    "augmented_assignment": "left",
    "for_statement": "left",
    "named_expression": "name",
}
_UNPACKED = (
    "pattern_list",
    "tuple_pattern",
    "list_pattern",
    "list_splat_pattern",
    "tuple",
    "list",
)


def module_attributes(source: str) -> tuple[str, ...]:
    """Names that the module's own code gives a value or a class, at its top level or as a `global` of a function.

    Each once and in order. Dunder names are left out, and so are those of `with` and `except`, whose values are over.
    """
    found: dict[str, None] = {}
    waiting = [syntax.parse(source)]
    while waiting:
        node = waiting.pop()
        if node.type == "class_definition" and (name_node := node.child_by_field_name("name")) is not None:
            found[syntax.text(name_node)] = None
        if node.type in _SCOPES:
            for inner in syntax.walk(node):
                if inner.type == "global_statement":
                    found.update(dict.fromkeys(map(syntax.text, inner.named_children)))
            continue
        if node.type in _TARGETS and (target := node.child_by_field_name(_TARGETS[node.type])) is not None:
            for name in _names(target):
                if not (name.startswith("__") and name.endswith("__")):
                    found[name] = None
        waiting.extend(reversed(node.named_children))
    return tuple(found)


def _names(target: Node) -> Iterator[str]:
    waiting = [target]
    while waiting:
        node = waiting.pop()
        if node.type == "identifier":
            yield syntax.text(node)
        elif node.type in _UNPACKED:
            waiting.extend(reversed(node.named_children))
