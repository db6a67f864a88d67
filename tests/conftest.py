"""Every test has its own state, no keys, no tracing; what BURNISH_REQUIRE names may not be skipped."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest

REMOVED = ("OPENAI_", "ANTHROPIC_", "GITHUB_TOKEN", "LANGSMITH_", "LANGCHAIN_", "HF_", "BURNISH_")
KEPT = ("BURNISH_TEST_WEIGHTS", "BURNISH_REQUIRE")


@pytest.fixture(autouse=True)
def own_environment(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """State in a folder of the test's own; provider keys, tracing and Burnish's own settings are gone."""
    for name in os.environ:
        if name.startswith(REMOVED) and name not in KEPT:
            monkeypatch.delenv(name)
    folder = tmp_path_factory.mktemp("burnish")
    monkeypatch.setenv("BURNISH_HOME", str(folder / "home"))
    monkeypatch.setenv("BURNISH_LOCK_DIR", str(folder / "lock"))


def required() -> frozenset[str]:
    """Names of the markers whose tests must run, from BURNISH_REQUIRE (separated by commas)."""
    return frozenset(filter(None, map(str.strip, os.environ.get("BURNISH_REQUIRE", "").split(","))))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skip of a test that BURNISH_REQUIRE demands is a failure."""
    report = yield
    names = required() & {marker.name for marker in item.iter_markers()}
    if report.skipped and names and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, but BURNISH_REQUIRE demands {', '.join(sorted(names))}: {report.longrepr}"
    return report


@pytest.fixture
def root() -> Path:
    """The repository."""
    return Path(__file__).resolve().parent.parent
