"""A small task with a good, a wrong and a useless answer, and models that give them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from burnish.agent.config import runs_dir
from burnish.agent.models.base import ModelRequest
from burnish.agent.models.scripted import ScriptedModel
from burnish.agent.result import Result
from burnish.agent.runs.events import Event
from burnish.agent.runs.record import Record

SLOW = '''"""Counts."""

LIMIT = 3


def pairs(items: list[int]) -> int:
    """Equal pairs.

    >>> pairs([1, 1])
    1
    """
    count = 0
    for i in range(len(items)):
        for j in range(i):
            if items[i] == items[j]:
                count += 1
    return count
'''

_HEAD = SLOW[: SLOW.index("def pairs")]

FAST_MODULE = (
    _HEAD
    + """def pairs(items: list[int]) -> int:
    seen: dict[int, int] = {}
    count = 0
    for item in items:
        have = seen.get(item, 0)
        count += have
        seen[item] = have + 1
    return count
"""
)

FAST = FAST_MODULE.removeprefix(_HEAD)
"""The function alone, as models answer."""

WRONG = """def pairs(items: list[int]) -> int:
    return len(items) - len(set(items))
"""


def fenced(code: str) -> str:
    """`code` as models answer with it."""
    return f"```python\n{code}```\n"


def always(*texts: str) -> ScriptedModel:
    """A model whose answers to every request are `texts`, the last one repeated."""
    return by_call(lambda number: texts)


def by_call(answers: Callable[[int], Sequence[str]]) -> ScriptedModel:
    """A model that answers its nth request, from 1 on, with `answers(n)`, the last one repeated."""
    calls: list[ModelRequest] = []

    def answer(request: ModelRequest) -> list[str]:
        calls.append(request)
        texts = list(answers(len(calls)))
        return (texts + texts[-1:] * request.samples)[: request.samples]

    return ScriptedModel(answer)


def write_slow(folder: Path) -> Path:
    """A file with the slow function in `folder`."""
    path = folder / "slow.py"
    path.write_text(SLOW)
    return path


def without_override() -> list[str]:
    """What makes file modes bind the superuser as they bind everybody."""
    if os.geteuid():
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("the superuser may write everywhere, and setpriv is not there to change that")
    lost = "-dac_override,-dac_read_search"
    return ["setpriv", f"--bounding-set={lost}", f"--inh-caps={lost}"]


def last_run() -> tuple[Path, Result, list[Event]]:
    """Folder, result and events of the newest run."""
    folder = max(runs_dir().iterdir(), key=lambda path: (path.name[:15], path.stat().st_mtime_ns))
    with Record.open(folder.name) as record:
        result = record.result()
        assert result is not None
        return folder, result, [entry.event for entry in record.events()]
