"""The start-up benchmark runs both programs for real and reports what it timed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from burnish.benchmarks.startup import COMMANDS, empty_app, measure, seconds


def test_the_empty_app_has_its_commands(tmp_path: Path) -> None:
    script = tmp_path / "empty.py"
    script.write_text(empty_app())
    shown = subprocess.run([sys.executable, str(script), "--help"], check=True, capture_output=True, text=True).stdout
    assert shown.count("Command ") == COMMANDS


def test_a_pair_gives_finite_figures() -> None:
    figures = measure(pairs=1)
    assert figures["pairs"] == 1
    assert figures["ratio"] == pytest.approx(figures["burnish_s"] / figures["empty_app_s"], rel=0.01)


def test_the_time_of_a_program_that_fails_is_no_time() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        seconds([sys.executable, "-c", "raise SystemExit(3)"])
