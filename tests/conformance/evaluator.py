"""What every evaluator does. Use: subclass `EvaluatorConformance` and say `make()`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from burnish.agent.evaluate.base import Evaluation, Evaluator
from burnish.agent.operators.base import Program

ORIGINAL = """\
def f(xs: list[int]) -> list[int]:
    out = []
    for x in xs:
        if x not in out:
            out.append(x)
    return out
"""
SIGNATURE = "def f(xs: list[int]) -> list[int]:\n"
FAST = SIGNATURE + "    return list(dict.fromkeys(xs))\n"

HOSTILE = {
    "nothing": "",
    "no Python": "def f(xs: list[int]) -> list[int]:\n    return [",
    "null": "\0",
    "lone surrogate": ORIGINAL + "# \ud800\n",
    "another name": ORIGINAL.replace("def f", "def g"),
    "endless": SIGNATURE + "    while True:\n        pass\n",
    "exits": "import sys\n" + SIGNATURE + "    sys.exit(0)\n",
    "exits when loaded": "import sys\nsys.exit(0)\n" + ORIGINAL,
    "raises when loaded": "1 / 0\n" + ORIGINAL,
    "endless when loaded": "while True:\n    pass\n" + ORIGINAL,
    "no function after all": ORIGINAL + "del f\n",
    "not a function after all": ORIGINAL + "f = 3\n",
    "recursion": SIGNATURE + "    return f(xs)\n",
    "huge result": SIGNATURE + "    return [0] * (1 << 28)\n",
    "deep result": SIGNATURE + "    out = []\n    for _ in range(100000):\n        out = [out]\n    return out\n",
    "result that holds itself": SIGNATURE + "    out = []\n    out.append(out)\n    return out\n",
    "hidden result": SIGNATURE + "    return lambda: 0\n",
    "huge text": SIGNATURE + "    return [\n" + "        1,\n" * 20_000 + "    ]\n",
    "deep text": SIGNATURE + "    return " + "(" * 5000 + ")" * 5000 + "\n",
    "long number": SIGNATURE + "    return " + "9" * 6000 + "\n",
    "lies": "class L(list):\n    __eq__ = lambda a, b: True\n" + SIGNATURE + "    return L()\n",
    "throws BaseException": SIGNATURE + "    raise BaseException('x')\n",
    "awkward exception": (
        "class E(Exception):\n    def __str__(self): raise self\n    __repr__ = __str__\n" + SIGNATURE + "    raise E\n"
    ),
}  # fmt: skip


class EvaluatorConformance:
    """The suite; the evaluator judges against `ORIGINAL`."""

    def make(self) -> Evaluator:
        """A new evaluator, which may take its time: one is made for all tests."""
        raise NotImplementedError

    @pytest.fixture(scope="class")
    @classmethod
    def evaluator(cls) -> Iterator[Evaluator]:
        made = cls().make()
        yield made
        made.close()
        made.close()

    def check(self, found: Evaluation) -> None:
        """The parts of a score go together."""
        score = found.score
        assert score.changed_lines >= 0
        assert score.stage in ("static", "equal", "screen", "verdict")
        if score.correct:
            assert (found.problem, found.counterexample) == ("", None)
            assert score.stage != "static"
        else:
            assert found.problem
            assert score.ratio is None
        if score.ratio is not None:
            assert score.stage in ("screen", "verdict")
            assert score.ratio > 0
        if found.counterexample is not None:
            assert score.stage == "equal"
            assert found.counterexample.difference in found.problem

    def test_it_is_an_evaluator(self, evaluator: Evaluator) -> None:
        assert isinstance(evaluator, Evaluator)

    @pytest.mark.parametrize("name", HOSTILE)
    def test_whatever_a_candidate_does_is_a_score(self, evaluator: Evaluator, name: str) -> None:
        found = evaluator.evaluate(Program(HOSTILE[name], "f"))
        self.check(found)
        assert not found.score.correct
        found.problem.encode("utf-8", "backslashreplace")

    def test_the_original_is_correct_and_unchanged(self, evaluator: Evaluator) -> None:
        found = evaluator.evaluate(Program(ORIGINAL, "f"))
        self.check(found)
        assert found.score.correct
        assert found.score.changed_lines == 0

    def test_a_better_program_is_correct_and_its_lines_are_counted(self, evaluator: Evaluator) -> None:
        found = evaluator.evaluate(Program(FAST, "f"))
        self.check(found)
        assert found.score.correct
        assert found.score.changed_lines > 0

    def test_a_wrong_program_comes_with_a_counterexample(self, evaluator: Evaluator) -> None:
        found = evaluator.evaluate(Program(SIGNATURE + "    return sorted(set(xs))\n", "f"))
        self.check(found)
        assert not found.score.correct
        assert found.counterexample is not None
        assert found.counterexample.input in found.problem
