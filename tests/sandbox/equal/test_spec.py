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


def test_what_no_input_varies_is_said() -> None:
    parameters = [
        Parameter("xs", "list[int]"),
        Parameter("key", None, "None"),
        Parameter("by", "Callable[[int], int] | None", "None"),
        Parameter("shape", "Shape", "SQUARE"),
        Parameter("nothing", "None", "None"),
        Parameter("start", "int | None", "None"),
    ]
    spec = InputSpec.build(parameters)
    assert [(name, str(kind)) for name, kind in spec.parameters][1:3] == [("key", "None"), ("by", "None")]
    first, second, third = spec.notes
    assert first.startswith("Parameter key was only left out or passed as None")
    assert second.startswith("Parameter by was only left out or passed as None")
    assert third.startswith("Parameter shape was only left out:")
    shown = InputSpec.build(parameters[:2], [Call(([1],), {"key": 3}), Call(([1], "a"))])
    assert shown.notes == ()
    assert str(shown.parameters[1][1]) == "int | str"
    only_none = InputSpec.build(parameters[:2], [Call(([1], None))])
    assert len(only_none.notes) == 1


def test_a_call_goes_on_by_keyword_after_what_is_left_out() -> None:
    spec = InputSpec.build([Parameter("a", "int"), Parameter("b", "int", "7"), Parameter("c", "int", "LIMIT")])
    assert spec.call({"a": 1, "c": 3}, "types") == Call((1,), {"c": 3})
    assert spec.call({"a": 1, "b": 2, "c": 3}, "types") == Call((1, 2, 3))
    assert spec.call({"a": 1}, "types") == Call((1,))
    assert spec.bind(Call(args=(1, 2), kwargs={"c": 3, "other": 4})) == {"a": 1, "b": 2, "c": 3}
    with pytest.raises(KeyError):
        spec.call({"b": 1}, "types")


def test_what_is_positional_only_is_never_passed_by_keyword() -> None:
    def spec(default: str) -> InputSpec:
        return InputSpec.build([Parameter("a", "int", default, False, True), Parameter("b", "int", "8", False, True)])

    assert spec("7").call({"b": 3}, "types") == Call((7, 3))
    assert spec("LIMIT").call({"b": 3}, "types") == Call(())
    assert spec("LIMIT").call({"a": 2}, "types") == Call((2,))
