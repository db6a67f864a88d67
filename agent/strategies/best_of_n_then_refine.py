"""Sample several versions of the original; then refine the best one for as long as that pays.

Best-of-n start and refinement of that one program: "Generating Symbolic World Models via Test-time Scaling". Fresh
first prompts instead of growing conversations: "The First Prompt Counts the Most", "Atom of Thoughts": a prompt holds
the current program and the latest problems, never the history.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from burnish.agent.strategies.base import Brief, Evaluate, Evaluated, Propose, Proposed, Request, Score, State, Told

PATIENCE = 2
"""Rounds without a gain after which a search that has found something ends."""
PATIENCE_AT_FIRST = 8
"""The same while nothing has been found."""
GAIN = 1.1
"""Factor by which a round has to improve on the best to count as a gain."""
_TEMPERATURES = (0.4, 0.8, 1.0)
MARGIN = 1.5
"""The search ends when the best seems to exceed the target by this factor: a screening is an estimate from a few pairs,
and one that had just reached the target was seen to miss it in the verdict."""
_SHOWN = 2
_OTHERS_EVERY = 3
"""Every so many rounds another operator is tried beside the first."""
_FINALISTS = 3


class Refining(State):
    """The search, between two asks."""

    round: int = 0
    stale: int = 0
    pending: tuple[tuple[str, str], ...] = ()
    """(candidate, parent) still to be judged."""
    rejected: tuple[str, ...] = ()
    """Latest candidates that failed, newest last."""
    ratios: tuple[tuple[str, float], ...] = ()
    """(id, ratio) of the finalists."""
    bar: float = 1.0
    """Ratio of the best when the round under way began."""


class BestOfNThenRefine:
    """See the module."""

    name = "best_of_n_then_refine"

    def start(self, brief: Brief) -> Refining:
        return Refining(brief=brief, best=brief.original)

    def load(self, data: str) -> Refining:
        return Refining.model_validate_json(data)

    def ask(self, state: State, rng: random.Random) -> tuple[Request, ...]:
        assert isinstance(state, Refining)
        if state.stopped is not None:
            return ()
        if state.pending:
            return tuple(Evaluate(candidate=candidate, parent=parent) for candidate, parent in state.pending)
        operators = state.brief.operators
        show = state.rejected[-_SHOWN:] if state.round % 2 else ()
        requests = [self._propose(state, operators[0], state.brief.max_samples, show, rng)]
        if state.round % _OTHERS_EVERY == _OTHERS_EVERY - 1 and len(operators) > 1:
            other = operators[1 + state.round // _OTHERS_EVERY % (len(operators) - 1)]
            requests.append(self._propose(state, other, max(1, state.brief.max_samples // 2), (), rng))
        return tuple(requests)

    def _propose(
        self, state: Refining, operator: str, samples: int, show: tuple[str, ...], rng: random.Random
    ) -> Propose:
        temperature = _TEMPERATURES[state.round % len(_TEMPERATURES)]
        seed = rng.randrange(1 << 31)
        return Propose(
            parent=state.best, operator=operator, samples=samples, temperature=temperature, seed=seed, show=show
        )

    def tell(self, state: State, results: Sequence[Told]) -> Refining:
        assert isinstance(state, Refining)
        for result in sorted(results, key=_order):
            state = self._proposed(state, result) if isinstance(result, Proposed) else self._judged(state, result)
        if state.pending:
            return state
        reached = _ratio(state.best_score)
        stale = 0 if reached > state.bar * GAIN else state.stale + 1
        state = state.model_copy(update={"round": state.round + 1, "stale": stale, "bar": reached})
        return state.model_copy(update={"stopped": self._stop(state)})

    def _proposed(self, state: Refining, told: Proposed) -> Refining:
        known = {candidate for candidate, _ in state.pending}
        new = tuple((one, told.request.parent) for one in dict.fromkeys(told.candidates) if one not in known)
        return state.model_copy(update={"pending": state.pending + new})

    def _judged(self, state: Refining, told: Evaluated) -> Refining:
        candidate, score = told.request.candidate, told.score
        update: dict[str, object] = {"pending": tuple(pair for pair in state.pending if pair[0] != candidate)}
        if not score.correct or score.ratio is None:
            update["rejected"] = (*state.rejected, candidate)[-8:]
            return state.model_copy(update=update)
        if score.ratio > 1.0:
            ranked = sorted([*state.ratios, (candidate, score.ratio)], key=lambda pair: (-pair[1], pair[0]))
            update["ratios"] = tuple(ranked[:_FINALISTS])
            update["finalists"] = tuple(one for one, _ in ranked[:_FINALISTS])
        if score.ratio > _ratio(state.best_score):
            update |= {"best": candidate, "best_score": score}
        return state.model_copy(update=update)

    def _stop(self, state: Refining) -> str | None:
        target = state.brief.target_speedup
        if target is not None and _ratio(state.best_score) >= target * MARGIN:
            return "the wanted speedup was reached"
        if state.stale >= (PATIENCE if state.finalists else PATIENCE_AT_FIRST):
            return f"{state.stale} rounds brought no gain: going on no longer pays"
        return None


def _order(result: Told) -> tuple[str, str]:
    """What is found must not depend on which answer came first."""
    if isinstance(result, Evaluated):
        return "", result.request.candidate
    return result.request.model_dump_json(), " ".join(result.candidates)


def _ratio(score: Score | None) -> float:
    return 1.0 if score is None or score.ratio is None else score.ratio
