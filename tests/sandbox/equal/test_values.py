"""What a sandbox sent, read as data: round trips, and bytes from an enemy."""

from __future__ import annotations

import contextlib
import resource
import struct
import sys
import time
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.data import data, same

from burnish.sandbox.equal.compare import NotComparable, compare_decoded, compare_values, read_observation
from burnish.sandbox.equal.values import MAX_VALUES, Malformed, Value, plain, read, render
from burnish.sandbox.worker import codec


@settings(max_examples=50, deadline=None)
@given(data)
def test_decoding_gives_back_what_was_encoded_with_its_types(value: Any) -> None:
    assert same(codec.decode(codec.encode(value)), value)


@settings(max_examples=50, deadline=None)
@given(data)
def test_reading_keeps_kind_and_content(value: Any) -> None:
    found = read(codec.encode(value))
    assert found.kind == ("none" if value is None else type(value).__name__)
    if isinstance(value, bool | int | float | str | bytes):
        assert same(found.data, value)
    assert len(render(found, 80)) <= 80
    assert compare_decoded(found, read(codec.encode(value))) is None


@given(st.lists(st.lists(st.integers() | st.text() | st.none() | st.binary()), max_size=5))
def test_plain_data_comes_out_as_it_went_in(value: list[Any]) -> None:
    assert plain(read(codec.encode(value))) == value


def test_what_is_not_plain_is_refused() -> None:
    for value in ({1}, 1j, object(), [bytearray()]):
        with pytest.raises(Malformed):
            plain(read(codec.encode(value)))


def survives(body: bytes) -> None:
    """Nothing but `Malformed`, `ValueError` and `NotComparable`, whatever is done with the bytes."""
    for attempt in (read, read_observation):
        try:
            attempt(body)
        except Malformed as error:
            assert str(error)
    try:
        value = read(body)
    except Malformed:
        pass
    else:
        assert isinstance(render(value), str)
        try:
            assert compare_decoded(value, read(body)) is None or b"r" in body
        except NotComparable as error:
            assert str(error)
    try:
        codec.decode(body)
    except ValueError as error:
        assert str(error)


tags = st.sampled_from([bytes([each]) for each in b"NTFifcsbBltSZdrokvgyxuqD?n*"])
counts = st.sampled_from([0, 1, 2, 3, 255, 1 << 16, (1 << 31) - 1, (1 << 32) - 1]).map(lambda n: struct.pack("<I", n))


@given(st.binary() | st.lists(tags | counts | st.binary(max_size=9), max_size=40).map(b"".join))
def test_any_bytes_are_a_value_or_malformed(body: bytes) -> None:
    survives(body)


@settings(max_examples=50, deadline=None)
@given(data, st.data())
def test_a_changed_or_shortened_encoding_is_a_value_or_malformed(value: Any, draw: st.DataObject) -> None:
    body = bytearray(codec.encode(value))
    at = draw.draw(st.integers(0, len(body) - 1))
    with pytest.raises(Malformed):
        read(bytes(body[:at]))
    with pytest.raises(Malformed):
        read(bytes(body) + b"N")
    body[at] = draw.draw(st.integers(0, 255))
    survives(bytes(body))


@pytest.mark.parametrize("head", [b"l\1\0\0\0*", b"t\1\0\0\0*", b"d\1\0\0\0*N\1\0\0\0*", b"oN\0\0\0\0", b"x\0\0\0\0",
                                  b"y\1\0\0\0*", b"o\0\0\0\0Nd\1\0\0\0*s\0\0\0\0\1\0\0\0*"])  # fmt: skip
@pytest.mark.parametrize("depth", [50, 150, 205, 400, 100_000])
def test_depth_is_limited_before_the_stack_is(head: bytes, depth: int) -> None:
    survives(head * depth + b"N")
    survives(head * depth)


