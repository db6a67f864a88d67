"""What a sandbox sent, read as data.

A value becomes a `Value`: a tag and plain data, never an object of the type it describes. Nothing here hashes,
imports or calls what it reads, and sizes are checked against the bytes there are, so that hostile bytes end in
`Malformed`, not in memory or time without end.
"""

from __future__ import annotations

import itertools
import struct
import sys
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, overload

from burnish.sandbox.equal.rendering import render as render

MAX_DEPTH = 210
"""Twice the encoder's, which counts an object and its attributes as one level."""
MAX_VALUES = 4_000_000
"""Values of one message, those of packed lists and tuples left out: what a message can cost in memory."""
_SEQUENCES = {"l": "list", "t": "tuple", "S": "set", "Z": "frozenset"}


class Malformed(ValueError):
    """The bytes are not an encoding."""


@dataclass(frozen=True, eq=False, slots=True)
class Value:
    """One decoded value.

    `kind` is one of: none bool int float complex str bytes bytearray list tuple set frozenset dict ref object global
    iterator exception opaque. `data` by kind: the Python scalar; a sequence of `Value`s (sequences and sets); a list of
    pairs of `Value`s (dict, and the attributes in `state`); the number referred to (ref).
    """

    kind: str
    data: Any = None
    name: str = ""
    """Qualified class name of an object or exception, name of a global, type of an opaque value."""
    code: str = ""
    """Digest of the code behind the name, where that is the program's: of a function, or of what a class's do."""
    base: Value | None = None
    """Built-in part of an object, end of an iterator, arguments of an exception."""
    state: tuple[tuple[Value, Value], ...] = ()
    explicit: bool = False
    """A raise statement raised the exception."""
    number: int | None = None
    """What a later `ref` calls this object; None for what cannot be changed, where two alike are as good as one."""
    known: bool = False
    """An object of a class of the standard library whose data is known, whatever others call themselves."""


class Packed(Sequence[Value]):
    """A sequence of scalars of one kind that makes its `Value`s as they are asked for."""

    def __init__(self, kind: str, items: Sequence[Any]) -> None:
        self.kind, self._items = kind, items

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, at: int) -> Value: ...
    @overload
    def __getitem__(self, at: slice) -> Packed: ...
    def __getitem__(self, at: int | slice) -> Value | Packed:
        if isinstance(at, slice):
            return Packed(self.kind, self._items[at])
        return self._value(self._items[at])

    def parts_from(self, other: Packed) -> int | None:
        """The first place where two of one kind differ; None where they agree as far as both go."""
        mine, theirs = self._bits(), other._bits()
        if len(mine) == len(theirs) and mine == theirs:
            return None
        return next((at for at, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b), None)

    def _bits(self) -> Sequence[Any]:
        """Items that differ exactly where the values do: 0.0 and -0.0 are equal as floats."""
        if self.kind == "float":
            return array("q", array("d", self._items).tobytes())
        if self.kind in ("bool", "none"):
            return bytes(map(bool, self._items)) if self.kind == "bool" else bytes(len(self._items))
        return self._items

    def _value(self, item: Any) -> Value:
        return Value("none") if self.kind == "none" else Value(self.kind, bool(item) if self.kind == "bool" else item)


class _Texts(Sequence[str]):
    """Texts that lie one after the other in one."""

    def __init__(self, text: str, ends: array[int]) -> None:
        self._text, self._ends = text, ends

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        if isinstance(at, slice):
            return [self[index] for index in range(*at.indices(len(self)))]
        at = range(len(self))[at]
        return self._text[self._ends[at - 1] if at else 0 : self._ends[at]]


