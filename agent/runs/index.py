"""The runs that are kept: all of them, or one by its id."""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import dataclass
from pathlib import Path

from burnish.agent.config import runs_dir
from burnish.agent.errors import UsageError
from burnish.agent.result import Result
from burnish.agent.runs.events import Entry, RunStarted
from burnish.agent.runs.storage import ABOUT, EVENTS, RESULT, storage


@dataclass(frozen=True)
class RunSummary:
    """One line of `runs list`."""

    run_id: str
    folder: Path
    command: str
    started: str
    """UTC, ISO 8601 with milliseconds."""
    source: str
    """`PATH::NAME`; empty when the run ended before it was known."""
    result: Result | None
    running: bool
    """A process is writing it now."""


def list_runs(folder: Path | None = None) -> list[RunSummary]:
    """The runs kept in `folder` (`runs_dir()` when None), newest first; a folder that is no run is left out.

    Raises:
        StorageError: the folder cannot be read.
    """
    parent = runs_dir() if folder is None else folder
    with storage(parent):
        places = [place for place in parent.iterdir() if (place / ABOUT).is_file()] if parent.is_dir() else []
    found = [summary for place in places if (summary := summarise(place)) is not None]
    return sorted(found, key=lambda run: (run.started, run.run_id), reverse=True)


def summarise(folder: Path) -> RunSummary | None:
    """What `runs list` says of the run in `folder`; None when it is none. Parts that cannot be read are left empty."""
    try:
        about = json.loads((folder / ABOUT).read_bytes())
        command, started = str(about["command"]), str(about["started"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    try:
        result = Result.model_validate_json((folder / RESULT).read_bytes())
    except (OSError, ValueError):
        result = None
    source = result.task.source if result else ""
    running = False
    if result is None:
        try:
            running = _is_written(folder / EVENTS)
            with (folder / EVENTS).open("rb") as file:
                first = Entry.from_json(json.loads(file.readline())).event
            source = first.source if isinstance(first, RunStarted) else ""
        except (OSError, ValueError):
            pass
    return RunSummary(folder.name, folder, command, started, source, result, running)


def find_run(name: str, parent: Path) -> Path:
    """The folder of the run in `parent` whose id is `name`, or the only one whose id begins with it.

    Raises:
        UsageError: no such run, or more than one; the hint names those that are near.
        StorageError: `parent` cannot be read.
    """
    with storage(parent):
        ids = sorted(p.name for p in parent.iterdir() if (p / ABOUT).is_file()) if parent.is_dir() else []
    if name in ids:
        return parent / name
    matches = [known for known in ids if name and known.startswith(name)]
    if len(matches) == 1:
        return parent / matches[0]
    if matches:
        raise UsageError(f"{len(matches)} runs begin with {name}", "say more of the id: " + ", ".join(matches[-5:]))
    if not ids:
        raise UsageError(f"there is no run {name!r}", f"no run is kept in {parent}")
    import difflib

    near = difflib.get_close_matches(name, ids, n=3, cutoff=0.5) or ids[-3:]
    raise UsageError(f"there is no run {name!r}", "did you mean " + " or ".join(near) + "? See `burnish runs list`")


def _is_written(path: Path) -> bool:
    fd = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False
