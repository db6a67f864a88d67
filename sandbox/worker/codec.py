"""Values as data: a typed encoding of Python objects, and its decoder for built-in data.

The encoding keeps what a caller can tell apart: exact types, element order, -0.0, which containers are the same
object. User objects become their class's qualified name, a digest of its methods and their state; what cannot be told
apart by its data (a socket, a closure) becomes *opaque*. Nothing here trusts `__class__`, `__eq__`, `__repr__` or
`__reduce__` of a value.

Sequences of one built-in type are packed, so that encoding a large list costs far less than making it.

Layout (all integers little-endian): one tag byte, then the body.

    N T F          None, True, False
    i <int64>      I <u32 n><n bytes, two's complement>     int
    f <float64>    c <float64><float64>                     float, complex
    s <u32 n><utf-8>   b <u32 n><bytes>   B <u32 n><bytes>  str, bytes, bytearray
    l t S Z <seq>  list, tuple, set, frozenset
    d <seq><seq>   dict: keys, values
    r <u32>        the same object as the one numbered so (l d S B o k y, in the order met)
    o <str class><value base><dict state>   instance of a class made by Python: built-in part or None, attributes
    k <as o>       instance of a class of the standard library whose data is known
    v <as o>       the same where instances cannot be changed, so that two alike are as good as one: it has no number
    g <str name>   function, class or module of a file, by qualified name
    y <seq><value end>  iterator: what it yielded, then None (ended), True (cut at the bound) or the exception
    x <str class><value args><dict state><T|F raised by a raise statement>
    u <str type>   opaque
    <seq> = <u32 n><kind>: q int64s, D float64s, ? bools, n Nones (a byte each),
            s <u32 bytes><utf-8 of all><n u32 lengths>, * values

Behind the name of a function or class of the program, and in `o` and `x` behind that of the class, follow NUL and a
digest of its code.
"""

import itertools
import struct
import sys
from array import array
from typing import Any

from .state import ITERATORS, NAMED, class_name, forget, look_at, qualified, read

ITERATOR_BOUND = 10000
MAX_DEPTH = 100
_NAN = struct.pack("<d", float("nan"))
_U32 = struct.Struct("<I")
_I64 = struct.Struct("<q")
_F64 = struct.Struct("<d")
_BIG = sys.byteorder == "big"
_U32_CODE = "I" if array("I").itemsize == 4 else "L"

# By identity: a metaclass could make its classes equal to any other.
_ITERATOR_IDS = frozenset(map(id, ITERATORS))
_NAMED_IDS = frozenset(map(id, NAMED))


