"""`burnish doctor`: what works on this machine, and what to do about the rest."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

SANDBOX, MODEL, STORAGE = 3, 4, 74
LEAST_FREE_BYTES = 100 * 10**6
LEAST_MEMORY_BYTES = 2 * 10**9

Status = Literal["ok", "warning", "problem"]


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report."""

    name: str
    status: Status
    detail: str
    hint: str = ""
    """What to do about it; empty when it is ok."""
    exit_code: int = 0
    """The exit code a run would end with because of it."""


def command(
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as one JSON line.")] = False,
) -> None:
    """Check what works on this machine and say what to do about the rest."""
    found = findings()
    code = next((finding.exit_code for finding in found if finding.exit_code), 0)
    if as_json:
        import json

        line = {"type": "doctor", "usable": code == 0, "exit_code": code, "findings": [asdict(one) for one in found]}
        typer.echo(json.dumps(line))
    else:
        _print_table(found, code)
    raise typer.Exit(code)


def findings() -> tuple[Finding, ...]:
    """Everything the doctor looks at, in the order in which it should be repaired. Needs a second or two: a program
    is really run in the sandbox."""
    return (_versions(), _storage(), _sandbox(), _model(), _machine())


def _versions() -> Finding:
    import platform

    from burnish.agent.config import version

    return Finding("versions", "ok", f"Burnish {version()}, Python {platform.python_version()}, {platform.system()}")


def _storage() -> Finding:
    import shutil
    import tempfile

    from burnish.agent.config import home

    folder = home()
    hint = "make room there, or set BURNISH_HOME to a folder that can be written"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(4096))
            file.flush()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Finding("storage", "problem", f"{folder} cannot be written: {error.strerror}", hint, STORAGE)
    detail = f"{folder}, {_size(free)} free"
    if free < LEAST_FREE_BYTES:
        return Finding("storage", "problem", detail, hint, STORAGE)
    return Finding("storage", "ok", detail)


def _sandbox() -> Finding:
    from burnish.sandbox.isolation import bubblewrap

    problem = bubblewrap.trial()
    if problem is None:
        return Finding("sandbox", "ok", "bubblewrap ran a program apart from the host")
    detail, _, hint = problem.partition("\n")
    return Finding("sandbox", "problem", detail, hint, SANDBOX)


def _model() -> Finding:
    from burnish.agent.models.registry import DEFAULT_MODEL
    from burnish.agent.models.weights import find

    name = DEFAULT_MODEL.removeprefix("local/")
    weights = find(name)
    if weights is None:
        return Finding("model", "problem", f"the weights of {name} are not here", f"burnish models pull {name}", MODEL)
    return Finding("model", "ok", f"{name}, {weights} ({_size(weights.stat().st_size)})")


def _machine() -> Finding:
    import os

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    memory = memory_bytes()
    detail = f"{cores} cores, {_size(memory)} of memory" if memory else f"{cores} cores, memory unknown"
    hints = []
    if cores < 2:
        hints.append("timing needs a quiet core: with one core, verdicts take longer")
    if memory and memory < LEAST_MEMORY_BYTES:
        hints.append("the local model needs about 2 GB of memory")
    return Finding("machine", "warning" if hints else "ok", detail, "; ".join(hints))


def memory_bytes() -> int | None:
    """Memory this process may use, in bytes: the machine's, or the control group's limit if that is lower."""
    import os

    try:
        limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    except (OSError, ValueError):
        limits = []
    for name in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            text = Path(name).read_text().strip()
        except OSError:
            continue
        if text.isdigit():
            limits.append(int(text))
    return min(limits, default=None)


def _size(count: int) -> str:
    return f"{count / 10**9:.1f} GB" if count >= 10**9 else f"{count / 10**6:.0f} MB"


def _print_table(found: tuple[Finding, ...], code: int) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from burnish.agent.text import for_terminal

    styles = {"ok": "green", "warning": "yellow", "problem": "bold red"}
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for finding in found:
        detail = Text(for_terminal(finding.detail))
        if finding.hint:
            detail.append(f"\n{for_terminal(finding.hint)}", style="italic")
        table.add_row(finding.name, Text(finding.status, style=styles[finding.status]), detail)
    console = Console()
    console.print(table)
    console.print("Burnish can run here." if code == 0 else "Burnish cannot run here yet: see the problems above.")
