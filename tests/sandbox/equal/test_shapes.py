"""Shapes: what large inputs have in common beyond the style of the examples, and how many are drawn."""

from __future__ import annotations

import doctest
import math
import random
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from burnish.sandbox.equal import shapes
from burnish.sandbox.equal.calls import Call
from burnish.sandbox.equal.inputs import Generator, InputSpec, Parameter
from burnish.sandbox.equal.shapes import SHAPES, Shape, arranged, large_shapes, reach, seconds_at
from burnish.sandbox.equal.types import accepts, parse_type

LINEAR = tuple((1 << step, (1 << step) * 1e-5) for step in range(14))
QUADRATIC = tuple((1 << step, (1 << 2 * step) * 1e-6) for step in range(11))
DOUBLING = ((1, 1e-4), (2, 2e-4), (4, 1e-3), (8, 0.02), (16, 5.0))


def made(hint: str, *examples: Any) -> Generator:
    return Generator(InputSpec.build([Parameter("a", hint)], [Call((one,)) for one in examples]), 0)


def of(*hints: str) -> Generator:
    return Generator(InputSpec.build([Parameter("abc"[at], hint) for at, hint in enumerate(hints)]), 0)


def large(hint: str, *examples: Any, growth: tuple[tuple[int, float], ...] = LINEAR) -> list[Any]:
    return [call.args[0] for call in made(hint, *examples).large(growth, random.Random(3))]


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(shapes).failed == 0


def test_the_first_shapes_tell_most() -> None:
    assert len(set(SHAPES)) == len(SHAPES) == 24
    assert {one.values for one in SHAPES[:4]} == {"small", "vast", "shown", "wide"}
    assert {one.arrangement for one in SHAPES[:6]} == {one.arrangement for one in SHAPES}


@pytest.mark.parametrize(
    "hint", ["list[int]", "list[float]", "str", "bytes", "list[str]", "dict[str, int]", "set[int]", "list[list[int]]",
             "tuple[int, ...]", "list", "list[int | None]", "frozenset[str]", "list[tuple[int, str]]", "list[bool]"],
)  # fmt: skip
def test_every_shape_has_the_type_and_about_the_size(hint: str) -> None:
    spec = parse_type(hint)
    assert spec is not None
    for shape in SHAPES:
        (value,) = made(hint).shaped(70, shape, random.Random(1)).args
        assert accepts(spec, value), (shape, value)
        if spec.kind not in ("dict", "set", "frozenset"):
            assert len(value) == 70


def test_lists_of_ints_have_both_size_and_telling_values() -> None:
    values = [one for one in large("list[int]") if len(one) >= 100]
    assert any(min(one) < 0 and max(one) <= 8 for one in values)
    assert any(max(map(abs, one)) > 2**64 and len(set(one)) > 20 for one in values)
    assert any(len(set(one)) == 1 for one in values)
    assert any(len(set(one)) == 2 and all(a != b for a, b in pairwise(one)) for one in values)
    rising, falling = ([one for one in values if one == sorted(one, reverse=back)] for back in (False, True))
    assert any(len(one) > 1000 and len(set(one)) > 1000 for one in rising)
    assert any(len(one) > 1000 and len(set(one)) > 1 for one in falling)
    nearly = [sum(a > b for a, b in pairwise(one)) for one in values]
    assert any(0 < count < 6 for count in nearly)
    assert {len(one) % 2 for one in values} == {0, 1}


def test_ints_stand_for_floats_in_all_of_a_list_or_in_none() -> None:
    kinds = {frozenset(map(type, one)) for one in large("list[float]")}
    assert kinds == {frozenset([int]), frozenset([float])}
    assert all(map(math.isfinite, (number for one in large("list[float]") for number in one)))


def test_texts_have_one_letter_few_letters_blanks_and_unicode() -> None:
    texts = large("str")
    assert any(len(set(text)) == 1 for text in texts)
    assert any(2 <= len(set(text)) <= 3 for text in texts)
    assert any("\n" in text and " " in text and text.isascii() for text in texts)
    assert any(max(map(ord, text)) > 0xFFFF for text in texts)


def test_what_examples_show_is_kept_but_for_signs_and_magnitudes() -> None:
    rows = large("list[int]", [1, 4, 9], [2, 3])
    assert all(one == sorted(one) and len(set(one)) == len(one) for one in rows)
    assert any(min(one) < 0 for one in rows)
    assert any(min(one) >= 1 for one in rows)
    assert sum(set(text) <= set("()") for text in large("str", "(())()", "()()")) > 15


def test_values_that_the_original_never_ends_on_are_tried_once() -> None:
    tried: list[Call] = []

    def ends(call: Call) -> bool:
        tried.append(call)
        return min(call.args[0]) >= 0

    calls = made("list[int]").large(LINEAR, random.Random(3), ends)
    assert len(tried) == 4
    assert 12 <= len(calls) < 36
    assert all(call not in calls for call in tried if not min(call.args[0]) >= 0)


