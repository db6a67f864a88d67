"""The doctor tells what is missing with the exit code a run would end with."""

from __future__ import annotations

import json
import os

import pytest

from burnish.agent.cli import main
from burnish.agent.commands.doctor import Finding, findings, memory_bytes


def found(name: str) -> Finding:
    """The finding of that name."""
    return next(one for one in findings() if one.name == name)


def test_json_and_exit_code_agree_with_the_findings(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["doctor", "--json"])
    (line,) = capsys.readouterr().out.splitlines()
    told = json.loads(line)
    problems = [one["exit_code"] for one in told["findings"] if one["status"] == "problem"]
    assert told["exit_code"] == code == (problems[0] if problems else 0)
    assert told["usable"] is (code == 0)
    assert [one["name"] for one in told["findings"]] == ["versions", "storage", "sandbox", "model", "machine"]


def test_missing_weights_are_a_problem_with_the_command_to_run() -> None:
    model = found("model")
    assert (model.status, model.exit_code) == ("problem", 4)
    assert "burnish models pull" in model.hint


def test_a_home_that_cannot_be_written_is_a_storage_problem(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BURNISH_HOME", "/dev/null/home")
    assert main(["doctor"]) == 74
    assert "BURNISH_HOME" in capsys.readouterr().out


def test_every_problem_and_warning_says_what_to_do() -> None:
    for one in findings():
        assert (one.status == "ok") is (one.hint == ""), one
        assert (one.status == "problem") is (one.exit_code > 0), one


def test_memory_is_never_more_than_the_machine_has() -> None:
    count = memory_bytes()
    assert count is not None
    assert 0 < count <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
