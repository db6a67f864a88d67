"""A trial, with a real sandbox: the evaluator's suite, and the verdict where the effect is far above the noise."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from burnish.agent.evaluate.base import Evaluator
from burnish.agent.evaluate.trial import Trial
from burnish.agent.evaluate.workload import Workload, find_workload
from burnish.agent.operators.base import Program
from burnish.sandbox.equal.calls import Call
from burnish.sandbox.equal.inputs import Generator, InputSpec, Parameter
from burnish.sandbox.equal.oracle import Oracle
from burnish.sandbox.isolation.base import MIB, Limits
from burnish.sandbox.isolation.bubblewrap import BubblewrapSandbox
from burnish.sandbox.isolation.unit import Unit
from conformance.evaluator import FAST, ORIGINAL, EvaluatorConformance

pytestmark = pytest.mark.sandbox
LIMITS = Limits(wall_s=1.0, memory_bytes=512 * MIB, processes=16, result_bytes=32 * MIB)
SHOWN = [[3, 1, 3], [], [2, 2], [5, 4, 3, 2, 1]]


def make(source: str, *, timed: bool) -> Trial:
    """A trial of the function `f` of `source`, which takes a list of ints."""
    sandbox = BubblewrapSandbox()
    oracle = Oracle(sandbox, Unit(source, "f"), LIMITS)
    generator = Generator(InputSpec.build([Parameter("xs", "list[int]")], [Call((each,)) for each in SHOWN]), 0)
    rng = random.Random(0)
    work = find_workload(oracle, generator, 0) if timed else None
    calls = [Call((each,), source="examples") for each in SHOWN]
    reference = oracle.prepare([*calls, *(generator.random(rng) for _ in range(8))])
    assert reference.problem is None
    return Trial(oracle, Program(source, "f"), reference, generator, work, rng)


class TestTrial(EvaluatorConformance):
    """It passes the suite."""

    def make(self) -> Evaluator:
        return make(ORIGINAL, timed=False)


@pytest.fixture(scope="module")
def trial() -> Iterator[Trial]:
    made = make(ORIGINAL, timed=True)
    yield made
    made.close()
    made.oracle.sandbox.close()


def work_of(trial: Trial) -> Workload:
    assert trial.workload is not None
    return trial.workload


def test_the_workload_fills_its_window_and_shows_growth(trial: Trial) -> None:
    work = work_of(trial)
    assert work.batch == 1
    assert 0.004 < work.seconds < 0.2
    assert [size for size, _ in work.growth] == [1 << step for step in range(len(work.growth))]
    assert 0.0 <= work.transport < 1.0
    drawn = work.draw(random.Random(1))
    assert [len(args[0]) for args, _ in drawn] == [work.size]
    assert drawn == work.draw(random.Random(1)) != work.draw(random.Random(2))


def test_a_great_gain_is_screened_and_shown(trial: Trial) -> None:
    found = trial.evaluate(Program(FAST, "f"))
    assert found.score.correct
    assert found.score.stage == "screen"
    assert found.score.ratio is not None
    assert found.score.ratio > 2
    finding = trial.verdict(Program(FAST, "f"), 1.5)
    assert (finding.faster, finding.equal.equal, finding.moved) == ("yes", True, False)
    assert finding.speed.ci_low is not None
    assert finding.speed.ratio is not None
    assert 1.5 < finding.speed.ci_low <= finding.speed.ratio
    assert finding.speed.held_out
    assert finding.equal.compared > len(trial.reference.entries) - 1
    assert finding.timings


def test_the_same_program_is_not_faster(trial: Trial) -> None:
    finding = replace(trial, generator=None).verdict(Program(ORIGINAL, "f"), 3.0)
    assert finding.faster != "yes"
    assert finding.equal.equal


def test_a_program_wrong_only_on_timed_inputs_is_lost(trial: Trial) -> None:
    few = replace(trial, generator=None, reference=replace(trial.reference, entries=trial.reference.entries[:4]))
    wrong = FAST.replace("return", "if len(xs) > 60: return xs\n    return")
    found = few.evaluate(Program(wrong, "f"))
    assert not found.score.correct
    assert found.score.stage == "screen"
    assert "different on an input of size" in found.problem
    assert few.verdict(Program(wrong, "f"), 1.5).faster == "no"


IN_PLACE = "def f(xs: list[int]) -> None:\n    for i in range(len(xs)):\n        xs[i:] = sorted(xs[i:])\n"


def test_work_left_undone_on_the_arguments_of_timed_inputs_is_lost() -> None:
    made = make(IN_PLACE, timed=True)
    try:
        entries = [entry for entry in made.reference.entries if entry.call.size < 9]
        few = replace(made, generator=None, reference=replace(made.reference, entries=entries))
        wrong = "def f(xs: list[int]) -> None:\n    if len(xs) < 60:\n        xs.sort()\n"
        assert few.evaluate(Program("def f(xs: list[int]) -> None:\n    xs.sort()\n", "f")).score.correct
        found = few.evaluate(Program(wrong, "f"))
        assert (found.score.correct, found.score.stage) == (False, "screen")
    finally:
        made.close()
        made.oracle.sandbox.close()


def test_a_larger_input_that_only_the_original_can_take_is_lost(trial: Trial) -> None:
    largest = work_of(trial).growth[-1][0]
    endless = FAST.replace("return", f"while len(xs) >= {largest}: pass\n    return")
    finding = replace(trial, reference=replace(trial.reference, entries=trial.reference.entries[:4])).verdict(
        Program(endless, "f"), 1.5
    )
    assert finding.faster == "no"


@pytest.mark.parametrize(
    ("new", "words"),
    [
        (FAST.replace("xs: list[int]", "values: list[int]").replace("xs", "values"), "signature"),
        (FAST.replace("return", "if f.__class__: {}.__class__.__base__.__subclasses__()\n    return"), "uses"),
    ],
)
def test_what_no_input_shows_is_told(trial: Trial, new: str, words: str) -> None:
    finding = trial.verdict(Program(new, "f"), 1.5)
    assert (finding.equal.equal, finding.faster) == (False, "no")
    assert words in finding.notes[0]


def test_a_memo_without_bound_is_equal_and_not_faster(trial: Trial) -> None:
    kept = "MEMO = {}\n\n\n" + FAST.replace("return", "MEMO[len(xs)] = 1\n    return")
    finding = trial.verdict(Program(kept, "f"), 1.5)
    assert (finding.equal.equal, finding.faster, finding.moved) == (True, "no", True)
    assert any("MEMO" in note for note in finding.notes)


def test_a_thread_left_running_voids_the_timing(trial: Trial) -> None:
    wrong = "import threading, time\n" + FAST.replace(
        "return", "threading.Thread(target=time.sleep, args=(9,), daemon=True).start()\n    return"
    )
    with pytest.raises(Exception, match="threads or processes"):
        trial.screen(trial.unit(Program(wrong, "f")), work_of(trial))


COSTLY = """\
def f(xs: list[int]) -> list[int]:
    table = [sum(range(n % 97)) for n in range(30000)]
    return [table[x % 30000] for x in xs]
"""
MOVED = """\
TABLE = [sum(range(n % 97)) for n in range(30000)]


def f(xs: list[int]) -> list[int]:
    return [TABLE[x % 30000] for x in xs]
"""


def test_work_moved_to_import_is_not_saved() -> None:
    trial = replace(make(COSTLY, timed=True), generator=None)
    try:
        finding = trial.verdict(Program(MOVED, "f"), 1.5)
    finally:
        trial.close()
        trial.oracle.sandbox.close()
    assert finding.equal.equal
    assert finding.speed.ratio is not None
    assert finding.speed.ratio > 1.5
    assert (finding.faster, finding.moved) == ("no", True)
    assert any("moved" in note for note in finding.notes)
