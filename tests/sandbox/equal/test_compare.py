"""Equal means equal for everything a caller can see."""

from __future__ import annotations

import collections
import copy
import dataclasses
import datetime
import decimal
import enum
import itertools
import re
import uuid
from array import array
from collections.abc import Iterator
from fractions import Fraction
from ipaddress import ip_network
from pathlib import PurePosixPath, PureWindowsPath
from types import SimpleNamespace
from typing import Any, Never

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.data import data, same

from burnish.sandbox.equal.compare import Difference, NotComparable, compare_decoded, compare_values
from burnish.sandbox.equal.values import read
from burnish.sandbox.worker import codec, observe


def label(value: object) -> str:
    """The type, and for plain data the text: without addresses and orders of sets, which differ between processes."""
    plain = isinstance(value, (int, float, str, bytes, list, tuple, dict, range)) and " at 0x" not in repr(value)
    return f"{type(value).__name__} {value!r}" if plain else type(value).__name__


def differ(old: object, new: object) -> Difference | None:
    """The first difference."""
    return compare_values(*(codec.encode(each, observe.raised_by_statement) for each in (old, new)))


@settings(max_examples=50, deadline=None)
@given(data)
def test_everything_equals_itself(value: Any) -> None:
    assert differ(value, copy.deepcopy(value)) is None


@settings(max_examples=50, deadline=None)
@given(data, data)
def test_different_is_symmetric_and_means_not_the_same(one: Any, other: Any) -> None:
    assert (differ(one, other) is None) == (differ(other, one) is None) == same(one, other)


@settings(max_examples=50, deadline=None)
@given(data, data, st.data())
def test_one_change_deep_inside_is_always_found(value: Any, leaf: Any, draw: st.DataObject) -> None:
    old, new = value, leaf
    if same(old, new):
        return
    for _ in range(draw.draw(st.integers(0, 4))):
        wrap = draw.draw(
            st.sampled_from([lambda x: [0, x], lambda x: (x, "a"), lambda x: {"k": x, 1: 2}, lambda x: iter([x])])
        )
        old, new = wrap(old), wrap(new)
    found = differ(old, new)
    assert found is not None
    assert str(found)


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


@dataclasses.dataclass
class Point:
    x: object
    y: object = 0


class Slotted:
    __slots__ = ("__hidden", "a")

    def __init__(self, a: object, hidden: object = 0) -> None:
        self.a = a
        self.__hidden = hidden


class Unslotted:
    """Its list of slots is deleted afterwards; what is in them can still be seen."""

    __slots__ = ("a",)

    def __init__(self, a: object) -> None:
        self.a = a


del Unslotted.__slots__


class Words(list[str]):
    pass


class Pair(collections.namedtuple("Pair", "a b")):
    __slots__ = ()


@dataclasses.dataclass(frozen=True)
class Frozen:
    x: object


class Perm(enum.Flag):
    R = 1
    W = 2


class Zone(datetime.tzinfo):
    pass


class Day(datetime.date):
    pass


class Deque(collections.deque[int]):
    def __iter__(self) -> Iterator[int]:
        return iter(())


def asked(value: Any, question: Any) -> Any:
    """The value once it was asked something whose answer it keeps for itself."""
    question(value)
    return value


def moved(*keys: int) -> collections.OrderedDict[int, int]:
    ordered = collections.OrderedDict((key, 0) for key in (1, 2, 3))
    for key in keys:
        ordered.move_to_end(key)
    return ordered


def extra(value: Any, **attributes: object) -> Any:
    vars(value).update(attributes)
    return value


