"""Choosing inputs: the most telling first, each once, and the same for the same seed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burnish.agent.errors import UsageError
from burnish.agent.operators.base import Program
from burnish.agent.steps.context import program_id
from burnish.agent.steps.prepare import LARGEST_LITERAL, choose_inputs, input_spec
from burnish.agent.steps.read import read_target
from burnish.sandbox.equal.calls import Call
from burnish.sandbox.equal.inputs import Generator, literal


def generator(folder: Path, head: str, given_calls: tuple[Call, ...] = (), seed: int = 0) -> Generator:
    path = folder / "a.py"
    path.write_text(f'{head}\n    """Doc.\n\n    >>> f([3, 1])\n    4\n    """\n    return sum(x)\n')
    return Generator(input_spec(read_target(str(path)), given_calls), seed)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1 << 32))
def test_inputs_are_distinct_and_follow_the_seed(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    place = tmp_path_factory.mktemp("a")
    own = (Call(([9, 9],), {}, "given"),)
    made = [choose_inputs(generator(place, "def f(x: list[int]):", own, seed), own, [0, 4], seed) for _ in range(2)]
    texts = [literal(call, LARGEST_LITERAL) for call in made[0]]
    assert len(set(texts)) == len(texts)
    assert [literal(call, LARGEST_LITERAL) for call in made[1]] == texts
    assert made[0][0] == own[0]
    assert made[0][1].source == "examples"


def test_examples_are_enough_where_there_are_no_annotations(tmp_path: Path) -> None:
    calls = choose_inputs(generator(tmp_path, "def f(x):"), (), [0, 2], 0)
    assert len(calls) > 20
    assert all(isinstance(call.args[0], list) for call in calls)


def test_large_inputs_are_bounded_and_told_apart_by_their_length(tmp_path: Path) -> None:
    made = generator(tmp_path, "def f(x: list[int]):")
    growth = [(1 << step, 1e-5) for step in range(12)]
    few, many = (choose_inputs(made, (), [0, 4], 0, grown) for grown in ([], growth))
    assert len(many) <= len(few) + 60
    assert sum(len(call.args[0]) > 1000 for call in many) > 6
    same = (Call(([7] * 5000,)), Call(([7] * 5001,)))
    assert choose_inputs(made, same, [0], 0)[:2] == [*same]


@pytest.mark.parametrize("name", ["x", "*rest"])
def test_nothing_to_make_inputs_from_says_what_to_do(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.py"
    path.write_text(f"def f({name}):\n    return 1\n")
    with pytest.raises(UsageError) as caught:
        input_spec(read_target(str(path)), ())
    assert name.strip("*") in caught.value.message
    assert caught.value.hint or "example" in caught.value.message
    assert input_spec(read_target(str(path)), (Call((1,)),))


def test_star_parameters_need_no_inputs(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("def f(x: int, *rest, **named):\n    return x\n")
    spec = input_spec(read_target(str(path)), ())
    assert [name for name, _ in spec.parameters] == ["x"]
    assert [name in note for name, note in zip(("rest", "named"), spec.notes, strict=True)] == [True, True]


@given(st.text(), st.text())
def test_programs_are_named_by_their_source(one: str, other: str) -> None:
    names = [program_id(Program(text, "f")) for text in (one, other)]
    assert (names[0] == names[1]) == (one == other)
    assert all(len(name) == 12 for name in names)
