"""Reading a function out of a module's text. Nothing is run or imported."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from burnish.tools import layout, scope, syntax
from burnish.tools.errors import SourceError
from burnish.tools.examples import Example, find_examples
from burnish.tools.hints import static_hints

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = [
    "Example",
    "FunctionTarget",
    "Parameter",
    "def_line",
    "find_examples",
    "list_functions",
    "own",
    "read_function",
    "read_parameters",
    "static_hints",
    "surroundings",
]

ParameterKind = Literal["positional_only", "positional", "star", "keyword", "double_star"]


@dataclass(frozen=True)
class Parameter:
    """A parameter; `annotation` and `default` are source text."""

    name: str
    annotation: str | None
    default: str | None
    kind: ParameterKind
    """`positional` can also be passed by name; `keyword` only by name."""


@dataclass(frozen=True)
class FunctionTarget:
    """A function and what is known of it from its text. Lines count from 1 and include both ends."""

    module_source: str
    name: str
    source: str
    """The function with its decorators, its first line at the left margin."""
    start_line: int
    end_line: int
    parameters: tuple[Parameter, ...]
    returns: str | None
    """The annotation's text."""
    docstring: str | None
    is_async: bool
    is_generator: bool
    imports: tuple[str, ...]
    """Top-level modules imported anywhere in the module, sorted; `.` stands for a relative import."""
    calls_input: bool
    """Whether the function calls `input()`."""
    local_names: frozenset[str]
    """Parameters and variables of the function."""
    decorators: tuple[str, ...]
    """Text after the `@`."""


def list_functions(module_source: str) -> tuple[str, ...]:
    """Names of the plain functions at module level, in the order of the text, each once."""
    found = syntax.definitions(module_source)
    return tuple(dict.fromkeys(each.name for each in found if each.kind == "function"))


@lru_cache(maxsize=32)
def read_function(module_source: str, name: str) -> FunctionTarget:
    """The function `name` of a module.

    Raises:
        SourceError: the text is not Python; there is no such function; the name is defined several times; or it is
            a class, a method, a nested function or an async function.
    """
    problem = syntax.problem(module_source)
    if problem is not None:
        raise SourceError(f"The source is not valid Python: {problem}", "Correct the syntax error first.")
    definition = _find(module_source, name)
    node, outer = definition.node, definition.outer
    if outer.has_error:
        raise SourceError(f"The function {name} uses syntax that the parser here does not know.")
    body, returns = node.child_by_field_name("body"), node.child_by_field_name("return_type")
    source = layout.unindented(outer)
    return FunctionTarget(
        module_source=module_source,
        name=name,
        source=source,
        start_line=outer.start_point.row + 1,
        end_line=outer.end_point.row + 1,
        parameters=read_parameters(node),
        returns=syntax.text(returns) if returns is not None else None,
        docstring=syntax.docstring(body) if body is not None else None,
        is_async=False,
        is_generator=body is not None and any(each.type == "yield" for each in own(body)),
        imports=tuple(sorted({each.root for each in scope.imports(syntax.parse(module_source))})),
        calls_input=any(_is_call_of(each, "input") for each in syntax.walk(node)),
        local_names=scope.local_names(source),
        decorators=tuple(syntax.text(each)[1:].strip() for each in outer.children if each.type == "decorator"),
    )


def def_line(target: FunctionTarget) -> str:
    """The function's text from `def` to the colon before its body."""
    node = _find(target.module_source, target.name).node
    colon = max(each.end_byte for each in node.children if each.type == ":")
    return syntax.encode(target.module_source)[node.start_byte : colon].decode("utf-8", "surrogatepass")


def without_docstring(target: FunctionTarget) -> str:
    """The function's text without its docstring; as it is where it has none, or nothing else in its body."""
    source = target.source
    node = _find(source, target.name).node
    body = node.child_by_field_name("body")
    literal = syntax.docstring_node(body) if body is not None else None
    if body is None or literal is None or len(body.named_children) < 2:
        return source
    lines = source.splitlines(keepends=True)
    first, last = literal.start_point.row, literal.end_point.row
    alone = not lines[first][: literal.start_point.column].strip() and not lines[last].strip().endswith(";")
    if not alone or lines[last].encode()[literal.end_point.column :].strip():
        return source
    return "".join(lines[:first] + lines[last + 1 :])


def surroundings(target: FunctionTarget) -> str:
    """The imports, constants and helper functions of the module that the function uses, as text; may be empty."""
    pool = [each for each in scope.statements(target.module_source) if target.name not in each.bound]
    _, used = scope.names(target.source)
    return "\n".join(each.text for each in scope.needed(pool, used, lambda each: False))


def read_parameters(function: Node) -> tuple[Parameter, ...]:
    """The parameters of a `function_definition` node."""
    listed = function.child_by_field_name("parameters")
    found: list[Parameter] = []
    kind: ParameterKind = "positional"
    for node in listed.named_children if listed is not None else ():
        if node.type == "comment":
            continue
        if node.type == "positional_separator":
            found = [Parameter(each.name, each.annotation, each.default, "positional_only") for each in found]
            continue
        if node.type == "keyword_separator":
            kind = "keyword"
            continue
        parameter = _parameter(node, kind)
        found.append(parameter)
        if parameter.kind == "star":
            kind = "keyword"
    return tuple(found)


def own(node: Node) -> Iterator[Node]:
    """`node` and what is below it, without the insides of functions, classes and lambdas defined in it."""
    stack = [node]
    while stack:
        top = stack.pop()
        yield top
        if top is node or top.type not in ("function_definition", "class_definition", "lambda"):
            stack.extend(reversed(top.children))


def _find(module_source: str, name: str) -> syntax.Definition:
    found = syntax.definitions(module_source)
    matching = [each for each in found if name in (each.name, each.qualname)]
    at_top = [each for each in matching if each.kind in ("function", "async function", "class")]
    if len(at_top) > 1:
        lines = ", ".join(str(each.node.start_point.row + 1) for each in at_top)
        raise SourceError(f"{name} is defined {len(at_top)} times, on lines {lines}.", "Keep one definition.")
    if not matching:
        functions = list_functions(module_source)
        close = difflib.get_close_matches(name, functions, n=1)
        guess = f" Did you mean {close[0]}?" if close else ""
        there = f"Functions there: {', '.join(functions)}." if functions else "There is no function at module level."
        raise SourceError(f"There is no function {name} in the source.{guess}", there)
    definition = at_top[0] if at_top else matching[0]
    if definition.kind != "function":
        reason = {
            "class": f"{name} is a class",
            "method": f"{name} is a method ({definition.qualname})",
            "nested function": f"{name} is nested in another function ({definition.qualname})",
            "async function": f"{name} is an async function",
        }[definition.kind]
        raise SourceError(f"{reason}; only plain functions at module level are supported yet.")
    return definition


def _parameter(node: Node, kind: ParameterKind) -> Parameter:
    annotation, default = node.child_by_field_name("type"), node.child_by_field_name("value")
    inner = node.child_by_field_name("name")
    if inner is None:
        inner = node.named_children[0] if node.type == "typed_parameter" else node
    if inner.type == "list_splat_pattern":
        kind = "star"
    elif inner.type == "dictionary_splat_pattern":
        kind = "double_star"
    return Parameter(
        syntax.text(inner).lstrip("* "),
        syntax.text(annotation) if annotation is not None else None,
        syntax.text(default) if default is not None else None,
        kind,
    )


def _is_call_of(node: Node, name: str) -> bool:
    function = node.child_by_field_name("function") if node.type == "call" else None
    return function is not None and function.type == "identifier" and syntax.text(function) == name
