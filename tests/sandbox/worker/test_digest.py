"""Digests of code: the same for the same code wherever it stands, another for whatever does something else."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from burnish.sandbox.equal.values import Value, read
from burnish.sandbox.worker import codec


@pytest.fixture(autouse=True)
def no_program() -> Iterator[None]:
    """Each test loads its own."""
    yield
    sys.modules.pop("target", None)


def result(source: str) -> Value:
    """What `f()` of a program looks like from outside."""
    module = ModuleType("target")
    sys.modules["target"] = module
    exec(compile(source, "/somewhere.py", "exec"), module.__dict__)
    return read(codec.encode(module.__dict__["f"]()))


FUNCTION = "def g(a, b=1, *rest, c=2):\n    return [x + a for x in (b, 'w')]\ndef f(): return g"
METHODS = """
import dataclasses, enum, functools
class Base:
    limit = 3
    def one(self): return {'a', 'b', 'c', 'd'} and 1
class P(Base):
    def __init__(self): super().__init__()
    @property
    def two(self): return 2
    @staticmethod
    def three(): return 3
    @classmethod
    def four(cls): return 4
    @functools.lru_cache(None)
    def five(self): return 5
    @functools.cached_property
    def six(self): return 6
    seven = lambda self: 7
    __len__ = lambda self: 8
    __hash__ = None
def f(): return P()
"""
DATACLASS = """
import dataclasses
@dataclasses.dataclass(order=True)
class P:
    x: int = 1
    y: list = dataclasses.field(default_factory=list)
    def one(self): return self.x + 1
def f(): return P()
"""


@pytest.mark.parametrize("source", [FUNCTION, METHODS, DATACLASS], ids=["function", "methods", "dataclass"])
def test_lines_do_not_count(source: str) -> None:
    found = result(source)
    assert len(found.code) == 16
    assert found.name in ("target.g", "target.P")
    assert result("# moved\n\nimport os\n" + source).code == found.code


def test_the_hash_seed_does_not_count() -> None:
    worker = Path(codec.__file__).parent
    ask = (
        f"import sys, types; sys.path.insert(0, {str(worker.parent)!r}); from worker import codec\n"
        "module = types.ModuleType('target'); sys.modules['target'] = module\n"
        "exec(sys.argv[1], module.__dict__)\nprint(codec.encode(module.f()).hex())"
    )
    for source in (FUNCTION, METHODS, DATACLASS):
        seen = {
            subprocess.run(
                [sys.executable, "-c", ask, source], env={"PYTHONHASHSEED": seed}, check=True, capture_output=True
            ).stdout
            for seed in ("1", "2", "3")
        }
        assert len(seen) == 1


@pytest.mark.parametrize(
    ("source", "old", "new"),
    [
        (FUNCTION, "x + a", "x - a"), (FUNCTION, "'w'", "'v'"), (FUNCTION, "b=1", "b=True"), (FUNCTION, "c=2", "c=3"),
        (FUNCTION, "(a,", "(o,"), (FUNCTION, "*rest,", "*more,"), (FUNCTION, "*rest,", "*,"),
        (FUNCTION, "def f(): ", "g.limit = 3\ndef f(): "), (FUNCTION, "def g", "async def g"),
        *((METHODS, f"return {n}", f"return -{n}") for n in (2, 3, 4, 5, 6)), (METHODS, "and 1", "and 0"),
        (METHODS, "self: 7", "self: 9"), (METHODS, "self: 8", "self: 9"), (METHODS, "limit = 3", "limit = 4"),
        (METHODS, "'d'}", "'e'}"), (METHODS, "    __hash__ = None\n", ""), (METHODS, "@staticmethod", "@classmethod"),
        (METHODS, "P(Base)", "P(Base, dict)"), (METHODS, "super().__init__()", "pass"),
        (DATACLASS, "order=True", "eq=False"), (DATACLASS, "x + 1", "x + 2"), (DATACLASS, "int = 1", "int = 2"),
        (DATACLASS, "factory=list", "factory=lambda: []"),
    ],
)  # fmt: skip
def test_what_does_something_else_has_another_digest(source: str, old: str, new: str) -> None:
    assert old in source
    assert result(source).code != result(source.replace(old, new)).code


def test_names_of_local_variables_and_annotations_do_not_count() -> None:
    assert result(FUNCTION).code == result(FUNCTION.replace("x", "y")).code
    assert result(FUNCTION).code == result(FUNCTION.replace("(a,", "(a: int,")).code


def test_a_class_or_function_by_itself_carries_its_digest() -> None:
    one, other = (result(f"class P:\n    def m(self): return {n}\ndef f(): return P") for n in (1, 2))
    assert one.kind == other.kind == "global"
    assert one.name == other.name == "target.P"
    assert one.code != other.code


@pytest.mark.parametrize("source", [
    "def f():\n    n = []\n    return lambda: n",
    "def f():\n    return lambda n=iter([1]): n",
    "def f():\n    n = iter([1])\n    class P:\n        def m(self): return n\n    return P()",
    "class P:\n    def m(self, n=open('/dev/null')): return n\ndef f(): return P()",
])  # fmt: skip
def test_what_a_function_carries_unseen_makes_it_opaque(source: str) -> None:
    assert result(source).kind == "opaque"


def test_what_a_method_closes_over_counts_where_it_is_data() -> None:
    source = "def f():\n    n = NUMBER\n    class P:\n        def m(self): return n\n    return P()"
    one, other = (result(source.replace("NUMBER", text)) for text in ("[1, {2: 'a'}]", "[1, {2: 'b'}]"))
    assert one.code
    assert one.code != other.code
    assert result(source.replace("NUMBER", "[1, {2: 'a'}]")).code == one.code


def test_code_that_holds_itself_ends() -> None:
    source = "def deco(g):\n    def w(): return g, w\n    return w\nclass P:\n    @deco\n    def m(self): return P\n"
    assert result(source + "P.p = P()\ndef f(): return P()").code
    loop = "n = []\nn.append(n)\ndef g(n=n): return n\ndef f(): return g"
    assert result(loop).code == result(loop).code
    many = "n = ()\nfor _ in range(60): n = (n, n)\ndef g(n=n): return n\ndef f(): return g"
    assert result(many).kind == "opaque"


def test_a_class_is_looked_at_again_in_every_encoding() -> None:
    class P:
        def m(self) -> int:
            return 1

    before = codec.encode(P())
    P.m = lambda self: 2  # type: ignore[method-assign]
    assert codec.encode(P()) != before


def test_functions_of_the_standard_library_go_by_their_names() -> None:
    import textwrap

    found = read(codec.encode([textwrap.dedent, len, str.upper, dict.fromkeys, sys])).data
    names = ["textwrap.dedent", "builtins.len", "builtins.str.upper", "builtins.dict.fromkeys", "module sys"]
    assert [each.name for each in found] == names
    assert not any(each.code for each in found)


def test_a_function_cannot_take_anothers_name() -> None:
    def dedent() -> None:
        pass

    liar: Any = dedent
    liar.__module__, liar.__qualname__ = "textwrap", "dedent"
    assert read(codec.encode(liar)).kind == "opaque"
    program = result("def g(text): return text\ng.__module__, g.__qualname__ = 'textwrap', 'dedent'\ndef f(): return g")
    assert program.code
