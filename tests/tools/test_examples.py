"""Calls with literal arguments, and the values they are said to give."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burnish.tools import literals, syntax
from burnish.tools.examples import find_examples

SOURCE = '''\
"""Module.

>>> zip_up([7], "a")
[(7, 'a')]
"""
import zipper

PAIRS = [1, 2] * 3
changed = [1]
changed.append(2)


def zip_up(a, b=()):
    """Zips.

    >>> zip_up([1, -2], b="ab")
    [(1, 'a'), (-2, 'b')]
    >>> zip_up([], []) == []
    True
    >>> zip_up(3, 4)
    Traceback (most recent call last):
    TypeError: no
    >>> zip_up([0])
    >>> zip_up(
    ...     [9],
    ... )
    []
    """
    return zip_up([55])


class TestZip:
    def test_all(self):
        assert zip_up(PAIRS, list(range(3))) == [(1, 0)], "message"
        assert None is zipper.zip_up({"k": (1.5, None)})
        self.assertEqual(zip_up(["x"] * 2), [])
        self.assertListEqual([5], zip_up(b=frozenset(), a=set()))
        with pytest.raises(ValueError):
            zip_up([666])
        self.assertRaises(ValueError, zip_up, 1)
        zip_up(changed)
        zip_up(unknown)
        zip_up(*[1])
        zip_up([1] * 10**9)
        zip_up(2 ** 10**9)
        zip_up("a" * 5)
        assert zip_up([1]) > [0]
'''


def test_every_place_where_examples_stand() -> None:
    found = find_examples(SOURCE, "zip_up", "existing")
    assert {each.text: (each.args, each.kwargs, each.expected, each.has_expected) for each in found} == {
        "zip_up([7], \"a\")": (([7], "a"), {}, [(7, "a")], True),
        'zip_up([1, -2], b="ab")': (([1, -2],), {"b": "ab"}, [(1, "a"), (-2, "b")], True),
        "zip_up([], [])": (([], []), {}, [], True),
        "zip_up([0])": (([0],), {}, None, False),
        "zip_up(\n    [9],\n)": (([9],), {}, [], True),
        "zip_up(PAIRS, list(range(3)))": (([1, 2] * 3, [0, 1, 2]), {}, [(1, 0)], True),
        'zip_up({"k": (1.5, None)})': (({"k": (1.5, None)},), {}, None, True),
        'zip_up(["x"] * 2)': ((["x", "x"],), {}, [], True),
        "zip_up(b=frozenset(), a=set())": ((), {"b": frozenset(), "a": set()}, [5], True),
        'zip_up("a" * 5)': (("aaaaa",), {}, None, False),
        "zip_up([1])": (([1],), {}, None, False),
    }  # fmt: skip
    assert {each.origin for each in found} == {"existing"}


def test_a_broken_file_has_no_examples() -> None:
    assert find_examples("f(1)\n)", "f", "examples") == ()


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text() | st.integers(), inner, max_size=3)
        | st.frozensets(st.integers(), min_size=1, max_size=1).map(set)
    ),
    max_leaves=8,
)


@settings(deadline=None, max_examples=60)
@given(plain)
def test_what_python_writes_is_read_back(value: Any) -> None:
    (found,) = find_examples(f"f({value!r})\n", "f", "examples")
    assert repr(found.args) == repr((value,))


def value_of(text: str) -> Any:
    return literals.evaluate(syntax.parse(text).named_children[0].named_children[0], {})


@pytest.mark.parametrize(
    "text",
    [
        "2 ** 10 ** 8", "1 << 10 ** 9", "'a' * 10 ** 9", "[0] * 10 ** 9", "list(range(10 ** 9))", "range(10 ** 9)",
        "[[[0] * 1000] * 1000] * 1000", "1 / 0", "__import__('os')", "open('x')", "[x for x in 'ab']",
        "'%1000000d' % 1",
        "f'{1}'", "(lambda: 1)()", "bytes(10 ** 9)", "sorted([1, 'a'])", "{[]: 1}", "...", "float('x')",
    ],
)  # fmt: skip
def test_what_is_not_a_small_literal_is_unknown(text: str) -> None:
    assert value_of(text) is literals.UNKNOWN


def test_simple_expressions_are_worked_out() -> None:
    assert value_of("[-(2 ** 5) + 1, ~1, 7 // 2, 'a' 'b', {**{}}]") is literals.UNKNOWN
    assert value_of("[-(2 ** 5) + 1, ~1, 7 // 2, 'a' 'b', (), {1: {2}}, sorted('ba'), range(3)]") == [
        -31, -2, 3, "ab", (), {1: {2}}, ["a", "b"], range(3),
    ]  # fmt: skip
    assert value_of("float('-inf')") == float("-inf")
