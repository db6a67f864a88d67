from __future__ import annotations

import doctest
import math
import random
import subprocess
import sys
import unicodedata
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burnish.sandbox.equal import given as given_module
from burnish.sandbox.equal import inputs, relations
from burnish.sandbox.equal.calls import Call
from burnish.sandbox.equal.inputs import Generator, InputSpec, Parameter, literal
from burnish.sandbox.equal.types import TypeSpec, accepts, parse_type

SCALARS = ["int", "float", "bool", "str", "bytes", "complex", "None", "Literal['up', 'down', 3]", "int | None"]
KEYS = ["int", "str", "bool", "tuple[int, str]", "frozenset[int]"]
hints_of_types = st.recursive(
    st.sampled_from(SCALARS),
    lambda inner: (
        st.builds("list[{}]".format, inner)
        | st.builds("tuple[{}, ...]".format, inner)
        | st.builds("tuple[{}, {}]".format, inner, inner)
        | st.builds("dict[{}, {}]".format, st.sampled_from(KEYS), inner)
        | st.builds("set[{}]".format, st.sampled_from(KEYS))
        | st.builds("{} | None".format, inner)
    ),
    max_leaves=4,
)
signatures = st.lists(hints_of_types, min_size=1, max_size=3)


@pytest.mark.parametrize("module", [given_module, inputs, relations])
def test_the_examples_in_the_docstrings_hold(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0


def generator(*hints: str | None, examples: tuple[tuple[Any, ...], ...] = (), seed: int = 0) -> Generator:
    parameters = [Parameter("abcdef"[at], hint) for at, hint in enumerate(hints)]
    return Generator(InputSpec.build(parameters, [Call(args=args) for args in examples]), seed)


def draws(made: Generator, size: int, count: int = 40) -> list[tuple[Any, ...]]:
    rng = random.Random(1)
    return [made.sized(size, rng).args for _ in range(count)]


def everything(made: Generator) -> list[Call]:
    """Calls of each kind."""
    rng = random.Random(7)
    calls = [*made.awkward(), *(made.sized(size, rng) for size in made.ladder(20))]
    calls += [made.random(rng) for _ in range(10)]
    for call in list(calls):
        calls.append(made.mutate(call, rng))
    return calls


@settings(max_examples=35, deadline=None)
@given(signatures)
def test_every_call_has_the_types_of_the_signature(hints: list[str]) -> None:
    for call in everything(generator(*hints)):
        assert len(call.args) == len(hints)
        for hint, value in zip(hints, call.args, strict=True):
            spec = parse_type(hint)
            assert spec is not None
            assert accepts(spec, value), (hint, value)


@settings(max_examples=25, deadline=None)
@given(signatures, st.integers(0, 5))
def test_examples_of_any_kind_do_not_change_the_types(hints: list[str], seed: int) -> None:
    plain = generator(*hints)
    rng = random.Random(seed)
    examples = tuple(plain.random(rng).args for _ in range(seed)) + tuple(call.args for call in plain.awkward()[-3:])
    for call in everything(generator(*hints, examples=examples)):
        assert all(accepts(parse_type(h) or TypeSpec("none"), v) for h, v in zip(hints, call.args, strict=True))


@settings(max_examples=20, deadline=None)
@given(signatures, st.integers())
def test_the_same_seed_makes_the_same_calls(hints: list[str], seed: int) -> None:
    def texts() -> list[str]:
        return [literal(call, 10_000) for call in everything(generator(*hints, seed=seed))]

    assert texts() == texts()


def test_calls_do_not_depend_on_the_hash_seed() -> None:
    program = (
        "import random\n"
        "from burnish.sandbox.equal.calls import Call\n"
        "from burnish.sandbox.equal.inputs import *\n"
        "shown = Call(args=({'ab', 'cd', 'xy'}, {'k': 'v w'}))\n"
        "made = Generator(InputSpec.build([Parameter('a', 'set[str]'), Parameter('b')], [shown]), 3)\n"
        "rng = random.Random(5)\n"
        "calls = [*made.awkward(), *(made.random(rng) for _ in range(30)), made.sized(50, rng)]\n"
        "print([literal(made.mutate(call, rng), 5000) for call in calls])\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


@settings(max_examples=25, deadline=None)
@given(signatures)
def test_awkward_calls_are_few_and_different(hints: list[str]) -> None:
    calls = generator(*hints).awkward()
    assert 1 <= len(calls) <= 60
    assert len({literal(call, 10**6) for call in calls}) == len(calls)


def test_awkward_numbers_texts_and_containers() -> None:
    ints = {call.args[0] for call in generator("int").awkward()}
    assert {0, 1, -1} <= ints
    assert max(ints) > 2**64
    assert min(ints) < -(2**63)
    floats = [call.args[0] for call in generator("float").awkward()]
    assert any(map(math.isnan, floats))
    assert {math.inf, -math.inf} <= set(floats)
    assert any(x == 0 and math.copysign(1, x) < 0 for x in floats)
    texts = [call.args[0] for call in generator("str").awkward()]
    assert "" in texts
    assert any(unicodedata.combining(c) for text in texts for c in text)
    assert any(ord(c) > 0xFFFF for text in texts for c in text)
    assert not any(0xD800 <= ord(c) < 0xE000 for text in texts for c in text)
    assert max(map(len, texts)) > 1000
    lists = [call.args[0] for call in generator("list[int]").awkward()]
    assert [] in lists
    assert any(len(one) == 1 for one in lists)
    assert any(len(set(one)) < len(one) for one in lists)
    assert any(min(one, default=0) < 0 for one in lists)


def test_awkward_values_come_one_at_a_time_and_all_together() -> None:
    calls = [call.args for call in generator("list[int]", "list[int]", examples=(([4, 5], [6]),)).awkward()]
    assert ([], [6]) in calls
    assert ([4, 5], []) in calls
    assert ([], []) in calls


@pytest.mark.parametrize("size", [0, 1, 7, 300])
def test_containers_and_texts_have_the_size_asked_for(size: int) -> None:
    hints = [
        "list[int]",
        "str",
        "dict[str, int]",
        "set[int]",
        "frozenset[str]",
        "bytes",
        "tuple[float, ...]",
        "list[str]",
    ]
    for hint in hints:
        for (value,) in draws(generator(hint), size, 5):
            assert len(value) == size, hint
    first, second, number = draws(generator("str", "list[int]", "int"), size, 1)[0]
    assert len(first) == len(second) == size
    assert 1 <= number <= 10


def test_numbers_are_about_the_size_when_there_is_no_container() -> None:
    for count, scale in draws(generator("int", "float", examples=((3, 0.5),)), 1000):
        assert 900 <= count <= 1000
        assert 900 <= scale <= 1000
    assert {args[0] for args in draws(generator("int"), 0)} == {0}
    assert {args[0] for args in draws(generator("int"), 1)} == {1}


def test_numbers_beside_a_container_stay_within_the_examples() -> None:
    made = generator("list[int]", "int", "float", examples=(([9, 1, 1], 5, 0.25), ([1, 1, 4], 8, 0.75)))
    for _, number, share in draws(made, 50):
        assert 5 <= number <= 8
        assert 0.25 <= share <= 0.75


def test_elements_are_in_a_range_in_which_some_repeat() -> None:
    for (values,) in draws(generator("list[int]"), 200):
        assert 0 <= min(values) <= max(values) <= 200
        assert 20 < len(set(values)) < 200


def test_texts_are_words_some_of_them_frequent() -> None:
    for (text,) in draws(generator("str"), 3000, 5):
        words = text.split(" ")
        assert all(word.islower() and word.isalpha() for word in words)
        assert 0.1 < len(set(words)) / len(words) < 0.7


def test_two_texts_share_words() -> None:
    first, second = draws(generator("str", "str"), 500, 1)[0]
    assert set(first.split()) & set(second.split())


def most(flags: list[bool]) -> bool:
    return sum(flags) > 0.7 * len(flags)


def test_the_style_of_the_examples_is_kept() -> None:
    positive = draws(generator("list[int]", examples=(([5, 1, 1],), ([2, 2],))), 100)
    assert all(min(values) >= 1 for (values,) in positive)
    negative = draws(generator("list[int]", examples=(([-5, 1, 1],),)), 100)
    assert any(min(values) < 0 for (values,) in negative)
    ordered = draws(generator("list[int]", examples=(([1, 3, 3, 9],), ([2, 2],))), 100)
    assert most([values == sorted(values) for (values,) in ordered])
    falling = draws(generator("list[int]", examples=(([9, 3, 3, 1],),)), 100)
    assert most([values == sorted(values, reverse=True) for (values,) in falling])
    distinct = draws(generator("list[int]", examples=(([4, 1, 3],), ([8, 2, 5, 1],))), 100)
    assert most([len(set(values)) == len(values) == 100 for (values,) in distinct])
    bits = draws(generator("list[int]", examples=(([0, 1, 1, 0, 1],),)), 100)
    assert most([set(values) == {0, 1} for (values,) in bits])
    letters = draws(generator("str", examples=(("racecar",), ("hello",))), 100)
    assert most([text.islower() and text.isalpha() for (text,) in letters])
    brackets = draws(generator("str", examples=(("([]{})",), ("((()",))), 100)
    assert most([set(text) <= set("([]{})") for (text,) in brackets])


def test_one_character_stays_one_character() -> None:
    made = generator("str", "str", examples=(("hello", "l"), ("banana", "a")))
    assert all(len(text) == 80 and len(letter) == 1 for text, letter in draws(made, 80))


def test_pairs_stay_pairs_and_tables_stay_tables_of_as_many_cells() -> None:
    for (pairs,) in draws(generator(None, examples=(([[1, 3], [2, 6], [8, 10]],),)), 60):
        assert len(pairs) == 60
    assert most([all(len(p) == 2 and p[0] <= p[1] for p in one) for (one,) in draws(
        generator(None, examples=(([[1, 3], [2, 6], [8, 10]],),)), 60)])  # fmt: skip
    square = draws(generator(None, examples=(([[1, 2], [3, 4]],), ([[7, 1, 2], [0, 5, 5], [1, 1, 1]],))), 100)
    assert most([len(table) == 10 and all(len(row) == 10 for row in table) for (table,) in square])


def test_records_keep_their_keys() -> None:
    for (rows,) in draws(generator(None, examples=(([{"name": "ann", "age": 3}, {"name": "bob", "age": 5}],),)), 20):
        assert len(rows) == 20
        assert all(list(row) == ["name", "age"] for row in rows)


def test_relations_of_the_examples_are_kept() -> None:
    rng = random.Random(2)
    length = generator("list[int]", "int", examples=(([5, 6, 7], 3), ([1], 1)))
    assert all(n == len(values) for values, n in draws(length, 30))
    below = generator("list[int]", "int", examples=(([5, 6, 7], 2), ([1, 1], 0)))
    assert all(0 <= at < len(values) for size in (1, 2, 30) for values, at in draws(below, size))
    alike = generator("list[int]", "list[int]", examples=(([1, 2], [3, 4]), ([1], [2])))
    assert all(len(a) == len(b) for a, b in draws(alike, 30))
    assert most([len(a) == len(b) for a, b in (alike.random(rng).args for _ in range(200))])
    free = generator("list[int]", "list[int]")
    assert not most([len(a) == len(b) for a, b in (free.random(rng).args for _ in range(200))])


def test_random_calls_are_small_and_varied() -> None:
    rng = random.Random(4)
    made = generator("list[int]")
    lists = [made.random(rng).args[0] for _ in range(300)]
    assert max(map(len, lists)) <= 20
    assert [] in lists
    longer = [one for one in lists if len(one) > 4]
    assert any(one == sorted(one) for one in longer)
    assert any(one == sorted(one, reverse=True) for one in longer)
    assert any(min(one) < 0 for one in longer)
    assert any(len(set(one)) <= 3 for one in longer)
    assert any(max(one) > 2**32 for one in longer)


def test_a_mutation_changes_one_argument_and_leaves_the_call_alone() -> None:
    rng = random.Random(6)
    made = generator("list[int]", "str")
    call = Call(args=([1, 2, 3], "abc"), size=3)
    changed = [made.mutate(call, rng) for _ in range(100)]
    assert call.args == ([1, 2, 3], "abc")
    assert all(one.args[0] == [1, 2, 3] or one.args[1] == "abc" for one in changed)
    assert {len(one.args[0]) for one in changed} == {2, 3, 4}
    assert sum(one.args != call.args for one in changed) > 70
    assert {one.source for one in changed} == {"mutation"}


def test_the_ladder() -> None:
    assert Generator.ladder(-1) == []
    assert Generator.ladder(0) == [0]
    assert Generator.ladder(1) == [0, 1]
    assert Generator.ladder(16) == [0, 1, 2, 4, 8, 16]


OPTIONAL = [
    Parameter("items", "list[int]"),
    Parameter("key", None, "None"),
    Parameter("reverse", "bool", "False"),
    Parameter("top", "int", "LIMIT"),
    Parameter("limit", "int", "10", keyword_only=True),
]


def test_optional_parameters_keep_their_defaults_in_workloads() -> None:
    made = Generator(InputSpec.build(OPTIONAL), 0)
    rng = random.Random(3)
    assert all(len(call.args) == 1 and not call.kwargs for call in (made.sized(5, rng) for _ in range(10)))


def test_each_optional_parameter_is_passed_and_left_out_whatever_its_default() -> None:
    made = Generator(InputSpec.build(OPTIONAL), 0)
    rng = random.Random(3)
    grown = [(1 << step, 1e-4) for step in range(12)]
    for calls in ([made.random(rng) for _ in range(60)], made.large(grown, rng), made.unseen([], grown, 60, rng)):
        bound = [made.spec.bind(call) for call in calls]
        assert all("items" in one for one in bound)
        assert any(len(one) == 1 for one in bound)
        for name in ("key", "reverse", "top", "limit"):
            assert len(bound) / 4 < sum(name in one for one in bound) < 3 * len(bound) / 4
        assert {one.get("key") for one in bound} == {None}
        assert {one["top"] for one in bound if "top" in one} > {1, 2}
    assert all(made.spec.bind(call).keys() <= {"items"} for call in made.awkward() if len(call.args[0]) == 8)


def test_a_mutation_may_leave_an_optional_argument_out() -> None:
    made = Generator(InputSpec.build(OPTIONAL), 0)
    rng = random.Random(1)
    shorter = {len(made.mutate(Call(([1], None)), rng).args) for _ in range(60)}
    assert shorter == {1, 2}
    assert any(not made.mutate(Call(([1],), {"limit": 4}), rng).kwargs for _ in range(60))


@settings(max_examples=25, deadline=None)
@given(signatures)
def test_literal_text_reads_back_as_the_arguments(hints: list[str]) -> None:
    for call in generator(*hints).awkward():
        text = f"({literal(call, 10**6)},)"
        names = {"float": float, "complex": complex, "frozenset": frozenset, "set": set}
        back = eval(compile(text, "arguments", "eval"), {"__builtins__": names})
        assert literal(Call(args=back), 10**6) == literal(call, 10**6)
