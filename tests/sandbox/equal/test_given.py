from __future__ import annotations

import ast
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burnish.sandbox.equal.calls import Call
from burnish.sandbox.equal.inputs import BadInputs, literal, load_inputs


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.json", '[[1, [2]], {"args": ["x"], "kwargs": {"n": 1}}]', [((1, [2]), {}), (("x",), {"n": 1})]),
        ("A.JSON", "[{}]", [((), {})]),
        ("a.jsonl", '[1]\n\n{"kwargs": {"n": null}}\n', [((1,), {}), ((), {"n": None})]),
        ("a.txt", "# first\n\n[1, 2], 3\n  ([1],)\n[1]\n((1, 2),)\n()\n'#'\r\n{1: {2}}", [
            (([1, 2], 3), {}), (([1],), {}), (([1],), {}), (((1, 2),), {}), ((), {}), (("#",), {}), (({1: {2}},), {})]),
        ("a.txt", "\ufeff1\n", [((1,), {})]),
    ],
)  # fmt: skip
def test_files_of_inputs(name: str, text: str, expected: list[tuple[Any, ...]]) -> None:
    calls = load_inputs(text, name)
    assert [(call.args, dict(call.kwargs)) for call in calls] == expected
    assert {call.source for call in calls} == {"user"}


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("a.json", "[[1],\n [2]", "a.json, line 2"),
        ("a.json", "{}", "a list of calls"),
        ("a.json", "[[1], 7]", "a.json, call 2"),
        ("a.json", '[{"arguments": []}]', "'arguments'"),
        ("a.json", '[{"args": 1}]', '"args" is a list'),
        ("a.json", '[{"kwargs": {"not a name": 1}}]', "'not a name'"),
        ("a.json", "[]", "no call"),
        ("a.json", "[" * 100_000, "too deeply"),
        ("a.json", "[[" + "[" * 200 + "]" * 200 + "]]", "too deeply"),
        ("a.json", "[[" + "1" * 5000 + "]]", "too long"),
        ("a.jsonl", "[1]\n[2", "a.jsonl, line 2"),
        ("a.txt", "1\n\nx + 1\n", "a.txt, line 3: not a Python literal"),
        ("a.txt", "__import__('os').system('false')", "line 1"),
        ("a.txt", "{[]: 1}", "line 1"),
        ("a.txt", "...", "line 1"),
        ("a.txt", "(" * 1000, "line 1"),
        ("a.txt", "1\x00", "line 1"),
        ("a.txt", "# only this\n", "no call"),
    ],
)
def test_bad_files_are_refused_with_the_place(name: str, text: str, complaint: str) -> None:
    with pytest.raises(BadInputs) as caught:
        load_inputs(text, name)
    assert complaint in str(caught.value)


@settings(deadline=None)
@given(st.text(max_size=80), st.sampled_from(["a.json", "a.jsonl", "a.txt"]))
def test_no_file_is_a_crash(text: str, name: str) -> None:
    try:
        load_inputs(text, name)
    except BadInputs as error:
        assert str(error).startswith(name)


@settings(deadline=None)
@given(st.integers(5, 300), st.lists(st.integers() | st.text(), max_size=100))
def test_literal_text_is_cut_to_the_limit(limit: int, values: list[object]) -> None:
    text, whole = literal(Call(args=(values,)), limit), literal(Call(args=(values,)), 10**6)
    assert len(text) == min(limit, len(whole))
    if len(whole) <= limit:
        assert ast.literal_eval(text) == values
    else:
        assert "..." in text


def test_literal_text_of_very_large_values_is_short_and_quick() -> None:
    call = Call(args=([0] * 10**6, "x" * 10**6, 10**6000, {"k": [1] * 10**6}), kwargs={"n": {3, 1}})
    assert len(literal(call)) == 200
    assert literal(call).endswith("n={1, 3}")
