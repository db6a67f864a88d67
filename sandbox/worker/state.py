"""What the data of an object is: its class's qualified name, its built-in part and its attributes."""

import enum
import itertools
import sys
import types
from array import array
from collections import OrderedDict, deque
from typing import Any, Dict, Tuple

from . import digest
from .classes import (
    BUILTIN,
    FUNCTION,
    STAND_INS,
    attribute_reader,
    class_name,
    genuine,
    held,
    is_own,
    is_own_function,
    is_python,
    is_stateless,
    mro,
    program_globals,
)

__all__ = ["ITERATORS", "NAMED", "STAND_INS", "class_name", "forget", "look_at", "qualified", "read"]
NAMED = {BUILTIN, FUNCTION, types.ModuleType, type(str.upper), type(dict.fromkeys)}
ITERATORS = {kind for kind in vars(itertools).values() if type(kind) is type and "__next__" in vars(kind)} | {
    type(iter(())), type(iter([])), type(iter("")), type(iter("\u20ac")), type(iter(b"")), type(iter(bytearray())),
    type(iter({})), type(iter({}.values())), type(iter({}.items())), type(reversed({})), type(reversed({}.values())),
    type(reversed({}.items())), type(iter(set())), type(iter(range(1))), type(iter(range(1 << 70))),
    type(reversed([])), type(reversed(())), type(iter(memoryview(b""))), type(iter(array("b"))), type(iter(deque())),
    type(reversed(deque())), type(iter(OrderedDict())), type(i for i in ""), type(iter(int, 0)), enumerate, filter,
    map, zip,
}  # fmt: skip
_LOOKS: Dict[int, Any] = {}


def forget():
    """Classes and functions are looked at anew from here on: they may have been changed."""
    _LOOKS.clear()


class Look:
    """How the instances of one class are encoded.

    `tag`: b"o" instance of a class made by Python code, b"k" of a class whose data is known, b"v" of one whose
    instances cannot be changed, b"u" opaque. `data` and `attributes` are functions of the instance.
    """

    __slots__ = ("attributes", "data", "kind", "name", "tag")

    def __init__(self, kind, tag, name, data=None, attributes=None):
        self.kind, self.tag, self.name, self.data, self.attributes = kind, tag, name, data, attributes


def look_at(kind):
    """How instances of a class are encoded; found out once."""
    found = _LOOKS.get(id(kind))
    if found is None:
        found = _LOOKS[id(kind)] = _look_at(kind)
    return found


def named_class(kind):
    """Name of a class, and after a NUL a digest of what its instances do if the program made it; None if unknown."""
    kind = genuine(kind)
    name = class_name(kind)
    return _signed(name, digest.of_class, kind) if is_own(kind) else name


def _signed(name, of, made):
    """`name`, a NUL and the digest of what the program made; None where that cannot be described."""
    try:
        return "%s\0%s" % (name, of(made, data_of))
    except Exception:  # what a program puts into its classes may raise anything when it is looked at
        return None


def qualified(value):
    """Name of a function, class or module, with a digest if it is the program's; None for closures and the like."""
    kind = type(value)
    if kind is types.ModuleType:
        return "module %s" % value.__name__ if sys.modules.get(value.__name__) is value else None
    if kind is FUNCTION:
        return _function_name(value)
    if kind is BUILTIN:
        owner = value.__self__
        if issubclass(type(owner), type):
            return "%s.%s" % (class_name(owner), value.__name__)
        return "%s.%s" % (value.__module__, value.__qualname__) if type(owner) is types.ModuleType else None
    if kind in NAMED:
        return "%s.%s" % (class_name(value.__objclass__), value.__name__)
    found = _LOOKS.get(id(value))
    return found.name if found is not None and found.tag != b"u" else named_class(value)


def _function_name(function):
    name = "%s.%s" % (function.__module__, function.__qualname__)
    if not is_own_function(function):
        return name
    if function.__closure__ or function.__globals__ is not program_globals():
        return None
    found = _LOOKS.get(id(function))
    if found is None:
        signed = _signed(name.replace("\0", "?"), digest.of_function, function)
        found = _LOOKS[id(function)] = Look(function, b"g", signed)
    return found.name


