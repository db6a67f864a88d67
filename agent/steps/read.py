"""Read the target: find the function, its examples and its tests. Parsing only."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from burnish.agent.errors import UsageError
from burnish.agent.steps.context import Target
from burnish.tools import syntax
from burnish.tools.examples import Example, find_examples
from burnish.tools.python_source import list_functions, read_function

_LARGEST_FILE = 2 << 20
_MOST_TEST_FILES = 50


def read_target(spec: str) -> Target:
    """The function that `PATH::NAME` names; NAME may be left out where the file has only one.

    Raises:
        UsageError: no such file, or not one that can be read as Python.
        burnish.tools.errors.SourceError: no such function, or not one that can be worked on.
    """
    place, separator, name = spec.partition("::")
    path = Path(place)
    source = read_source(path)
    if not separator:
        names = list_functions(source)
        if len(names) != 1:
            known = f"It has: {', '.join(names[:20])}." if names else "It has no function at its top level."
            raise UsageError(f"{path} does not have exactly one function", f"Name one as {path}::NAME. {known}")
        name = names[0]
    function = read_function(source, name)
    if function.calls_input or _reads_stdin(function.source):
        raise UsageError(
            f"{name} reads standard input, which a function under test cannot have",
            "Pass what it reads as an argument.",
        )
    examples = [*find_examples(source, name, "examples"), *_tests(path, name)]
    return Target(path, function, tuple(examples))


def read_source(path: Path) -> str:
    """The text of a Python file.

    Raises:
        UsageError: it is not there, not a file, too large, or not UTF-8.
    """
    try:
        if path.is_dir():
            raise UsageError(f"{path} is a folder", "Name a Python file, as PATH::NAME.")
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):  # reading a pipe or a device may never end
            raise UsageError(f"{path} is not a regular file", "Name a Python file, as PATH::NAME.")
        if about.st_size > _LARGEST_FILE:
            raise UsageError(f"{path} is larger than {_LARGEST_FILE >> 20} MiB", "Move the function to its own file.")
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise UsageError(f"there is no file {path}", "Give the target as PATH::NAME.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text (byte {error.start})", "Save it as UTF-8.") from error
    except ValueError as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    if text.startswith("\ufeff"):
        raise UsageError(f"{path} begins with a byte order mark", "Save it as UTF-8 without one.")
    return text


def _reads_stdin(source: str) -> bool:
    nodes = syntax.walk(syntax.parse(source))
    return any(node.type == "attribute" and syntax.text(node) == "sys.stdin" for node in nodes)


def _tests(path: Path, name: str) -> Iterator[Example]:
    """Literal calls in the test files beside the target, and in a `tests` folder beside or above it."""
    folder = path.absolute().parent
    seen = 0
    for place in (folder, folder / "tests", folder / "test", folder.parent / "tests"):
        if not place.is_dir():
            continue
        for file in sorted({*place.glob("test_*.py"), *place.glob("*_test.py")}):
            seen += 1
            if seen > _MOST_TEST_FILES:
                return
            try:
                text = read_source(file)
            except UsageError:
                continue
            if name in text:
                yield from find_examples(text, name, "existing")
