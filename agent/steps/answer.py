"""Answer what a strategy asks: a call of the model, or a judgement of a candidate."""

from __future__ import annotations

import time

from burnish.agent.models.base import ModelRequest
from burnish.agent.operators.base import Attempt, EditContext, Operator, Program
from burnish.agent.runs.events import (
    BudgetUsed,
    CandidateDropped,
    CandidateJudged,
    CandidateMade,
    ModelAnswered,
    ModelCalled,
    NewBest,
)
from burnish.agent.steps.context import Run
from burnish.agent.steps.profile import profile
from burnish.agent.strategies.base import Evaluate, Evaluated, Propose, Proposed
from burnish.tools.diff import changed_lines
from burnish.tools.errors import EditError
from burnish.tools.hints import static_hints
from burnish.tools.python_source import read_function, without_docstring

_LEAST_ANSWER = 400
_LARGEST_ANSWER = 1600
_DOLLARS_PER_LOCAL_CALL = 0.0


def propose(run: Run, request: Propose, round_number: int) -> Proposed:
    """Call the model through the operator and make candidates of its answers.

    Raises:
        burnish.agent.runs.budget.OutOfBudget: the worst case of the call would pass a cap.
        burnish.agent.errors.ModelUnavailable: the model cannot be used.
    """
    operator, parent = run.operators[request.operator], run.programs[request.parent]
    question = _question(run, request, operator, parent)
    assert run.model is not None
    bound = run.model.prompt_bound(question)
    reservation = run.budget.reserve(bound, question.samples * question.max_tokens, _DOLLARS_PER_LOCAL_CALL)
    with reservation:
        run.emit(
            ModelCalled(
                operator=operator.name,
                samples=question.samples,
                request_sha=run.record.put_request(question),
                temperature=question.temperature,
                round=round_number,
            )
        )
        answer = run.model.complete(question)
        run.model_s += answer.seconds
        shas = run.record.put_texts([sample.text for sample in answer.samples])
        run.emit(ModelAnswered(answer_sha=shas, usage=answer.usage, seconds=answer.seconds))
        reservation.settle(answer.usage, _DOLLARS_PER_LOCAL_CALL)
    _show_budget(run)
    made: list[str] = []
    unusable = repeated = 0
    for sample in answer.samples:
        try:
            program = operator.apply(sample.text, parent)
        except EditError as error:
            unusable += 1
            run.emit(CandidateDropped(reason=str(error), operator=operator.name))
            continue
        name, new = run.add(program)
        if not new:
            repeated += 1
            run.emit(CandidateDropped(reason="the same program as one before", operator=operator.name))
            continue
        made.append(name)
        lines = changed_lines(run.target.program.source, program.source)
        sha = run.record.put_text(program.source)
        run.emit(
            CandidateMade(
                candidate=name, parent=request.parent, operator=operator.name, changed_lines=lines, source_sha=sha
            )
        )
    return Proposed(request=request, candidates=tuple(made), unusable=unusable, repeated=repeated)


def _question(run: Run, request: Propose, operator: Operator, parent: Program) -> ModelRequest:
    target = read_function(parent.source, parent.name)
    attempts = tuple(
        Attempt(without_docstring(read_function(run.programs[name].source, parent.name)), run.evaluations[name].problem)
        for name in request.show
        if run.evaluations[name].problem
    )
    best = run.evaluations.get(request.parent)
    context = EditContext(
        program=parent,
        profile=profile(run, parent),
        speedup=(best.score.ratio if best else None) or 1.0,
        attempts=attempts,
        hints=static_hints(target),
    )
    longest = min(_LARGEST_ANSWER, max(_LEAST_ANSWER, len(target.source)))
    return ModelRequest(
        messages=operator.messages(context),
        samples=request.samples,
        max_tokens=longest,
        temperature=request.temperature,
        seed=request.seed,
        stop=operator.stop,
    )


def judge(run: Run, request: Evaluate) -> Evaluated:
    """Evaluate a candidate."""
    assert run.trial is not None
    begun = time.monotonic()
    evaluation = run.trial.evaluate(run.programs[request.candidate])
    run.sandbox_s += time.monotonic() - begun
    previous = [one.score.ratio for one in run.evaluations.values() if one.score.correct and one.score.ratio]
    run.evaluations[request.candidate] = evaluation
    score = evaluation.score
    run.emit(
        CandidateJudged(
            candidate=request.candidate,
            stage=score.stage,
            correct=score.correct,
            ratio=score.ratio,
            ci_low=score.ci_low,
            problem=evaluation.problem,
            counterexample=evaluation.counterexample,
            inputs=len(run.trial.reference.entries) if score.correct else None,
        )
    )
    if score.correct and score.ratio and score.ratio > max([1.0, *previous]):
        run.emit(NewBest(candidate=request.candidate, ratio=score.ratio))
    return Evaluated(request=request, score=score)


def _show_budget(run: Run) -> None:
    spent = run.budget.spent()
    run.emit(
        BudgetUsed(
            calls=spent.calls,
            prompt_tokens=spent.prompt_tokens,
            completion_tokens=spent.completion_tokens,
            usd=spent.usd,
            wall_s=spent.wall_s,
        )
    )