def test_relations_between_parameters_are_kept() -> None:
    spec = InputSpec.build(
        [Parameter("a", "list[int]"), Parameter("b", "list[int]"), Parameter("n", "int")],
        [Call(([1, 2], [3, 4], 2)), Call(([5], [6], 1))],
    )
    calls = Generator(spec, 0).large(LINEAR, random.Random(0))
    assert all(len(call.args[0]) == len(call.args[1]) == call.args[2] for call in calls)
    free = Generator(InputSpec.build([Parameter("a", "str"), Parameter("b", "str")]), 0)
    assert any(len(call.args[1]) < len(call.args[0]) for call in free.large(LINEAR, random.Random(0)))


def test_rows_that_are_equal_are_not_one_object() -> None:
    (rows,) = made("list[list[int]]").shaped(70, Shape("wide", "equal"), random.Random(0)).args
    assert rows[0] == rows[69]
    assert rows[0] is not rows[69]


def test_what_cannot_be_sorted_stays_as_it_is() -> None:
    assert arranged([1, "a", None], "up", random.Random(0)) == [1, "a", None]
    assert arranged([], "equal", random.Random(0)) == []
    assert sorted(arranged(range(9), "nearly", random.Random(0))) == list(range(9))


def test_there_are_as_many_as_the_original_is_quick_enough_for() -> None:
    drawn = large_shapes(LINEAR, random.Random(0))
    assert len(drawn) == 48
    assert {min(size // 100, 10) for size, _ in drawn} >= {0, 10}
    slower = large_shapes(QUADRATIC, random.Random(0))
    assert len(slower) < 48
    assert max(size for size, _ in slower) < 1000
    few = large_shapes(DOUBLING, random.Random(0))
    assert [size for size, _ in few if not 2 <= size <= 8] == []
    assert 0 < len(few) <= 12
    assert large_shapes(((1, 3.0),), random.Random(0)) == []
    assert 0 < len(large_shapes((), random.Random(0))) <= 12
    assert made("int").large(LINEAR, random.Random(0)) == []


@given(st.lists(st.floats(1e-6, 2.0), max_size=17), st.integers(0, 5000))
def test_an_estimate_is_never_negative_and_the_reach_is_quick(times: list[float], size: int) -> None:
    growth = [(1 << step, seconds) for step, seconds in enumerate(times)]
    assert seconds_at(growth, size) >= 0
    assert dict(growth).get(reach(growth, 0.5), 0.0) <= 0.5


def test_a_ladder_that_ended_in_failure_says_nothing_of_larger_sizes() -> None:
    assert seconds_at([(1, 0.001), (2, 0.001)], 3) == math.inf
    assert seconds_at([(1, 0.001), (2, 0.5)], 4) == pytest.approx(250)
    assert seconds_at([(1, 1e-9), (2, 2.0)], 5000) == math.inf or seconds_at([(1, 1e-9), (2, 2.0)], 5000) > 1e9


@pytest.mark.parametrize(("quick", "most"), [(1 << 20, 1000), (256, 256), (16, 16)])
def test_small_ints_are_covered_as_far_as_the_original_is_quick(quick: int, most: int) -> None:
    growth = [(1 << step, 0.001 if 1 << step <= quick else 1.0) for step in range(20)]
    drawer = made("int")
    values = [call.args[0] for call in drawer.counted(growth, random.Random(0))]
    assert values[:41] == list(range(min(41, most + 1)))
    assert len(values) == len(set(values)) == (101 if most > 100 else most + 1)
    assert most * 0.8 < max(values) <= most
    held = [call.args[0] for call in drawer.unseen([Call((1,))], growth, 300, random.Random(0))]
    assert sum(40 < value <= 5000 for value in held) >= (40 if quick > 5000 else 0)


def test_ints_beside_other_parameters_are_covered_in_part() -> None:
    rng = random.Random(0)
    growth = [(1 << step, 0.001) for step in range(14)]
    pairs = [call.args for call in of("int", "int").counted(growth, rng)]
    assert len(pairs) == 60
    assert any(max(pair) > 200 for pair in pairs)
    mixed = [call.args for call in of("list[int]", "int").counted(growth, rng)]
    assert len(mixed) == 12
    assert all(0 <= number <= 40 for _, number in mixed)
    assert list(made("str").counted(growth, rng)) == []


def test_held_out_calls_are_as_many_as_asked_for_and_follow_the_state_of_the_dice() -> None:
    drawer = of("list[int]", "int")
    growth = [(1 << step, 0.001) for step in range(14)]
    known = [Call(([1, 2], 3))]
    drawn = [drawer.unseen(known, growth, 120, random.Random(9)) for _ in range(2)]
    assert len(drawn[0]) == 120
    assert drawn[0] == drawn[1]
    assert sum(len(call.args[0]) >= 64 for call in drawn[0]) == 20
    assert sum(call.source == "mutation" for call in drawn[0]) == 40
    assert len(drawer.unseen([], (), 12, random.Random(9))) == 12
