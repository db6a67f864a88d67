"""`burnish optimize`: make a working function faster and keep it equal."""

from __future__ import annotations

from typing import Annotated

import typer

from burnish.agent.commands import options


def command(
    target: Annotated[str, typer.Argument(help="PATH::NAME of a Python function.", show_default=False)],
    model: Annotated[
        str | None,
        typer.Option(help="provider/name, such as local/qwen2.5-coder-0.5b.", envvar="BURNISH_MODEL"),
    ] = None,
    strategy: Annotated[
        str, typer.Option(help="How candidates are searched.", envvar="BURNISH_STRATEGY")
    ] = "best_of_n_then_refine",
    target_speedup: options.TargetSpeedup = None,
    inputs: options.Inputs = None,
    apply: Annotated[bool, typer.Option("--apply", help="Write the faster version into the file.")] = False,
    max_cost: Annotated[
        float, typer.Option(min=0.0, max=options.LARGEST, help="US dollars.", envvar="BURNISH_MAX_COST")
    ] = 1.0,
    max_tokens: Annotated[int | None, typer.Option(min=0, help="Tokens of prompts and answers.")] = None,
    max_time: Annotated[str, typer.Option(help="Such as 90s, 10m or 1h.", envvar="BURNISH_MAX_TIME")] = "10m",
    max_calls: Annotated[int, typer.Option(min=0, help="Calls of the model.", envvar="BURNISH_MAX_CALLS")] = 50,
    sandbox: options.SandboxName = "auto",
    seed: options.Seed = 0,
    json: options.Json = False,
    output: options.Output = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
) -> None:
    """Make a working Python function faster, and show that it stayed equal."""
    from burnish.agent.jobs import Ask, optimize
    from burnish.agent.runs.budget import Limits

    limits = Limits(max_cost, max_tokens, options.seconds(max_time), max_calls)
    ask = Ask(
        target=target, model=model, strategy=strategy, target_speedup=target_speedup, inputs=inputs, sandbox=sandbox,
        seed=seed, json=json, output=output, quiet=quiet, verbosity=verbose, apply=apply, limits=limits,
    )  # fmt: skip
    raise typer.Exit(optimize(ask))
