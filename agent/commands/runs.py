"""`burnish runs`: the runs that are kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from burnish.agent.runs.index import RunSummary

app = typer.Typer(no_args_is_help=True, add_completion=False, help="List the runs that are kept, or show one.")


@app.command("list")
def list_command(
    as_json: Annotated[bool, typer.Option("--json", help="Print the runs as one JSON line.")] = False,
) -> None:
    """List the runs, newest first."""
    from burnish.agent.runs.index import list_runs

    runs = list_runs()
    if as_json:
        typer.echo(json.dumps({"type": "runs", "runs": [_as_json(run) for run in runs]}))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from burnish.agent.config import runs_dir
    from burnish.agent.text import figure, for_terminal

    console = Console()
    if not runs:
        console.print(Text(f"No runs are kept in {for_terminal(str(runs_dir()))} yet."), soft_wrap=True)
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("id", "command", "outcome"):
        table.add_column(column, no_wrap=True)
    table.add_column("target", overflow="fold")
    table.add_column("speedup", justify="right", no_wrap=True)
    table.add_column("when", no_wrap=True)
    for run in runs:
        ratio = None if run.result is None else run.result.speed.ratio
        cells = (run.run_id, run.command, _state(run), run.source, "-" if ratio is None else figure(ratio, "ratio"))
        table.add_row(*(Text(for_terminal(cell)) for cell in cells), Text(_when(run.started)))
    console.print(table)


@app.command("show")
def show_command(
    run_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the run, or the beginning of it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON line.")] = False,
    verbose: Annotated[int, typer.Option("-v", "--verbose", count=True, help="Model calls and the budget too.")] = 0,
) -> None:
    """Show what happened in a run and what came of it."""
    from burnish.agent.errors import UsageError
    from burnish.agent.runs.index import summarise
    from burnish.agent.runs.record import Record

    with Record.open(run_id) as record:
        result = record.result()
        if as_json:
            if result is None:
                hint = f"see what happened with `burnish runs show {record.run_id}`"
                raise UsageError(f"run {record.run_id} is unfinished: it has no result", hint)
            typer.echo(json.dumps(result.as_json()))
            return
        from rich.console import Console
        from rich.text import Text

        from burnish.agent.runs.events import RunStarted
        from burnish.agent.text import for_terminal
        from burnish.agent.view import print_line, print_result, title
        from burnish.agent.wording import describe

        console = Console()
        files = sorted(path for path in record.folder.iterdir() if path.is_file())
        for entry in record.events():
            if isinstance(entry.event, RunStarted):
                console.print(title(entry.event), soft_wrap=True)
            line = describe(entry.event)
            if line is not None and line.level <= verbose:
                print_line(console, line)
        if result is not None:
            print_result(console, result, files)
            return
        summary = summarise(record.folder)
        state = "unfinished" if summary is None else _state(summary)
        console.print(Text(f"{state}: this run has no result", "yellow"))
        for path in files:
            console.print(Text(f"  {for_terminal(str(path))}"), soft_wrap=True)


def _state(run: RunSummary) -> str:
    if run.result is not None:
        return run.result.outcome.replace("_", " ")
    return "running" if run.running else "unfinished"


def _as_json(run: RunSummary) -> dict[str, object]:
    return {
        "run_id": run.run_id,
        "command": run.command,
        "outcome": None if run.result is None else run.result.outcome,
        "running": run.running,
        "source": run.source,
        "ratio": None if run.result is None else run.result.speed.ratio,
        "started": run.started,
        "folder": str(run.folder),
    }


def _when(started: str) -> str:
    """`started` in the machine's time zone, to the minute."""
    from datetime import datetime

    try:
        return f"{datetime.fromisoformat(started).astimezone():%Y-%m-%d %H:%M}"
    except ValueError:
        return "unknown"
