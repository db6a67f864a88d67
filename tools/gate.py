"""The static gate: what is refused before anything is run."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from burnish.tools import layout, scope, syntax
from burnish.tools.edit import listed, signature

if TYPE_CHECKING:
    from tree_sitter import Node

_MODULES = (
    "_thread", "_ctypes", "asyncio", "builtins", "code", "codeop", "concurrent", "ctypes", "faulthandler", "gc",
    "importlib", "inspect", "marshal", "mmap", "multiprocessing", "pty", "resource", "runpy", "signal", "socket",
    "subprocess", "threading",
)  # fmt: skip
_BUILTINS = ("eval", "exec", "compile", "__import__", "open", "breakpoint", "__builtins__")
_OBSERVER = (
    "_getframe", "_current_frames", "settrace", "gettrace", "setprofile", "getprofile", "tb_frame", "f_back",
    "f_locals", "f_globals", "gi_frame", "cr_frame", "ag_frame", "showwarning", "__subclasses__",
)  # fmt: skip
_ATTRIBUTES = (*_OBSERVER, "_exit", "system", "popen", "fork", "__globals__", "__builtins__")
_CACHES = ("cache", "lru_cache", "cached_property")
_FILLING = ("append", "add", "update", "setdefault", "insert", "extend", "appendleft", "__setitem__")


def check(original_source: str, new_source: str, name: str) -> list[str]:
    """Reasons, one sentence each, to refuse the module `new_source` in place of `original_source`; empty to let it on.

    Both are whole modules with the function `name`. Nothing is run.
    """
    problem = syntax.problem(new_source)
    if problem is not None:
        return [f"The program is not valid Python: {problem}"]
    old, new = _function(original_source, name), _function(new_source, name)
    if new is None:
        return [f"The function {name} is missing at the top level of the program."]
    reasons = []
    if old is not None and (signature(old) != signature(new) or old.children[0].type != new.children[0].type):
        reasons.append(f"The signature of {name} changed; names, order, kinds and defaults of parameters must stay.")
    if _is_empty(new) and not (old is not None and _is_empty(old)):
        reasons.append(f"The body of {name} is only a placeholder.")
    before, after = _modules(original_source), _modules(new_source)
    for module in sorted(after - before):
        if module != "." and module not in sys.stdlib_module_names:
            reasons.append(f"It imports {module}, which neither the original nor the standard library has.")
        elif module == ".":
            reasons.append("It imports from its own package, which the original does not.")
    for capability in sorted(_capabilities(new_source) - _capabilities(original_source)):
        reasons.append(f"It uses {capability}, which the original does not.")
    if _calls_input(new) and not (old is not None and _calls_input(old)):
        reasons.append(f"{name} calls input(), which the original does not.")
    for sentence in kept(original_source, new_source):
        reasons.append(f"{sentence} Keep nothing between calls, or bound the cache with a maxsize.")
    return reasons


def unlike(original: tuple[str, str], new: tuple[str, str]) -> tuple[str, str, str] | None:
    """What no input shows: (what, old, new) where the second function cannot stand in for the first; None if it can.

    Another signature takes other calls, and a program that reaches for frames or traces can deceive its observer.

    Args:
        original: Source of the module, and the function's name.
        new: The same of the program to stand in for it; its name may differ.
    """
    old_function, new_function = _function(*original), _function(*new)
    if old_function is not None and new_function is not None:
        old_signature, new_signature = signature(old_function), signature(new_function)
        # Further parameters at the end that a call may leave out break no caller.
        more = new_signature[len(old_signature) :]
        optional = all(default or kind in ("star", "double_star") for _, kind, default in more)
        if new_signature[: len(old_signature)] != old_signature or not optional:
            return "signature", f"({listed(old_signature)})", f"({listed(new_signature)})"
    reached = sorted(_names_used(new[0], _OBSERVER) - _names_used(original[0], _OBSERVER))
    return ("behaviour", "nothing of the kind", f"uses {', '.join(reached)}") if reached else None


def kept(original_source: str, new_source: str) -> list[str]:
    """What the new program keeps between calls without bound, and the original does not, one sentence each."""
    already = _kept(original_source) if syntax.problem(original_source) is None else {}
    return [
        sentence
        for key, sentence in _kept(new_source).items()
        if key not in already and (key[0] in ("global", "filled") or sentence.endswith("without bound."))
    ]


def notes(original_source: str, new_source: str, name: str) -> list[str]:
    """What the new module keeps between calls that the original does not, one sentence each; empty when nothing."""
    if syntax.problem(new_source) is not None or syntax.problem(original_source) is not None:
        return []
    before = _kept(original_source)
    return [sentence for key, sentence in _kept(new_source).items() if key not in before]


def _function(source: str, name: str) -> Node | None:
    matching = [
        each.node
        for each in syntax.definitions(source)
        if each.name == name and each.kind in ("function", "async function")
    ]
    return matching[-1] if matching else None


def _is_empty(function: Node) -> bool:
    body = function.child_by_field_name("body")
    if body is None:
        return True
    literal = syntax.docstring_node(body)
    for node in body.named_children:
        is_docstring = literal is not None and node.start_byte == literal.start_byte
        if is_docstring or node.type in ("comment", "pass_statement"):
            continue
        words = syntax.text(node).split("#")[0].replace(" ", "")
        if words not in ("...", "returnNotImplemented") and not words.startswith("raiseNotImplementedError"):
            return False
    return True


def _modules(source: str) -> set[str]:
    return {each.root for each in scope.imports(syntax.parse(source))}


def _capabilities(source: str) -> set[str]:
    """Modules, builtins and attributes of the lists above that a program uses."""
    if syntax.problem(source) is not None:
        return set()
    bound, used = scope.names(source)
    found = {f"the module {each}" for each in _modules(source) if each in _MODULES}
    found |= {f"the builtin {each}" for each in _BUILTINS if each in used and each not in bound}
    return found | {f"the attribute {each}" for each in _names_used(source, _ATTRIBUTES)}


def _names_used(source: str, wanted: tuple[str, ...]) -> set[str]:
    """Those of `wanted` that are attributes, imported names or whole texts in a program."""
    if syntax.problem(source) is not None:
        return set()
    root = syntax.parse(source)
    found = {each.name for each in scope.imports(root) if each.name is not None}
    for node in syntax.walk(root):
        if node.type == "attribute" and (attribute := node.child_by_field_name("attribute")) is not None:
            found.add(syntax.text(attribute))
        elif node.type == "string":  # as getattr takes them
            found.add(syntax.text(node).strip("'\""))
    return found & set(wanted)


def _calls_input(function: Node) -> bool:
    _, used = scope.names(layout.unindented(function))
    return "input" in used


def _kept(source: str) -> dict[tuple[str, str], str]:
    """What outlives a call in `source`, by what it is and its name."""
    found: dict[tuple[str, str], str] = {}
    for each in syntax.definitions(source):
        if each.kind in ("class", "nested function"):  # what is nested is made anew by every call
            continue
        for decorator in (node for node in each.outer.children if node.type == "decorator"):
            word = syntax.text(decorator)[1:].strip()
            if word.split("(")[0].split(".")[-1] in _CACHES:
                unbounded = word.split("(")[0].endswith((".cache", "cached_property")) or word == "cache"
                unbounded = unbounded or "None" in word
                limit = " without bound" if unbounded else ""
                found["decorator", each.name] = f"{each.qualname} keeps its results between calls (@{word}){limit}."
        for parameter in each.node.child_by_field_name("parameters").named_children:  # type: ignore[union-attr]
            value = parameter.child_by_field_name("value")
            if value is not None and value.type in ("list", "dictionary", "set", "call"):
                text = syntax.text(parameter)
                found["default", f"{each.name}.{text}"] = (
                    f"{each.qualname} has the default {text}, which is shared between calls."
                )
        found |= _changes(each)
    return found


def _changes(definition: syntax.Definition) -> dict[tuple[str, str], str]:
    """Module-level names, and attributes of functions, that a function changes."""
    found: dict[tuple[str, str], str] = {}
    _, used = scope.names(layout.unindented(definition.node))
    for node in syntax.walk(definition.node):
        target = None
        if node.type == "global_statement":
            for each in node.named_children:
                key = syntax.text(each)
                found["global", key] = f"{definition.qualname} may rebind the module's {key}, which outlives the call."
        elif node.type in ("assignment", "augmented_assignment"):
            target = node.child_by_field_name("left")
        elif node.type == "call":
            function = node.child_by_field_name("function")
            method = function.child_by_field_name("attribute") if function is not None else None
            target = function if method is not None and syntax.text(method) in _FILLING else None
        while target is not None and target.type in ("subscript", "attribute"):
            target = target.child_by_field_name("value" if target.type == "subscript" else "object")
            if target is not None and target.type == "identifier" and syntax.text(target) in used:
                key = syntax.text(target)
                found["filled", key] = f"{definition.qualname} changes the module's {key}, which outlives the call."
    return found
