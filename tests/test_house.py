"""Rules that keep the repository a house and not a pile."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import typer

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("agent", "tools", "sandbox", "prompts", "benchmarks")
MOST_LINES = 350


def sources(*folders: str) -> list[Path]:
    """Python files below the folders, relative to the repository."""
    found = (file for folder in folders for file in (ROOT / folder).rglob("*.py"))
    return sorted(file.relative_to(ROOT) for file in found if "__pycache__" not in file.parts)


def packages() -> Iterator[Path]:
    """Folders below the rooms that hold Python files, relative to the repository."""
    yield from sorted({file.parent for file in sources(*ROOMS)})


def test_commands_resolve() -> None:
    points = entry_points(group="burnish.commands")
    assert {"optimize", "judge", "models", "runs", "doctor"} <= points.names
    for point in points:
        found = point.load()
        assert isinstance(found, typer.Typer) or (callable(found) and found.__doc__), point.name


def test_every_folder_says_what_it_is_for() -> None:
    for folder in packages():
        init = ROOT / folder / "__init__.py"
        assert init.exists(), f"{folder} has no __init__.py"
        assert ast.get_docstring(ast.parse(init.read_text())), f"{folder}/__init__.py has no docstring"


def test_every_file_says_what_it_is_for() -> None:
    for file in sources(*ROOMS, "docs"):
        assert ast.get_docstring(ast.parse((ROOT / file).read_text())), f"{file} has no docstring"


def test_the_wheel_has_every_folder() -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    assert sorted(listed) == sorted(f"burnish.{'.'.join(folder.parts)}" for folder in packages())


def test_no_file_is_too_long() -> None:
    lengths = {file: len((ROOT / file).read_text().splitlines()) for file in sources(*ROOMS, "tests", "docs")}
    assert not {str(file): lines for file, lines in lengths.items() if lines > MOST_LINES}


def test_nothing_happens_at_import() -> None:
    """At module level, outside `if __name__ == "__main__"`, nothing is called for its effect."""
    for file in sources(*ROOMS):
        for node in ast.parse((ROOT / file).read_text()).body:
            effect = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
            assert not effect and not isinstance(node, ast.While | ast.With), f"{file}:{node.lineno}"


@pytest.mark.parametrize("file", sources("sandbox/worker"), ids=str)
def test_the_worker_is_python_3_8_and_standard_library(file: Path) -> None:
    for node in ast.walk(ast.parse((ROOT / file).read_text(), feature_version=(3, 8))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module or ""]
        else:
            continue
        assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names, f"{file}:{node.lineno}"


@pytest.mark.parametrize("file", [file for file in sources("tests") if file.name.startswith("test_")], ids=str)
def test_tests_mirror_the_tree(file: Path) -> None:
    """`tests/a/test_b_more.py` tests `a/b.py` or `a/b_more.py`, and `tests/a/test_a.py` the folder.

    Tests of the whole repository stand at the top.
    """
    folder = ROOT / Path(*file.parts[1:-1])
    if folder == ROOT:
        return
    assert folder.is_dir(), f"{file} mirrors no folder"
    subject = file.stem.removeprefix("test_")
    names = {folder.name} | {other.stem for other in folder.iterdir() if not other.name.startswith("__")}
    assert any(subject == name or subject.startswith(f"{name}_") for name in names), f"{file} mirrors no file"


def test_tests_have_no_init_files() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_no_unfinished_business_and_no_private_path() -> None:
    words = re.compile("|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X ", "/ro" + "ot/", "/wo" + "rk/", "/tm" + "p/x/")))
    for file in sources(*ROOMS, "tests", "docs"):
        for number, line in enumerate((ROOT / file).read_text().splitlines(), start=1):
            assert not words.search(line), f"{file}:{number}: {line.strip()}"


def test_the_lock_names_no_index_and_pins_every_requirement() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    assert not re.search(r"^-", lock, flags=re.MULTILINE)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for requirement in [*project["dependencies"], *project["optional-dependencies"]["dev"]]:
        match = re.match(r"[A-Za-z0-9._-]+", requirement)
        assert match
        assert re.search(rf"^{match[0].lower()}==.*\\$", lock, flags=re.MULTILINE), f"make lock: {requirement}"


def test_the_ci_script_is_a_script() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    subprocess.run(["bash", "-n", str(script)], check=True, timeout=30)
