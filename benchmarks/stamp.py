"""Where and when a figure was measured."""

from __future__ import annotations

import datetime
import os
import subprocess
from pathlib import Path

from burnish.agent.machine import machine


def stamp() -> dict[str, object]:
    """Commit, machine and date, for the line of a figure."""
    return {
        "commit": _commit(),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": machine().model_dump(),
        "load": round(os.getloadavg()[0], 2),
    }


def _commit() -> str:
    command = ["git", "-C", str(Path(__file__).resolve().parent), "describe", "--always", "--dirty"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"
