"""The result of a command: the last JSON line, `result.json`, and what every report is made from.

Absent knowledge is None, never 0 or 1. `ratio` is old time over new time: above 1 is faster.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Outcome = Literal["met", "correct", "abstained", "out_of_budget", "error", "waiting", "interrupted"]

EXIT_CODES: dict[Outcome, int] = {
    "met": 0,
    "correct": 1,
    "abstained": 1,
    "out_of_budget": 5,
    "error": 2,
    "waiting": 6,
    "interrupted": 130,
}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Task(_Part):
    """What was worked on."""

    name: str
    language: str = "python"
    unit: Literal["function"] = "function"
    source: str
    """`PATH::NAME` as the user gave it."""


class ProgramOut(_Part):
    """The program handed over."""

    path: str | None
    """Where it lies in the output folder; None when there is nothing to hand over."""
    sha256: str | None
    patch: str | None
    """Unified diff against the original; None when it is the original."""


class Origins(_Part):
    """Tests by where they came from."""

    examples: int = 0
    existing: int = 0
    original: int = 0
    generated: int = 0
    property: int = 0


class Tests(_Part):
    """Tests of the final program. `binding` ones decide."""

    total: int = 0
    passed: int = 0
    binding: int = 0
    by_origin: Origins = Field(default_factory=Origins)


class Mutants(_Part):
    """Mutants of the original, and how many of them the inputs told apart from it."""

    total: int = 0
    killed: int = 0


class Correctness(_Part):
    """What the word "equal" rests on."""

    tests: Tests = Field(default_factory=Tests)
    inputs_compared: int = 0
    inputs_void: int = 0
    """Inputs on which the original could not finish; they are not compared."""
    inputs_by_source: dict[str, int] = Field(default_factory=dict)
    sizes: tuple[int, int] | None = None
    """Smallest and largest size compared."""
    mutants: Mutants | None = None
    counterexamples: int = 0
    """Candidates that an input told apart from the original."""
    confidence: float | None = None
    policy: list[str] = Field(default_factory=list)
    """Relaxations the user asked for."""


class Speed(_Part):
    """What the word "faster" rests on; times are of the final program against the original."""

    baseline: Literal["given", "reference", "first_correct"] = "given"
    target: float | None = None
    ratio: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    alpha: float | None = None
    pairs: int = 0
    held_out: bool = False
    cpu_ratio: float | None = None
    peak_memory_ratio: float | None = None
    cost_ratio: float | None = None
    exponent_before: float | None = None
    exponent_after: float | None = None


class Spent(_Part):
    """What the run used."""

    calls: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    usd: float = 0.0
    wall_s: float = 0.0
    model_s: float = 0.0
    sandbox_s: float = 0.0
    waiting_s: float = 0.0


class Machine(_Part):
    """Read inside the target environment."""

    cpu: str
    cores: int
    python: str


class Counterexample(_Part):
    """An input on which the two programs differ; texts are Python literals, shortened."""

    input: str
    old: str
    new: str
    difference: str


class Result(_Part):
    """Result of `optimize` and `judge`, as published in `docs/result.schema.json`."""

    result_schema: Literal[1] = Field(default=1, alias="schema")
    burnish_version: str
    run_id: str
    command: Literal["optimize", "judge"]
    outcome: Outcome
    task: Task
    program: ProgramOut
    correctness: Correctness = Field(default_factory=Correctness)
    speed: Speed = Field(default_factory=Speed)
    budget: Spent = Field(default_factory=Spent)
    model: str | None = None
    strategy: str | None = None
    sandbox: str
    image: str | None = None
    seed: int = 0
    machine: Machine | None = None
    notes: list[str] = Field(default_factory=list)
    equal: Literal["yes", "no", "not_comparable"] | None = None
    """`judge` only."""
    counterexample: Counterexample | None = None
    faster: Literal["yes", "no", "no_significant_difference"] | None = None
    """`judge` only."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    def as_json(self) -> dict[str, Any]:
        """JSON-ready, keys named as on disk."""
        return self.model_dump(mode="json", by_alias=True)
