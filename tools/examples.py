"""Calls of a function with literal arguments, found in doctests, assertions and bare calls. Nothing is run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from burnish.tools import literals, syntax

if TYPE_CHECKING:
    from tree_sitter import Node

Origin = Literal["examples", "existing"]

_EQUALS = ("assertEqual", "assertEquals", "assertListEqual", "assertDictEqual", "assertSetEqual", "assertTupleEqual")
_OTHER_FIRST = ("raises", "assertRaises", "assertRaisesRegex", "suppress")


@dataclass(frozen=True)
class Example:
    """One call; values are plain Python data, never objects of the source."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    expected: Any | None
    has_expected: bool
    origin: Origin
    text: str
    """The call as written."""


def find_examples(source: str, name: str, origin: Origin) -> tuple[Example, ...]:
    """Calls of `name` in a module or test file, the first of equal texts, those with an expected value preferred.

    Arguments are literals, simple arithmetic and repetition of them, `list(range(...))` and the like, or names bound
    once to such a value. Calls that are expected to raise are left out. A source that does not parse has none.
    """
    if syntax.problem(source) is not None:
        return ()
    root = syntax.parse(source)
    found: dict[str, Example] = {}
    for example in [*_in_code(root, name, origin), *_in_doctests(source, name, origin)]:
        before = found.get(example.text)
        if before is None or (example.has_expected and not before.has_expected):
            found[example.text] = example
    return tuple(found.values())


def _in_code(root: Node, name: str, origin: Origin) -> Iterator[Example]:
    constants = literals.constants(root)
    stack = [root]
    while stack:
        node = stack.pop()
        if node.type == "function_definition" and syntax.text(node.child_by_field_name("name") or node) == name:
            continue
        if node.type == "with_statement" and any(
            f"{word}(" in syntax.text(item)
            for item in node.children
            if item.type == "with_clause"
            for word in _OTHER_FIRST
        ):
            continue
        if node.type == "call" and _called(node) == name:
            example = _example(node, name, origin, constants)
            if example is not None:
                yield example
        stack.extend(reversed(node.children))


def _in_doctests(source: str, name: str, origin: Origin) -> Iterator[Example]:
    import doctest

    parser = doctest.DocTestParser()
    for text in _docstrings(source):
        try:
            parts = parser.get_examples(text)
        except ValueError:
            continue
        for part in parts:
            if part.exc_msg is not None or syntax.problem(part.source) is not None:
                continue
            code = syntax.parse(f"assert {part.source}" if part.want.strip() == "True" else part.source)
            whole = _only_expression(code)
            for example in _in_code(code, name, origin):
                if whole is not None and _called(whole) == name and not example.has_expected:
                    value = _parsed(part.want)
                    if value is not literals.UNKNOWN:
                        example = Example(example.args, example.kwargs, value, True, origin, example.text)
                yield example


def _example(call: Node, name: str, origin: Origin, constants: Mapping[str, Any]) -> Example | None:
    listed = call.child_by_field_name("arguments")
    if listed is None or listed.type != "argument_list":
        return None
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    for node in listed.named_children:
        if node.type == "comment":
            continue
        value_node = node.child_by_field_name("value") if node.type == "keyword_argument" else node
        value = literals.evaluate(value_node, constants) if value_node is not None else literals.UNKNOWN
        if value is literals.UNKNOWN:
            return None
        if node.type == "keyword_argument":
            kwargs[syntax.text(node.child_by_field_name("name") or node)] = value
        else:
            args.append(value)
    stated = _stated(call)
    expected = literals.evaluate(stated, constants) if stated is not None else literals.UNKNOWN
    known = expected is not literals.UNKNOWN
    return Example(tuple(args), kwargs, expected if known else None, known, origin, name + syntax.text(listed))


def _stated(call: Node) -> Node | None:
    """The node of the value that the source says the call gives."""
    parent = call.parent
    while parent is not None and parent.type == "parenthesized_expression":
        call, parent = parent, parent.parent
    if parent is None:
        return None
    if parent.type == "comparison_operator" and len(parent.named_children) == 2:
        operator = parent.children[1].type
        holder = parent.parent
        asserted = holder is not None and (
            (holder.type == "assert_statement" and holder.named_children[0] == parent)
            or (holder.type == "argument_list" and _called(holder.parent) == "assertTrue")
        )
        if operator in ("==", "is") and asserted:
            first, second = parent.named_children
            return second if first == call else first
    if parent.type == "argument_list" and _called(parent.parent) in (*_EQUALS, "assertIs"):
        values = [each for each in parent.named_children if each.type != "comment"][:2]
        if len(values) == 2 and call in values:
            return values[1] if values[0] == call else values[0]
    return None


def _called(node: Node | None) -> str:
    """The name called: `f` of `f(...)`, `module.f(...)` and `self.f(...)`; empty when it is anything else."""
    function = node.child_by_field_name("function") if node is not None and node.type == "call" else None
    if function is not None and function.type == "attribute":
        owner = function.child_by_field_name("object")
        function = function.child_by_field_name("attribute") if owner and owner.type == "identifier" else None
    return syntax.text(function) if function is not None and function.type == "identifier" else ""


def _docstrings(source: str) -> Iterator[str]:
    inner = (each.node.child_by_field_name("body") for each in syntax.definitions(source))
    bodies = [syntax.parse(source), *inner]
    for body in bodies:
        text = syntax.docstring(body) if body is not None else None
        if text and ">>>" in text:
            yield text


def _only_expression(root: Node) -> Node | None:
    children = [each for each in root.named_children if each.type != "comment"]
    if len(children) != 1 or children[0].type != "expression_statement" or len(children[0].named_children) != 1:
        return None
    return children[0].named_children[0]


def _parsed(want: str) -> Any:
    if not want.strip() or syntax.problem(want.strip()) is not None:
        return literals.UNKNOWN
    node = _only_expression(syntax.parse(want.strip()))
    return literals.evaluate(node, {}) if node is not None else literals.UNKNOWN
