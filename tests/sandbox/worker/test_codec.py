"""The worker's encoding of what is not built-in data; round trips are in tests/sandbox/equal/test_values.py."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from burnish.sandbox.equal.values import read, render
from burnish.sandbox.worker import codec, observe


def test_an_iterator_is_what_it_yields_how_it_ends_and_where_it_was_cut() -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise ValueError("late")

    ended, failed, cut = (read(codec.encode(each)) for each in (iter([1]), failing(), itertools.count()))
    assert {each.kind for each in (ended, failed, cut)} == {"iterator"}
    assert ended.base is not None and ended.base.kind == "none"
    assert failed.base is not None and failed.base.name == "builtins.ValueError"
    assert cut.base is not None and cut.base.data is True
    assert len(cut.data) == codec.ITERATOR_BOUND


def test_what_raised_an_exception_is_told() -> None:
    def raised(code: str) -> bool:
        try:
            exec(code)
        except BaseException as error:
            return bool(observe.raised_by_statement(error))
        raise AssertionError(code)

    assert raised("raise ValueError(1)")
    assert raised("raise KeyError")
    assert raised("assert 0, 'why'")
    assert raised("try:\n  1 / 0\nexcept ZeroDivisionError as e:\n  raise ValueError from e")
    assert not raised("1 / 0")
    assert not raised("int('x')")
    assert not raised("[][1]")
    assert not raised("missing")
    assert observe.raised_by_statement(ValueError("never raised"))


def test_encoding_the_same_value_twice_gives_the_same_bytes() -> None:
    value = {"a": [1, 2.5, None, "x" * 9], "b": (b"", bytearray(b"1")), "c": {3: {4: []}}}
    assert codec.encode(value) == codec.encode(value)
    assert render(read(codec.encode(value))).startswith("{'a': [1, 2.5, None")


@pytest.mark.parametrize(
    "body", [b"", b"?", b"g\0\0\0\0", b"x", b"o", b"u\0\0\0\0", b"l\xff\xff\xff\xff*", b"r\0\0\0\0"]
)
def test_the_decoder_takes_built_in_data_alone(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        codec.decode(body)
