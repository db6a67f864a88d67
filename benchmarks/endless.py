"""A search without an end, and a view that keeps only processor times: for measuring Burnish itself."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from pathlib import Path

from burnish.agent.result import Result
from burnish.agent.runs.events import Entry, StepFinished, StepStarted
from burnish.agent.strategies.base import Brief, Evaluate, Propose, Proposed, Request, State, Told


class Searching(State):
    """Where the search stands."""

    pending: tuple[str, ...] = ()
    calls: int = 0


class Endless:
    """One sample a round, and a judgement of it, until there were `calls` of the model."""

    name = "endless"

    def __init__(self, calls: int) -> None:
        self._calls = calls

    def start(self, brief: Brief) -> Searching:
        return Searching(brief=brief, best=brief.original)

    def load(self, data: str) -> Searching:
        return Searching.model_validate_json(data)

    def ask(self, state: State, rng: random.Random) -> tuple[Request, ...]:
        assert isinstance(state, Searching)
        if state.stopped:
            return ()
        if state.pending:
            return tuple(Evaluate(candidate=one, parent=state.best) for one in state.pending)
        seed = rng.randrange(1 << 31)
        operator = state.brief.operators[0]
        return (Propose(parent=state.best, operator=operator, samples=1, temperature=1.0, seed=seed),)

    def tell(self, state: State, results: Sequence[Told]) -> Searching:
        assert isinstance(state, Searching)
        proposed = [told for told in results if isinstance(told, Proposed)]
        pending = tuple(candidate for told in proposed for candidate in told.candidates)
        calls = state.calls + len(proposed)
        stopped = "enough calls" if calls >= self._calls and not pending else None
        return state.model_copy(update={"pending": pending, "calls": calls, "stopped": stopped})


class CpuView:
    """Sums the processor time of this process by step."""

    def __init__(self) -> None:
        self.cpu_s: dict[str, float] = {}
        self._begun = 0.0

    def show(self, entry: Entry) -> None:
        if isinstance(entry.event, StepStarted):
            self._begun = time.process_time()
        elif isinstance(entry.event, StepFinished):
            spent = self.cpu_s.get(entry.event.step, 0.0)
            self.cpu_s[entry.event.step] = spent + time.process_time() - self._begun

    def progress(self, done: int, of: int) -> None:
        """Nothing is shown."""

    def finish(self, result: Result, files: Sequence[Path] = ()) -> None:
        """Nothing is shown."""

    def close(self) -> None:
        """Nothing is held."""
