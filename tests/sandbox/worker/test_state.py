"""What of an object is seen, and what makes it opaque: nothing that the program can give out as something else."""

from __future__ import annotations

import _thread
import collections
import copy
import dataclasses
import datetime
import decimal
import fractions
import functools
import hashlib
import operator
import random
import re
import sys
import typing
import uuid
from fractions import Fraction
from ipaddress import ip_network
from pathlib import PurePosixPath
from typing import Any

import pytest

from burnish.sandbox.equal.compare import Difference, compare_decoded, compare_values
from burnish.sandbox.equal.values import read
from burnish.sandbox.worker import codec


class Partial(functools.partial[int]):
    pass


class Generator(random.Random):
    pass


@pytest.mark.parametrize(
    "value",
    [
        hashlib.sha256(b"a"), hashlib.blake2b(b"a"), functools.partial(int), operator.itemgetter(1), random.Random(1),
        _thread.allocate_lock(), Partial(int), Generator(1), functools.lru_cache(lambda: 1), [].append, sys.stderr,
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_c_code_hides_is_opaque(value: object) -> None:
    assert read(codec.encode(value)).kind == "opaque"


T = typing.TypeVar("T")


class Box(typing.Generic[T]):
    def __init__(self) -> None:
        self.a = 1


def test_a_base_that_holds_nothing_hides_nothing() -> None:
    assert read(codec.encode(Box())).state[0][0].data == "a"
    assert read(codec.encode(...)).name == "builtins.ellipsis"


def forged(name: str, bases: tuple[type, ...] = (), **body: object) -> type:
    module, _, qualname = name.rpartition(".")
    return type(qualname, bases, {"__module__": module, "__qualname__": qualname, **body})


@pytest.mark.parametrize(
    ("true", "lie"),
    [
        (decimal.Decimal(1), forged("decimal.Decimal", (str,))("1")),
        (fractions.Fraction(1, 2), forged("fractions.Fraction", (tuple,))((1, 2))),
        (collections.Counter(a=1), forged("collections.Counter", (dict,))(a=1)),
        (object(), forged("builtins.object")()),
        (ValueError(1), forged("builtins.ValueError", (Exception,))(1)),
        (decimal.Decimal, forged("decimal.Decimal")),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_a_name_is_no_proof(true: object, lie: object) -> None:
    found = compare_values(codec.encode(true), codec.encode(lie))
    assert found is not None
    assert "(not in " in found.new


def test_not_even_where_the_module_was_made_to_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    liar = forged("decimal.Decimal", (str,))
    genuine = codec.encode(decimal.Decimal(1))
    monkeypatch.setattr(decimal, "Decimal", liar)
    found = compare_values(genuine, codec.encode(liar("1")))
    assert found is not None
    assert found.old != found.new


def test_a_metaclass_cannot_rename_its_classes() -> None:
    class Meta(type):
        __module__ = property(lambda cls: "decimal")  # type: ignore[assignment]
        __dict__ = property(lambda cls: {})  # type: ignore[assignment]

        def mro(cls) -> list[type]:
            return [cls, object]

    class Made(metaclass=Meta):
        def __init__(self) -> None:
            self.a = 1

    name = read(codec.encode(Made())).name
    assert not name.startswith("decimal.")
    assert "Made" in name


def test_attributes_are_read_past_the_class_or_not_at_all() -> None:
    class Lazy:
        __slots__ = ("_x",)

        @property
        def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
            return {"a": 1}

    class Below(Lazy):
        pass

    class Odd:
        pass

    class Attributes(dict[str, object]):
        def items(self) -> Any:
            return {}.items()

    assert read(codec.encode(Lazy())).kind == "opaque"
    below = Below()
    below.a = 2  # type: ignore[attr-defined]
    assert read(codec.encode(below)).state[0][1].data == 2
    odd = Odd()
    odd.__dict__ = Attributes(a=3)
    assert read(codec.encode(odd)).state[0][1].data == 3
    odd.__dict__ = {4: 5}  # type: ignore[dict-item]
    assert read(codec.encode(odd)).kind == "opaque"


def test_an_exception_whose_attributes_cannot_be_read_is_not_comparable() -> None:
    class Lazy(Exception):
        @property
        def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
            return {}

    found = read(codec.encode(Lazy()))
    assert found.kind == "exception"
    assert [item.kind for _, item in found.state] == ["opaque"]


def test_a_half_made_object_is_opaque() -> None:
    assert read(codec.encode(object.__new__(fractions.Fraction))).kind == "opaque"


def test_a_factory_without_a_name_is_part_of_what_is_compared() -> None:
    number = 1
    made = read(codec.encode(collections.defaultdict(lambda: number)))
    assert made.base is not None
    assert made.base.data[0].kind == "opaque"
    plain = read(codec.encode(collections.defaultdict(None, a=1)))
    assert plain.base is not None
    assert plain.base.data[0].kind == "none"


@dataclasses.dataclass
class Point:
    x: object
    y: object = 0


@dataclasses.dataclass(frozen=True)
class Frozen:
    x: object


def differ(old: object, new: object) -> Difference | None:
    """The first difference."""
    return compare_decoded(read(codec.encode(old)), read(codec.encode(new)))


def test_sharing_is_told_apart_from_likeness() -> None:
    one: list[int] = []
    assert differ([one, one], [[], []]) is not None
    assert differ([[], []], [one, one]) is not None
    assert differ([one, one], [one, one]) is None
    other: list[int] = []
    assert differ([one, other, one], [one, other, other]) is not None
    assert differ({"a": one, "b": one}, {"a": [], "b": []}) is not None
    point = Point(1)
    assert differ((point, point), (Point(1), Point(1))) is not None


@pytest.mark.parametrize(
    "make",
    [
        lambda: datetime.date(2000, 1, 1), lambda: datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC),
        lambda: datetime.time(1),
        lambda: datetime.timedelta(7), lambda: decimal.Decimal("1.5"), lambda: Fraction(1, 2), lambda: uuid.UUID(int=3),
        lambda: PurePosixPath("a"), lambda: ip_network("10.0.0.0/8"), lambda: range(7), lambda: re.compile("a"),
    ],
    ids=lambda make: type(make()).__name__,
)  # fmt: skip
def test_of_what_cannot_be_changed_two_are_as_good_as_one(make: Any) -> None:
    one = make()
    for wrap in (list, tuple, lambda pair: {"a": pair[0], "b": pair[1]}, lambda pair: Point(*pair)):
        assert differ(wrap([one, one]), wrap([one, copy.deepcopy(make())])) is None
    empty: list[int] = []
    assert differ([one, empty, one, empty], [make(), [], make(), []]) is not None


def test_objects_in_a_set_are_still_those_that_others_hold() -> None:
    nodes = [Frozen(name) for name in "abcdefgh"]
    for order in (nodes, nodes[::-1]):
        held = set(order)
        assert differ((held, nodes), ({Frozen(n.x) for n in nodes}, [Frozen(n.x) for n in nodes])) is not None
        again = [Frozen(node.x) for node in nodes]
        assert differ((held, nodes), (set(again), again)) is None
        assert differ((nodes, held), (again, set(again))) is None
        assert differ((held, nodes), (set(again), again[::-1])) is not None


def test_a_value_that_holds_itself_is_compared() -> None:
    def loop(length: int) -> list[Any]:
        made: list[Any] = []
        inner = made
        for _ in range(length - 1):
            inner = [inner]
        made.append(inner)
        return made

    assert differ(loop(1), loop(1)) is None
    assert differ(loop(1), loop(2)) is not None
