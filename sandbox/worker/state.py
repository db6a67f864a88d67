"""What the data of an object is: its class's qualified name, its built-in part and its attributes."""

import sys
from collections import OrderedDict
from typing import Dict

STAND_INS: Dict[type, type] = {}
"""Classes that stand for one of the standard library's while the clock is moved, with what they stand for."""


def class_name(kind):
    """Module and qualified name of a class, read past anything the class overrides."""
    return "%s.%s" % (type.__getattribute__(kind, "__module__"), type.__getattribute__(kind, "__qualname__"))


NAMED = {type(len), type(lambda: 0), type(sys), type(str.upper), type(dict.fromkeys)}


def qualified(value):
    """Name of a function, class or module that lives in a file; None for closures and bound methods."""
    if type(value) is type(sys):
        return "module " + str(value.__name__)
    if type(value) is type(len) and not isinstance(value.__self__, (type(sys), type)):
        return None
    name = str(getattr(value, "__qualname__", ""))
    if not name or "<" in name:
        return None
    return "%s.%s" % (getattr(value, "__module__", None), name)


def attributes(value, kind):
    """Instance attributes, from `__dict__` and `__slots__`, without running the class's code."""
    found = {}
    for base in reversed(type.mro(kind)):
        if not _is_heap(base):
            continue
        # The descriptors say what slots there are: `__slots__` can be changed or deleted afterwards.
        for slot, member in type.__getattribute__(base, "__dict__").items():
            if type(member) is _SLOT and member.__objclass__ is base:
                try:
                    found[slot] = member.__get__(value, kind)
                except AttributeError:
                    pass
    try:
        own = object.__getattribute__(value, "__dict__")
    except AttributeError:
        own = None
    if type(own) is dict:
        found.update((key, item) for key, item in own.items() if type(key) is str)
    return found


class _Slotted:
    __slots__ = ("a",)


_SLOT = type(_Slotted.__dict__["a"])
_FLAGS = type.__dict__["__flags__"].__get__


def _is_heap(kind):
    """Whether a class statement may have made it."""
    return bool(_FLAGS(kind) & (1 << 9))  # Py_TPFLAGS_HEAPTYPE


def _is_genuine(kind):
    """Whether it is a built-in type, which no class statement can make: static or immutable."""
    return not _is_heap(kind) or bool(_FLAGS(kind) & (1 << 8))  # Py_TPFLAGS_IMMUTABLETYPE


_BASES = (int, float, complex, str, bytes, bytearray, tuple, list, dict, set, frozenset)


def builtin_state(value, kind):
    """(built-in part, attributes) of an instance, or None when its data does not tell it apart."""
    known = _known_state(value, STAND_INS.get(kind, kind) if STAND_INS else kind)
    if known is not None:
        return known, {}
    for base in _BASES:
        if issubclass(kind, base):
            return _as_base(value, base), attributes(value, kind)
    for base in type.mro(kind)[:-1]:
        if not _is_heap(base):  # it holds state in C, unseen from here
            return None
        if type.__getattribute__(base, "__module__") in _C_STATE:
            return None
    return None, attributes(value, kind)


_C_STATE = {
    "_thread", "_io", "_socket", "_ssl", "_asyncio", "_ctypes", "select", "mmap", "sqlite3", "_random", "functools",
}  # fmt: skip


def _as_base(value, base):
    if base is dict:
        if isinstance(value, OrderedDict):  # it keeps an order of its own beside the dict's
            return {key: dict.__getitem__(value, key) for key in OrderedDict.__iter__(value)}
        return dict(dict.items(value))
    if base is str:
        return str.__str__(value)
    if base is int:
        return int.__int__(value)
    if base is float:
        return float.__float__(value)
    if base is complex:
        return complex(float.__float__(complex.real.__get__(value)), float.__float__(complex.imag.__get__(value)))
    if base is bytes:
        return bytes.__getitem__(value, slice(None))
    return base(base.__iter__(value))


def _known_state(value, kind):
    """The data of common types of the standard library, and of numpy arrays, as built-in data; None for others."""
    if not _is_genuine(kind):
        return None
    if kind is range:
        return (value.start, value.stop, value.step)
    if kind is slice:
        return (value.start, value.stop, value.step)
    if kind is memoryview:
        return (value.format, value.shape, value.tobytes())
    if kind is object:
        return ()
    if kind in (type({}.keys()), type({}.values()), type({}.items())):
        return list(value)
    name = class_name(kind)
    if sys.modules.get(name.split(".")[0]) is None:
        return None
    if name == "array.array":
        return (value.typecode, value.tolist())
    if name == "decimal.Decimal":
        return tuple(value.as_tuple())
    if name in ("datetime.datetime", "datetime.date", "datetime.time", "datetime.timedelta", "datetime.timezone"):
        return (str(value), getattr(value, "fold", 0), str(getattr(value, "tzinfo", None)))
    if name == "collections.deque":
        return (value.maxlen, list(value))
    if name == "collections.defaultdict":
        return (qualified(value.default_factory) if value.default_factory else None, dict(dict.items(value)))
    if name == "re.Pattern":
        return (value.pattern, value.flags)
    if name == "numpy.ndarray" and value.dtype.hasobject is False:
        return (value.dtype.str, tuple(value.shape), value.tobytes())
    if name.startswith("numpy.") and hasattr(kind, "dtype") and hasattr(kind, "tobytes"):
        return (value.dtype.str, value.tobytes())
    return None
