"""What a run holds while it goes on. The graph's state holds none of it: it can be made anew from the record."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from burnish.agent.errors import ModelUnavailable
from burnish.agent.evaluate.base import Evaluation
from burnish.agent.evaluate.trial import Finding, Trial
from burnish.agent.models.base import Model
from burnish.agent.operators.base import Operator, Program
from burnish.agent.runs.budget import Budget
from burnish.agent.runs.events import Event
from burnish.agent.runs.record import Record
from burnish.agent.strategies.base import Strategy
from burnish.agent.view import View
from burnish.sandbox.equal.calls import Call
from burnish.sandbox.isolation.base import Sandbox
from burnish.tools.examples import Example
from burnish.tools.python_source import FunctionTarget


@dataclass(frozen=True)
class Target:
    """What is to be made faster, as read; nothing of it was run."""

    path: Path
    function: FunctionTarget
    examples: tuple[Example, ...]

    @property
    def source(self) -> str:
        """`PATH::NAME`."""
        return f"{self.path}::{self.function.name}"

    @property
    def program(self) -> Program:
        """The original."""
        return Program(self.function.module_source, self.function.name)


@dataclass(frozen=True)
class Options:
    """What the user asked for."""

    target_speedup: float = 1.05
    stop_at_target: bool = False
    """End the search once the target seems reached; else it goes on for as long as that pays."""
    seed: int = 0
    inputs: tuple[Call, ...] = ()
    """From `--inputs`."""


@dataclass
class Run:
    """One run of `optimize` or `judge`."""

    command: str
    target: Target
    options: Options
    record: Record
    view: View
    budget: Budget
    sandbox: Sandbox
    model: Model | None = None
    strategy: Strategy | None = None
    operators: Mapping[str, Operator] = field(default_factory=dict)
    trial: Trial | None = None
    problem: str | None = None
    """Why the original is not comparable."""
    programs: dict[str, Program] = field(default_factory=dict)
    """Every distinct program of the run, by id."""
    evaluations: dict[str, Evaluation] = field(default_factory=dict)
    profiles: dict[str, str] = field(default_factory=dict)
    findings: dict[str, Finding] = field(default_factory=dict)
    out_of_budget: str | None = None
    failure: ModelUnavailable | None = None
    """Why the model answers no more."""
    notes: list[str] = field(default_factory=list)
    model_s: float = 0.0
    sandbox_s: float = 0.0

    def emit(self, event: Event) -> None:
        """Record an event, then show it."""
        self.view.show(self.record.append(event))

    def add(self, program: Program) -> tuple[str, bool]:
        """The program's id, and whether it is new."""
        name = program_id(program)
        new = name not in self.programs
        self.programs.setdefault(name, program)
        return name, new

    @property
    def original(self) -> str:
        """Id of the original."""
        return program_id(self.target.program)

    def close(self) -> None:
        """End every process of the run and close its files. May be called twice."""
        if self.trial is not None:
            self.trial.close()
        self.sandbox.close()
        if self.model is not None:
            self.model.close()
        self.view.close()
        self.record.close()


def program_id(program: Program) -> str:
    """First 12 hexadecimal digits of the SHA-256 of the source."""
    return hashlib.sha256(program.source.encode("utf-8", "surrogatepass")).hexdigest()[:12]
