"""What people and scripts see of a run while it goes on. Text for people goes to stderr, JSON lines to stdout.

Imported only by commands that run something: rich is not wanted for `--help`.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, TextIO

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from burnish.agent.result import Outcome, Result
from burnish.agent.runs.events import BudgetUsed, Entry, RunFinished, RunStarted, StepFinished, StepStarted
from burnish.agent.text import for_terminal, shorten
from burnish.agent.wording import Line, describe, sentence, sources, used

_MARKS = {"done": "✓", "good": "✓", "bad": "✗", "best": "★", "warning": "!", "note": "·"}
_ASCII_MARKS = {"done": "+", "good": "+", "bad": "x", "best": "*", "warning": "!", "note": "-"}
_STYLES = {"done": "green", "good": "green", "bad": "dim", "best": "bold green", "warning": "yellow", "note": "dim"}
_BORDERS: dict[Outcome, str] = {"met": "green", "error": "red", "interrupted": "yellow"}

_DETAIL = 240
_WIDEST = 100
_STEP = 10


class View(Protocol):
    """A sink of events. `show` may be called from several threads."""

    def show(self, entry: Entry) -> None:
        """Take note of what the record holds now."""

    def progress(self, done: int, of: int) -> None:
        """How far the running step is; the record knows nothing of it."""

    def finish(self, result: Result, files: Sequence[Path] = ()) -> None:
        """Show the result, and where its files are; the last call but `close`."""

    def close(self) -> None:
        """Leave the terminal as it was. May be called twice, and without `finish`."""


class RichView:
    """For people: each step as it runs, candidates as they are judged, and the result.

    In a terminal the running step has a spinner. Elsewhere, and in a terminal that cannot move its cursor, there are
    plain lines.
    """

    def __init__(self, console: Console | None = None, verbosity: int = 0) -> None:
        """Show on `console`, which is stderr when None. From verbosity 1 on, model calls and the budget as well."""
        self._console = console or Console(stderr=True)
        self._verbosity = verbosity
        self._lock = threading.RLock()
        self._running: dict[str, tuple[str, float]] = {}
        self._used = self._far = ""
        self._live: Live | None = None
        self._moving = self._console.is_terminal and not self._console.is_dumb_terminal
        self._spinner = Spinner("line" if self._console.options.ascii_only else "dots", style="cyan")

    def show(self, entry: Entry) -> None:
        """Print the line of the event, if it has one, above the running step."""
        with self._lock:
            match entry.event:
                case RunStarted() as started:
                    self._console.print(title(started), soft_wrap=True)
                case StepStarted() as step:
                    self._far = ""
                    self._start(step)
                case StepFinished() as step:
                    self._running.pop(step.step, None)
                case BudgetUsed() as budget:
                    self._used = used(budget)
                case RunFinished():
                    self.close()
            line = describe(entry.event)
            if line is not None and line.level <= self._verbosity:
                print_line(self._console, line)
            if not self._running:
                self._stop()

    def progress(self, done: int, of: int) -> None:
        """Beside the spinner."""
        self._far = f"{done} of {of}"

    def finish(self, result: Result, files: Sequence[Path] = ()) -> None:
        """The result in a frame, its files below it, each on a line of its own so that it can be copied."""
        with self._lock:
            self.close()
            print_result(self._console, result, files)

    def close(self) -> None:
        """Take the spinner away."""
        with self._lock:
            self._running.clear()
            self._stop()

    def _start(self, step: StepStarted) -> None:
        self._running[step.step] = (step.detail, time.monotonic())
        if not self._moving:
            detail = f": {_one_line(step.detail)}" if step.detail else ""
            self._console.print(
                Text(f"{_mark(self._console, 'note')} {_one_line(step.step)}{detail} ..."), soft_wrap=True
            )
        elif self._live is None:
            # Not redirecting: JSON lines on stdout must stay there.
            self._live = Live(
                get_renderable=self._now,
                console=self._console,
                refresh_per_second=5,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start()

    def _stop(self) -> None:
        live, self._live = self._live, None
        if live is not None:
            live.stop()

    def _now(self) -> RenderableType:
        running = list(self._running.items())
        if not running:
            return Text("")
        step, (detail, since) = running[-1]
        frame = self._spinner.render(self._console.get_time())
        text = Text(no_wrap=True, overflow="ellipsis")
        text.append(frame if isinstance(frame, Text) else Text(" "))
        text.append(f" {_one_line(step):<{_STEP}} {time.monotonic() - since:.0f} s")
        for more in (_one_line(detail), self._far, self._used):
            text.append(f"  {more}" if more else "", "dim")
        return text


class JsonView:
    """For scripts: each event as one JSON line, the result as the last."""

    def __init__(self, stream: TextIO) -> None:
        """Write to `stream`, one flush a line."""
        self._stream = stream
        self._lock = threading.Lock()

    def show(self, entry: Entry) -> None:
        """The line that `events.jsonl` holds."""
        self._write(entry.as_json())

    def progress(self, done: int, of: int) -> None:
        """Nothing: it is no event."""

    def finish(self, result: Result, files: Sequence[Path] = ()) -> None:
        """The line that `result.json` holds."""
        self._write(result.as_json())

    def close(self) -> None:
        """Nothing to do."""

    def _write(self, data: dict[str, object]) -> None:
        with self._lock:
            self._stream.write(json.dumps(data, separators=(",", ":")) + "\n")
            self._stream.flush()


class QuietView:
    """One sentence at the end."""

    def __init__(self, console: Console | None = None) -> None:
        """Show on `console`, which is stderr when None."""
        self._console = console or Console(stderr=True)

    def show(self, entry: Entry) -> None:
        """Nothing."""

    def progress(self, done: int, of: int) -> None:
        """Nothing."""

    def finish(self, result: Result, files: Sequence[Path] = ()) -> None:
        """The outcome."""
        self._console.print(Text(sentence(result, for_terminal(result.task.name))), soft_wrap=True)

    def close(self) -> None:
        """Nothing to do."""


class Views:
    """Several views of one run."""

    def __init__(self, *views: View) -> None:
        """Show everything on each of them, in their order."""
        self._views = views

    def show(self, entry: Entry) -> None:
        """On each."""
        for view in self._views:
            view.show(entry)

    def progress(self, done: int, of: int) -> None:
        """On each."""
        for view in self._views:
            view.progress(done, of)

    def finish(self, result: Result, files: Sequence[Path] = ()) -> None:
        """On each, in reverse: the JSON line comes last."""
        for view in reversed(self._views):
            view.finish(result, files)

    def close(self) -> None:
        """Each."""
        for view in self._views:
            view.close()


def make_view(*, as_json: bool = False, quiet: bool = False, verbosity: int = 0) -> View:
    """The view for the common options: `--json`, `-q`, and how often `-v`."""
    people: View = QuietView() if quiet else RichView(verbosity=verbosity)
    return Views(JsonView(sys.stdout), people) if as_json else people


def print_line(console: Console, line: Line) -> None:
    """Print what `wording.describe` says of an event."""
    text = Text()
    if line.mark == "done":
        text.append(f"{_one_line(line.subject):<{_STEP}} ")
        text.append(line.words, "dim")
        text.append(f"  {_one_line(line.detail)}" if line.detail else "")
    else:
        text.append(f"{_one_line(line.subject)}: " if line.subject else "")
        text.append(line.words, "bold" if line.mark == "best" else "")
        text.append(f": {_one_line(line.detail)}" if line.detail else "")
        if line.mark in ("bad", "note"):
            text.stylize("dim")
    mark = Text(("" if line.mark == "done" else "  ") + _mark(console, line.mark), _STYLES[line.mark])
    if console.is_terminal:
        # Long lines go on below their own beginning, not below the mark.
        grid = Table.grid(padding=(0, 1))
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold")
        grid.add_row(mark, text)
        console.print(grid)
    else:
        console.print(mark + Text(" ") + text, soft_wrap=True)


def print_result(console: Console, result: Result, files: Sequence[Path]) -> None:
    """Print the result, in a frame where there is a terminal, and below it the files, which stay easy to copy."""
    told = Text(sentence(result, for_terminal(result.task.name)), "bold")
    outcome = result.outcome.replace("_", " ")
    rows = _rows(result)
    if console.is_terminal:
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="dim", no_wrap=True)
        grid.add_column(overflow="fold")
        for label, value in rows:
            grid.add_row(label, Text(value))
        panel = Panel(
            Group(told, Text(), grid) if rows else told,
            title=outcome,
            title_align="left",
            border_style=_BORDERS.get(result.outcome, "yellow"),
            box=box.ROUNDED,
            padding=(0, 1),
            width=min(console.width, _WIDEST),
        )
        console.print(panel)
    else:
        console.print(Text(f"{outcome}: ") + told, soft_wrap=True)
        for label, value in rows:
            console.print(Text(f"  {label:<{_STEP}} {value}"), soft_wrap=True)
    for path in files:
        console.print(Text(f"  {for_terminal(str(path))}"), soft_wrap=True)


def title(started: RunStarted) -> Text:
    """What runs, on what, with what."""
    text = Text()
    text.append(f"burnish {_one_line(started.command)} ", "bold")
    text.append(_one_line(started.source))
    about = [started.model, started.strategy, f"seed {started.seed}"]
    text.append("  " + ", ".join(_one_line(word) for word in about if word), "dim")
    return text


def _rows(result: Result) -> list[tuple[str, str]]:
    part = result.correctness
    rows: list[tuple[str, str]] = []
    if part.inputs_by_source:
        sizes = "" if part.sizes is None else "; sizes {:,} to {:,}".format(*part.sizes)
        void = f"; {part.inputs_void:,} void" if part.inputs_void else ""
        rows.append(("inputs", sources(part.inputs_by_source) + sizes + void))
    if part.policy:
        rows.append(("relaxed", ", ".join(part.policy)))
    if (found := result.counterexample) is not None:
        rows += [("input", found.input), ("old", found.old), ("new", found.new), ("difference", found.difference)]
    if result.command == "optimize":
        rows.append(("used", used(result.budget)))
    rows += [("note", note) for note in result.notes]
    return [(label, _one_line(value)) for label, value in rows]


def _mark(console: Console, mark: str) -> str:
    return (_ASCII_MARKS if console.options.ascii_only else _MARKS)[mark]


def _one_line(text: str) -> str:
    return for_terminal(shorten(" ".join(text.split()), _DETAIL))
