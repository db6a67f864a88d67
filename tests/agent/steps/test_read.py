"""Reading a target: which function, which examples, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from burnish.agent.errors import UsageError
from burnish.agent.steps.read import read_source, read_target
from burnish.tools.errors import SourceError


def write(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path)


def test_the_only_function_needs_no_name(tmp_path: Path) -> None:
    spec = write(tmp_path / "a.py", "def f(x):\n    return x\n")
    target = read_target(spec)
    assert target.program.name == "f"
    assert target.source == f"{spec}::f"


def test_of_several_functions_one_has_to_be_named(tmp_path: Path) -> None:
    spec = write(tmp_path / "a.py", "def f(x):\n    return x\n\n\ndef g(x):\n    return x\n")
    with pytest.raises(UsageError) as caught:
        read_target(spec)
    assert "f, g" in caught.value.hint
    assert read_target(f"{spec}::g").program.name == "g"


def test_the_name_after_the_first_colons_counts(tmp_path: Path) -> None:
    spec = write(tmp_path / "a.py", "def f(x):\n    return x\n")
    with pytest.raises(SourceError):
        read_target(f"{spec}::f::g")


@pytest.mark.parametrize("place", ["test_a.py", "a_test.py", "tests/test_a.py", "test/test_a.py", "../tests/test_a.py"])
def test_examples_come_from_the_docstring_and_from_tests_nearby(tmp_path: Path, place: str) -> None:
    folder = tmp_path / "package"
    spec = write(folder / "a.py", 'def f(x):\n    """Same.\n\n    >>> f(1)\n    1\n    """\n    return x\n')
    write(folder / place, "from a import f\n\n\ndef test_f():\n    assert f(22) == 22\n")
    examples = read_target(spec).examples
    assert [(one.args, one.origin) for one in examples] == [((1,), "examples"), ((22,), "existing")]


def test_a_test_file_that_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    spec = write(tmp_path / "a.py", "def f(x):\n    return x\n")
    (tmp_path / "test_a.py").write_bytes(b"f(\xff)")
    (tmp_path / "test_b.py").mkdir()
    write(tmp_path / "test_c.py", "assert f(\n")
    assert read_target(spec).examples == ()


@pytest.mark.parametrize("body", ["input()", "int(input('?'))", "sys.stdin.read()", "[n for n in sys.stdin]"])
def test_a_function_that_reads_input_is_refused(tmp_path: Path, body: str) -> None:
    spec = write(tmp_path / "a.py", f"import sys\n\n\ndef f(x):\n    return {body}\n")
    with pytest.raises(UsageError, match="standard input"):
        read_target(spec)


def test_a_script_part_that_reads_input_is_no_concern_of_the_function(tmp_path: Path) -> None:
    rest = "\n\ndef main():\n    f(sys.stdin.read())\n"
    spec = write(tmp_path / "a.py", f"import sys\n\n\ndef f(x):\n    return x\n{rest}")
    assert read_target(f"{spec}::f").program.name == "f"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xff", "not UTF-8"),
        ("def f(): pass\n".encode("utf-16"), "not UTF-8"),
        (b"\xef\xbb\xbfx = 1\n", "byte order mark"),
        (b"#" * ((2 << 20) + 1), "larger than 2 MiB"),
    ],
)
def test_what_is_no_source_text_is_refused(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(data)
    with pytest.raises(UsageError, match=words) as caught:
        read_source(path)
    assert caught.value.hint


def test_line_ends_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"x = 1\r\ny = 2\n")
    assert read_source(path) == "x = 1\r\ny = 2\n"
