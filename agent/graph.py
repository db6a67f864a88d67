"""The whole machine on one screen: nodes, edges, stop conditions.

    prepare ─┬─> profile ─> search ─┬─> answer ─┐
             │                ^     │           │
             │                └─────┼───────────┘
             │                      └─> decide ─> END
             └─> END  (not comparable)

`search` tells the strategy what was answered and asks it for more; `answer` calls the model and judges. The search
stops when the strategy says so (the target is reached, or going on no longer pays), when a budget is used up, or when
too little time is left for the final verdict. The state is a few short strings that point into the append-only
record; programs, requests and results live there. LangGraph checkpoints it after every step.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypedDict

from pydantic import TypeAdapter

from burnish.agent.checkpoints import checkpointer
from burnish.agent.errors import ModelUnavailable
from burnish.agent.runs.budget import OutOfBudget
from burnish.agent.runs.events import StepFinished, StepStarted, Warned
from burnish.agent.steps.answer import judge, propose
from burnish.agent.steps.context import Run
from burnish.agent.steps.decide import decide
from burnish.agent.steps.prepare import prepare
from burnish.agent.steps.profile import profile
from burnish.agent.strategies.base import Brief, Evaluate, Propose, Request, Told

if TYPE_CHECKING:
    from langgraph.graph.state import CompiledStateGraph

VERDICT_RESERVE_S = 60.0
"""Seconds of the budget kept for the final verdict; at most a fifth of it."""
_REQUESTS: TypeAdapter[list[Request]] = TypeAdapter(list[Request])
_TOLD: TypeAdapter[list[Told]] = TypeAdapter(list[Told])


class State(TypedDict, total=False):
    """Names of texts in the record, and where the loop stands."""

    search: str
    """The strategy's state, as it was when it was asked last."""
    requests: str
    """What was asked last; empty when nothing was."""
    told: str
    """The answers to it; empty before the first."""
    round: int
    stop: str
    """Why no more is proposed; empty while the search goes on."""
    chosen: str
    """Id of the program to hand over; empty for the original."""


def run_machine(run: Run) -> str | None:
    """Run the machine to its end; the id of the program to hand over, None for the original.

    Raises:
        burnish.agent.errors.BurnishError: what ended it.
    """
    with checkpointer(run.record.folder) as saver, _untraced():
        graph = build(run, saver)
        config: Any = {"configurable": {"thread_id": run.record.run_id}}
        final = graph.invoke({"round": 0, "stop": "", "told": ""}, config, durability="sync")
    return final.get("chosen") or None


def build(run: Run, checkpointer: Any = None) -> CompiledStateGraph[State, None, State, State]:
    """The machine for one run."""
    from langgraph.graph import END, START, StateGraph

    graph = StateGraph(State)
    for name, step in STEPS.items():
        node: Any = _node(run, name, step)
        graph.add_node(name, node)
    graph.add_edge(START, "prepare")
    graph.add_conditional_edges("prepare", lambda state: END if run.problem else "profile", [END, "profile"])
    graph.add_edge("profile", "search")
    graph.add_conditional_edges(
        "search", lambda state: "answer" if state["requests"] else "decide", ["decide", "answer"]
    )
    graph.add_edge("answer", "search")
    graph.add_edge("decide", END)
    return graph.compile(checkpointer=checkpointer)


def _node(run: Run, name: str, step: Callable[[Run, State], tuple[State, str]]) -> Callable[[State], State]:
    def node(state: State) -> State:
        shown = name not in ("search", "answer")
        begun = time.monotonic()
        if shown:
            run.emit(StepStarted(step=name))
        update, detail = step(run, state)
        if shown:
            run.emit(StepFinished(step=name, seconds=time.monotonic() - begun, detail=detail))
        return update

    return node


def _prepare(run: Run, state: State) -> tuple[State, str]:
    detail = prepare(run)
    run.sandbox_s = run.budget.spent().wall_s
    return {}, detail


