"""Which names the top-level statements of a module bind and use."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from burnish.tools.layout import unindented
from burnish.tools.syntax import parse, text, walk

if TYPE_CHECKING:
    import symtable

    from tree_sitter import Node


@dataclass(frozen=True)
class Import:
    """One name that an import statement binds."""

    bound: str
    module: str
    """As written, leading dots included."""
    name: str | None
    """What is taken from the module; None for `import module`, `*` for everything."""
    alias: str | None

    @property
    def root(self) -> str:
        """The top-level module; `.` for a relative import."""
        return "." if self.module.startswith(".") else self.module.split(".")[0]

    def __str__(self) -> str:
        alias = f" as {self.alias}" if self.alias else ""
        if self.name is None:
            return f"import {self.module}{alias}"
        return f"from {self.module} import {self.name}{alias}"


@dataclass(frozen=True)
class Statement:
    """A statement at the top level of a module."""

    text: str
    node: Node
    bound: frozenset[str]
    """Module-level names that it binds or fills: assigned, defined, subscripted into or called a method of."""
    used: frozenset[str]
    """Module-level names and builtins that it refers to, functions inside included."""
    imports: tuple[Import, ...]

    @property
    def is_definition(self) -> bool:
        """Whether it is a function or class."""
        return self.node.type in ("function_definition", "class_definition", "decorated_definition")


@lru_cache(maxsize=16)
def statements(source: str) -> tuple[Statement, ...]:
    """The top-level statements of `source`, which must be valid Python."""
    return tuple(statement(node) for node in parse(source).named_children if node.type != "comment")


def statement(node: Node) -> Statement:
    """What one statement, valid by itself, binds and uses."""
    words = unindented(node)
    bound, used = names(words)
    return Statement(words, node, bound | _filled(node), used, tuple(imports(node)))


@lru_cache(maxsize=128)
def names(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """Module-level names bound in `source`, and those used in it that are not local to a function."""
    import symtable

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        top = symtable.symtable(source, "<source>", "exec")
    bound, used = set(), set()
    for symbol in top.get_symbols():
        if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace():
            bound.add(symbol.get_name())
        if symbol.is_referenced():
            used.add(symbol.get_name())
    for table in _tables_below(top):
        for symbol in table.get_symbols():
            if symbol.is_global():
                used.add(symbol.get_name())
                if symbol.is_declared_global() and symbol.is_assigned():
                    bound.add(symbol.get_name())
    return frozenset(bound), frozenset(used)


def local_names(function_source: str) -> frozenset[str]:
    """Parameters and other names that the function in `function_source`, the only one at its top level, binds."""
    import symtable

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        top = symtable.symtable(function_source, "<source>", "exec")
    found: set[str] = set()
    for table in top.get_children():
        if isinstance(table, symtable.Function):
            found.update(table.get_locals())
    return frozenset(found)


def imports(node: Node) -> Iterator[Import]:
    """Every name imported in `node` and below it; `from __future__` is left out."""
    for found in walk(node):
        if found.type == "import_statement":
            for child in found.children_by_field_name("name"):
                module, alias = _aliased(child)
                yield Import(alias or module.split(".")[0], module, None, alias)
        elif found.type == "import_from_statement":
            module_node = found.child_by_field_name("module_name")
            module = "".join(text(module_node).split()) if module_node is not None else ""
            if any(child.type == "wildcard_import" for child in found.children):
                yield Import("*", module, "*", None)
            for child in found.children_by_field_name("name"):
                name, alias = _aliased(child)
                yield Import(alias or name, module, name, alias)


def needed(pool: Sequence[Statement], wanted: Iterable[str], skip: Callable[[Statement], bool]) -> list[Statement]:
    """Those of `pool`, in order, that bind what `wanted` or they themselves use, without those `skip` is true of."""
    names_wanted = set(wanted)
    taken: set[int] = set()
    growing = True
    while growing:
        growing = False
        for at, candidate in enumerate(pool):
            if at not in taken and candidate.bound & names_wanted and not skip(candidate):
                taken.add(at)
                names_wanted |= candidate.used
                growing = True
    return [candidate for at, candidate in enumerate(pool) if at in taken]


def _filled(node: Node) -> frozenset[str]:
    found: set[str] = set()
    stack = [node]
    while stack:
        top = stack.pop()
        if top.type in ("function_definition", "class_definition", "lambda"):
            continue
        target = None
        if top.type in ("assignment", "augmented_assignment"):
            target = top.child_by_field_name("left")
        elif top.type == "call" and top.parent is not None and top.parent.type == "expression_statement":
            target = top.child_by_field_name("function")
        while target is not None and target.type in ("subscript", "attribute"):
            target = target.child_by_field_name("value" if target.type == "subscript" else "object")
            if target is not None and target.type == "identifier":
                found.add(text(target))
        stack.extend(top.children)
    return frozenset(found)


def _tables_below(top: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    stack = list(top.get_children())
    while stack:
        table = stack.pop()
        yield table
        stack.extend(table.get_children())


def _aliased(node: Node) -> tuple[str, str | None]:
    if node.type != "aliased_import":
        return "".join(text(node).split()), None
    name, alias = node.child_by_field_name("name"), node.child_by_field_name("alias")
    return "".join(text(name).split()) if name else "", text(alias) if alias else None
