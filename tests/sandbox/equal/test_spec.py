from __future__ import annotations

import random

import pytest

from burnish.sandbox.equal.calls import Call
from burnish.sandbox.equal.inputs import Generator, InputSpec, NoInputs, Parameter


def test_types_come_from_hints_then_examples_then_defaults() -> None:
    parameters = [
        Parameter("a", "list"),
        Parameter("b"),
        Parameter("c", None, "1.5"),
        Parameter("d", "Shape", "SQUARE"),
    ]
    spec = InputSpec.build(parameters, [Call(args=([1, 2],), kwargs={"b": "x"})])
    assert [(name, str(kind)) for name, kind in spec.parameters] == [("a", "list[int]"), ("b", "str"), ("c", "float")]


def test_examples_say_what_any_stands_for_and_no_more() -> None:
    hint = "tuple[Any, list[dict[str, Any]], Literal['a', 'b']] | None"
    rows = [{"x": 1, "y": "v"}, {"x": 2, "y": "w"}]
    spec = InputSpec.build([Parameter("a", hint)], [Call(args=((0.5, rows, "a"),)), Call(args=(None,))])
    assert str(spec.parameters[0][1]) == "tuple[float, list[{'x': int, 'y': str}], Literal['a', 'b']] | None"


def test_what_cannot_be_made_is_named_with_what_to_do() -> None:
    parameters = [
        Parameter("rows"),
        Parameter("shape", "np.ndarray"),
        Parameter("n", "int"),
        Parameter("x", None, "None"),
    ]
    with pytest.raises(NoInputs) as caught:
        InputSpec.build(parameters)
    text = str(caught.value)
    assert "`rows`" in text
    assert "`shape`" in text
    assert "np.ndarray" in text
    assert "`n`" not in text
    assert "`x`" not in text
    for remedy in ("type hints", "doctest", "test beside it", "--inputs FILE"):
        assert remedy in text


def test_a_function_without_parameters_has_one_call() -> None:
    made = Generator(InputSpec.build([]), 0)
    rng = random.Random(0)
    assert made.awkward() == [Call(args=())]
    assert made.sized(5, rng).args == made.random(rng).args == made.mutate(Call(args=()), rng).args == ()
