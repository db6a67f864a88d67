"""What is read out of a function's text."""

from __future__ import annotations

import inspect

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burnish.tools.errors import SourceError
from burnish.tools.python_source import def_line, list_functions, read_function, surroundings, without_docstring

MODULE = '''\
import os.path, re as regex
from collections import OrderedDict
from . import sibling

SCALE = {"a": 1}
OTHER = 2


def helper(value):
    return value * SCALE["a"]


class Box:
    def lid(self):
        return 1


async def wait():
    pass


if OTHER:
    @staticmethod
    def pick(
        first: list[int],  # the first
        second=(1, 2), /,
        third: str = "x", *rest: int,
        flag, depth: int = 3,
        **more,
    ) -> dict[str, int]:
        """Picks."""
        def inner(a, b):
            yield a
        total = helper(OTHER)
        return input(total) if (n := 1) else None


def stream(x):
    import json
    yield x


def twice(): pass
def twice(): pass
'''


def test_a_function_with_everything() -> None:
    target = read_function(MODULE, "pick")
    assert [(each.name, each.annotation, each.default, each.kind) for each in target.parameters] == [
        ("first", "list[int]", None, "positional_only"),
        ("second", None, "(1, 2)", "positional_only"),
        ("third", "str", '"x"', "positional"),
        ("rest", "int", None, "star"),
        ("flag", None, None, "keyword"),
        ("depth", "int", "3", "keyword"),
        ("more", None, None, "double_star"),
    ]
    assert (target.returns, target.docstring, target.decorators) == ("dict[str, int]", "Picks.", ("staticmethod",))
    assert target.imports == (".", "collections", "json", "os", "re")
    assert {"first", "rest", "more", "inner", "total", "n"} <= target.local_names
    assert not {"a", "helper", "OTHER"} & target.local_names
    assert (target.calls_input, target.is_generator) == (True, False)
    lines = MODULE.split("\n")
    assert lines[target.start_line - 1] == "    @staticmethod"
    assert lines[target.end_line - 1].strip().startswith("return input")
    assert target.source.startswith("@staticmethod\ndef pick(\n")
    assert def_line(target).endswith(") -> dict[str, int]:")


def test_surroundings_are_what_the_function_uses() -> None:
    assert surroundings(read_function(MODULE, "pick")).split("\n")[:2] == ['SCALE = {"a": 1}', "OTHER = 2"]
    assert surroundings(read_function(MODULE, "stream")) == ""


def test_generators_and_the_list() -> None:
    assert read_function(MODULE, "stream").is_generator
    assert list_functions(MODULE) == ("helper", "pick", "stream", "twice")


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("helpr", "no function helpr.*Did you mean helper", "helper, pick"),
        ("zzz", "no function zzz", "Functions there"),
        ("Box", "Box is a class", ""),
        ("lid", r"lid is a method \(Box.lid\)", ""),
        ("Box.lid", "is a method", ""),
        ("wait", "async function", ""),
        ("inner", r"nested in another function \(pick.inner\)", ""),
        ("twice", "defined 2 times, on lines 43, 44", "one definition"),
    ],
)
def test_what_cannot_be_read(name: str, message: str, hint: str) -> None:
    with pytest.raises(SourceError, match=message) as caught:
        read_function(MODULE, name)
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("x = 1\ndef f(a:\n    pass\n", "line 2, column 6: .*def f"),
        ("def f():\n    return\n  x\n", "line 3"),
        ("x = '\udc80'\n", "not valid Unicode"),
        ("x = '\x00'\n", "null"),
        ("x = 1\ry = 2\n", "carriage return"),
        ("x = " + "(" * 3000 + ")" * 3000, "levels deep|parentheses"),
        ("x = " + "-" * 50_000 + "1", "levels deep"),
    ],
)
def test_text_that_is_not_python(source: str, message: str) -> None:
    with pytest.raises(SourceError, match=f"(?s)not valid Python: .*({message})"):
        read_function(source, "f")


def test_no_function_at_all() -> None:
    with pytest.raises(SourceError) as caught:
        read_function("", "f")
    assert "no function at module level" in caught.value.hint


KINDS = {
    inspect.Parameter.POSITIONAL_ONLY: "positional_only",
    inspect.Parameter.POSITIONAL_OR_KEYWORD: "positional",
    inspect.Parameter.VAR_POSITIONAL: "star",
    inspect.Parameter.KEYWORD_ONLY: "keyword",
    inspect.Parameter.VAR_KEYWORD: "double_star",
}


NOTHING = inspect.Parameter.empty


@st.composite
def signatures(draw: st.DrawFn) -> inspect.Signature:
    counts = {kind: draw(st.integers(0, 1 if "VAR" in kind.name else 2)) for kind in KINDS}
    defaulted = draw(st.booleans())
    parameters = [
        inspect.Parameter(
            f"{kind.name.lower()}_{at}", kind, default=at if defaulted and "VAR" not in kind.name else NOTHING
        )
        for kind, count in counts.items()
        for at in range(count)
    ]  # fmt: skip
    return inspect.Signature(parameters)


@settings(deadline=None, max_examples=60)
@given(signatures())
def test_parameters_agree_with_the_language(signature: inspect.Signature) -> None:
    read = read_function(f"def f{signature}: pass\n", "f").parameters
    assert [(each.name, each.kind, each.default) for each in read] == [
        (each.name, KINDS[each.kind], None if each.default is NOTHING else str(each.default))
        for each in signature.parameters.values()
    ]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ('def f(x):\n    """Says."""\n    return x\n', "def f(x):\n    return x\n"),
        ('def f(x):\n    """Says\n\n    more.\n    """\n\n    return x\n', "def f(x):\n\n    return x\n"),
        ("def f(x):\n    return x\n", "def f(x):\n    return x\n"),
        ('def f(x):\n    """Alone."""\n', 'def f(x):\n    """Alone."""\n'),
        ('def f(x): """Says."""; return x\n', 'def f(x): """Says."""; return x\n'),
        ('def f(x):\n    """Says."""  # kept\n    return x\n', 'def f(x):\n    """Says."""  # kept\n    return x\n'),
    ],
)
def test_a_docstring_is_left_out_where_the_rest_stands_alone(source: str, shown: str) -> None:
    assert without_docstring(read_function(source, "f")).rstrip() == shown.rstrip()