class Encoder:
    """Encodes values into one graph: an object met twice is written once and referred to.

    `explain(exception)` says whether a raise statement raised it; see `observe.py`.
    """

    def __init__(self, explain=None):
        self.out = bytearray()
        self._numbers = {}
        self._kept = []  # an id stays taken only while its object lives
        self._explain = explain

    def _remember(self, value):
        self._numbers[id(value)] = len(self._numbers)
        self._kept.append(value)

    def put(self, value, depth=0):
        """Append one value."""
        out = self.out
        kind = type(value)
        if value is None:
            out += b"N"
        elif kind is bool:
            out += b"T" if value else b"F"
        elif kind is int:
            self._int(value)
        elif kind is float:
            out += b"f" + (_NAN if value != value else _F64.pack(value))
        elif kind is str:
            out += b"s"
            self._text(value)
        elif kind is bytes:
            out += b"b" + _U32.pack(len(value)) + value
        elif kind is complex:
            out += b"c"
            for part in (value.real, value.imag):
                out += _NAN if part != part else _F64.pack(part)
        elif depth > MAX_DEPTH:
            self._opaque("nested deeper than %d levels" % MAX_DEPTH)
        elif kind is tuple:
            out += b"t"
            self._sequence(value, depth + 1)
        elif kind is frozenset:
            out += b"Z"
            self._sequence(list(value), depth + 1)
        elif id(value) in self._numbers:
            out += b"r" + _U32.pack(self._numbers[id(value)])
        elif kind is list:
            self._remember(value)
            out += b"l"
            self._sequence(value, depth + 1)
        elif kind is dict:
            self._remember(value)
            self._dict(value, depth + 1)
        elif kind is set:
            self._remember(value)
            out += b"S"
            self._sequence(list(value), depth + 1)
        elif kind is bytearray:
            self._remember(value)
            out += b"B" + _U32.pack(len(value)) + value
        else:
            self._other(value, kind, depth)

    def _int(self, value):
        if -0x8000000000000000 <= value <= 0x7FFFFFFFFFFFFFFF:
            self.out += b"i" + _I64.pack(value)
        else:
            body = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
            self.out += b"I" + _U32.pack(len(body)) + body

    def _text(self, value):
        body = value.encode("utf-8", "surrogatepass")
        self.out += _U32.pack(len(body))
        self.out += body

    def _opaque(self, name):
        self.out += b"u"
        self._text(name)

    def _dict(self, value, depth):
        self.out += b"d"
        self._sequence(list(value.keys()), depth)
        self._sequence(list(value.values()), depth)

    def _sequence(self, items, depth):
        out = self.out
        out += _U32.pack(len(items))
        if len(set(map(id, map(type, items)))) == 1:
            kind = type(items[0])
            if kind is int:
                try:
                    out += b"q" + _packed(array("q", items))
                    return
                except OverflowError:
                    pass
            elif kind is float:
                packed = array("d", items)
                if not any(map(float.__ne__, items, items)):
                    out += b"D" + _packed(packed)
                    return
            elif kind is str:
                body = "".join(items).encode("utf-8", "surrogatepass")
                out += b"s" + _U32.pack(len(body)) + body + _packed(array(_U32_CODE, map(len, items)))
                return
            elif kind is bool:
                out += b"?" + bytes(items)
                return
            elif kind is type(None):
                out += b"n" + bytes(len(items))
                return
        out += b"*"
        for item in items:
            self.put(item, depth)

    def _other(self, value, kind, depth):
        if issubclass(kind, BaseException):
            self._exception(value, look_at(kind), depth)
        elif id(kind) in _ITERATOR_IDS:
            self._remember(value)
            self._iterator(value, kind, depth)
        elif kind is type or issubclass(kind, type) or id(kind) in _NAMED_IDS:
            name = qualified(value)
            if name is None:
                self._opaque("%s without a name of its own" % class_name(kind).rpartition(".")[2])
            else:
                self.out += b"g"
                self._text(name)
        else:
            self._object(value, look_at(kind), depth)

    def _object(self, value, look, depth):
        found = read(look, value)
        if found is None:
            self._opaque(look.name.partition("\0")[0])
            return
        data, attributes = found
        if look.tag != b"v":
            self._remember(value)
        self.out += look.tag
        self._text(look.name)
        self.put(data, depth + 1)
        if attributes:
            self._dict(attributes, depth + 1)
        else:
            self.out += _EMPTY

    def _iterator(self, value, kind, depth):
        items, end = [], None
        if kind is itertools.groupby:  # a group is lost with the step to the next
            value = ((key, iter(list(itertools.islice(group, ITERATOR_BOUND)))) for key, group in value)
        try:
            for item in itertools.islice(value, ITERATOR_BOUND):
                items.append(item)
            if len(items) == ITERATOR_BOUND:
                end = True
        except BaseException as error:
            end = error
        self.out += b"y"
        self._sequence(items, depth + 1)
        self.put(end, depth + 1)

    def _exception(self, value, look, depth):
        args = BaseException.args.__get__(value)
        attributes = look.attributes(value)
        self.out += b"x"
        self._text(look.name)
        self.put(args if type(args) is tuple else None, depth + 1)
        self._dict({"": _UNREADABLE} if attributes is None else attributes, depth + 1)
        self.out += b"T" if self._explain and self._explain(value) else b"F"