UTC = datetime.UTC


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (1, True), (0, False), (1, 1.0), (1.0, 1 + 0j), ("a", b"a"), (b"a", bytearray(b"a")), (None, 0), (None, False),
        ([], ()), ([1, 2], (1, 2)), ({1}, frozenset({1})), ({}, []), ({}, set()), ("", None),
        (0.0, -0.0), (float("nan"), 0.0), (complex(0, 0.0), complex(0, -0.0)), (0.1 + 0.2, 0.3),
        (1 << 63, (1 << 63) - 1), (-(1 << 64), 1 << 64), ([1, 1 << 64], [1, 1 << 65]),
        ([1, 2], [2, 1]), ([1], [1, 1]), ([[]], []), ("a", "b"), ("é", "e\u0301"), (["ab", "c"], ["a", "bc"]),
        ({1: 2, 3: 4}, {3: 4, 1: 2}), ({1: 2}, {1: 3}), ({1: 2}, {True: 2}), ({1: 2}, {1.0: 2}), ({1: 0}, {1: 0, 2: 0}),
        ({1, 2}, {1, 3}), ({1}, {True}), ({(1, 2)}, {(2, 1)}), ({0.0}, {-0.0}), ({frozenset({1})}, {frozenset({True})}),
        (range(3), [0, 1, 2]), (range(0), range(1, 1)), (iter([1]), [1]), (iter([1]), iter([2])), (iter([1]), iter(())),
        (Point(1), Point(2)), (Point(1), Point(True)), (Point(1), extra(Point(1), z=1)), (Point(1), Slotted(1)),
        (Slotted(1), Slotted(2)), (Slotted(1, 2), Slotted(1, 3)), (Unslotted(1), Unslotted(2)),
        (Colour.RED, Colour.BLUE), (Colour.RED, 1), (Words(["a"]), ["a"]), (Words(["a"]), Words(["b"])),
        (Words(["a"]), extra(Words(["a"]), b=1)), (Pair(1, 2), (1, 2)), (Pair(1, 2), Pair(2, 1)),
        (collections.Counter("ab"), collections.Counter("ba")), (collections.Counter("a"), {"a": 1}),
        (moved(1), moved(2)), (moved(), moved(1)), (collections.deque([1]), collections.deque([1], 3)),
        (collections.deque([1]), [1]), (collections.defaultdict(int), collections.defaultdict(list)),
        (decimal.Decimal("1.0"), decimal.Decimal("1.00")), (datetime.date(2000, 1, 1), datetime.date(2000, 1, 2)),
        (datetime.datetime(2000, 1, 1), datetime.datetime(2000, 1, 1, tzinfo=UTC)),
        (datetime.datetime(2000, 1, 1), datetime.datetime(2000, 1, 1, fold=1)),
        (array("i", [1]), array("q", [1])), (re.compile("a"), re.compile("a", re.I)), (slice(1), slice(2)),
        (memoryview(b"a"), memoryview(b"b")), (len, max), (int, float), (len, "builtins.len"),
        (ValueError("a"), ValueError("b")), (ValueError("a"), KeyError("a")), (ValueError(1), ValueError(True)),
        ([ValueError()], [extra(ValueError(), code=3)]), ({}.keys(), {1: 1}.keys()), ({1: 1}.keys(), [1]),
        (Fraction(1, 2), Fraction(1, 3)), (PurePosixPath("a"), PurePosixPath("b")),
        (uuid.UUID(int=1), uuid.UUID(int=2)),
        (PurePosixPath("a"), PureWindowsPath("a")), (SimpleNamespace(a=1), SimpleNamespace(a=2)),
        (datetime.timezone(datetime.timedelta(0, 60), "x"), datetime.timezone(datetime.timedelta(0, 120), "x")),
        (datetime.datetime(2000, 1, 1, tzinfo=UTC), datetime.datetime(2000, 1, 1, tzinfo=Zone())),
        (Day(2000, 1, 1), datetime.date(2000, 1, 1)), (Day(2000, 1, 1), Day(2000, 1, 2)),
        (Day(2000, 1, 1), extra(Day(2000, 1, 1), a=1)), (Deque([1]), Deque([2])),
        (collections.defaultdict(int, a=1), collections.defaultdict(int, a=2)),
        (re.match("a", "a"), re.match("a", "ab")),
        (itertools.groupby([1, 1]), itertools.groupby([1])), (itertools.pairwise("abc"), itertools.pairwise("abd")),
        ({Frozen(1)}, {Frozen(2)}), ({(a := Frozen(1)), (a, a)}, {Frozen(1), (Frozen(1), Frozen(1))}),
    ],
    ids=label,
)  # fmt: skip
def test_a_difference_is_found_whichever_comes_first(old: Any, new: Any) -> None:
    # Iterators are used up by walking them, so every comparison needs its own bodies.
    one, other = (codec.encode(each, observe.raised_by_statement) for each in (old, new))
    found, back = compare_values(one, other), compare_values(other, one)
    assert found is not None
    assert back is not None
    assert found.where
    assert found.old != found.new


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (float("nan"), -float("nan")), ([float("nan"), 1.0], [float("inf") - float("inf"), 1.0]),
        ({1, 2, 1 << 70}, {1 << 70, 2, 1}), ({"b", "a"}, {"a", "b"}), (frozenset("xyz"), frozenset("zyx")),
        ({frozenset({1, 2}), (3,)}, {(3,), frozenset({2, 1})}), (Point([1]), Point([1])),
        (Slotted(1, 2), Slotted(1, 2)), ((i for i in "ab"), (i for i in "ab")), (moved(1), moved(1)),
        ((1, (2,)), (1, (2,))),
        (Colour.RED, Colour.RED),
        (ValueError("a"), ValueError("a")), (len, len), ({Point: 1}, {Point: 1}), (object(), object()),
        (itertools.pairwise("abc"), itertools.pairwise("abc")), (itertools.groupby([1, 1]), itertools.groupby([1, 1])),
        (PurePosixPath("a", "b"), PurePosixPath("a/b")), (SimpleNamespace(a=1, b=2), SimpleNamespace(b=2, a=1)),
        (asked(PurePosixPath("a/b"), str), PurePosixPath("a/b")), (asked(Perm.R, lambda one: ~one), Perm.R),
        (asked(ip_network("10.0.0.0/8"), lambda one: one.broadcast_address), ip_network("10.0.0.0/8")),
    ],
    ids=label,
)  # fmt: skip
def test_what_nobody_can_tell_apart_is_equal(old: object, new: object) -> None:
    assert differ(old, new) is None


