"""`burnish optimize` from outside: bad input, budgets, a model that is not there, Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.tasks import FAST_MODULE, SLOW, without_override, write_slow

from burnish.agent.cli import main
from burnish.agent.config import runs_dir
from burnish.agent.result import Result

COMMAND = [sys.executable, "-m", "burnish.agent.cli"]


@pytest.fixture
def nothing_recorded(tmp_path: Path) -> str:
    """A model that has no answer to anything."""
    folder = tmp_path / "answers"
    folder.mkdir()
    return f"replay/{folder}"


def only_result() -> Result:
    """The result of the only run."""
    (folder,) = runs_dir().iterdir()
    return Result.model_validate_json((folder / "result.json").read_bytes())


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--model", "gpt"], 2, "Known are"),
        (["--model", "local/nonsense"], 2, "nonsense"),
        (["--model", "replay/none"], 4, "none"),
        (["--strategy", "luck"], 2, "best_of_n_then_refine"),
        (["--sandbox", "chroot"], 2, "Known: auto, bubblewrap"),
        (["--max-time", "soon"], 2, "Write 90s"),
        (["--max-time", "-1"], 2, "Write 90s"),
        (["--max-time", "1d"], 2, "Write 90s"),
        (["--max-time", "9" * 400], 2, "Write 90s"),
        (["--max-calls", "-1"], 2, "max-calls"),
        (["--max-calls", "many"], 2, "max-calls"),
        (["--max-tokens", "-1"], 2, "max-tokens"),
        (["--max-cost", "-1"], 2, "max-cost"),
        (["--max-cost", "nan"], 2, "max-cost"),
        (["--max-cost", "inf"], 2, "max-cost"),
        (["--target-speedup", "0.9"], 2, "target-speedup"),
        (["--target-speedup", "nan"], 2, "target-speedup"),
        (["--target-speedup", "inf"], 2, "target-speedup"),
        (["--seed", "-1"], 2, "seed"),
        (["--inputs", "none.json"], 2, "none.json"),
        ([], 4, "burnish models pull qwen2.5-coder-0.5b"),
    ],
)
def test_wrong_options_are_told_before_a_run_begins(
    tmp_path: Path, options: list[str], code: int, words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    arguments = ["optimize", str(write_slow(tmp_path)), *options]
    if options and options[0] not in ("--model",):
        (tmp_path / "answers").mkdir()
        arguments += ["--model", f"replay/{tmp_path / 'answers'}"]
    assert main(arguments) == code
    out, err = capfd.readouterr()
    assert out == ""
    assert words in err
    assert "Traceback" not in err
    assert "internal error" not in err
    assert not runs_dir().exists()


def test_with_json_an_error_is_a_line_too(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["optimize", str(write_slow(tmp_path)), "--json"]) == 4
    line = json.loads(capfd.readouterr().out)
    assert (line["type"], line["exit_code"]) == ("error", 4)


def test_a_target_that_cannot_be_written_is_refused_with_apply(tmp_path: Path, nothing_recorded: str) -> None:
    target = write_slow(tmp_path)
    target.chmod(0o400)
    command = [*without_override(), *COMMAND, "optimize", str(target), "--apply", "--model", nothing_recorded]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert not runs_dir().exists()


@pytest.mark.sandbox
def test_no_call_allowed(tmp_path: Path, nothing_recorded: str, capfd: pytest.CaptureFixture[str]) -> None:
    target = str(write_slow(tmp_path))
    assert main(["optimize", target, "--model", nothing_recorded, "--max-calls", "0", "--json", "-q"]) == 5
    out, err = capfd.readouterr()
    *events, last = [json.loads(line) for line in out.splitlines()]
    assert events[-1]["type"] == "run_finished"
    assert Result.model_validate(last) == only_result()
    assert last["outcome"] == "out_of_budget"
    assert any("--max-calls" in note or "model calls" in note for note in last["notes"])
    assert len(err.splitlines()) == 1


@pytest.mark.sandbox
def test_a_model_that_cannot_answer(tmp_path: Path, nothing_recorded: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["optimize", str(write_slow(tmp_path)), "--model", nothing_recorded, "--json"]) == 4
    out, err = capfd.readouterr()
    assert "hint: " in err
    assert "Traceback" not in err
    *events, last = [json.loads(line) for line in out.splitlines()]
    assert (last["type"], last["exit_code"]) == ("error", 4)
    assert events[-1]["data"]["outcome"] == "error"
    assert only_result().outcome == "error"


@pytest.mark.sandbox
def test_a_target_that_is_not_comparable_costs_no_call(tmp_path: Path, nothing_recorded: str) -> None:
    path = tmp_path / "t.py"
    path.write_text("import random\n\n\ndef f(x: int) -> float:\n    return random.random()\n")
    assert main(["optimize", str(path), "--model", nothing_recorded]) == 1
    result = only_result()
    assert result.outcome == "abstained"
    assert result.budget.calls == 0
    assert result.notes[-1].startswith("Not comparable: the original does not agree with itself")


DRIVER = """
import os, sys, time
from support.tasks import by_call
from burnish.agent.jobs import Ask, optimize

def answers(number):
    print("asked", flush=True)
    time.sleep(60)
    return [""]

sys.exit(optimize(Ask(sys.argv[1]), by_call(answers)))
"""


@pytest.mark.sandbox
def test_ctrl_c_while_the_model_answers(tmp_path: Path, root: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", DRIVER, str(write_slow(tmp_path))],
        env={**os.environ, "PYTHONPATH": str(root / "tests")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "asked\n"
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    (folder,) = runs_dir().iterdir()
    assert str(folder) in err
    result = only_result()
    assert result.outcome == "interrupted"
    assert result.budget.calls == 1, "what was sent may be billed"


def test_the_fast_module_is_the_slow_one_with_another_function() -> None:
    assert FAST_MODULE.partition("def ")[0] == SLOW.partition("def ")[0]
