"""How long `burnish --help` takes beside a Typer app of eleven empty commands: `python -m burnish.benchmarks.startup`.

Prints one JSON line: the median wall seconds of both, and the median over the pairs of burnish / empty app.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from burnish.benchmarks.stamp import stamp

COMMANDS = 11


def empty_app(commands: int = COMMANDS) -> str:
    """Source of a Typer program with that many empty commands."""
    lines = ["import typer", "app = typer.Typer()"]
    for number in range(commands):
        lines += ["@app.command()", f"def command{number}() -> None:", f'    """Command {number}."""']
    return "\n".join([*lines, "app()", ""])


def seconds(argv: Sequence[str]) -> float:
    """Wall seconds from start to exit of `argv`, its output thrown away.

    Raises:
        subprocess.CalledProcessError: it did not exit with 0; such a time means nothing.
    """
    start = time.perf_counter()
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def measure(pairs: int, seed: int = 0) -> dict[str, float | int]:
    """Time both programs `pairs` times, interleaved, the order inside each pair random; one pair more warms up."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="burnish-startup-") as folder:
        script = Path(folder) / "empty.py"
        script.write_text(empty_app(), encoding="utf-8")
        programs = {
            "burnish": [sys.executable, "-m", "burnish.agent.cli", "--help"],
            "empty": [sys.executable, str(script), "--help"],
        }
        times: dict[str, list[float]] = {name: [] for name in programs}
        for turn in range(pairs + 1):
            for name in rng.sample(sorted(programs), 2):
                taken = seconds(programs[name])
                if turn > 0:
                    times[name].append(taken)
    ratios = [ours / theirs for ours, theirs in zip(times["burnish"], times["empty"], strict=True)]
    return {
        "pairs": pairs,
        "commands": COMMANDS,
        "burnish_s": round(statistics.median(times["burnish"]), 4),
        "empty_app_s": round(statistics.median(times["empty"]), 4),
        "ratio": round(statistics.median(ratios), 3),
    }


def main() -> None:
    """Measure and print one JSON line."""
    parser = argparse.ArgumentParser(prog="python -m burnish.benchmarks.startup", description=__doc__)
    parser.add_argument("--pairs", type=int, default=15, help="how many pairs are timed (default: %(default)s)")
    print(json.dumps({"benchmark": "startup", **measure(parser.parse_args().pairs), **stamp()}))


if __name__ == "__main__":
    main()
