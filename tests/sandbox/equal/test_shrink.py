from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burnish.sandbox.equal.calls import Call
from burnish.sandbox.equal.given import literal
from burnish.sandbox.equal.shrink import shrink

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.binary(max_size=8)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=6)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=3), inner, max_size=4)
        | st.sets(st.integers(), max_size=5)
    ),
    max_leaves=12,
)
calls = st.builds(
    Call, st.lists(values, max_size=3).map(tuple), st.dictionaries(st.sampled_from("xyz"), values, max_size=2)
)


def small(args: tuple[Any, ...], fails: Callable[..., bool], budget: int = 400) -> tuple[Any, ...]:
    return shrink(Call(args=args), lambda call: fails(*call.args), budget).args


def weight(value: object) -> float:
    """Elements, characters and magnitudes, added up."""
    if isinstance(value, dict):
        return 1 + sum(1 + weight(one) for one in value.values())
    if isinstance(value, (list, tuple, set, frozenset)):
        return 1 + sum(map(weight, value))
    if isinstance(value, (str, bytes)):
        return len(value)
    if isinstance(value, float) and not math.isfinite(value):
        return math.inf
    return float(min(abs(value), 1e300)) if isinstance(value, (int, float)) else 0.0


def shape(value: object) -> object:
    """The type, and what it is made of where the number of elements may not change."""
    return (tuple, [shape(one) for one in value]) if isinstance(value, tuple) and mixed(value) else type(value)


def mixed(value: tuple[object, ...]) -> bool:
    return len({type(one) for one in value}) > 1


@settings(max_examples=150, deadline=None)
@given(calls, st.integers(0, 60), st.randoms(use_true_random=False))
def test_the_result_fails_is_no_larger_and_costs_no_more_than_the_budget(call: Call, budget: int, rng: Any) -> None:
    failing = {literal(call, 10**6)}
    asked = 0

    def still_fails(other: Call) -> bool:
        nonlocal asked
        asked += 1
        if rng.random() < 0.5:
            failing.add(literal(other, 10**6))
            return True
        return False

    found = shrink(call, still_fails, budget)
    assert asked <= budget
    assert literal(found, 10**6) in failing
    assert sum(map(weight, found.args)) <= sum(map(weight, call.args))
    assert sum(map(weight, found.kwargs.values())) <= sum(map(weight, call.kwargs.values()))
    assert list(map(shape, found.args)) == list(map(shape, call.args))
    assert found.kwargs.keys() == call.kwargs.keys()


@settings(deadline=None)
@given(calls)
def test_it_ends_when_everything_fails(call: Call) -> None:
    assert sum(map(weight, shrink(call, lambda _: True, 10**6).args)) <= len(call.args) * 10


@settings(deadline=None)
@given(calls)
def test_the_call_itself_comes_back_when_nothing_smaller_fails(call: Call) -> None:
    assert shrink(call, lambda _: False) is call


@pytest.mark.parametrize(
    ("args", "fails", "expected"),
    [
        (
            ([5, 3, 99, 7, 100, 2, 1, 8],),
            lambda xs: sum(x > 50 for x in xs) > 1,
            ([51, 51],),
        ),
        (("the quick brown fox",), lambda text: "q" in text and "x" in text, ("qx",)),
        ((b"\x01\x02\xff\x03",), lambda data: 255 in data, (b"\xff",)),
        ((1000,), lambda n: n >= 37, (37,)),
        ((-1000,), lambda n: n <= -37, (-37,)),
        ((-5,), lambda n: n != 0, (1,)),
        ((7.75,), lambda x: x > 0, (1.0,)),
        ((math.inf,), lambda x: x > 0, (1.0,)),
        ((True, "a"), lambda flag, text: True, (False, "")),
        (({"a": [1, 2], "b": [3]},), lambda d: 2 in d.get("a", []), ({"a": [2]},)),
        (({1, 2, 3, 40},), lambda s: 40 in s, ({40},)),
        (((9, "long text"),), lambda pair: len(pair) == 2, ((0, ""),)),
        (([[1, 2, 3], [4, 5, 6]],), lambda rows: any(5 in row for row in rows), ([[5]],)),
        (([1, 2, 3, 4], [5, 6, 7, 8]), lambda a, b: len(a) == len(b) and 3 in a, ([3], [0])),
    ],
)
def test_what_is_left_is_what_matters(
    args: tuple[Any, ...], fails: Callable[..., bool], expected: tuple[Any, ...]
) -> None:
    assert small(args, fails) == expected


def test_a_large_list_takes_few_tries() -> None:
    call = Call(args=(list(range(100_000)),), size=100_000)
    found = shrink(call, lambda one: 77_777 in one.args[0], 60)
    assert len(found.args[0]) == 1
    assert found.size == 0
    assert len(call.args[0]) == 100_000


def test_keyword_arguments_shrink_too() -> None:
    found = shrink(Call(args=(), kwargs={"text": "abc", "n": 9}), lambda one: one.kwargs["n"] > 2)
    assert found.kwargs == {"text": "", "n": 3}
