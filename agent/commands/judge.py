"""`burnish judge`: is NEW equal to OLD, and is it faster?"""

from __future__ import annotations

from typing import Annotated

import typer

from burnish.agent.commands import options


def command(
    old: Annotated[str, typer.Argument(help="PATH[::NAME] of the function as it was.", show_default=False)],
    new: Annotated[str, typer.Argument(help="PATH[::NAME] of the function as it shall be.", show_default=False)],
    inputs: options.Inputs = None,
    target_speedup: options.TargetSpeedup = None,
    sandbox: options.SandboxName = "auto",
    seed: options.Seed = 0,
    json: options.Json = False,
    output: options.Output = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
) -> None:
    """Tell whether NEW is equal to OLD, and whether it is faster. Uses no model."""
    from burnish.agent.jobs import Ask, judge

    ask = Ask(
        target=old, new=new, inputs=inputs, target_speedup=target_speedup, sandbox=sandbox, seed=seed, json=json,
        output=output, quiet=quiet, verbosity=verbose,
    )  # fmt: skip
    raise typer.Exit(judge(ask))
