"""The generated pages are fresh, and a stale one is noticed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path


def generate(root: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """`python docs/generate.py ARGS`."""
    command = [sys.executable, str(root / "docs" / "generate.py"), *args]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_the_pages_are_fresh(root: Path) -> None:
    done = generate(root, "--check")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_stale_page_fails_the_check_with_the_difference_and_is_repaired(root: Path, tmp_path: Path) -> None:
    for name in ("cli.md", "exit-codes.md", "result.schema.json"):
        shutil.copy(root / "docs" / name, tmp_path)
    page = tmp_path / "exit-codes.md"
    fresh = page.read_text()
    page.write_text(fresh.replace("| 130 |", "| 131 |"))
    done = generate(root, "--check", "--folder", str(tmp_path))
    assert done.returncode == 1
    assert "-| interrupted | Ctrl-C | 131 |" in done.stdout
    assert "+| interrupted | Ctrl-C | 130 |" in done.stdout
    assert generate(root, "--folder", str(tmp_path)).stdout == "wrote exit-codes.md\n"
    assert page.read_text() == fresh