def data_of(value, kind):
    """(built-in part, attributes) of an instance, or None when its data does not tell it apart."""
    return read(look_at(kind), value)


def read(look, value):
    """The same, where the class was looked at before."""
    if look.tag == b"u":
        return None
    try:
        inner = look.attributes(value)
        return None if inner is None else (look.data(value), inner)
    except Exception:  # an instance need not hold what its class promises, and may raise anything when it is asked
        return None


def _look_at(kind):
    real = genuine(kind)
    name = named_class(real)
    if issubclass(real, BaseException):
        if name is None:
            return Look(kind, b"x", class_name(real) + "\0unknown", None, lambda value: None)
        return Look(kind, b"x", name, None, attribute_reader(kind))
    found = None if name is None else _readers(kind, real, name)
    return Look(kind, b"u", class_name(real)) if found is None else Look(kind, *found)


def _readers(kind, real, name):
    """(tag, name, data, attributes) of a class; None when it holds what cannot be seen."""
    chain = mro(real)
    for base in chain:
        known = _known(genuine(base))
        if known is not None:
            break
    else:
        base, known = next(((base, _PLAIN[base]) for base in _PLAIN if issubclass(real, base)), (object, None))
    inside = mro(genuine(base))
    for each in chain:
        if not (any(each is one for one in inside) or is_python(each) or is_stateless(each)):
            return _numpy(real, name)
    if issubclass(real, enum.Enum):
        return b"o", name, known[1] if known else _nothing, _enum_reader(attribute_reader(kind))
    if known is None or base in _PLAIN or is_own(real) or _package(real) != _package(base):
        return b"o", name, known[1] if known else _nothing, attribute_reader(kind, base)
    if base is types.SimpleNamespace:
        return b"k", name, _nothing, attribute_reader(kind)
    return b"v" if known[0] else b"k", name, known[1], lambda value: {}


def _package(kind):
    return class_name(kind).partition(".")[0]


def _nothing(value):
    return None


def _enum_reader(read):
    """Attributes of an enum's member without what the enum module keeps for itself, some of it only once asked."""

    def members(value):
        found = read(value)
        if found is None:
            return None
        kept = {key: part for key, part in found.items() if not (key[:1] == key[-1:] == "_")}
        return dict(kept, name=found.get("_name_"), value=found.get("_value_"))

    return members


def _numpy(kind, name):
    if not name.startswith("numpy.") or is_python(kind):
        return None
    if name == "numpy.ndarray":
        return b"k", name, lambda value: (value.dtype.str, value.shape, _numbers(value)), lambda value: {}
    if hasattr(kind, "dtype") and hasattr(kind, "tobytes"):
        return b"v", name, lambda value: (value.dtype.str, _numbers(value)), lambda value: {}
    return None


def _numbers(value):
    if value.dtype.hasobject:
        raise TypeError("objects in an array")
    return value.tobytes()


def _ordered(value):
    """An OrderedDict keeps an order of its own beside the dict's."""
    return {key: dict.__getitem__(value, key) for key in OrderedDict.__iter__(value)}


def _complex(value):
    return complex(float.__float__(complex.real.__get__(value)), float.__float__(complex.imag.__get__(value)))


_PLAIN = {
    int: (True, int.__int__),
    float: (True, float.__float__),
    complex: (True, _complex),
    str: (True, str.__str__),
    bytes: (True, lambda value: bytes.__getitem__(value, slice(None))),
    bytearray: (False, lambda value: bytearray(bytearray.__iter__(value))),
    tuple: (True, lambda value: tuple(tuple.__iter__(value))),
    list: (False, lambda value: list(list.__iter__(value))),
    dict: (False, lambda value: dict(dict.items(value))),
    set: (False, lambda value: set(set.__iter__(value))),
    frozenset: (True, lambda value: frozenset(frozenset.__iter__(value))),
}
"""Built-in types that classes derive from: whether they are immutable, and the built-in part of an instance."""


