"""What the shared conftest promises: own state for every test, and no silent skip of what is required."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from burnish.agent.config import home

SKIPPED = """
import pytest

@pytest.mark.model
def test_needs_weights():
    pytest.skip("no weights here")

@pytest.mark.xfail
def test_expected_to_fail():
    assert False
"""


def test_state_lies_in_a_folder_of_this_test(tmp_path_factory: pytest.TempPathFactory) -> None:
    assert home().is_relative_to(tmp_path_factory.getbasetemp())
    assert not home().exists()
    assert not [name for name in os.environ if name.startswith(("OPENAI_", "ANTHROPIC_", "LANGSMITH_", "LANGCHAIN_"))]


@pytest.mark.parametrize(("required", "code"), [("sandbox", 0), ("sandbox, model", 1)])
def test_a_skip_of_what_is_required_is_a_failure(required: str, code: int, tmp_path: Path, root: Path) -> None:
    shutil.copy(root / "tests" / "conftest.py", tmp_path)
    (tmp_path / "test_it.py").write_text(SKIPPED)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = model: needs weights\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        env={**os.environ, "BURNISH_REQUIRE": required, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stdout
    assert ("BURNISH_REQUIRE demands model" in done.stdout) is (code == 1)
