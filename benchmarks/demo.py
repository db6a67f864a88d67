"""`python -m burnish.benchmarks.demo`: the demo targets made faster with a local model, in front of your eyes.

Every target is one `burnish optimize` in a process of its own, so what is shown is what people get. With `--runs N`
each is repeated with the seeds 0 to N-1 and the figures are printed as JSON lines: how often the bar was cleared (a
speedup of at least 2 whose lower bound is above 1.5), failures included.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from burnish.benchmarks.stamp import stamp

TARGETS = (
    "count_primes.py::count_primes",
    "common_words.py::common_words",
    "delete_nth.py::delete_nth_naive",
)
LEAST_RATIO = 2.0
LEAST_BOUND = 1.5


@dataclass(frozen=True)
class Line:
    """One run of one target."""

    target: str
    seed: int
    outcome: str
    ratio: float | None
    ci_low: float | None
    ci_high: float | None
    pairs: int
    inputs: int
    calls: int
    tokens: int
    seconds: float
    cleared: bool


def main() -> int:
    """Run the demo; 0 when every run, or as many as were asked for, cleared the bar."""
    parser = argparse.ArgumentParser(prog="python -m burnish.benchmarks.demo", description=__doc__)
    parser.add_argument("--targets", type=Path, default=Path("examples/demo"), help="folder of the demo targets")
    parser.add_argument("--output", type=Path, default=Path("build/demo"), help="folder for reports and programs")
    parser.add_argument("--runs", type=int, default=0, help="repeat with seeds 0 to N-1 and print figures only")
    parser.add_argument("--model", default="local/qwen2.5-coder-0.5b")
    parser.add_argument("--max-time", default="150s", help="for each target (default: %(default)s)")
    parser.add_argument("--require", type=int, help="exit with 1 unless so many runs cleared the bar (default: all)")
    asked = parser.parse_args()
    missing = [name for name in TARGETS if not (asked.targets / name.partition("::")[0]).is_file()]
    if missing:
        print(f"error: no {missing[0]} in {asked.targets}; run this in a clone of the repository", file=sys.stderr)
        return 2
    lines = []
    for seed in range(max(1, asked.runs)):
        for target in TARGETS:
            line = _optimize(asked, target, seed)
            lines.append(line)
            if asked.runs:
                print(json.dumps(asdict(line)), flush=True)
    if asked.runs:
        print(json.dumps({"summary": _summary(lines), **stamp()}), flush=True)
    else:
        _show(lines, asked.output)
    cleared = sum(line.cleared for line in lines)
    return 0 if cleared >= (len(lines) if asked.require is None else asked.require) else 1


def _optimize(asked: argparse.Namespace, target: str, seed: int) -> Line:
    name = target.partition("::")[2]
    folder = asked.output / (f"{name}-{seed}" if asked.runs else name)
    command = [sys.executable, "-m", "burnish.agent.cli", "optimize", str(asked.targets / target)]
    command += [
        "--max-time",
        asked.max_time,
        "--model",
        asked.model,
        "--target-speedup",
        str(LEAST_RATIO),
        "--seed",
        str(seed),
        "-o",
        str(folder),
    ]
    (folder / "result.json").unlink(missing_ok=True)
    begun = time.monotonic()
    out = subprocess.DEVNULL if asked.runs else None
    code = subprocess.run(command, check=False, stdout=out, stderr=out).returncode
    seconds = time.monotonic() - begun
    try:
        result = json.loads((folder / "result.json").read_text())
    except FileNotFoundError:
        return Line(target, seed, f"exit {code}", None, None, None, 0, 0, 0, 0, round(seconds, 1), False)
    speed, budget = result["speed"], result["budget"]
    cleared = result["outcome"] == "met" and speed["ratio"] >= LEAST_RATIO and speed["ci_low"] > LEAST_BOUND
    return Line(
        target=target,
        seed=seed,
        outcome=result["outcome"],
        ratio=speed["ratio"],
        ci_low=speed["ci_low"],
        ci_high=speed["ci_high"],
        pairs=speed["pairs"],
        inputs=result["correctness"]["inputs_compared"],
        calls=budget["calls"],
        tokens=budget["prompt_tokens"] + budget["completion_tokens"],
        seconds=round(seconds, 1),
        cleared=cleared,
    )


def _summary(lines: list[Line]) -> dict[str, object]:
    targets: dict[str, object] = {}
    for target in TARGETS:
        mine = [line for line in lines if line.target == target]
        ratios = [line.ratio for line in mine if line.ratio is not None]
        targets[target] = {
            "cleared": f"{sum(line.cleared for line in mine)} of {len(mine)}",
            "median_ratio": round(statistics.median(ratios), 2) if ratios else None,
            "median_seconds": statistics.median(line.seconds for line in mine),
        }
    return targets


def _show(lines: list[Line], folder: Path) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("target", "speedup", "at least", "inputs compared", "model calls", "seconds", title="Demo")
    for line in lines:
        ratio = f"{line.ratio:.3g}x" if line.ratio else line.outcome
        bound = f"{line.ci_low:.3g}x" if line.ci_low else "-"
        table.add_row(line.target, ratio, bound, str(line.inputs), str(line.calls), f"{line.seconds:.0f}")
    console = Console()
    console.print(table)
    console.print(f"Reports and programs: {folder}", highlight=False)


if __name__ == "__main__":
    sys.exit(main())
