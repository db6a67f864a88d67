"""The events of a run: what the record holds, and what every view and report is made from.

A payload says what happened, never what to show. Texts (sources, answers, profiles, requests) are named by the
SHA-256 under which the record keeps them. `docs/` is generated from these models.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from burnish.agent.models.base import Usage
from burnish.agent.result import Counterexample, Outcome


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class RunStarted(_Event):
    """First event of every run."""

    type: Literal["run_started"] = "run_started"
    command: str
    source: str
    """`PATH::NAME` as the user gave it."""
    model: str | None
    strategy: str | None
    seed: int
    version: str


class StepStarted(_Event):
    """A step of the machine begins."""

    type: Literal["step_started"] = "step_started"
    step: str
    detail: str = ""


class StepFinished(_Event):
    """The step is over; `detail` is what came of it, in a few words."""

    type: Literal["step_finished"] = "step_finished"
    step: str
    seconds: float = Field(ge=0.0)
    detail: str = ""


class InputsChosen(_Event):
    """The inputs on which programs will be compared."""

    type: Literal["inputs_chosen"] = "inputs_chosen"
    by_source: dict[str, int]
    sizes: tuple[int, int] | None
    """Smallest and largest size; None when no input was drawn for a size."""


class SelfCheck(_Event):
    """The original compared with itself."""

    type: Literal["self_check"] = "self_check"
    ok: bool
    runs: int = Field(ge=0)
    problem: str | None = None


class ProfileTaken(_Event):
    """Where the original spends its time."""

    type: Literal["profile_taken"] = "profile_taken"
    text_sha: str
    hottest_line: str | None = None


class ModelCalled(_Event):
    """A request is about to be sent; its worst case is reserved."""

    type: Literal["model_called"] = "model_called"
    operator: str
    samples: int = Field(ge=1)
    request_sha: str
    """Name of the request as `Record.put_request` stored it."""
    temperature: float
    round: int = Field(ge=0)


class ModelAnswered(_Event):
    """The answer is on disk; it is never paid for again."""

    type: Literal["model_answered"] = "model_answered"
    answer_sha: tuple[str, ...]
    """One text a sample, in the order received."""
    usage: Usage | None
    seconds: float = Field(ge=0.0)


class CandidateMade(_Event):
    """An answer became a program that was not seen before."""

    type: Literal["candidate_made"] = "candidate_made"
    candidate: str
    parent: str
    operator: str
    changed_lines: int = Field(ge=0)
    source_sha: str


class CandidateDropped(_Event):
    """An answer that no program could be made of, or one already seen."""

    type: Literal["candidate_dropped"] = "candidate_dropped"
    reason: str
    operator: str


class CandidateJudged(_Event):
    """What became of a candidate at the last stage it reached."""

    type: Literal["candidate_judged"] = "candidate_judged"
    candidate: str
    stage: Literal["static", "equal", "screen", "verdict"]
    correct: bool
    ratio: float | None = None
    """Old time over new time; an estimate unless `stage` is `verdict`."""
    ci_low: float | None = None
    problem: str = ""
    counterexample: Counterexample | None = None
    inputs: int | None = Field(default=None, ge=0)
    """Inputs it was compared on; None when not known."""


class NewBest(_Event):
    """The best candidate so far."""

    type: Literal["new_best"] = "new_best"
    candidate: str
    ratio: float | None
    ci_low: float | None = None


class BudgetUsed(_Event):
    """What the run has used up to now."""

    type: Literal["budget"] = "budget"
    calls: int = Field(ge=0)
    prompt_tokens: int = Field(ge=0)
    completion_tokens: int = Field(ge=0)
    usd: float = Field(ge=0.0)
    wall_s: float = Field(ge=0.0)


class Verdict(_Event):
    """The final program against the original, on held-out inputs."""

    type: Literal["verdict"] = "verdict"
    equal: Literal["yes", "no", "not_comparable"]
    faster: Literal["yes", "no", "no_significant_difference"] | None = None
    ratio: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    pairs: int = Field(default=0, ge=0)


class Warned(_Event):
    """Something a person should know."""

    type: Literal["warning"] = "warning"
    text: str


class RunFinished(_Event):
    """Last event of every run that came to its end."""

    type: Literal["run_finished"] = "run_finished"
    outcome: Outcome
    seconds: float = Field(ge=0.0)


Event = (
    RunStarted
    | StepStarted
    | StepFinished
    | InputsChosen
    | SelfCheck
    | ProfileTaken
    | ModelCalled
    | ModelAnswered
    | CandidateMade
    | CandidateDropped
    | CandidateJudged
    | NewBest
    | BudgetUsed
    | Verdict
    | Warned
    | RunFinished
)

_EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="type")])


class Entry(BaseModel):
    """An event as the record holds it: one line of `events.jsonl`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seq: int = Field(ge=0)
    """0 for the first event of the run, without gaps."""
    at: str
    """UTC, ISO 8601 with milliseconds."""
    event: Event = Field(discriminator="type")

    def as_json(self) -> dict[str, object]:
        """`{"seq", "at", "type", "data"}`, JSON-ready."""
        data = self.event.model_dump(mode="json")
        kind = data.pop("type")
        return {"seq": self.seq, "at": self.at, "type": kind, "data": data}

    @classmethod
    def from_json(cls, line: dict[str, object]) -> Entry:
        """The entry that `as_json` made `line` of.

        Raises:
            ValueError: it is none; pydantic's error, which is a ValueError, says where.
        """
        data = line.get("data")
        if not isinstance(data, dict) or set(line) != {"seq", "at", "type", "data"}:
            raise ValueError("not an entry: it needs exactly seq, at, type and data")
        event = _EVENT.validate_python({**data, "type": line["type"]})
        return cls.model_validate({"seq": line["seq"], "at": line["at"], "event": event})
