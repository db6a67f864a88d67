"""Prompts are strict, versioned and cannot be broken out of."""

from __future__ import annotations

from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import UndefinedError
from pydantic import BaseModel, ValidationError

from burnish import prompts
from burnish.prompts.inputs import Attempt, Optimize, OptimizeSystem

NAMES = sorted(
    each.name.removesuffix(".md") for each in resources.files("burnish.prompts").iterdir() if each.name.endswith(".md")
)


def inputs(**changes: object) -> Optimize:
    values: dict[str, object] = {
        "name": "f", "signature": "def f(x):", "source": "def f(x):\n    return x\n", "surroundings": "", "profile": "",
        "hints": (), "attempts": (), "speedup": "", "description": "",
    }  # fmt: skip
    return Optimize.model_validate(values | changes)


def test_the_prompts_there_are() -> None:
    assert NAMES == ["optimize_edit", "optimize_system", "optimize_whole"]


@pytest.mark.parametrize("name", NAMES)
def test_every_prompt_has_a_version_that_is_not_rendered(name: str) -> None:
    text = prompts.render(name, OptimizeSystem() if name == "optimize_system" else inputs())
    assert prompts.version(name).startswith("version ")
    assert "version" not in text.lower().split("\n")[0]
    assert text == text.strip()
    assert "{" not in text
    assert "\n\n\n" not in text


@pytest.mark.parametrize("name", ["optimize_whole", "optimize_edit"])
def test_parts_that_are_empty_leave_no_heading(name: str) -> None:
    short = prompts.render(name, inputs())
    full = prompts.render(
        name,
        inputs(
            surroundings="import re", profile="1 99 %", description="Says it.", hints=("First.", "Second."),
            speedup="1.5", attempts=(Attempt(source="def f(x): ...", problem="gives None"),),
        ),
    )  # fmt: skip
    for heading in ("meant to do", "parts of its module", "line by line", "slow in it", "wrong", "times as fast"):
        assert heading not in short
        assert heading in full
    assert "- First.\n- Second.\n" in full
    assert "\n\n\n" not in full


def test_an_unknown_field_is_an_error() -> None:
    class Little(BaseModel):
        name: str

    with pytest.raises(UndefinedError):
        prompts.render("optimize_whole", Little(name="f"))
    with pytest.raises(FileNotFoundError):
        prompts.render("nothing", OptimizeSystem())
    with pytest.raises(ValidationError):
        inputs(extra=1)


@settings(deadline=None, max_examples=60)
@given(st.text(st.sampled_from("`a\n{}%~ ")))
def test_untrusted_text_is_shown_as_it_is_and_stays_in_its_block(text: str) -> None:
    source = f"x{text}x"
    words = prompts.render("optimize_whole", inputs(source=source))
    block = prompts.fenced(source, "python")
    fence = block.split("python", 1)[0]
    assert block in words
    assert fence not in source
    assert block == f"{fence}python\n{source}\n{fence}"
