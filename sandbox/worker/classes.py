"""What a class is, asked past everything a program can override: its name, whether that is its own, who made it."""

import sys
import types
from typing import Dict

PROGRAM = "target"
"""The module under observation."""
STAND_INS: Dict[type, type] = {}
"""Classes that stand for one of the standard library's while the clock is moved, with what they stand for."""

namespace = type.__dict__["__dict__"].__get__
mro = type.__dict__["__mro__"].__get__
_module_name = type.__dict__["__module__"].__get__
_qualname = type.__dict__["__qualname__"].__get__
_flags = type.__dict__["__flags__"].__get__
_basicsize = type.__dict__["__basicsize__"].__get__
_itemsize = type.__dict__["__itemsize__"].__get__
_module_dict = vars(types.ModuleType)["__dict__"].__get__
FUNCTION = types.FunctionType
GETSET = type(type.__dict__["__module__"])
BUILTIN = type(len)
# In a class's own dictionary these come from C alone.
_C_PARTS = (type(str.upper), type(object.__init__), type(dict.__dict__["fromkeys"]))


def _module(kind):
    try:
        found = _module_name(kind)
    except AttributeError:
        return None
    return found if type(found) is str else None


def genuine(kind):
    """The class itself, or the one it stands for."""
    for stand_in, meant in STAND_INS.items():
        if stand_in is kind:
            return meant
    return kind


def is_python(kind):
    """Whether Python code made the class; what a class made in C holds cannot be seen in general."""
    flags = _flags(kind)
    if not flags & (1 << 9) or flags & (1 << 7 | 1 << 8):  # HEAPTYPE; DISALLOW_INSTANTIATION, IMMUTABLETYPE
        return False
    for name, part in namespace(kind).items():
        made = type(part)
        if made in _C_PARTS or made is GETSET:
            if part.__objclass__ is kind and not (made is GETSET and name in ("__dict__", "__weakref__")):
                return False
        elif made is BUILTIN and name == "__new__" and part.__self__ is kind:
            return False
    return True


def is_stateless(kind):
    """Whether instances of a class made in C hold nothing beside a type."""
    return _basicsize(kind) == _basicsize(object) and _itemsize(kind) == 0


def program_globals():
    """The module dictionary of the program; None where there is none."""
    found = sys.modules.get(PROGRAM)
    return _module_dict(found) if issubclass(type(found), types.ModuleType) else None


def held(module, qualname):
    """What `module` really holds under that name, or None."""
    found = sys.modules.get(module)
    if not issubclass(type(found), types.ModuleType):
        return None
    names = _module_dict(found)
    for part in qualname.split("."):
        found = names.get(part)
        names = namespace(found) if issubclass(type(found), type) else {}
    return found.__func__ if type(found) in (staticmethod, classmethod) else found


def is_own(kind):
    """Whether the class is the program's, or nobody's: what it is called says too little about it."""
    if not is_python(kind):
        return False
    module = _module(kind)
    if module is None or module == PROGRAM or held(module, _qualname(kind)) is not kind:
        return True
    program = program_globals()
    return program is not None and any(
        type(part) is FUNCTION and part.__globals__ is program for part in namespace(kind).values()
    )


def is_own_function(function):
    """The same of a function."""
    module, name = function.__module__, function.__qualname__
    if type(module) is not str or module == PROGRAM or function.__globals__ is program_globals():
        return True
    return held(module, name) is not function


def class_name(kind):
    """Module and qualified name of a class; a class made by Python code cannot pass for one of another module."""
    kind = genuine(kind)
    module, qualname = _module(kind), _qualname(kind)
    name = ("%s.%s" % (module, qualname)).replace("\0", "?")
    if module == PROGRAM or not is_python(kind) or held(module, qualname) is kind:
        return name
    return "%s (not in %s)" % (name, module)


_SLOT = type(types.FunctionType.__dict__["__globals__"])


def attribute_reader(kind, before=object):
    """A function that tells an instance's attributes, from `__dict__` and `__slots__`, without running its code.

    Slots of `before` and of what it derives from are left out. None in place of attributes that cannot be read so.
    """
    slots, getter = [], None
    skipped = mro(before)
    for base in reversed(mro(kind)):
        names = namespace(base)
        getter = (base, names["__dict__"]) if "__dict__" in names else getter
        if any(base is one for one in skipped) or not is_python(base):
            continue
        # The descriptors say what slots there are: `__slots__` can be changed or deleted afterwards.
        slots += [
            (name, member.__get__)
            for name, member in names.items()
            if type(member) is _SLOT and member.__objclass__ is base
        ]
    if getter is None:
        own = None
    elif type(getter[1]) in (GETSET, _SLOT) and getter[1].__objclass__ is getter[0]:
        own = getter[1].__get__
    else:
        return lambda value: None

    def read(value):
        found = {}
        for name, get in slots:
            try:
                found[name] = get(value)
            except AttributeError:
                pass
        inner = own(value) if own else None
        if inner is not None:
            if not issubclass(type(inner), dict):
                return None
            for key, item in dict.items(inner):
                if type(key) is not str:
                    return None
                found[key] = item
        return found

    return read
