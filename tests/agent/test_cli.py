"""Every way a command can end, seen from outside: message, hint, exit code, and never a traceback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from burnish.agent.cli import main

PLUGIN = '''
import errno, os, sys, threading, time
import typer
from burnish.agent.errors import ModelUnavailable, UsageError
from burnish.sandbox.errors import SandboxUnavailable
from burnish.tools.errors import SourceError

app = typer.Typer()

@app.command()
def usage(): raise UsageError("wrong \\x1b[31mcolour", "choose another")
@app.command()
def model(json: bool = False): raise ModelUnavailable("no weights", "pull them")
@app.command()
def source(): raise SourceError("no such function", "did you mean g?")
@app.command()
def sandbox(): raise SandboxUnavailable("no sandbox", "install one")
@app.command()
def boom(json: bool = False): raise ValueError("inside " + os.environ.get("PLUG_API_KEY", ""))
@app.command()
def full(): raise OSError(errno.ENOSPC, "No space left on device", "record")
@app.command()
def code(): raise typer.Exit(5)
@app.command()
def number(): return 6
@app.command()
def fine(): print("tracing", os.environ["LANGSMITH_TRACING"], os.environ["LANGCHAIN_TRACING_V2"])
@app.command()
def stop(): raise KeyboardInterrupt
@app.command()
def sleep():
    print("ready", flush=True)
    time.sleep(60)
@app.command()
def talk():
    while True:
        print("x" * 1000)
@app.command()
def thread():
    worker = threading.Thread(target=lambda: 1 / 0)
    worker.start()
    worker.join()
def single(count: int = 1):
    """One plain function.

    More about it.
    """
    print(count)
'''


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """A folder that, on the path, is an installed distribution with commands of its own."""
    folder = tmp_path / "plugin"
    (folder / "plug-1.0.dist-info").mkdir(parents=True)
    (folder / "plug-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: plug\nVersion: 1.0\n")
    (folder / "plug-1.0.dist-info" / "entry_points.txt").write_text(
        "[burnish.commands]\nplug = plugged:app\nsingle = plugged:single\nbroken = plugged:missing\n"
    )
    (folder / "plugged.py").write_text(PLUGIN)
    return folder


@pytest.fixture
def installed(plugin: Path) -> Iterator[None]:
    """The plug-in on this process's path."""
    sys.path.insert(0, str(plugin))
    yield
    sys.path.remove(str(plugin))
    sys.modules.pop("plugged", None)


def start(plugin: Path, *args: str, **environment: str) -> subprocess.Popen[str]:
    """`burnish ARGS` with the plug-in, as a process."""
    return subprocess.Popen(
        [sys.executable, "-m", "burnish.agent.cli", *args],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(plugin), os.environ.get("PYTHONPATH", "")]),
            **environment,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("name", "code", "message", "hint"),
    [
        ("model", 4, "no weights", "pull them"),
        ("source", 2, "no such function", "did you mean g?"),
        ("sandbox", 3, "no sandbox", "install one"),
    ],
)
@pytest.mark.usefixtures("installed")
def test_errors_have_message_hint_and_exit_code(
    name: str, code: int, message: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plug", name]) == code
    shown = capsys.readouterr()
    assert shown.err == f"error: {message}\nhint: {hint}\n"
    assert shown.out == ""


@pytest.mark.usefixtures("installed")
def test_escape_sequences_in_a_message_do_not_reach_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plug", "usage"]) == 2
    assert "\x1b" not in capsys.readouterr().err


@pytest.mark.usefixtures("installed")
def test_with_json_errors_are_also_a_line_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plug", "model", "--json"]) == 4
    line = json.loads(capsys.readouterr().out)
    assert line == {"type": "error", "message": "no weights", "hint": "pull them", "exit_code": 4}
    assert main(["plug", "boom", "--json"]) == 70
    assert json.loads(capsys.readouterr().out)["exit_code"] == 70
    assert main(["plug", "no-such", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["exit_code"] == 2


@pytest.mark.usefixtures("installed")
def test_an_unexpected_exception_becomes_a_crash_file(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLUG_API_KEY", "sk-very-secret")
    assert main(["plug", "boom"]) == 70
    shown = capsys.readouterr()
    (crash,) = (Path(os.environ["BURNISH_HOME"]) / "crashes").iterdir()
    text = crash.read_text()
    assert str(crash) in shown.err
    assert "Traceback" not in shown.err + shown.out
    assert "Traceback" in text
    assert "ValueError" in text
    assert "burnish plug boom" in text
    assert "pydantic 2" in text
    assert "sk-very-secret" not in text
    assert crash.stat().st_mode & 0o077 == 0


def test_the_crash_file_goes_elsewhere_when_home_cannot_be_written(plugin: Path, tmp_path: Path) -> None:
    process = start(plugin, "plug", "boom", BURNISH_HOME="/dev/null/home", TMPDIR=str(tmp_path))
    _, err = process.communicate(timeout=60)
    assert process.returncode == 70
    (crash,) = tmp_path.glob("burnish-crash-*.txt")
    assert str(crash) in err


@pytest.mark.usefixtures("installed")
def test_a_full_disk_is_a_storage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plug", "full"]) == 74
    assert "BURNISH_HOME" in capsys.readouterr().err


@pytest.mark.usefixtures("installed")
def test_exit_codes_of_commands_pass_through() -> None:
    assert main(["plug", "code"]) == 5
    assert main(["plug", "number"]) == 6


@pytest.mark.usefixtures("installed")
def test_tracing_is_off_whatever_the_environment_says(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    monkeypatch.setenv("LANGCHAIN_TRACING_V2", "true")
    assert main(["plug", "fine"]) == 0
    assert capsys.readouterr().out == "tracing false false\n"


@pytest.mark.usefixtures("installed")
def test_interruption_is_130_and_one_word(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plug", "stop"]) == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_ctrl_c_in_a_running_command(plugin: Path) -> None:
    process = start(plugin, "plug", "sleep")
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "interrupted\n")


def test_a_closed_pipe_is_quiet(plugin: Path) -> None:
    process = start(plugin, "plug", "talk")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(timeout=60) == 141


def test_an_exception_in_a_thread_is_told_without_a_traceback(plugin: Path) -> None:
    process = start(plugin, "plug", "thread")
    _, err = process.communicate(timeout=60)
    assert "Traceback" not in err
    assert "background thread" in err


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("args", [["no-such"], ["plug", "no-such"], ["--no-such"], ["single", "--count", "many"]])
def test_wrong_use_is_2_with_a_hint(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(args) == 2
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert "--help" in err


def test_a_misspelt_command_gets_a_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["docter"]) == 2
    assert "'doctor'" in capsys.readouterr().err


@pytest.mark.usefixtures("installed")
def test_both_kinds_of_command_are_listed_with_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert "One plain function." in shown
    assert "More about it" not in shown
    assert "plug" in shown


@pytest.mark.usefixtures("installed")
def test_a_command_that_cannot_be_loaded_breaks_only_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert "Cannot be loaded: AttributeError" in capsys.readouterr().out
    assert main(["broken"]) == 70
    assert "Traceback" not in capsys.readouterr().err


def test_no_command_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "optimize" in capsys.readouterr().out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("burnish ")
