"""Commands are found without being imported, and importing them imports nothing heavy."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = (
    "langgraph",
    "langchain_core",
    "httpx",
    "openai",
    "anthropic",
    "docker",
    "xllamacpp",
    "pydantic",
    "tree_sitter",
    "jinja2",
)

PROBE = """
import json, sys
from burnish.agent.cli import main
main(sys.argv[1:])
print("\\n" + json.dumps(sorted(sys.modules)))
"""


def modules(*args: str) -> frozenset[str]:
    """Names of all modules that are imported after `burnish ARGS`, in a fresh process."""
    done = subprocess.run([sys.executable, "-c", PROBE, *args], check=True, capture_output=True, text=True, timeout=60)
    return frozenset(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("args", [["--help"], ["--version"], ["-h"]])
def test_help_imports_nothing_heavy(args: list[str]) -> None:
    assert not modules(*args) & set(HEAVY)


@pytest.mark.parametrize("command", ["doctor", "judge", "models", "optimize", "runs"])
def test_help_of_a_command_imports_nothing_heavy(command: str) -> None:
    # Typer itself reads the values of options with pydantic once there is a subcommand.
    assert not modules(command, "--help") & (set(HEAVY) - {"pydantic"})


def test_help_imports_every_command_and_one_command_only_itself() -> None:
    prefix = "burnish.agent.commands."
    everything = {name.removeprefix(prefix) for name in modules("--help") if name.startswith(prefix)}
    alone = {name.removeprefix(prefix) for name in modules("doctor", "--help") if name.startswith(prefix)}
    assert {"doctor", "judge", "models", "optimize", "runs"} <= everything
    assert alone == {"doctor"}