def _profile(run: Run, state: State) -> tuple[State, str]:
    assert run.strategy is not None and run.model is not None
    run.add(run.target.program)
    profile(run, run.target.program)
    brief = Brief(
        original=run.original,
        operators=tuple(run.operators),
        target_speedup=run.options.target_speedup if run.options.stop_at_target else None,
        max_samples=min(4, run.model.capabilities.max_samples),
    )
    return {"search": run.record.put_text(run.strategy.start(brief).model_dump_json())}, ""


def _search(run: Run, state: State) -> tuple[State, str]:
    assert run.strategy is not None
    search = run.strategy.load(run.record.get_text(state["search"]))
    number = state["round"]
    if state["told"]:
        search = run.strategy.tell(search, _TOLD.validate_json(run.record.get_text(state["told"])))
        number += 1
    stop = state["stop"] or search.stopped or ""
    requests = run.strategy.ask(search, random.Random(f"{run.options.seed} {number}"))
    if stop:
        # What was made before the search had to end is still judged.
        requests = tuple(one for one in requests if isinstance(one, Evaluate))
    if requests and run.budget.remaining_seconds() < _reserve(run):
        run.out_of_budget = stop = "the time left is needed for the verdict"
        if left := [one.candidate for one in requests if isinstance(one, Evaluate)]:
            run.emit(Warned(text=f"no time is left to judge {', '.join(left)}"))
        requests = ()
    where, asked = run.record.put_texts([search.model_dump_json(), _REQUESTS.dump_json(list(requests)).decode()])
    if requests:
        return {"search": where, "requests": asked, "round": number}, ""
    if run.failure is not None:
        if not any(one.score.correct for one in run.evaluations.values()):
            raise run.failure
        run.emit(Warned(text=f"{run.failure.message}; going on with what was found"))
    run.notes.append(f"The search ended: {stop}.")
    return {"search": where, "stop": stop, "requests": "", "round": number}, ""


def _reserve(run: Run) -> float:
    whole = run.budget.limits.max_seconds
    return VERDICT_RESERVE_S if whole is None else min(VERDICT_RESERVE_S, whole / 5)


def _answer(run: Run, state: State) -> tuple[State, str]:
    told: list[Told] = []
    stop = state["stop"]
    for request in _REQUESTS.validate_json(run.record.get_text(state["requests"])):
        try:
            told.append(_one(run, request, state["round"]))
        except OutOfBudget as error:
            run.out_of_budget = stop = error.message
            break
        except ModelUnavailable as error:
            run.failure, stop = error, error.message
            break
    return {"told": run.record.put_text(_TOLD.dump_json(told).decode()), "stop": stop}, ""


def _one(run: Run, request: Request, round_number: int) -> Told:
    """Answer one request, shown as a step of its own."""
    begun = time.monotonic()
    if isinstance(request, Propose):
        run.emit(StepStarted(step="propose", detail=f"{request.samples} samples, {request.operator}"))
        proposed = propose(run, request, round_number)
        detail = f"{len(proposed.candidates)} new, {proposed.repeated} repeated, {proposed.unusable} unusable"
        run.emit(StepFinished(step="propose", seconds=time.monotonic() - begun, detail=detail))
        return proposed
    run.emit(StepStarted(step="evaluate", detail=request.candidate))
    evaluated = judge(run, request)
    run.emit(StepFinished(step="evaluate", seconds=time.monotonic() - begun))
    return evaluated


def _decide(run: Run, state: State) -> tuple[State, str]:
    assert run.strategy is not None
    search = run.strategy.load(run.record.get_text(state["search"]))
    chosen = decide(run, search.finalists)
    return {"chosen": chosen or ""}, "" if search.finalists else "no candidate was faster"


STEPS: dict[str, Callable[[Run, State], tuple[State, str]]] = {
    "prepare": _prepare,
    "profile": _profile,
    "search": _search,
    "answer": _answer,
    "decide": _decide,
}


@contextmanager
def _untraced() -> Iterator[None]:
    """LangGraph would post its state to LangSmith where the environment, or what was read of it before, says so."""
    from langsmith import tracing_context

    with tracing_context(enabled=False):
        yield
