"""A small task with a good, a wrong and a useless answer, and a driver for runs in a process of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from burnish.agent.models.base import ModelRequest
from burnish.agent.models.scripted import ScriptedModel

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

FAST = """def pairs(items: list[int]) -> int:
    seen: dict[int, int] = {}
    count = 0
    for item in items:
        have = seen.get(item, 0)
        count += have
        seen[item] = have + 1
    return count
"""

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
