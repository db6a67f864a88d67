"""Digests of code: the same for the same functions, wherever their lines stand and whatever the hash seed.

What a function calls counts by name alone. What cannot be described by its data raises `Unknown`.
"""

import types

try:
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b

from . import classes

_MOST = 10000
_DEEPEST = 50
_PLAIN = (type(None), bool, float, complex, str, bytes, type(...))
_METHODS = (type(str.upper), type(object.__init__), type(dict.__dict__["fromkeys"]))
_UNSEEN = {"__doc__", "__module__", "__qualname__", "__annotate__", "__annotate_func__"}


class Unknown(Exception):
    """Something that its data does not tell apart."""


def of_function(function, read):
    """Digest of a function: its code, defaults, closure and attributes. `read` tells the data of an instance."""
    return _digest(_Describer(read).function(function))


def of_class(kind, read):
    """Digest of what a class and those of its bases that are the program's do; of the others their names."""
    return _digest(_Describer(read).whole_class(kind))


def _digest(text):
    return blake2b(text.encode("utf-8", "backslashreplace"), digest_size=8).hexdigest()


class _Describer:
    def __init__(self, read):
        self._read = read
        self._path = {}
        self._count = 0

    def _once(self, value, describe):
        """The value described; where it holds itself, only how far up it is."""
        self._count += 1
        if self._count > _MOST or len(self._path) > _DEEPEST:
            raise Unknown
        if id(value) in self._path:
            return "#%d" % self._path[id(value)]
        self._path[id(value)] = len(self._path)
        try:
            return describe(value)
        finally:
            del self._path[id(value)]

    def text(self, value):
        """Text that is the same exactly for values that are alike."""
        kind = type(value)
        if kind in _PLAIN:
            return repr(value)
        if kind is int:
            return hex(value)
        if kind is classes.FUNCTION:
            return self.named(value)
        if kind is type or issubclass(kind, type):
            return "class " + classes.class_name(value)
        if kind is types.ModuleType:
            return "module " + str(value.__name__)
        if kind in _METHODS:
            return "method %s.%s" % (classes.class_name(value.__objclass__), value.__name__)
        if kind is classes.BUILTIN:
            return self._builtin(value)
        return self._once(value, self._made_of_parts)

    def _made_of_parts(self, value):
        kind = type(value)
        if kind in (tuple, list):
            return "%s(%s)" % (kind.__name__, ",".join(map(self.text, value)))
        if kind in (set, frozenset):
            return "%s(%s)" % (kind.__name__, ",".join(sorted(map(self.text, value))))
        if kind is dict:
            return "dict(%s)" % ",".join("%s:%s" % (self.text(key), self.text(part)) for key, part in value.items())
        if kind is slice:
            return "slice(%s)" % ",".join(map(self.text, (value.start, value.stop, value.step)))
        if kind is types.CodeType:
            return self._code(value)
        found = self._read(value, kind)
        if found is None:
            raise Unknown
        base, attributes = found
        parts = sorted("%s=%s" % (name, self.text(part)) for name, part in attributes.items())
        return "%s(%s;%s)" % (classes.class_name(kind), self.text(base), ",".join(parts))

    def _builtin(self, value):
        owner = value.__self__
        if issubclass(type(owner), type):
            return "builtin %s.%s" % (classes.class_name(owner), value.__name__)
        if owner is None or type(owner) is types.ModuleType:
            return "builtin %s.%s" % (value.__module__, value.__qualname__)
        raise Unknown

    def named(self, function):
        """A function of another module by its name, any other by what it does."""
        if classes.is_own_function(function):
            return self.function(function)
        return "function %s.%s" % (function.__module__, function.__qualname__)

    def function(self, function):
        """All that a function does by itself."""
        return self._once(function, self._function)

    def _function(self, function):
        cells = []
        for cell in function.__closure__ or ():
            try:
                cells.append(self.text(cell.cell_contents))
            except ValueError:
                cells.append("empty")
        rest = (function.__code__, function.__defaults__, function.__kwdefaults__, function.__dict__)
        return "function(%s;%s)" % (";".join(map(self.text, rest)), ",".join(cells))

    def _code(self, code):
        """A code object without its lines, its file and the names of its variables."""
        count = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4) + bool(code.co_flags & 8)
        numbers = (code.co_argcount, getattr(code, "co_posonlyargcount", 0), code.co_kwonlyargcount, code.co_flags)
        names = (code.co_names, code.co_varnames[:count], code.co_freevars, code.co_cellvars)
        # A class body of Python 3.13 keeps its own line.
        line = code.co_firstlineno if "__firstlineno__" in code.co_names else None
        constants = ["line" if type(each) is int and each == line else self.text(each) for each in code.co_consts]
        rest = (code.co_code, getattr(code, "co_exceptiontable", b""), numbers, names)
        return "code(%r;%s)" % (rest, ",".join(constants))

    def whole_class(self, kind):
        """All of a class that its instances have in common."""
        return self._once(kind, self._class)

    def _class(self, kind):
        parts = []
        for base in classes.mro(kind):
            if classes.genuine(base) is not base:
                continue
            parts.append(classes.class_name(base))
            if classes.is_own(base):
                for name, value in sorted(classes.namespace(base).items()):
                    text = self._member(name, value, base)
                    if text is not None:
                        parts.append("%s=%s" % (name, text))
        return ";".join(parts)

    def _member(self, name, value, owner):
        """One entry of a class's dictionary: what it does, or a constant; None for what does not count here."""
        kind = type(value)
        if name in _UNSEEN or kind is classes.GETSET or kind is owner:
            return None
        if kind is classes.FUNCTION:
            return self.named(value)
        if kind in (staticmethod, classmethod):
            inner = self._member("", value.__func__, owner)
            return "%s %s" % (kind.__name__, inner)
        if issubclass(kind, property):
            return "property " + ",".join(
                str(self._member("", part.__get__(value), owner))
                for part in (property.fget, property.fset, property.fdel)
            )
        if kind in _METHODS or kind is classes.BUILTIN or issubclass(kind, type):
            return self.text(value)
        dunder = name[:2] == name[-2:] == "__"
        if kind in _PLAIN or kind in (int, tuple, frozenset):
            return None if dunder and value is not None else self._data(value)
        if classes.is_own(kind):
            return self.whole_class(kind)
        inner = classes.attribute_reader(kind)(value) or {}
        found = [
            "%s=%s" % (key, self.named(part)) for key, part in sorted(inner.items()) if type(part) is classes.FUNCTION
        ]
        return "%s %s" % (classes.class_name(kind), found) if found else None

    def _data(self, value):
        """Constants beside the methods; what cannot be described is no constant."""
        try:
            return self.text(value)
        except Unknown:
            return None