_EMPTY = b"d" + 2 * (_U32.pack(0) + b"*")
_UNREADABLE = object().__str__  # any opaque value


def _packed(numbers):
    if _BIG:
        numbers.byteswap()
    return numbers.tobytes()


def encode(value: Any, explain: Any = None) -> bytes:
    """Bytes of one value."""
    forget()
    encoder = Encoder(explain)
    encoder.put(value)
    return bytes(encoder.out)


def decode(data: bytes) -> Any:
    """The value that `encode` wrote, of built-in data only: arguments of a call, orders and reports.

    Raises ValueError for anything else; counts are checked against the bytes there are before memory is taken.
    """
    try:
        return _Decoder(data).value(0)
    except (IndexError, TypeError, OverflowError, struct.error, UnicodeError, RecursionError) as error:
        raise ValueError("not an encoding: %s" % error) from None


class _Decoder:
    def __init__(self, data):
        self._data = memoryview(data)
        self._at = 0
        self._met = []

    def _take(self, count):
        start = self._at
        self._at = start + count
        if self._at > len(self._data):
            raise ValueError("cut off")
        return self._data[start : self._at]

    def _u32(self):
        return _U32.unpack(self._take(4))[0]

    def value(self, depth):
        if depth > MAX_DEPTH:
            raise ValueError("nested too deep")
        tag = bytes(self._take(1))
        if tag in _CONSTANTS:
            return _CONSTANTS[tag]
        if tag == b"i":
            return _I64.unpack(self._take(8))[0]
        if tag == b"f":
            return _F64.unpack(self._take(8))[0]
        if tag == b"s":
            return str(self._take(self._u32()), "utf-8", "surrogatepass")
        if tag in _CONTAINERS:
            return self._container(tag, depth + 1)
        if tag == b"I":
            return int.from_bytes(self._take(self._u32()), "little", signed=True)
        if tag == b"b":
            return bytes(self._take(self._u32()))
        if tag == b"B":
            self._met.append(bytearray(self._take(self._u32())))
            return self._met[-1]
        if tag == b"c":
            return complex(*struct.unpack("<dd", self._take(16)))
        if tag == b"r":
            return self._met[self._u32()]
        raise ValueError("not built-in data: %r" % tag)

    def _container(self, tag, depth):
        if tag == b"t":
            return tuple(self._sequence(depth))
        if tag == b"Z":
            return frozenset(self._sequence(depth))
        made = {b"l": list, b"d": dict, b"S": set}[tag]()
        self._met.append(made)
        if tag == b"d":
            made.update(zip(self._sequence(depth), self._sequence(depth)))  # noqa: B905 (Python 3.8)
        elif tag == b"l":
            made.extend(self._sequence(depth))
        else:
            made.update(self._sequence(depth))
        return made

    def _sequence(self, depth):
        count = self._u32()
        kind = bytes(self._take(1))
        if kind == b"q":
            return _unpacked("q", self._take(8 * count))
        if kind == b"D":
            return _unpacked("d", self._take(8 * count))
        if kind == b"?":
            return list(map(bool, self._take(count)))
        if kind == b"s":
            text = str(self._take(self._u32()), "utf-8", "surrogatepass")
            ends = list(itertools.accumulate(_unpacked(_U32_CODE, self._take(4 * count))))
            return [text[a:b] for a, b in zip([0, *ends], ends)]  # noqa: B905 (Python 3.8)
        if kind == b"n":
            self._take(count)
            return [None] * count
        return [self.value(depth) for _ in range(count)]


_CONSTANTS = {b"N": None, b"T": True, b"F": False}
_CONTAINERS = b"ltSZd"


def _unpacked(code, data):
    numbers = array(code)
    numbers.frombytes(data)
    if _BIG:
        numbers.byteswap()
    return numbers.tolist()
