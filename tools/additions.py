"""What of a program must come along when one of its functions moves into a module."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from burnish.tools import scope, syntax
from burnish.tools.errors import EditError

if TYPE_CHECKING:
    from burnish.tools.scope import Import, Statement


def additions(module_source: str, new_source: str, name: str, function: str) -> str:
    """Imports, constants and helpers of `new_source` that `function` needs and the module lacks, as one text.

    Demo calls, prints, assertions and `if __name__` blocks never come along. The text ends with blank lines, or is
    empty when nothing is needed.

    Raises:
        EditError: a name to be added is one that the module binds, or a builtin that the rest of it uses.
    """
    module = scope.statements(module_source)
    pool = scope.statements(new_source)
    _, used = scope.names(function)
    chosen = scope.needed(pool, used, lambda each: _stays(each, name) or _is_there(each, module_source))
    wanted = set(used).union(*(each.used for each in chosen))
    taken = _Taken(module, scope.names(module_source)[0], name)
    lines = _imports(chosen, wanted, taken)
    kept = [each for each in chosen if not _is_import(each)]
    for each in kept:
        taken.check(each.bound)
    _check_star_imports(pool, wanted, taken.bound)
    return _laid_out(lines, kept)


class _Taken:
    """The names of a module that may not be bound anew."""

    def __init__(self, module: Sequence[Statement], bound: frozenset[str], name: str) -> None:
        self.bound = bound
        self.imports = {str(found): found.bound for each in module if _is_import(each) for found in each.imports}
        rest = [each for each in module if name not in each.bound]
        self.used_builtins = {found for each in rest for found in each.used if hasattr(builtins, found)}

    def check(self, names: frozenset[str]) -> None:
        for name in sorted(names):
            if name in self.bound:
                raise EditError(f"The module already has a different {name}. Use it as it is, or choose another name.")
            if name in self.used_builtins:
                raise EditError(f"{name} hides the builtin that other code in the module uses. Choose another name.")


def _is_there(statement: Statement, module_source: str) -> bool:
    return tuple(syntax.tokens(statement.node)) in _statement_tokens(module_source)


@lru_cache(maxsize=16)
def _statement_tokens(module_source: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(syntax.tokens(each.node)) for each in scope.statements(module_source))


def _stays(statement: Statement, name: str) -> bool:
    """Whether a statement is never taken along, whatever it binds."""
    if name in statement.bound or statement.node.type in ("assert_statement", "future_import_statement"):
        return True
    if statement.is_definition:
        return False
    return bool(statement.used & {name, "__name__", "print", "input"})


def _is_import(statement: Statement) -> bool:
    return statement.node.type in ("import_statement", "import_from_statement")


def _imports(chosen: list[Statement], wanted: set[str], taken: _Taken) -> list[str]:
    """Import lines; names taken from one module share a line."""
    plain: dict[str, None] = {}
    grouped: dict[str, dict[str, None]] = {}
    bound: dict[str, Import] = {}
    for found in (each for statement in chosen if _is_import(statement) for each in statement.imports):
        if found.bound not in wanted or str(found) in taken.imports:
            continue
        same_package = found.name is None and found.alias is None and found.bound in taken.imports.values()
        if not (same_package and f"import {found.bound}" in {part.split(".")[0] for part in taken.imports}):
            taken.check(frozenset({found.bound}))
        bound[found.bound] = found
        if found.name is None:
            plain.setdefault(str(found))
        else:
            names = grouped.setdefault(found.module, {})
            names.setdefault(found.name if found.alias is None else f"{found.name} as {found.alias}")
    return [*plain, *(f"from {module} import {', '.join(names)}" for module, names in grouped.items())]


def _check_star_imports(pool: Sequence[Statement], wanted: set[str], bound: frozenset[str]) -> None:
    stars = [found for each in pool for found in each.imports if found.name == "*"]
    defined = bound.union(*(each.bound for each in pool))
    missing = sorted(each for each in wanted if each not in defined and not hasattr(builtins, each))
    if stars and missing:
        raise EditError(f"`{stars[0]}` cannot be taken over. Import {', '.join(missing)} by name.")


def _laid_out(lines: list[str], kept: list[Statement]) -> str:
    text = "\n".join(lines)
    previous_is_definition = False
    for at, each in enumerate(kept):
        apart = each.is_definition or previous_is_definition
        gap = "\n\n\n" if apart else "\n\n" if at == 0 else "\n"
        text += (gap if text else "") + each.text
        previous_is_definition = each.is_definition
    return f"{text}\n\n\n" if text else ""
