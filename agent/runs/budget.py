"""Budgets that are never exceeded: the worst case of every call is reserved before it is made.

What is spent and what is reserved together never pass a cap, whatever number of threads asks. Money is added up
exactly, in decimals, so that ten calls at 0.1 USD fit a cap of 1 USD and no rounding piles up.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from types import TracebackType
from typing import ClassVar, Literal

from burnish.agent.errors import BurnishError
from burnish.agent.models.base import Usage
from burnish.agent.result import Spent

Cap = Literal["cost", "tokens", "seconds", "calls"]

_FLAGS: dict[Cap, str] = {
    "cost": "--max-cost",
    "tokens": "--max-tokens",
    "seconds": "--max-time",
    "calls": "--max-calls",
}


class OutOfBudget(BurnishError):
    """A cap would be passed; `which` one. The run ends with what it has."""

    exit_code: ClassVar[int] = 5

    def __init__(self, which: Cap, text: str) -> None:
        super().__init__(text, f"raise it with {_FLAGS[which]}")
        self.which = which


@dataclass(frozen=True)
class Limits:
    """Caps of one run; None is no cap."""

    max_cost_usd: float | None = 1.0
    max_tokens: int | None = None
    """Of prompts and answers together."""
    max_seconds: float | None = 600.0
    """Wall seconds from the making of the Budget."""
    max_calls: int | None = 50

    def __post_init__(self) -> None:
        for name in ("max_cost_usd", "max_tokens", "max_seconds", "max_calls"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < math.inf:
                raise ValueError(f"{name} must be a finite number of at least 0, not {value}")


@dataclass(frozen=True)
class _Amount:
    calls: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    usd: Decimal = Decimal(0)

    def __add__(self, other: _Amount) -> _Amount:
        return _Amount(
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.cached_tokens + other.cached_tokens,
            self.completion_tokens + other.completion_tokens,
            self.usd + other.usd,
        )

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens


class Budget:
    """What a run may use and has used. Threads may share it."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        """The run's time starts now, by `clock`, in seconds."""
        self.limits = limits
        self._clock = clock
        self._start = clock()
        self._lock = threading.Lock()
        self._spent = _Amount()
        self._held: dict[Reservation, _Amount] = {}

    def reserve(self, prompt_tokens: int, completion_tokens: int, usd: float) -> Reservation:
        """Set aside the worst case of one call.

        Args:
            prompt_tokens: upper bound on the tokens of the prompt.
            completion_tokens: upper bound on the tokens of all its samples together.
            usd: upper bound on the price.

        Raises:
            OutOfBudget: it could pass a cap; nothing is set aside.
            ValueError: an amount is negative or not finite.
        """
        self.check_time()
        amount = _Amount(
            calls=1,
            prompt_tokens=_count(prompt_tokens),
            completion_tokens=_count(completion_tokens),
            usd=_money(usd),
        )
        with self._lock:
            total = sum(self._held.values(), self._spent) + amount
            limits = self.limits
            if limits.max_calls is not None and total.calls > limits.max_calls:
                raise OutOfBudget("calls", f"the cap of {limits.max_calls} model calls is reached")
            if limits.max_tokens is not None and total.tokens > limits.max_tokens:
                raise OutOfBudget("tokens", f"the next call could pass the cap of {limits.max_tokens:,} tokens")
            if limits.max_cost_usd is not None and total.usd > _money(limits.max_cost_usd):
                raise OutOfBudget("cost", f"the next call could pass the cap of {limits.max_cost_usd:g} USD")
            reservation = Reservation(self, amount)
            self._held[reservation] = amount
        return reservation

    def spent(self) -> Spent:
        """What is settled so far, and the wall seconds since the start. What is only reserved is not in it."""
        with self._lock:
            spent = self._spent
        return Spent(
            calls=spent.calls,
            prompt_tokens=spent.prompt_tokens,
            cached_tokens=spent.cached_tokens,
            completion_tokens=spent.completion_tokens,
            usd=float(spent.usd),
            wall_s=self._elapsed(),
        )

    def remaining_seconds(self) -> float:
        """Wall seconds left, at least 0; infinity without a cap."""
        if self.limits.max_seconds is None:
            return math.inf
        return max(0.0, self.limits.max_seconds - self._elapsed())

    def check_time(self) -> None:
        """Return while there is time.

        Raises:
            OutOfBudget: there is none left.
        """
        if self.remaining_seconds() <= 0.0:
            raise OutOfBudget("seconds", f"the cap of {self.limits.max_seconds:g} seconds is reached")

    def _elapsed(self) -> float:
        return max(0.0, self._clock() - self._start)

    def _close(self, reservation: Reservation, charge: _Amount) -> None:
        with self._lock:
            if self._held.pop(reservation, None) is None:
                raise RuntimeError("a reservation is settled or cancelled once")
            self._spent += charge


class Reservation:
    """The worst case of one call, set aside until `settle` or `cancel`.

    As a context manager it charges itself in full at the end of the block when neither was called, an exception
    included: what was sent may be billed.
    """

    def __init__(self, budget: Budget, amount: _Amount) -> None:
        """Made by `Budget.reserve`."""
        self._budget = budget
        self._amount = amount
        self._open = True

    def settle(self, usage: Usage | None, usd: float | None) -> None:
        """Charge what the call used.

        Args:
            usage: its tokens; None when the provider did not say: then those reserved.
            usd: its price; None when unknown: then the one reserved.

        More than was reserved is charged as it is, since it was billed; the next `reserve` then sees it.

        Raises:
            RuntimeError: it was settled or cancelled before.
            ValueError: `usd` is negative or not finite.
        """
        reserved = self._amount
        self._close(
            _Amount(
                calls=1,
                prompt_tokens=reserved.prompt_tokens if usage is None else usage.prompt_tokens,
                cached_tokens=0 if usage is None else usage.cached_tokens,
                completion_tokens=reserved.completion_tokens if usage is None else usage.completion_tokens,
                usd=reserved.usd if usd is None else _money(usd),
            )
        )

    def cancel(self) -> None:
        """Give everything back: nothing was sent.

        Raises:
            RuntimeError: it was settled or cancelled before.
        """
        self._close(_Amount())

    def __enter__(self) -> Reservation:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._open:
            self.settle(None, None)

    def _close(self, charge: _Amount) -> None:
        self._budget._close(self, charge)
        self._open = False


def _count(tokens: int) -> int:
    if tokens < 0:
        raise ValueError(f"tokens must be at least 0, not {tokens}")
    return tokens


def _money(usd: float) -> Decimal:
    if not 0 <= usd < math.inf:
        raise ValueError(f"a price must be a finite number of at least 0, not {usd}")
    return Decimal(repr(float(usd)))
