"""No interleaving of reservations passes a cap, and the totals add up."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from burnish.agent.models.base import Usage
from burnish.agent.runs.budget import Budget, Limits, OutOfBudget, Reservation


class Clock:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


PRICES = st.floats(0, 0.5, allow_nan=False).map(lambda usd: round(usd, 6))


class Interleavings(RuleBasedStateMachine):
    """Any order of reserve, settle and cancel."""

    reservations = Bundle("reservations")

    def __init__(self) -> None:
        super().__init__()
        self.limits = Limits(max_cost_usd=1.0, max_tokens=1000, max_seconds=10.0, max_calls=7)
        self.budget = Budget(self.limits, Clock())
        self.held: dict[Reservation, tuple[int, int, float]] = {}
        self.calls = self.prompt = self.completion = 0
        self.usd = Fraction(0)

    @rule(target=reservations, prompt=st.integers(0, 400), completion=st.integers(0, 400), usd=PRICES)
    def reserve(self, prompt: int, completion: int, usd: float) -> object:
        tokens = self.prompt + self.completion + sum(p + c for p, c, _ in self.held.values()) + prompt + completion
        money = self.usd + sum(exact(u) for _, _, u in self.held.values()) + exact(usd)
        fits = self.calls + len(self.held) < 7 and tokens <= 1000 and money <= 1
        try:
            reservation = self.budget.reserve(prompt, completion, usd)
        except OutOfBudget:
            assert not fits
            return multiple()
        assert fits
        self.held[reservation] = (prompt, completion, usd)
        return reservation

    @rule(reservation=consumes(reservations), share=st.floats(0, 1), known=st.booleans(), priced=st.booleans())
    def settle(self, reservation: Reservation, share: float, known: bool, priced: bool) -> None:
        prompt, completion, usd = self.held.pop(reservation)
        if known:
            prompt, completion = int(prompt * share), int(completion * share)
        if priced:
            usd = round(usd * share, 7)
        usage = Usage(prompt_tokens=prompt, completion_tokens=completion) if known else None
        reservation.settle(usage, usd if priced else None)
        self.calls, self.prompt, self.completion = self.calls + 1, self.prompt + prompt, self.completion + completion
        self.usd += exact(usd)

    @rule(reservation=consumes(reservations))
    def cancel(self, reservation: Reservation) -> None:
        self.held.pop(reservation)
        reservation.cancel()

    @invariant()
    def adds_up_and_stays_under(self) -> None:
        spent = self.budget.spent()
        assert (spent.calls, spent.prompt_tokens, spent.completion_tokens) == (self.calls, self.prompt, self.completion)
        assert spent.usd == float(self.usd)
        assert spent.usd <= 1.0
        assert spent.prompt_tokens + spent.completion_tokens <= 1000
        assert spent.calls <= 7


def exact(usd: float) -> Fraction:
    return Fraction(repr(usd))


def test_any_order_of_steps() -> None:
    run_state_machine_as_test(Interleavings, settings=settings(max_examples=60, stateful_step_count=30, deadline=None))


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), PRICES, st.sampled_from("scxe")), min_size=8, max_size=40))
def test_threads_never_exceed_a_cap(steps: list[tuple[int, float, str]]) -> None:
    budget = Budget(Limits(max_cost_usd=2.0, max_tokens=300, max_seconds=None, max_calls=20))
    lock = threading.Lock()
    charged: list[tuple[int, Fraction]] = []

    def one(step: tuple[int, float, str]) -> None:
        tokens, usd, how = step
        try:
            reservation = budget.reserve(tokens, 0, usd)
        except OutOfBudget:
            return
        if how == "c":
            reservation.cancel()
            return
        if how == "s":
            tokens //= 2
            reservation.settle(Usage(prompt_tokens=tokens, completion_tokens=0), usd)
        else:
            with pytest.raises(KeyError), reservation:
                raise KeyError
        with lock:
            charged.append((tokens, exact(usd)))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, steps))
    spent = budget.spent()
    assert spent.calls == len(charged) <= 20
    assert spent.prompt_tokens == sum(tokens for tokens, _ in charged) <= 300
    assert spent.usd == float(sum(usd for _, usd in charged)) <= 2.0


@pytest.mark.parametrize(
    ("limits", "which", "flag"),
    [
        (Limits(max_cost_usd=0.1), "cost", "--max-cost"),
        (Limits(max_tokens=99), "tokens", "--max-tokens"),
        (Limits(max_calls=0), "calls", "--max-calls"),
        (Limits(max_seconds=0.0), "seconds", "--max-time"),
    ],
)
def test_it_says_which_cap_and_how_to_raise_it(limits: Limits, which: str, flag: str) -> None:
    with pytest.raises(OutOfBudget) as refused:
        Budget(limits).reserve(90, 10, 0.2)
    assert refused.value.which == which
    assert flag in refused.value.hint
    assert refused.value.exit_code == 5


def test_ten_calls_at_a_tenth_fit_one() -> None:
    budget = Budget(Limits(max_cost_usd=1.0))
    for _ in range(10):
        budget.reserve(1, 1, 0.1).settle(None, None)
    assert budget.spent().usd == 1.0
    with pytest.raises(OutOfBudget):
        budget.reserve(1, 1, 0.000001)
    budget.reserve(1, 1, 0.0)


def test_unknown_usage_is_charged_as_reserved_and_each_part_by_itself() -> None:
    budget = Budget(Limits())
    budget.reserve(100, 50, 0.25).settle(None, 0.125)
    budget.reserve(100, 50, 0.25).settle(Usage(prompt_tokens=10, cached_tokens=4, completion_tokens=5), None)
    spent = budget.spent()
    assert (spent.prompt_tokens, spent.cached_tokens, spent.completion_tokens, spent.usd) == (110, 4, 55, 0.375)


def test_a_bill_above_the_reservation_is_charged_and_stops_what_follows() -> None:
    budget = Budget(Limits(max_tokens=100))
    budget.reserve(50, 0, 0.0).settle(Usage(prompt_tokens=120, completion_tokens=0), 0.0)
    assert budget.spent().prompt_tokens == 120
    with pytest.raises(OutOfBudget):
        budget.reserve(0, 0, 0.0)


def test_a_block_that_ends_unsettled_is_charged_in_full() -> None:
    budget = Budget(Limits())
    with budget.reserve(10, 5, 0.5):
        pass
    with pytest.raises(ConnectionError), budget.reserve(10, 5, 0.25):
        raise ConnectionError
    with budget.reserve(10, 5, 0.25) as reservation:
        reservation.cancel()
    with budget.reserve(10, 5, 0.125) as reservation:
        reservation.settle(Usage(prompt_tokens=1, completion_tokens=1), 0.0)
    assert (budget.spent().calls, budget.spent().usd, budget.spent().prompt_tokens) == (3, 0.75, 21)


def test_a_reservation_ends_once() -> None:
    budget = Budget(Limits())
    reservation = budget.reserve(10, 5, 0.5)
    with pytest.raises(ValueError):
        reservation.settle(None, float("nan"))
    reservation.settle(None, None)
    for again in (reservation.cancel, lambda: reservation.settle(None, None)):
        with pytest.raises(RuntimeError):
            again()
    assert budget.spent().calls == 1


def test_time() -> None:
    clock = Clock()
    budget = Budget(Limits(max_seconds=10.0), clock)
    clock.now += 4.0
    assert budget.remaining_seconds() == 6.0
    assert budget.spent().wall_s == 4.0
    budget.check_time()
    clock.now += 6.0
    assert budget.remaining_seconds() == 0.0
    with pytest.raises(OutOfBudget, match="10 seconds"):
        budget.check_time()
    with pytest.raises(OutOfBudget):
        budget.reserve(0, 0, 0.0)
    assert Budget(Limits(max_seconds=None), clock).remaining_seconds() == float("inf")


@pytest.mark.parametrize("bad", [-1.0, float("nan"), float("inf")])
def test_senseless_amounts_are_refused(bad: float) -> None:
    with pytest.raises(ValueError):
        Limits(max_cost_usd=bad)
    with pytest.raises(ValueError):
        Budget(Limits()).reserve(0, 0, bad)
    with pytest.raises(ValueError):
        Budget(Limits()).reserve(-1, 0, 0.0)