def _range(value):
    return (value.start, value.stop, value.step)


def _moment(kind, *fields):
    """Data of dates and times of day: text, and what it does not say where there is more."""
    getters = [getattr(kind, name).__get__ for name in fields]

    def read(value):
        zone, fold = kind.tzinfo.__get__(value), kind.fold.__get__(value)
        if zone is None:
            return (kind.isoformat(value), fold) if fold else kind.isoformat(value)
        return ([get(value) for get in getters], fold, zone)

    return read


_DELTA = ("days", "seconds", "microseconds")
_KNOWN = {
    "range": ("builtins", True, lambda kind: _range),
    "slice": ("builtins", True, lambda kind: _range),
    "memoryview": ("builtins", False, lambda kind: lambda value: (value.format, value.shape, value.tobytes())),
    "SimpleNamespace": ("types", False, lambda kind: _nothing),
    "deque": (
        "collections", False, lambda kind: lambda value: (kind.maxlen.__get__(value), list(kind.__iter__(value))),
    ),
    "defaultdict": (
        "collections", False,
        lambda kind: lambda value: (kind.default_factory.__get__(value), dict(dict.items(value))),
    ),
    "OrderedDict": ("collections", False, lambda kind: _ordered),
    "array": ("array", False, lambda kind: lambda value: (kind.typecode.__get__(value), kind.tolist(value))),
    "Pattern": ("re", True, lambda kind: lambda value: (value.pattern, value.flags)),
    "Match": ("re", True, lambda kind: lambda value: (value.re, value.string, value.pos, value.endpos, value.regs)),
    # The context decides between e and E.
    "Decimal": ("decimal", True, lambda kind: lambda value: kind.__str__(value).replace("e", "E")),
    "Fraction": (
        "fractions", True,
        lambda kind: lambda value: (kind._numerator.__get__(value), kind._denominator.__get__(value)),
    ),
    "date": ("datetime", True, lambda kind: kind.isoformat),
    "datetime": (
        "datetime", True,
        lambda kind: _moment(kind, "year", "month", "day", "hour", "minute", "second", "microsecond"),
    ),
    "time": ("datetime", True, lambda kind: _moment(kind, "hour", "minute", "second", "microsecond")),
    "timedelta": (
        "datetime", True,
        lambda kind: lambda value: tuple(getattr(kind, name).__get__(value) for name in _DELTA),
    ),
    "timezone": ("datetime", True, lambda kind: lambda value: (kind.utcoffset(value, None), kind.tzname(value, None))),
    "ZoneInfo": ("zoneinfo", True, lambda kind: lambda value: value.key + ""),
    "UUID": ("uuid", True, lambda kind: kind.int.__get__),
    "PurePath": ("pathlib", True, lambda kind: kind.__str__),
}  # fmt: skip
for _name in ("IPv4Address", "IPv4Network", "IPv4Interface", "IPv6Address", "IPv6Network", "IPv6Interface"):
    _KNOWN[_name] = ("ipaddress", True, lambda kind: kind.__str__)
"""Classes of the standard library, by name: their module, whether they are immutable, and how their data is read."""
_IN_PYTHON = ("fractions", "ipaddress", "pathlib", "uuid")
_VIEWS: Tuple[type, ...] = (type({}.keys()), type({}.values()), type({}.items()))


def _known(kind):
    """(whether it is immutable, function of an instance for its data) of a class of the standard library."""
    if any(kind is one for one in _VIEWS):
        return False, list
    found = _KNOWN.get(_bare_name(kind))
    if found is None or is_own(kind):
        return None
    module, immutable, reader = found
    if is_python(kind) and module not in _IN_PYTHON:
        return None
    there = held(module, _bare_name(kind))
    return (immutable, reader(kind)) if there is not None and genuine(there) is kind else None


_bare_name = type.__dict__["__name__"].__get__
