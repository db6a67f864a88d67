"""Where the weights are that tests of the local model use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from burnish.agent.config import weights_dir
from burnish.agent.models.weights import CATALOGUE

_FILE = CATALOGUE["qwen2.5-coder-0.5b"].file
# Read before any fixture moves BURNISH_HOME.
_USERS_OWN = weights_dir() / _FILE


def weights_for_tests() -> Path:
    """`BURNISH_TEST_WEIGHTS` (the file, or a folder that holds it), else what `burnish models pull` fetched; skips
    when there are none."""
    chosen = os.environ.get("BURNISH_TEST_WEIGHTS")
    path = Path(chosen) if chosen else _USERS_OWN
    path = path / _FILE if path.is_dir() else path
    if not path.is_file():
        pytest.skip(f"no weights at {path}: set BURNISH_TEST_WEIGHTS, or run `burnish models pull qwen2.5-coder-0.5b`")
    return path.absolute()
