"""Best of n, then refine: its own rules."""

from __future__ import annotations

import random

import pytest

from burnish.agent.errors import UsageError
from burnish.agent.strategies.base import Brief, Evaluate, Evaluated, Propose, Proposed, Score, Strategy, Told
from burnish.agent.strategies.best_of_n_then_refine import PATIENCE, PATIENCE_AT_FIRST, BestOfNThenRefine, Refining
from burnish.agent.strategies.registry import DEFAULT, STRATEGIES, open_strategy
from conformance.strategy import StrategyConformance

BRIEF = Brief(original="original", operators=("whole", "search"), max_samples=4)


class TestBestOfNThenRefine(StrategyConformance):
    """It passes the suite."""

    def make(self) -> Strategy:
        return BestOfNThenRefine()


def play(ratios: list[float | None], brief: Brief = BRIEF) -> list[tuple[Refining, tuple[Propose, ...]]]:
    """(state, proposals asked for) of each round; each round finds one program of the ratio given, None a wrong one."""
    strategy = BestOfNThenRefine()
    state = strategy.start(brief)
    found = []
    for index, ratio in enumerate(ratios):
        asked = strategy.ask(state, random.Random(index))
        proposals = tuple(each for each in asked if isinstance(each, Propose))
        assert proposals == asked
        found.append((state, proposals))
        if not asked:
            break
        told: list[Told] = [
            Proposed(request=each, candidates=(f"c{index}",) if at == 0 else ()) for at, each in enumerate(proposals)
        ]
        state = strategy.tell(state, told)
        (evaluate,) = strategy.ask(state, random.Random(index))
        assert isinstance(evaluate, Evaluate)
        score = Score(correct=ratio is not None, ratio=ratio, stage="screen" if ratio else "equal")
        state = strategy.tell(state, [Evaluated(request=evaluate, score=score)])
    found.append((state, ()))
    return found


def test_the_first_round_samples_the_original_with_one_operator() -> None:
    (_, (first,)), *_ = play([None])
    assert (first.parent, first.operator, first.samples, first.show) == ("original", "whole", 4, ())


def test_later_rounds_refine_the_best_and_try_a_second_operator() -> None:
    rounds = play([2.0, 1.5, 1.5, 1.5])
    assert [request.operator for request in rounds[1][1]] == ["whole"]
    (whole, search) = rounds[2][1]
    assert (whole.parent, whole.operator, search.parent, search.operator) == ("c0", "whole", "c0", "search")
    assert search.samples == 2
    assert rounds[-1][0].finalists == ("c0", "c1", "c2")


def test_every_second_round_shows_the_latest_rejected() -> None:
    rounds = play([None, None, None, None])
    assert [asked[0].show for _, asked in rounds if asked] == [(), ("c0",), (), ("c1", "c2")]


def test_it_is_patient_until_something_is_found_and_then_less() -> None:
    assert len([1 for _, asked in play([None] * 50) if asked]) == PATIENCE_AT_FIRST
    assert len([1 for _, asked in play([3.0] * 50) if asked]) == 1 + PATIENCE


def test_only_a_gain_of_a_tenth_over_the_round_before_counts() -> None:
    assert play([1.5, 1.6, 1.64])[-1][0].stale == 2
    assert play([1.5, 1.7, 1.8])[-1][0].stale == 1


def test_several_small_steps_in_one_round_add_up_whichever_comes_first() -> None:
    strategy = BestOfNThenRefine()
    state = strategy.start(BRIEF)
    (request,) = strategy.ask(state, random.Random(0))
    assert isinstance(request, Propose)
    state = strategy.tell(state, [Proposed(request=request, candidates=("a", "b"))])
    asked = [each for each in strategy.ask(state, random.Random(0)) if isinstance(each, Evaluate)]
    for ratios in ((1.08, 1.15), (1.15, 1.08)):
        told = [
            Evaluated(request=each, score=Score(correct=True, ratio=ratio, stage="screen"))
            for each, ratio in zip(asked, ratios, strict=True)
        ]
        assert strategy.tell(state, told).stale == 0


def test_a_program_proposed_twice_is_judged_once() -> None:
    strategy = BestOfNThenRefine()
    state = strategy.start(BRIEF)
    (request,) = strategy.ask(state, random.Random(0))
    assert isinstance(request, Propose)
    state = strategy.tell(state, [Proposed(request=request, candidates=("a", "a"))])
    assert len(strategy.ask(state, random.Random(0))) == 1


def test_the_reason_for_stopping_is_said() -> None:
    assert play([None] * 50)[-1][0].stopped == "8 rounds brought no gain: going on no longer pays"
    wanted = BRIEF.model_copy(update={"target_speedup": 2.0})
    assert play([3.1], wanted)[-1][0].stopped == "the wanted speedup was reached"
    assert play([2.9], wanted)[-1][0].stopped is None  # a screening: the verdict might find less


def test_strategies_are_found_by_name() -> None:
    assert DEFAULT in STRATEGIES
    for name in STRATEGIES:
        assert open_strategy(name).name == name
    with pytest.raises(UsageError, match="no strategy 'x'") as caught:
        open_strategy("x")
    assert DEFAULT in caught.value.hint