def test_honest_values_are_read_to_the_encoders_own_depth() -> None:
    class Node:
        def __init__(self, below: object) -> None:
            self.below = below

    for wrap in (lambda x: [x], lambda x: (x,), lambda x: {1: x}, Node, lambda x: iter([x])):
        for depth, comparable in ((40, True), (400, False)):
            value: object = None
            for _ in range(depth):
                value = wrap(value)
            body = codec.encode(value)
            assert render(read(body))
            if comparable:
                assert compare_decoded(read(body), read(body)) is None
            else:
                with pytest.raises(NotComparable, match="nested deeper"):
                    compare_decoded(read(body), read(body))


@pytest.mark.parametrize(
    "body",
    [
        b"l" + struct.pack("<I", 0xFFFFFFFF) + kind for kind in (b"q", b"D", b"?", b"n", b"*", b"s\0\0\0\0")
    ] + [
        b"I" + struct.pack("<I", 0xFFFFFFFF), b"s" + struct.pack("<I", 0xFFFFFFFF),
        b"S" + struct.pack("<I", 20 << 20) + b"n" + bytes(20 << 20),
        b"l" + struct.pack("<I", 20 << 20) + b"*" + b"N" * (20 << 20),
        b"l" + struct.pack("<I", 20 << 20) + b"?" + bytes(20 << 20),
        b"d" + 2 * (struct.pack("<I", 20 << 20) + b"?" + bytes(20 << 20)),
        b"l" + struct.pack("<I", 5 << 20) + b"s\0\0\0\0" + bytes(20 << 20),
    ],
    ids=lambda body: f"{body[:1].decode()}-{len(body)}",
)  # fmt: skip
def test_sizes_are_checked_before_memory_is_taken(body: bytes) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.monotonic()
    with contextlib.suppress(Malformed):
        render(read(body))
    assert time.monotonic() - begun < 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400 << 10


def test_the_limit_on_values_leaves_room_for_large_results() -> None:
    many = codec.encode(list(range(MAX_VALUES + 1)))
    found = compare_values(many, many[:-1] + b"\1")
    assert found is not None
    assert found.where == f"result[{MAX_VALUES}]"
    with pytest.raises(Malformed, match="more than"):
        read(b"l" + struct.pack("<I", MAX_VALUES + 1) + b"*" + b"N" * (MAX_VALUES + 1))


@settings(max_examples=30)
@given(st.lists(st.text(st.characters(min_codepoint=0xD7F0, max_codepoint=0x1F600))))
def test_packed_texts_can_be_indexed_and_sliced_like_a_list(texts: list[str]) -> None:
    items = read(codec.encode(texts)).data
    assert [each.data for each in items] == texts
    assert [each.data for each in items[1:]] == texts[1:]
    assert [each.data for each in items[-2:]] == texts[-2:]
    assert [items[at].data for at in range(len(texts))] == texts
    with pytest.raises(IndexError):
        items[len(texts)]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([1, (2,), ()], "[1, (2,), ()]"),
        ({"a": -0.0}, "{'a': -0.0}"),
        ({1}, "set({1})"),
        (frozenset(), "frozenset()"),
        (float("nan"), "float('nan')"),
        (float("-inf"), "float('-inf')"),
        (1 << 3000, "<int of 3001 bits>"),
        (bytearray(b"x"), "bytearray(b'x')"),
        (ValueError("no", 1), "ValueError('no', 1)"),
        (len, "<builtins.len>"),
        (1 - 2j, "(1-2j)"),
        (Fraction(1, 2), "fractions.Fraction(1, 2)"),
        (Decimal("1E+2"), "decimal.Decimal('1E+2')"),
        (date(2000, 1, 2), "datetime.date('2000-01-02')"),
        (PurePosixPath("/a/b"), "pathlib.PurePosixPath('/a/b')"),
    ],
)
def test_values_are_shown_like_python(value: object, text: str) -> None:
    assert render(read(codec.encode(value))) == text


def test_a_digest_behind_a_name_is_not_part_of_it() -> None:
    found = read(b"g" + struct.pack("<I", 9) + b"a.b\0digit")
    assert (found.name, found.code) == ("a.b", "digit")
    assert render(found) == "<a.b>"


def test_a_value_cannot_be_changed_or_given_more() -> None:
    value = Value("int", 1)
    with pytest.raises(AttributeError):
        value.data = 2  # type: ignore[misc]
    assert sys.getsizeof(value) < 200
