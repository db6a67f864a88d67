"""What holds of every result, whichever command made it. Use: `check_result(result)`."""

from __future__ import annotations

import json

from burnish.agent.result import EXIT_CODES, Result


def check_result(result: Result) -> None:
    """Assert that the parts of a result agree with each other, and that it survives JSON."""
    data = result.as_json()
    assert Result.model_validate(json.loads(json.dumps(data, allow_nan=False))) == result
    assert data["schema"] == 1
    assert result.outcome in EXIT_CODES
    _check_tests(result)
    _check_speed(result)
    if result.command == "judge":
        _check_judgement(result)
    else:
        assert result.equal is None
        assert result.faster is None
    if result.program.patch:
        assert result.program.path is not None
        assert result.program.sha256 is not None
    for value in result.budget.model_dump().values():
        assert value >= 0


def _check_tests(result: Result) -> None:
    correctness, tests = result.correctness, result.correctness.tests
    assert tests.passed <= tests.total
    assert tests.binding <= tests.total
    assert correctness.inputs_compared <= sum(correctness.inputs_by_source.values())
    if correctness.sizes:
        assert correctness.sizes[0] <= correctness.sizes[1]
    if result.outcome == "met":
        assert tests.passed == tests.total > 0
        assert correctness.inputs_compared > 0


def _check_speed(result: Result) -> None:
    speed = result.speed
    if speed.ratio is None:
        assert speed.pairs == 0
        assert speed.ci_low is None
        assert speed.ci_high is None
    else:
        assert speed.pairs > 0
        assert (speed.ci_low or 0.0) <= speed.ratio
        assert speed.ci_high is None or speed.ratio <= speed.ci_high
    if result.outcome == "met":
        assert speed.target is not None
        assert speed.ci_low is not None
        assert speed.ci_low > speed.target
        assert speed.held_out
        assert speed.cpu_ratio is None or speed.cpu_ratio > 1
        assert speed.cost_ratio is None or speed.cost_ratio > 1


def _check_judgement(result: Result) -> None:
    if result.outcome in ("error", "interrupted"):
        return
    assert result.equal is not None
    assert (result.outcome == "met") == (result.equal == "yes" and result.faster == "yes")
    assert result.equal == "yes" or result.faster is None
    assert result.counterexample is None or result.equal == "no"
