"""The words sent to a language model: one file a prompt, with typed inputs.

A file's first line is a comment with its version; it is not rendered.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment, Template
    from pydantic import BaseModel

_VERSION = re.compile(r"^\{# (version \d+) #\}$")


def render(name: str, inputs: BaseModel) -> str:
    """The text of the prompt `name`, with the fields of `inputs` filled in; it ends without a newline.

    Raises:
        FileNotFoundError: there is no such prompt.
        jinja2.UndefinedError: the prompt names a field that `inputs` does not have.
    """
    fields = {field: getattr(inputs, field) for field in type(inputs).model_fields}
    return _template(name).render(fields).strip()


def version(name: str) -> str:
    """The version of the prompt `name`, as `version 1`.

    Raises:
        FileNotFoundError: there is no such prompt.
    """
    return _read(name)[0]


def fenced(text: str, language: str = "") -> str:
    """`text` as a code block whose fence is longer than any run of backticks in it, so that it cannot end early."""
    text = str(text)  # an undefined variable is an error here, and not a text without backticks
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.strip(chr(10))}\n{fence}"


@lru_cache(maxsize=32)
def _read(name: str) -> tuple[str, str]:
    text = resources.files(__package__).joinpath(f"{name}.md").read_text(encoding="utf-8")
    first, _, rest = text.partition("\n")
    found = _VERSION.match(first)
    if found is None:
        raise ValueError(f"The prompt {name} does not begin with a version comment.")
    return found[1], rest


@lru_cache(maxsize=32)
def _template(name: str) -> Template:
    return _environment().from_string(_read(name)[1])


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)
    environment.filters["fenced"] = fenced
    return environment
