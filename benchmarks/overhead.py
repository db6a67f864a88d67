"""`python -m burnish.benchmarks.overhead`: what Burnish itself costs, beside models and sandboxes.

A scripted model answers at once and a search without an end asks for `--steps` rounds and then for twice as many, so
that what is measured is the machine's own: CPU seconds of the main process a model call and a judgement, its peak
memory, and the bytes a run leaves on disk. Each run has a process of its own. Prints one JSON line.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from burnish.benchmarks.stamp import stamp

# Its inputs are numbers: what is measured is Burnish, not how long it takes to make and hand over large ones.
TARGET = '''\
def digits(n: int) -> int:
    """Sum of the decimal digits.

    >>> digits(123)
    6
    """
    result = 0
    n = abs(n)
    while n:
        result = result + n % 10
        n = n // 10
    return result
'''


def main() -> None:
    """Measure in two child processes and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m burnish.benchmarks.overhead", description=__doc__)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        print(json.dumps(_run(asked.child)))
        return
    runs = []
    for steps in (asked.steps, 2 * asked.steps):
        command = [sys.executable, "-m", "burnish.benchmarks.overhead", "--child", str(steps)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        runs.append(json.loads(done.stdout.splitlines()[-1]))
    once, twice = runs
    print(
        json.dumps(
            {
                "benchmark": "overhead",
                "steps": asked.steps,
                "cpu_ms_a_model_call": twice["call_ms"],
                "cpu_ms_a_judgement": twice["judge_ms"],
                "peak_main_process_mb": twice["peak_mb"],
                "store_mb": once["store_mb"],
                "store_mb_at_twice_the_steps": twice["store_mb"],
                "store_ratio": round(twice["store_mb"] / once["store_mb"], 3),
                **stamp(),
            }
        )
    )


def _run(steps: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="burnish-overhead-") as folder:
        os.environ["BURNISH_HOME"] = folder
        target = Path(folder) / "target.py"
        target.write_text(TARGET, encoding="utf-8")
        _measure(target, 1)  # what a process does once, imports above all, is not a cost of each call
        return _measure(target, steps)


def _measure(target: Path, steps: int) -> dict[str, float]:
    from burnish.agent.graph import run_machine
    from burnish.agent.models.base import ModelRequest
    from burnish.agent.models.scripted import ScriptedModel
    from burnish.agent.operators.whole_function import WholeFunction
    from burnish.agent.runs.budget import Budget, Limits
    from burnish.agent.runs.record import Record
    from burnish.agent.steps.context import Options, Run
    from burnish.agent.steps.read import read_target
    from burnish.benchmarks.endless import CpuView, Endless
    from burnish.sandbox.isolation.bubblewrap import BubblewrapSandbox

    def answer(request: ModelRequest) -> list[str]:
        number = len(run.evaluations)
        lines = [f"result = {number}", "for digit in str(abs(n)):", "    result += int(digit)"]
        body = "".join(f"    {line}\n" for line in [*lines, f"return result - {number}"])
        return [f"```python\ndef digits(n: int) -> int:\n{body}```"]

    view = CpuView()
    run = Run(
        command="optimize",
        target=read_target(str(target)),
        options=Options(),
        record=Record.create("optimize"),
        view=view,
        budget=Budget(Limits(max_calls=None, max_seconds=None)),
        sandbox=BubblewrapSandbox(),
        model=ScriptedModel(answer),
        strategy=Endless(steps),
        operators={"whole_function": WholeFunction()},
    )
    try:
        begun = time.process_time()
        run_machine(run)
        whole = time.process_time() - begun
        store = sum(file.stat().st_size for file in run.record.folder.rglob("*") if file.is_file())
        made = len(run.evaluations)
    finally:
        run.close()
    others = sum(view.cpu_s.get(step, 0.0) for step in ("prepare", "profile", "evaluate", "decide"))
    return {
        "call_ms": round(1000 * (whole - others) / steps, 2),
        "judge_ms": round(1000 * view.cpu_s["evaluate"] / made, 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "store_mb": round(store / 1e6, 3),
    }


if __name__ == "__main__":
    main()
