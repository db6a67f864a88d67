"""Options that commands share."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from burnish.agent.errors import UsageError

LARGEST = 1e9
"""Of speedups and dollars; no number that is none gets past it."""

TargetSpeedup = Annotated[
    float | None,
    typer.Option(
        min=1.0, max=LARGEST, help="Wanted old time over new time; the search stops once it seems so. [default: 1.05]"
    ),
]
Seed = Annotated[int, typer.Option(min=0, help="Seed of everything random that is not secret.")]
SandboxName = Annotated[str, typer.Option("--sandbox", help="auto or bubblewrap.", envvar="BURNISH_SANDBOX")]
Json = Annotated[bool, typer.Option("--json", help="Events as JSON lines on stdout, the result last.")]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Folder for result.json, report.md and the program.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Only the result.")]
Verbose = Annotated[int, typer.Option("--verbose", "-v", count=True, help="Show more of what happens.")]
Inputs = Annotated[
    Path | None,
    typer.Option(help="Calls to compare on: .json, .jsonl, or a Python literal a line."),
]

_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*(s|m|h)?")


def seconds(text: str) -> float:
    """Seconds of a duration such as 90, 90s, 10m or 1.5h.

    Raises:
        UsageError: it is none.
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"{text!r} is not a duration", "Write 90s, 10m or 1.5h.")
    return float(match[1]) * {"s": 1, "m": 60, "h": 3600, None: 1}[match[2]]