class Reader:
    """Reads values one after the other; objects keep their numbers across them."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._numbers = itertools.count()
        self._made = 0

    @property
    def done(self) -> bool:
        """Whether every byte was read."""
        return self._at == len(self._data)

    def value(self) -> Value:
        """The next value.

        Raises:
            Malformed: there is none.
        """
        try:
            return self._value(0)
        except RecursionError:
            raise Malformed("nested too deep") from None

    def _value(self, depth: int) -> Value:
        if depth > MAX_DEPTH:
            raise Malformed("nested too deep")
        tag = chr(self._take(1)[0])
        if tag in _SEQUENCES:
            number = next(self._numbers) if tag in "lS" else None
            items = self._sequence(depth)
            if tag in "SZ":
                self._count(len(items))
            return Value(_SEQUENCES[tag], items, number=number)
        reader = _READERS.get(tag)
        if reader is None:
            raise Malformed(f"unknown tag {tag!r}")
        return reader(self, depth)

    def _count(self, more: int) -> None:
        self._made += more
        if self._made > MAX_VALUES:
            raise Malformed(f"more than {MAX_VALUES} values")

    def _take(self, count: int) -> bytes:
        start, self._at = self._at, self._at + count
        if self._at > len(self._data):
            raise Malformed("cut off")
        return self._data[start : self._at]

    def _u32(self) -> int:
        return int.from_bytes(self._take(4), "little")

    def _text(self, size: int | None = None) -> str:
        try:
            return self._take(self._u32() if size is None else size).decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            raise Malformed("bad text") from error

    def _sequence(self, depth: int) -> Sequence[Value]:
        count = self._u32()
        kind = chr(self._take(1)[0])
        if kind == "q":
            return Packed("int", _numbers("q", self._take(8 * count)))
        if kind == "D":
            return Packed("float", _numbers("d", self._take(8 * count)))
        if kind == "?":
            return Packed("bool", self._take(count))
        if kind == "n":
            return Packed("none", self._take(count))
        if kind == "s":
            text = self._text()
            ends = array("Q", itertools.accumulate(_numbers("I", self._take(4 * count))))
            if (ends[-1] if ends else 0) != len(text):
                raise Malformed("bad lengths")
            return Packed("str", _Texts(text, ends))
        if kind != "*":
            raise Malformed(f"unknown sequence {kind!r}")
        if count > len(self._data) - self._at:
            raise Malformed("cut off")
        self._count(count)
        items: list[Value] = []
        for _ in range(count):
            items.append(self._value(depth + 1))
        return items

    def _pairs(self, depth: int) -> list[tuple[Value, Value]]:
        keys, values = self._sequence(depth), self._sequence(depth)
        if len(keys) != len(values):
            raise Malformed("keys without values")
        self._count(2 * len(keys))
        return list(zip(keys, values, strict=True))

    def _state(self, depth: int) -> tuple[tuple[Value, Value], ...]:
        if self._take(1) != b"d":
            raise Malformed("attributes expected")
        return tuple(self._pairs(depth))

    def _scalar(self, depth: int, tag: str) -> Value:
        if tag == "i":
            return Value("int", int.from_bytes(self._take(8), "little", signed=True))
        if tag == "I":
            return Value("int", int.from_bytes(self._take(self._u32()), "little", signed=True))
        if tag == "f":
            return Value("float", struct.unpack("<d", self._take(8))[0])
        if tag == "c":
            return Value("complex", struct.unpack("<dd", self._take(16)))
        if tag == "s":
            return Value("str", self._text())
        return Value("bytes", self._take(self._u32()))

    def _bytearray(self, depth: int) -> Value:
        number = next(self._numbers)
        return Value("bytearray", self._take(self._u32()), number=number)

    def _dict(self, depth: int) -> Value:
        number = next(self._numbers)
        return Value("dict", self._pairs(depth), number=number)

    def _name(self) -> tuple[str, str]:
        name, _, code = self._text().partition("\0")
        return name, code

    def _object(self, depth: int, tag: str) -> Value:
        number = None if tag == "v" else next(self._numbers)
        name, code = self._name()
        base = self._value(depth + 1)
        return Value("object", None, name, code, base, self._state(depth + 1), number=number, known=tag != "o")

    def _global(self, depth: int) -> Value:
        name, code = self._name()
        return Value("global", name=name, code=code)

    def _iterator(self, depth: int) -> Value:
        number = next(self._numbers)
        items = self._sequence(depth + 1)
        return Value("iterator", items, base=self._value(depth + 1), number=number)

    def _exception(self, depth: int) -> Value:
        name, code = self._name()
        base = self._value(depth + 1)
        state = self._state(depth + 1)
        return Value("exception", None, name, code, base, state, explicit=self._take(1) == b"T")


_READERS: dict[str, Callable[[Reader, int], Value]] = {
    "N": lambda reader, depth: Value("none"),
    "T": lambda reader, depth: Value("bool", True),
    "F": lambda reader, depth: Value("bool", False),
    "B": Reader._bytearray,
    "d": Reader._dict,
    "y": Reader._iterator,
    "x": Reader._exception,
    "r": lambda reader, depth: Value("ref", reader._u32()),
    "g": Reader._global,
    "u": lambda reader, depth: Value("opaque", name=reader._text()),
}


def _tagged(read: Callable[[Reader, int, str], Value], tag: str) -> Callable[[Reader, int], Value]:
    return lambda reader, depth: read(reader, depth, tag)


_READERS |= {tag: _tagged(Reader._scalar, tag) for tag in "iIfcsb"}
_READERS |= {tag: _tagged(Reader._object, tag) for tag in "okv"}


def _numbers(code: str, data: bytes) -> array[Any]:
    numbers: array[Any] = array(code)
    numbers.frombytes(data)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def read(data: bytes) -> Value:
    """The one value that `data` holds.

    Raises:
        Malformed: it holds none, or something after it.
    """
    reader = Reader(data)
    value = reader.value()
    if not reader.done:
        raise Malformed("bytes after the end")
    return value


def plain(value: Value) -> Any:
    """A value of plain data (no objects, references or sets) as Python data."""
    if value.kind in ("none", "bool", "int", "float", "str", "bytes"):
        return value.data
    if value.kind in ("list", "tuple"):
        return [plain(item) for item in value.data]
    if value.kind == "dict":
        return {key.data: plain(item) for key, item in value.data if key.kind in ("str", "int")}
    raise Malformed(f"plain data expected, not {value.kind}")
