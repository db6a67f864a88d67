"""Only the newest checkpoint is kept, and it is enough to go on from."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, TypedDict

import pytest

from burnish.agent.checkpoints import CHECKPOINTS, checkpointer


class Counting(TypedDict):
    count: int


def machine(saver: Any, fail_at: list[int], seen: list[int]) -> Any:
    from langgraph.graph import END, START, StateGraph

    def step(state: Counting) -> Counting:
        if state["count"] in fail_at:
            fail_at.remove(state["count"])
            raise RuntimeError("disturbed")
        seen.append(state["count"])
        return {"count": state["count"] + 1}

    graph = StateGraph(Counting)
    node: Any = step
    graph.add_node("step", node)
    graph.add_edge(START, "step")
    graph.add_conditional_edges("step", lambda state: "step" if state["count"] < 30 else END, ["step", END])
    return graph.compile(checkpointer=saver)


def rows(folder: Path) -> tuple[int, int]:
    with sqlite3.connect(folder / CHECKPOINTS) as connection:
        one, other = (
            connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in ("checkpoints", "writes")
        )
    return one, other


def test_a_long_run_leaves_one_checkpoint(tmp_path: Path) -> None:
    config = {"configurable": {"thread_id": "run"}, "recursion_limit": 100}
    with checkpointer(tmp_path) as saver:
        final = machine(saver, [], []).invoke({"count": 0}, config, durability="sync")
    assert final["count"] == 30
    checkpoints, writes = rows(tmp_path)
    assert checkpoints == 1
    assert writes < 10


def test_a_run_goes_on_from_the_newest_checkpoint_in_another_process_s_place(tmp_path: Path) -> None:
    config = {"configurable": {"thread_id": "run"}, "recursion_limit": 100}
    seen: list[int] = []
    with checkpointer(tmp_path) as saver, pytest.raises(RuntimeError, match="disturbed"):
        machine(saver, [12], seen).invoke({"count": 0}, config, durability="sync")
    with checkpointer(tmp_path) as saver:
        final = machine(saver, [], seen).invoke(None, config, durability="sync")
    assert final["count"] == 30
    assert seen == list(range(30)), "no step is repeated, none is left out"


def test_two_runs_in_one_file_keep_their_own(tmp_path: Path) -> None:
    with checkpointer(tmp_path) as saver:
        for name in ("a", "b"):
            config = {"configurable": {"thread_id": name}, "recursion_limit": 100}
            machine(saver, [], []).invoke({"count": 25}, config, durability="sync")
    assert rows(tmp_path)[0] == 2
