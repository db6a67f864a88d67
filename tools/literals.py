"""A small evaluator of literal expressions, with a cap on the size of what it builds."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from burnish.tools import syntax

if TYPE_CHECKING:
    from tree_sitter import Node

MAX_SIZE = 100_000
"""Elements, characters and digits of a value, those of its parts included."""
MAX_BITS = 10_000


class _Unknown:
    pass


UNKNOWN: Final = _Unknown()
"""Stands for what cannot be told from the text."""

_CONTAINERS: dict[str, Callable[..., Any]] = {
    "list": list, "tuple": tuple, "set": set, "frozenset": frozenset, "dict": dict, "sorted": sorted, "range": range,
    "bytes": bytes, "bytearray": bytearray,
}  # fmt: skip
_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv,
    "%": operator.mod, "**": operator.pow, "|": operator.or_, "&": operator.and_, "<<": operator.lshift,
}  # fmt: skip
_UNARY: dict[str, Callable[[Any], Any]] = {"-": operator.neg, "+": operator.pos, "~": operator.invert}


class _NotLiteral(Exception):
    pass


def evaluate(node: Node, constants: Mapping[str, Any]) -> Any:
    """The value of a literal expression, or `UNKNOWN`; `constants` are the names it may use."""
    try:
        value = _value(node, constants)
    except (_NotLiteral, ArithmeticError, TypeError, ValueError, SyntaxError, RecursionError, MemoryError):
        return UNKNOWN
    return UNKNOWN if isinstance(value, range) and len(value) > MAX_SIZE else value


def constants(root: Node) -> dict[str, Any]:
    """Names that are assigned exactly once in the whole source, to a literal, and never changed in place."""
    assigned: dict[str, list[Node | None]] = {}
    for node in syntax.walk(root):
        left = node.child_by_field_name("left") or node.child_by_field_name("name")
        if node.type == "assignment" and left is not None and left.type == "identifier":
            assigned.setdefault(syntax.text(left), []).append(node.child_by_field_name("right"))
        elif left is not None and node.type not in ("attribute", "call", "keyword_argument"):
            for each in syntax.walk(left):
                if each.type == "identifier":
                    assigned.setdefault(syntax.text(each), []).append(None)
        elif node.type == "attribute":
            owner = node.child_by_field_name("object")
            if owner is not None and owner.type == "identifier":
                assigned.setdefault(syntax.text(owner), []).append(None)
        elif node.type in ("parameters", "lambda_parameters", "as_pattern_target", "global_statement"):
            for each in syntax.walk(node):
                if each.type == "identifier":
                    assigned.setdefault(syntax.text(each), []).append(None)
    found: dict[str, Any] = {}
    for name, values in assigned.items():
        if len(values) == 1 and values[0] is not None:
            value = evaluate(values[0], found)
            if value is not UNKNOWN:
                found[name] = value
    return found


def _value(node: Node, constants: Mapping[str, Any]) -> Any:
    kind = node.type
    if kind in ("integer", "float", "string", "concatenated_string", "true", "false", "none"):
        return _sized(ast.literal_eval(syntax.text(node)))
    if kind == "identifier" and syntax.text(node) in constants:
        return constants[syntax.text(node)]
    inner = [each for each in node.named_children if each.type != "comment"]
    if kind == "parenthesized_expression" and len(inner) == 1:
        return _value(inner[0], constants)
    if kind in ("list", "tuple", "set"):
        return _sized({"list": list, "tuple": tuple, "set": set}[kind]([_value(each, constants) for each in inner]))
    if kind == "dictionary":
        return _sized(dict(_pair(each, constants) for each in inner))
    sign = node.child_by_field_name("operator")
    symbol = syntax.text(sign) if sign is not None else ""
    if kind == "unary_operator" and symbol in _UNARY:
        return _UNARY[symbol](_value(inner[0], constants))
    if kind == "binary_operator" and symbol in _BINARY and len(inner) == 2:
        return _binary(symbol, _value(inner[0], constants), _value(inner[1], constants))
    if kind == "call":
        return _call(node, constants)
    raise _NotLiteral


def _pair(node: Node, constants: Mapping[str, Any]) -> tuple[Any, Any]:
    key, value = node.child_by_field_name("key"), node.child_by_field_name("value")
    if node.type != "pair" or key is None or value is None:
        raise _NotLiteral
    return _value(key, constants), _value(value, constants)


def _binary(symbol: str, left: Any, right: Any) -> Any:
    numbers = isinstance(left, int | float | complex) and isinstance(right, int | float | complex)
    if symbol == "%" and not numbers:
        raise _NotLiteral
    if symbol == "*" and not numbers:
        sequence, times = (right, left) if isinstance(left, int) else (left, right)
        if not isinstance(times, int) or size(sequence) * max(times, 0) > MAX_SIZE:
            raise _NotLiteral
    if symbol in ("**", "<<") and isinstance(left, int) and isinstance(right, int):
        bits = left.bit_length() * right if symbol == "**" else left.bit_length() + right
        if bits > MAX_BITS:
            raise _NotLiteral
    return _sized(_BINARY[symbol](left, right))


def _call(node: Node, constants: Mapping[str, Any]) -> Any:
    function, listed = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    name = syntax.text(function) if function is not None else ""
    if listed is None or listed.type != "argument_list":
        raise _NotLiteral
    args = [_value(each, constants) for each in listed.named_children if each.type != "comment"]
    if name == "float" and len(args) == 1 and isinstance(args[0], str | int | float):
        return float(args[0])
    if name not in _CONTAINERS:
        raise _NotLiteral
    if name == "range":
        return range(*args)
    kinds = (str, bytes, bytearray, list, tuple, set, frozenset, dict, range)
    if not all(isinstance(each, kinds) for each in args):
        raise _NotLiteral
    if sum(size(each) for each in args) > MAX_SIZE:
        raise _NotLiteral
    return _sized(_CONTAINERS[name](*args))


def _sized(value: Any) -> Any:
    if size(value) > MAX_SIZE:
        raise _NotLiteral
    return value


def size(value: Any) -> int:
    """Elements, characters and digits of plain data, all levels together; counting stops above `MAX_SIZE`."""
    total = 0
    stack = [value]
    while stack and total <= MAX_SIZE:
        top = stack.pop()
        total += 1
        if isinstance(top, range | str | bytes | bytearray):
            total += len(top)
        elif isinstance(top, int):
            total += MAX_SIZE if top.bit_length() > MAX_BITS else math.ceil(top.bit_length() / 8)
        elif isinstance(top, dict):
            stack.extend(top.keys())
            stack.extend(top.values())
        elif isinstance(top, list | tuple | set | frozenset):
            stack.extend(top)
    return total
