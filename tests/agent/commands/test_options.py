"""Durations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from burnish.agent.commands.options import seconds
from burnish.agent.errors import UsageError


@pytest.mark.parametrize(
    ("text", "expected"),
    [("90", 90), ("90s", 90), ("10m", 600), ("1.5h", 5400), (" 2 m ", 120), ("0", 0), ("0.5s", 0.5)],
)
def test_durations(text: str, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "s", "-1", "1d", "1h30m", "1,5m", "inf", "nan", "1e3", "9" * 400, "٣m"])
def test_what_is_none_says_how_to_write_one(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        seconds(text)
    assert "90s" in caught.value.hint


@given(st.integers(0, 10**9 - 1), st.sampled_from("smh"))
def test_every_whole_number_of_a_unit(number: int, unit: str) -> None:
    assert seconds(f"{number}{unit}") == number * {"s": 1, "m": 60, "h": 3600}[unit]


@given(st.text(max_size=8))
def test_any_text_is_a_duration_or_refused(text: str) -> None:
    try:
        assert seconds(text) >= 0
    except UsageError as error:
        assert error.hint
