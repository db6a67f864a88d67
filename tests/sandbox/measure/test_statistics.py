from __future__ import annotations

import doctest
import itertools
import math
import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burnish.sandbox.measure import statistics
from burnish.sandbox.measure.statistics import (
    LOOKS,
    fit_exponent,
    hodges_lehmann,
    look,
    lower_bound,
    null_counts,
    spent,
    upper_bound,
)

numbers = st.floats(-1e6, 1e6)
alphas = st.floats(1e-6, 0.49)
times = st.integers(1, 10**12)
looks = st.sampled_from(LOOKS[:3]).flatmap(lambda n: st.lists(st.tuples(times, times), min_size=n, max_size=n))


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(statistics).failed == 0


@pytest.mark.parametrize("n", range(1, 13))
def test_null_distribution_is_that_of_all_sign_patterns(n: int) -> None:
    counts = [0] * (n * (n + 1) // 2 + 1)
    for signs in itertools.product((0, 1), repeat=n):
        counts[sum(rank for rank, sign in enumerate(signs, start=1) if sign)] += 1
    assert null_counts(n) == tuple(counts)


def test_null_distribution_at_the_last_look_is_complete_and_symmetric() -> None:
    counts = null_counts(192)
    assert sum(counts) == 2**192
    assert counts == counts[::-1]


@pytest.mark.parametrize("alpha", [0.001, 0.01, 0.05, 0.25])
@pytest.mark.parametrize("n", [3, 5, 8, 10])
def test_lower_bound_is_where_the_exact_test_stops_rejecting(n: int, alpha: float) -> None:
    rng = random.Random(n)
    xs = [rng.gauss(1.0, 2.0) for _ in range(n)]
    bound = lower_bound(xs, alpha)

    def p_value(centre: float) -> Fraction:
        shifted = sorted((x - centre for x in xs), key=abs)
        statistic = sum(rank for rank, x in enumerate(shifted, start=1) if x > 0)
        patterns = itertools.product((0, 1), repeat=n)
        above = sum(sum(r for r, s in enumerate(signs, start=1) if s) >= statistic for signs in patterns)
        return Fraction(above, 2**n)

    if math.isinf(bound):
        assert Fraction(alpha) < Fraction(1, 2**n)
        assert p_value(min(xs) - 1) > alpha
    else:
        assert p_value(bound - 1e-9) <= alpha
        assert p_value(bound + 1e-9) > alpha


def test_the_signed_rank_bound_of_a_published_sample() -> None:
    # Hollander, Wolfe and Chicken, "Nonparametric Statistical Methods", the depression data: estimate -0.46.
    before = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
    after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
    differences = [b - a for a, b in zip(before, after, strict=True)]
    assert hodges_lehmann(differences) == pytest.approx(-0.46)
    # P(W <= 8) = 25/512 = 0.0488: the ninth Walsh average from above bounds at 0.05.
    assert upper_bound(differences, 0.05) < 0.0


@settings(deadline=None)
@given(st.lists(numbers, min_size=1, max_size=25), alphas, alphas)
def test_bounds_surround_the_estimate_and_widen_as_alpha_falls(xs: list[float], a: float, b: float) -> None:
    small, large = sorted((a, b))
    assert lower_bound(xs, small) <= lower_bound(xs, large) <= hodges_lehmann(xs)
    assert upper_bound(xs, small) >= upper_bound(xs, large) >= hodges_lehmann(xs)


@settings(deadline=None)
@given(st.lists(numbers, min_size=1, max_size=25), alphas)
def test_bounds_of_the_negatives_are_swapped(xs: list[float], alpha: float) -> None:
    assert lower_bound([-x for x in xs], alpha) == -upper_bound(xs, alpha)


def test_a_bound_that_cannot_be_reached_is_infinite() -> None:
    assert lower_bound([1.0] * 11, 2.0**-12) == -math.inf
    assert lower_bound([1.0] * 12, 2.0**-12) == 1.0
    assert upper_bound([1.0] * 12, 0.0) == math.inf


def test_nothing_to_estimate_from_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one"):
        hodges_lehmann([])
    with pytest.raises(ValueError, match="alpha"):
        lower_bound([1.0], 1.0)


@settings(deadline=None)
@given(st.floats(1e-12, 0.999))
def test_what_is_spent_never_exceeds_alpha(alpha: float) -> None:
    parts = spent(alpha)
    assert len(parts) == len(LOOKS)
    assert all(part >= 0.0 for part in parts)
    assert alpha * (1 - 1e-9) <= sum(map(Fraction, parts)) <= Fraction(alpha)


def test_the_first_look_can_decide_with_the_usual_alpha_and_a_third_of_it() -> None:
    assert spent()[0] == spent(0.001 / 3)[0] == 2.0**-12
    assert spent(0.0003)[0] == 0.0
    assert min(spent(0.001 / 3)) > 2.0**-24


@settings(max_examples=50, deadline=None)
@given(looks, st.integers(2, 1000))
def test_scaling_all_new_times_divides_the_ratio(pairs: list[tuple[int, int]], factor: int) -> None:
    _, plain = look(pairs, 1.05)
    _, scaled = look([(old, new * factor) for old, new in pairs], 1.05)
    assert scaled.ratio * factor == pytest.approx(plain.ratio)
    assert scaled.low * factor == pytest.approx(plain.low)
    assert scaled.high * factor == pytest.approx(plain.high)


@settings(max_examples=50, deadline=None)
@given(looks)
def test_swapping_old_and_new_inverts_the_interval(pairs: list[tuple[int, int]]) -> None:
    decision, plain = look(pairs, 1.0)
    reverse, swapped = look([(new, old) for old, new in pairs], 1.0)
    assert swapped.low == pytest.approx(1 / plain.high)
    assert swapped.high == pytest.approx(1 / plain.low)
    opposite = {"faster": "not_faster", "not_faster": "faster", "undecided": "undecided"}
    assert reverse == opposite[decision]


@settings(max_examples=50, deadline=None)
@given(looks, st.floats(0.01, 100.0))
def test_the_decision_is_what_the_interval_says(pairs: list[tuple[int, int]], threshold: float) -> None:
    decision, interval = look(pairs, threshold)
    assert interval.pairs == len(pairs)
    assert interval.low <= interval.ratio <= interval.high
    if decision == "faster":
        assert interval.low >= threshold * (1 - 1e-12)
    elif decision == "not_faster":
        assert interval.high <= threshold * (1 + 1e-12)


def test_a_bound_that_touches_the_threshold_does_not_decide() -> None:
    assert look([(100, 100)] * 192, 1.0)[0] == "undecided"


@pytest.mark.parametrize(
    ("pairs", "threshold", "complaint"),
    [
        ([(1, 1)] * 13, 1.0, "12, 24"),
        ([(1, 1)] * 11 + [(0, 1)], 1.0, "positive"),
        ([(1, 1)] * 12, 0.0, "threshold"),
        ([(1, 1)] * 12, math.nan, "threshold"),
    ],
)
def test_wrong_use_is_refused(pairs: list[tuple[int, int]], threshold: float, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        look(pairs, threshold)


def verdict(rng: random.Random, ratio: float, noise: float, threshold: float, alpha: float) -> tuple[str, int]:
    """What the looks come to on simulated pairs, and after how many of them."""
    pairs: list[tuple[int, int]] = []
    for n in LOOKS:
        while len(pairs) < n:
            pairs.append((int(1e7 * ratio * rng.lognormvariate(0, noise)), int(1e7 * rng.lognormvariate(0, noise))))
        decision, _ = look(pairs, threshold, alpha)
        if decision != "undecided":
            return decision, n
    return "undecided", LOOKS[-1]


def test_at_the_bar_a_wrong_verdict_is_as_rare_as_promised() -> None:
    # With a true ratio at the bar, "faster" and "not_faster" each have a chance of at most 0.05 over all looks. Of
    # 300 verdicts, 28 or more would then come about once in 1,000 times.
    rng = random.Random(20)
    verdicts = [verdict(rng, 1.05, 0.05, 1.05, 0.05)[0] for _ in range(300)]
    assert 0 < verdicts.count("faster") < 28
    assert 0 < verdicts.count("not_faster") < 28


def test_real_gains_are_found_soon() -> None:
    rng = random.Random(21)
    ten_per_cent = [verdict(rng, 1.10, 0.03, 1.05, 0.001)[0] for _ in range(40)]
    assert ten_per_cent.count("faster") >= 38
    assert all(verdict(rng, 2.0, 0.1, 1.05, 0.001) == ("faster", 12) for _ in range(40))


@settings(deadline=None)
@given(st.floats(0.5, 3.0), st.floats(1e-8, 1e-6))
def test_the_exponent_of_a_power_law_is_found_above_a_fixed_cost(exponent: float, scale: float) -> None:
    sizes = [2**step for step in range(4, 16)]
    seconds = [scale * size**exponent for size in sizes]
    assert fit_exponent(sizes, seconds, floor=0.0) == pytest.approx(exponent, abs=1e-6)


def test_a_fixed_cost_does_not_hide_the_exponent() -> None:
    sizes = [0, *(2**step for step in range(16))]
    found = fit_exponent(sizes, [0.001 + 1e-7 * size**2 for size in sizes])
    assert found is not None
    assert 1.85 < found < 2.05


def test_no_exponent_without_three_sizes_above_the_floor() -> None:
    assert fit_exponent([], []) is None
    assert fit_exponent([1, 2, 4, 8], [0.01, 0.01, 0.01, 0.02]) is None
    assert fit_exponent([8, 8, 8, 8], [0.1, 1.0, 1.0, 1.0]) is None
    with pytest.raises(ValueError):
        fit_exponent([1, 2], [0.1])
