"""Choose the inputs, show that the original agrees with itself, and find the size it is timed at."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from burnish.agent.errors import UsageError
from burnish.agent.evaluate.trial import Trial
from burnish.agent.evaluate.workload import Workload, find_workload
from burnish.agent.runs.events import InputsChosen, SelfCheck
from burnish.agent.steps.context import Run, Target
from burnish.sandbox.equal.calls import Call
from burnish.sandbox.equal.compare import NotComparable, compare_decoded
from burnish.sandbox.equal.inputs import ENDS_S, Ends, Generator, Growth, InputSpec, NoInputs, Parameter, literal
from burnish.sandbox.equal.oracle import HASH_SEEDS, SELF_CHECKED, Oracle
from burnish.sandbox.equal.relations import length_of
from burnish.sandbox.equal.values import read, render
from burnish.sandbox.isolation.base import Limits
from burnish.sandbox.isolation.unit import Unit
from burnish.sandbox.worker import codec
from burnish.tools.attributes import module_attributes

RANDOM = 60
MUTATED = 40
MANY = 14
"""Sizes of the ladder that are compared; larger ones cost more than they tell."""
QUICK_S = 0.2
LARGEST_LITERAL = 4000
LIMITS = Limits(wall_s=2.0)


def input_spec(target: Target, given: tuple[Call, ...]) -> InputSpec:
    """What inputs of the target are made from.

    Raises:
        UsageError: nothing says what its parameters take.
    """
    parameters = [
        Parameter(one.name, one.annotation, one.default, one.kind == "keyword", one.kind == "positional_only")
        for one in target.function.parameters
        if one.kind not in ("star", "double_star")
    ]
    shown = [*given, *(Call(one.args, one.kwargs, one.origin) for one in target.examples)]
    open_ended = [one.name for one in target.function.parameters if one.kind in ("star", "double_star")]
    if open_ended and not parameters and not shown:
        raise UsageError(
            f"nothing says what {', '.join(open_ended)} may hold",
            "Add an example to the docstring, or give calls with --inputs.",
        )
    try:
        spec = InputSpec.build(parameters, shown)
    except NoInputs as error:
        raise UsageError(str(error)) from error
    notes = (f"Only examples and given calls put anything into {name}." for name in open_ended)
    return replace(spec, notes=(*spec.notes, *notes))


def choose_inputs(
    generator: Generator,
    given: tuple[Call, ...],
    sizes: list[int],
    seed: int,
    growth: Growth = (),
    ends: Ends = lambda call: True,
) -> list[Call]:
    """Distinct calls, from the most telling source to the least: given, examples, random, sized, awkward, mutated.

    `growth` is (size, seconds) of the original up the ladder, which bounds the size of what is drawn beside `sizes`.
    """
    rng = random.Random(seed)

    def all_calls() -> Iterator[Call]:
        yield from given
        yield from generator.spec.examples
        for _ in range(RANDOM):
            yield generator.random(rng)
        for size in sizes:
            yield generator.sized(size, rng)
            yield generator.sized(size, rng)
        yield from generator.large(growth, rng, ends)
        yield from generator.counted(growth, rng)
        yield from generator.awkward()
        bases = [*given, *generator.spec.examples] or [generator.random(rng) for _ in range(10)]
        for index in range(MUTATED):
            yield generator.mutate(bases[index % len(bases)], rng)

    distinct: dict[tuple[str, tuple[int | None, ...]], Call] = {}
    for call in all_calls():
        lengths = tuple(map(length_of, call.args))  # the text lacks the middle of what is long
        distinct.setdefault((literal(call, LARGEST_LITERAL), lengths), call)
    return list(distinct.values())


def _compared_sizes(work: Workload) -> list[int]:
    """Sizes up the ladder that every candidate is compared on: all that are quick, and the largest of the rest."""
    sizes = [size for size, seconds in work.growth if seconds < QUICK_S]
    return sizes if len(sizes) < MANY else [*sizes[: MANY - 1], sizes[-1]]


def prepare(run: Run) -> str:
    """Fill `run.trial`; set `run.problem` when the original is not comparable. Returns what came of it, in words.

    Raises:
        UsageError: no inputs can be made, or the module cannot be loaded.
    """
    target, options = run.target, run.options
    spec = input_spec(target, options.inputs)
    generator = Generator(spec, options.seed)
    unit = Unit(target.program.source, target.program.name, module_attributes(target.program.source))
    oracle = Oracle(run.sandbox, unit, LIMITS)
    try:
        work = find_workload(oracle, generator, options.seed)
        sizes = [0, *_compared_sizes(work)] if work else [0, 1, 2, 4, 8]
        calls = choose_inputs(
            generator, options.inputs, sizes, options.seed, work.growth if work else (),
            lambda call: oracle.observe(call, wall_s=ENDS_S).body is not None,
        )  # fmt: skip
        reference = oracle.prepare(calls, run.view.progress)
    except BaseException:
        oracle.close()
        raise
    run.emit(InputsChosen(by_source=reference.by_source, sizes=reference.sizes))
    checked = min(SELF_CHECKED, len(reference.entries)) * len(HASH_SEEDS[1:])
    run.emit(SelfCheck(ok=reference.problem is None, runs=checked, problem=reference.problem))
    rng = random.Random(options.seed)
    run.trial = Trial(oracle, target.program, reference, generator, work, rng, run.view.progress)
    run.problem = reference.problem
    if reference.cannot_load:
        raise UsageError(
            f"the target cannot be loaded in the sandbox: {reference.problem}",
            "This version runs targets on the standard library alone, each module by itself.",
        )
    run.notes += [*spec.notes, *_disagreements(run)]
    if reference.problem:
        return reference.problem
    void = f", {len(reference.void)} void" if reference.void else ""
    return f"{len(reference.entries)} inputs{void}; the original agrees with itself"


def _disagreements(run: Run) -> list[str]:
    """Stated examples that the original does not keep: the original is the oracle, but a person should know."""
    assert run.trial is not None
    found = []
    stated = {literal(Call(one.args, one.kwargs), LARGEST_LITERAL): one for one in run.target.examples}
    for entry in run.trial.reference.entries:
        example = stated.get(literal(entry.call, LARGEST_LITERAL))
        if example is None or not example.has_expected or entry.seen.raised:
            continue
        try:
            differs = compare_decoded(read(codec.encode(example.expected)), entry.seen.value)
        except NotComparable:
            continue
        if differs:
            returned = render(entry.seen.value)
            found.append(f"An example says {example.text.strip()}, but the original returns {returned}.")
    return found
