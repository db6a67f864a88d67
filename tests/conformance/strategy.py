"""What every strategy does. Use: subclass `StrategyConformance` and say `make()`."""

from __future__ import annotations

import random
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from burnish.agent.strategies.base import (
    Brief,
    Evaluate,
    Evaluated,
    Propose,
    Proposed,
    Request,
    Score,
    State,
    Strategy,
    Told,
)

MOST_ROUNDS = 2000
briefs = st.builds(
    Brief,
    original=st.just("original"),
    operators=st.lists(st.sampled_from(["whole", "search", "rule"]), min_size=1, max_size=3, unique=True).map(tuple),
    target_speedup=st.none() | st.floats(1.0, 20.0),
    max_samples=st.integers(1, 6),
)


class World:
    """Answers requests: programs are new ids, their worth is drawn from a seed of the world's own."""

    def __init__(self, seed: int, most_ratio: float, wrong: float, silent: float) -> None:
        self._rng = random.Random(seed)
        self._most_ratio, self._wrong, self._silent = most_ratio, wrong, silent
        self._seed = seed
        self.scores: dict[str, Score] = {}

    def answer(self, request: Request) -> Told:
        """What comes back; the same for the same request in whatever order they are answered."""
        rng = random.Random(f"{self._seed} {request.model_dump_json()}")
        if isinstance(request, Propose):
            count = 0 if rng.random() < self._silent else rng.randint(0, request.samples)
            names = tuple(f"{request.seed:x}-{request.operator}-{index}" for index in range(count))
            return Proposed(request=request, candidates=names, unusable=request.samples - count)
        score = self._score(rng)
        self.scores[request.candidate] = score
        return Evaluated(request=request, score=score)

    def _score(self, rng: random.Random) -> Score:
        if rng.random() < self._wrong:
            return Score(correct=False, stage=rng.choice(["static", "equal", "screen"]))
        if rng.random() < 0.1:
            return Score(correct=True, stage="equal")
        return Score(correct=True, ratio=rng.choice([1.0, rng.uniform(0.2, self._most_ratio)]), stage="screen")


worlds = st.builds(
    World,
    seed=st.integers(0, 1 << 30),
    most_ratio=st.sampled_from([1.0, 1.3, 5.0, 1e6]),
    wrong=st.sampled_from([0.0, 0.5, 0.9, 1.0]),
    silent=st.sampled_from([0.0, 0.5, 1.0]),
)


class StrategyConformance:
    """The suite."""

    def make(self) -> Strategy:
        """A new strategy."""
        raise NotImplementedError

    def rounds(self, brief: Brief, world: World, shuffled: int | None = None) -> list[State]:
        """Every state of a whole search; each one has been through JSON."""
        strategy = self.make()
        state = strategy.start(brief)
        states = [state]
        for index in range(MOST_ROUNDS):
            state = self.make().load(state.model_dump_json())
            assert state == states[-1]
            requests = strategy.ask(state, random.Random(f"seed {index}"))
            assert (requests == ()) == (state.stopped is not None)
            if not requests:
                return states
            self.check(brief, state, requests)
            answers = [world.answer(request) for request in requests]
            if shuffled is not None:
                random.Random(f"{shuffled} {index}").shuffle(answers)
            state = strategy.tell(state, answers)
            states.append(state)
        raise AssertionError(f"the search went on for {MOST_ROUNDS} rounds")

    def check(self, brief: Brief, state: State, requests: Sequence[Request]) -> None:
        """What holds for everything that is asked."""
        proposals = [each for each in requests if isinstance(each, Propose)]
        assert len({each.seed for each in proposals}) == len(proposals)
        for each in proposals:
            assert each.operator in brief.operators
            assert 1 <= each.samples <= brief.max_samples
        candidates = [each.candidate for each in requests if isinstance(each, Evaluate)]
        assert len(set(candidates)) == len(candidates)
        assert brief.original not in candidates

    def test_it_is_a_strategy(self) -> None:
        strategy = self.make()
        assert isinstance(strategy, Strategy)
        assert strategy.name.isidentifier()
        assert strategy.name == self.make().name

    def test_it_begins_with_the_original_and_nothing_found(self) -> None:
        state = self.make().start(Brief(original="original", operators=("whole",)))
        assert (state.best, state.best_score, state.finalists, state.stopped) == ("original", None, (), None)

    def test_asking_is_pure(self) -> None:
        @settings(max_examples=25, deadline=None)
        @given(briefs, worlds)
        def attempt(brief: Brief, world: World) -> None:
            for state in self.rounds(brief, world):
                before = state.model_dump_json()
                asked = [self.make().ask(state, random.Random(5)) for _ in range(2)]
                assert asked[0] == asked[1]
                assert state.model_dump_json() == before

        attempt()

    def test_every_search_ends_and_keeps_its_word(self) -> None:
        @settings(max_examples=60, deadline=None)
        @given(briefs, worlds)
        def attempt(brief: Brief, world: World) -> None:
            for state in self.rounds(brief, world):
                self.holds(brief, world, state)
            assert state.stopped

        attempt()

    def holds(self, brief: Brief, world: World, state: State) -> None:
        """What holds for every state: finalists are correct, best first, and the best is among them."""
        assert len(state.finalists) <= 3
        assert len(set(state.finalists)) == len(state.finalists)
        assert brief.original not in state.finalists
        found = [world.scores[each] for each in state.finalists]
        assert all(each.correct and each.ratio is not None and each.ratio > 1.0 for each in found)
        ratios = [each.ratio or 0.0 for each in found]
        assert ratios == sorted(ratios, reverse=True)
        if state.stopped:
            timed = [each.ratio for each in world.scores.values() if each.correct and each.ratio is not None]
            assert ratios == sorted((each for each in timed if each > 1.0), reverse=True)[:3]
        if state.finalists:
            assert state.best == state.finalists[0]
            assert state.best_score == found[0]
        else:
            assert state.best == brief.original

    def test_the_order_of_answers_does_not_matter(self) -> None:
        @settings(max_examples=30, deadline=None)
        @given(briefs, worlds, st.integers(0, 99))
        def attempt(brief: Brief, world: World, order: int) -> None:
            assert self.rounds(brief, world) == self.rounds(brief, world, shuffled=order)

        attempt()

    def test_a_wanted_speedup_ends_the_search(self) -> None:
        class Generous(World):
            def _score(self, rng: random.Random) -> Score:
                return Score(correct=True, ratio=50.0, stage="screen")

        states = self.rounds(
            Brief(original="original", operators=("whole",), target_speedup=2.0), Generous(1, 1.0, 0.0, 0.0)
        )
        assert len(states) <= 20
        assert states[-1].best != "original"