@pytest.mark.parametrize("value", [lambda: 0, [].append, (i for i in ()).send, open, object().__str__], ids=label)
def test_some_functions_have_a_name_and_the_others_cannot_be_compared(value: object) -> None:
    if value is open:
        assert differ(value, value) is None
        return
    for wrap in (lambda x: x, lambda x: [x], lambda x: {1: x}, lambda x: (0, x), Point, lambda x: iter([x])):
        with pytest.raises(NotComparable):
            compare_walked(wrap(value), wrap(value))


def compare_walked(old: object, new: object) -> Difference | None:
    """The first difference, also where the bytes are the same."""
    return compare_decoded(read(codec.encode(old)), read(codec.encode(new)))


def test_what_hides_in_a_set_cannot_be_compared_either() -> None:
    class Key(dict[str, object]):
        def __hash__(self) -> int:  # type: ignore[override]
            return 1

    for held in ({(1, lambda: 0)}, {Key(a=lambda: 0)}, {frozenset({iter([1])})}):
        with pytest.raises(NotComparable):
            compare_walked(held, held)


class Liar:
    """Claims to be 1 in every way Python asks."""

    __class__ = int  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return hash(1)

    def __repr__(self) -> str:
        return "1"

    __str__ = __repr__

    def __index__(self) -> int:
        return 1

    __int__ = __index__

    def __reduce__(self) -> Any:
        return int, (1,)

    def __getattribute__(self, name: str) -> Any:
        return getattr(1, name)


class Same(type):
    """A metaclass whose classes equal every class."""

    def __eq__(cls, other: object) -> bool:
        return True

    def __hash__(cls) -> int:
        return hash(int)


class Number(metaclass=Same):
    def __index__(self) -> int:
        return 2


def lying_deque() -> object:
    def items(self: object) -> Iterator[int]:
        return iter([1])

    body = {"__iter__": items, "maxlen": None, "__module__": "collections", "__qualname__": "deque"}
    return type("deque", (), body)()


@pytest.mark.parametrize(
    ("true", "lie"),
    [
        (1, Liar()), ([1, 1], [1, Liar()]), ({1}, {Liar()}), ({1: 2}, {Liar(): 2}), ((1,), (Liar(),)),
        ([1, 2], [1, Number()]),
        ([1, 2], [Number(), 2]), (iter([2]), Number()), (len, Number()), (collections.deque([1]), lying_deque()),
        ("a", type("str", (str,), {"__module__": "builtins", "__eq__": lambda a, b: True})("a")),
        ([1], type("list", (list,), {"__module__": "builtins", "__iter__": lambda self: iter([1])})([])),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_lies_do_not_help(true: object, lie: object) -> None:
    found, back = codec.encode(true), codec.encode(lie)
    assert compare_values(found, back) is not None
    assert compare_values(back, found) is not None


def raised(function: Any) -> BaseException:
    try:
        function()
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


def test_arguments_of_an_exception_count_where_code_raised_it() -> None:
    def mine(*args: object) -> Any:
        def call() -> Never:
            raise ValueError(*args)

        return call

    assert differ(raised(mine("a")), raised(mine("b"))) is not None
    assert differ(raised(mine("a")), raised(mine("a"))) is None
    assert differ(raised(mine(1)), raised(mine(True))) is not None
    # The interpreter's own: their texts change between versions, their types do not.
    assert differ(raised(lambda: int("x")), raised(lambda: int("y"))) is None
    assert differ(raised(lambda: {}["x"]), raised(lambda: [][0])) is not None
    assert differ(raised(lambda: int("x")), raised(mine("another text"))) is None
    assert differ(raised(mine("another text")), raised(lambda: int("x"))) is not None
