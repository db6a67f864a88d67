"""The types that inputs can be made of: read from annotations, or inferred from example values.

An annotation is only ever parsed, never evaluated.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal

Kind = Literal[
    "any", "none", "bool", "int", "float", "complex", "str", "bytes", "literal", "union",
    "list", "set", "frozenset", "series", "tuple", "dict", "record",
]  # fmt: skip
"""`series` is tuple[X, ...]; `tuple` has a type for each place; `record` is a dict with fixed text keys."""


@dataclass(frozen=True)
class TypeSpec:
    """A type as a tree."""

    kind: Kind
    items: tuple[TypeSpec, ...] = ()
    """The members of a union, the elements of a container, key and value of a dict, the values of a record."""
    values: tuple[object, ...] = ()
    """The values of a literal, the keys of a record."""

    def __str__(self) -> str:
        inner = ", ".join(map(str, self.items))
        match self.kind:
            case "none":
                return "None"
            case "any":
                return "Any"
            case "literal":
                return f"Literal[{', '.join(map(repr, self.values))}]"
            case "union":
                return " | ".join(map(str, self.items))
            case "series":
                return f"tuple[{inner}, ...]"
            case "tuple":
                return f"tuple[{inner or '()'}]"
            case "record":
                return f"{{{', '.join(f'{key!r}: {item}' for key, item in zip(self.values, self.items, strict=True))}}}"
        return f"{self.kind}[{inner}]" if self.items else self.kind


ANY = TypeSpec("any")
NONE = TypeSpec("none")
INT = TypeSpec("int")
STR = TypeSpec("str")

SIZED: frozenset[Kind] = frozenset({"str", "bytes", "list", "set", "frozenset", "series", "dict"})
"""Kinds whose values have a length that can be chosen."""

_LONGEST = 2000
_MODULES = frozenset(
    {"typing", "typing_extensions", "t", "tp", "collections", "collections.abc", "abc", "cabc", "builtins", "types"}
)
_PLAIN: dict[str, Kind] = {
    "None": "none", "NoneType": "none", "bool": "bool", "int": "int", "float": "float", "complex": "complex",
    "str": "str", "Text": "str", "bytes": "bytes", "ByteString": "bytes", "Any": "any", "object": "any",
}  # fmt: skip
_OF_ONE: dict[str, Kind] = {
    "list": "list", "List": "list", "Sequence": "list", "MutableSequence": "list", "Iterable": "list",
    "Collection": "list", "Reversible": "list", "Container": "list", "set": "set", "Set": "set", "AbstractSet": "set",
    "MutableSet": "set", "frozenset": "frozenset", "FrozenSet": "frozenset",
}  # fmt: skip
_OF_TWO = frozenset({"dict", "Dict", "Mapping", "MutableMapping"})
_WRAPPERS = frozenset({"Annotated", "Final", "ClassVar", "Required", "NotRequired"})


def parse_type(text: str) -> TypeSpec | None:
    """The type that an annotation's text names; None when values of it cannot be made from built-in data.

    Abstract collections stand for the concrete one callers usually pass: `Sequence[int]` is a list.

    >>> str(parse_type("Optional[Sequence[tuple[int, 'str']]]"))
    'list[tuple[int, str]] | None'
    >>> parse_type("Iterator[int]") is None
    True
    """
    if len(text) > _LONGEST:
        return None
    try:
        return _read(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def infer(values: Sequence[object]) -> TypeSpec | None:
    """The narrowest type that all `values` have; None when there are none or one is not built-in data.

    An empty container alone tells nothing of its elements. Tuples of one length have a type for each place. Two or
    more dicts with the same text keys are a record.

    >>> str(infer([[1, 2], [], [3.5]]))
    'list[int | float]'
    >>> str(infer([[]]))
    'list[Any]'
    """
    groups: dict[type, list[object]] = {}
    for value in values:
        groups.setdefault(type(value), []).append(value)
    members = [_infer_one(kind, group) for kind, group in groups.items()]
    return _union(members) if members else None


def default_type(default: object) -> TypeSpec | None:
    """The type that a parameter's default value suggests; None for a default of None, which suggests nothing.

    >>> str(default_type(0.5))
    'float'
    """
    return None if default is None else infer([default])


def accepts(spec: TypeSpec, value: object) -> bool:
    """Whether `value` is of the type `spec`. As in annotations, an int may stand for a float and both for a complex.

    >>> accepts(TypeSpec("list", (INT,)), [1, 2, True])
    False
    """
    match spec.kind:
        case "any":
            return True
        case "none":
            return value is None
        case "float":
            return type(value) in (float, int)
        case "complex":
            return type(value) in (complex, float, int)
        case "literal":
            return any(type(value) is type(one) and value == one for one in spec.values)
        case "union":
            return any(accepts(item, value) for item in spec.items)
        case "tuple":
            return (
                type(value) is tuple
                and len(value) == len(spec.items)
                and all(accepts(item, one) for item, one in zip(spec.items, value, strict=True))
            )
        case "dict":
            key, item = spec.items
            return type(value) is dict and all(accepts(key, k) and accepts(item, v) for k, v in value.items())
        case "record":
            return (
                type(value) is dict
                and set(value) == set(spec.values)
                and all(accepts(item, value[key]) for key, item in zip(spec.values, spec.items, strict=True))
            )
        case "series":
            return type(value) is tuple and all(accepts(spec.items[0], one) for one in value)
        case "list" | "set" | "frozenset":
            return (
                isinstance(value, (list, set, frozenset))
                and type(value).__name__ == spec.kind
                and all(accepts(spec.items[0], one) for one in value)
            )
    return type(value).__name__ == spec.kind


def is_open(spec: TypeSpec) -> bool:
    """Whether `spec` leaves some part unsaid: it is, or contains, Any."""
    return spec.kind == "any" or any(map(is_open, spec.items))


def has_size(spec: TypeSpec) -> bool:
    """Whether values of `spec` can be made larger by giving them more elements or characters."""
    return spec.kind in SIZED or (spec.kind in ("union", "tuple", "record") and any(map(has_size, spec.items)))


def _infer_one(kind: type, group: list[object]) -> TypeSpec | None:
    if kind.__module__ == "builtins" and kind.__name__ in ("bool", "int", "float", "complex", "str", "bytes"):
        return TypeSpec(_PLAIN[kind.__name__])
    if kind is type(None):
        return NONE
    if kind in (list, set, frozenset):
        return _of("list" if kind is list else "set" if kind is set else "frozenset", _elements(group))
    if kind is tuple:
        rows = [one for one in group if isinstance(one, tuple)]
        if len({len(row) for row in rows}) == 1 and rows[0]:
            places = [infer(place) for place in zip(*rows, strict=True)]
            return None if None in places else TypeSpec("tuple", tuple(place for place in places if place))
        return _of("series", _elements(group))
    if kind is dict:
        return _infer_dict([one for one in group if isinstance(one, dict)])
    return None


def _infer_dict(group: list[dict[object, object]]) -> TypeSpec | None:
    keys = list(group[0])
    texts = bool(keys) and all(type(key) is str for key in keys)
    if texts and len(group) > 1 and all(set(keys) == set(one) for one in group):
        values = [infer([one[key] for one in group]) for key in keys]
        return None if None in values else TypeSpec("record", tuple(value for value in values if value), tuple(keys))
    key_values = list(chain.from_iterable(group))
    if not key_values:
        return TypeSpec("dict", (ANY, ANY))
    key, value = infer(key_values), infer([item for one in group for item in one.values()])
    return TypeSpec("dict", (key, value)) if key and value else None


def _elements(group: list[object]) -> list[object]:
    return [item for one in group if isinstance(one, (list, tuple, set, frozenset)) for item in one]


def _of(kind: Kind, elements: list[object]) -> TypeSpec | None:
    item = infer(elements) if elements else ANY
    return TypeSpec(kind, (item,)) if item else None


def _union(members: Sequence[TypeSpec | None]) -> TypeSpec | None:
    flat: list[TypeSpec] = []
    for member in members:
        if member is None:
            return None
        for one in member.items if member.kind == "union" else (member,):
            if one not in flat:
                flat.append(one)
    return ANY if ANY in flat else flat[0] if len(flat) == 1 else TypeSpec("union", tuple(flat))


def _read(node: ast.expr) -> TypeSpec | None:
    match node:
        case ast.Constant(value=None):
            return NONE
        case ast.Constant(value=str(text)):
            return parse_type(text)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _union([_read(left), _read(right)])
        case ast.Subscript(value=base, slice=inner):
            name = _name(base)
            return _read_generic(name, inner) if name else None
        case ast.Name() | ast.Attribute():
            return _read_name(_name(node))
    return None


def _name(node: ast.expr) -> str | None:
    """The last part of a dotted name whose first parts are known to be about types."""
    dotted = ast.unparse(node)
    if isinstance(node, ast.Name):
        return dotted
    module, _, name = dotted.rpartition(".")
    return name if module in _MODULES else None


def _read_name(name: str | None) -> TypeSpec | None:
    if name in _PLAIN:
        return TypeSpec(_PLAIN[name])
    if name in _OF_ONE:
        return TypeSpec(_OF_ONE[name], (ANY,))
    if name in _OF_TWO:
        return TypeSpec("dict", (ANY, ANY))
    if name in ("tuple", "Tuple"):
        return TypeSpec("series", (ANY,))
    if name == "Hashable":
        return TypeSpec("union", (INT, STR))
    return None


def _read_generic(name: str, inner: ast.expr) -> TypeSpec | None:
    parts = list(inner.elts) if isinstance(inner, ast.Tuple) else [inner]
    if name == "Literal":
        return TypeSpec("literal", values=tuple(ast.literal_eval(part) for part in parts)) if parts else None
    if name in _WRAPPERS:
        return _read(parts[0])
    if name in ("tuple", "Tuple"):
        if len(parts) == 2 and isinstance(parts[1], ast.Constant) and parts[1].value is ...:
            item = _read(parts[0])
            return TypeSpec("series", (item,)) if item else None
        places = [_read(part) for part in parts]
        return None if None in places else TypeSpec("tuple", tuple(place for place in places if place))
    items = [_read(part) for part in parts]
    if name == "Union":
        return _union(items) if items else None
    if name == "Optional" and len(items) == 1:
        return _union([items[0], NONE])
    first = items[0] if items else None
    if name in _OF_ONE and len(items) == 1 and first:
        kind = _OF_ONE[name]
        return TypeSpec(kind, (first,)) if kind == "list" or _hashable(first) else None
    if name in _OF_TWO and len(items) == 2 and first and items[1] and _hashable(first):
        return TypeSpec("dict", (first, items[1]))
    return None


def _hashable(spec: TypeSpec) -> bool:
    return spec.kind not in ("list", "set", "dict", "record") and all(map(_hashable, spec.items))
