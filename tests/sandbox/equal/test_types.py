from __future__ import annotations

import doctest

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burnish.sandbox.equal import types
from burnish.sandbox.equal.types import accepts, default_type, has_size, infer, is_open, parse_type

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.complex_numbers() | st.text() | st.binary()
hashables = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3).map(tuple) | st.frozensets(inner), max_leaves=5
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(hashables, inner) | st.sets(hashables),
    max_leaves=10,
)


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(types).failed == 0


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("int", "int"),
        ("None", "None"),
        ("list", "list[Any]"),
        ("List[int]", "list[int]"),
        ("typing.Sequence[str]", "list[str]"),
        ("collections.abc.Iterable[bytes]", "list[bytes]"),
        ("t.Mapping[str, float]", "dict[str, float]"),
        ("dict", "dict[Any, Any]"),
        ("tuple", "tuple[Any, ...]"),
        ("tuple[int, ...]", "tuple[int, ...]"),
        ("Tuple[int, str]", "tuple[int, str]"),
        ("tuple[()]", "tuple[()]"),
        ("set[frozenset[int]]", "set[frozenset[int]]"),
        ("dict[tuple[int, int], complex]", "dict[tuple[int, int], complex]"),
        ("Optional[int]", "int | None"),
        ("Union[int, str, None]", "int | str | None"),
        ("int | (str | None)", "int | str | None"),
        ("int | Any", "Any"),
        ("int | int", "int"),
        ("object", "Any"),
        ("Literal['a', -1, None, True]", "Literal['a', -1, None, True]"),
        ("'list[int]'", "list[int]"),
        ("list['int']", "list[int]"),
        ("Annotated[int, 'positive', f(1)]", "int"),
        ("  int  ", "int"),
    ],
)
def test_annotations_that_are_understood(text: str, meaning: str) -> None:
    assert str(parse_type(text)) == meaning


@pytest.mark.parametrize(
    "text",
    [
        "Iterator[int]", "Generator[int, None, None]", "Callable[[int], int]", "np.ndarray", "numpy.int", "T",
        "MyClass", "list[MyClass]", "Optional[MyClass]", "dict[int]", "list[int, int]", "set[list[int]]",
        "dict[list[int], int]", "Literal[Colour.RED]", "1", "", "int +", "list[", "f(x)", "[int]", "a\x00b",
        "(" * 500, "list[" * 300, "Optional[int, str]", "defaultdict[str, int]", "__import__('os').system('false')",
    ],
)  # fmt: skip
def test_annotations_that_are_not(text: str) -> None:
    assert parse_type(text) is None


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_text_is_an_error(text: str) -> None:
    parse_type(text)


@pytest.mark.parametrize(
    ("shown", "meaning"),
    [
        ([1, 2], "int"),
        ([1, True], "int | bool"),
        ([1, None], "int | None"),
        ([[]], "list[Any]"),
        ([[], [1]], "list[int]"),
        ([[[]], [[1.5]]], "list[list[float]]"),
        ([(1, 2), (3, 4)], "tuple[int, int]"),
        ([(1, "a")], "tuple[int, str]"),
        ([(1, 2), (3,)], "tuple[int, ...]"),
        ([()], "tuple[Any, ...]"),
        ([{}], "dict[Any, Any]"),
        ([{"a": 1}], "dict[str, int]"),
        ([[{"a": 1, "b": "x"}, {"b": "y", "a": 2}]], "list[{'a': int, 'b': str}]"),
        ([{"a": 1}, {"b": 2}], "dict[str, int]"),
        ([{1, 2}, frozenset({"a"})], "set[int] | frozenset[str]"),
    ],
)
def test_types_of_examples(shown: list[object], meaning: str) -> None:
    assert str(infer(shown)) == meaning


def test_nothing_is_inferred_from_nothing_or_from_other_objects() -> None:
    assert infer([]) is None
    assert infer([1, object()]) is None
    assert infer([[print]]) is None


@settings(max_examples=50, deadline=None)
@given(st.lists(values, min_size=1, max_size=4))
def test_an_inferred_type_accepts_all_it_was_inferred_from(shown: list[object]) -> None:
    spec = infer(shown)
    assert spec is not None
    assert all(accepts(spec, value) for value in shown)


def test_types_are_told_apart_as_strictly_as_values_are() -> None:
    assert not accepts(parse_type("int") or types.ANY, True)
    assert not accepts(parse_type("bool") or types.ANY, 1)
    assert accepts(parse_type("float") or types.ANY, 1)
    assert not accepts(parse_type("float") or types.ANY, True)
    assert not accepts(parse_type("Literal[1]") or types.ANY, True)
    assert not accepts(parse_type("tuple[int, int]") or types.ANY, (1,))
    assert not accepts(parse_type("list[int]") or types.ANY, (1,))
    assert not accepts(parse_type("set[int]") or types.ANY, frozenset({1}))


def test_defaults() -> None:
    assert default_type(None) is None
    assert str(default_type(3)) == "int"
    assert str(default_type(())) == "tuple[Any, ...]"
    assert default_type(print) is None


def test_openness_and_size() -> None:
    assert is_open(parse_type("dict[str, list]") or types.INT)
    assert not is_open(parse_type("dict[str, int]") or types.ANY)
    assert has_size(parse_type("int | str") or types.INT)
    assert has_size(parse_type("tuple[int, list[int]]") or types.INT)
    assert not has_size(parse_type("tuple[int, float]") or types.STR)
