"""Inputs made from types and examples: awkward, sized, random and mutated calls. All of it repeats for a seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from random import Random

from burnish.sandbox.equal import relations
from burnish.sandbox.equal.awkward import awkward_values, plain_value
from burnish.sandbox.equal.calls import Call
from burnish.sandbox.equal.draw import Draw, Span
from burnish.sandbox.equal.given import BadInputs, literal, load_inputs
from burnish.sandbox.equal.mutate import mutate_value
from burnish.sandbox.equal.spec import InputSpec, NoInputs, Parameter
from burnish.sandbox.equal.style import UNSEEN, Order, Style, observe
from burnish.sandbox.equal.types import TypeSpec, has_size

__all__ = ["BadInputs", "Generator", "InputSpec", "NoInputs", "Parameter", "literal", "load_inputs"]

_AWKWARD = 60
_ORDERS: tuple[Order | None, ...] = ("up", "down", None)


class Generator:
    """Makes calls from a spec; what it returns depends on the spec, the seed and the `rng` passed in only."""

    def __init__(self, spec: InputSpec, seed: int) -> None:
        self.spec = spec
        self.seed = seed

    def awkward(self) -> list[Call]:
        """At most 60 different calls: the awkward values of each parameter, one at a time and all together."""
        rng = Random(self.seed)
        base = self._base()
        columns = {name: [*awkward_values(spec)] for name, spec in self.spec.parameters}
        alone = {name: 0 for name in columns}
        calls: dict[str, Call] = {}
        longest = max(map(len, columns.values()), default=0)
        for at in range(longest):
            rows = [base | {name: values[at]} for name, values in columns.items() if at < len(values)]
            # Together, each parameter starts at its own place: otherwise all would be empty, or huge, at once only.
            starts = alone if at == 0 else {name: rng.randrange(len(values)) for name, values in columns.items()}
            rows.append({name: values[(at + starts[name]) % len(values)] for name, values in columns.items()})
            for row in rows:
                call = self.spec.call(row, "types")
                calls.setdefault(literal(call, 100_000), call)
        if not columns:
            return [self.spec.call({}, "types")]
        return list(calls.values())[:_AWKWARD]

    def sized(self, size: int, rng: Random) -> Call:
        """A workload of `size`, in the style of the examples, from source `ladder`.

        Where a parameter is a container or a text, `size` is its number of elements or characters, and numbers stay
        within what the examples show (1 to 10 without examples). Otherwise numbers are about `size`: ints at least
        nine tenths of it. Optional parameters that no example passes keep their defaults.
        """
        active = self._active()
        scaled = [name for name, spec in active.items() if has_size(spec) and not self._is_character(name)]
        top = _shown if scaled else _about(size)
        draw = Draw(rng, size=size, inner=(1, 5), top=top, span=(0, max(1, size)), keep=rng.random() < 0.875)
        values: dict[str, object] = {}
        for name, spec in active.items():
            style = self._styles[name]
            length = 1 if scaled and self._is_character(name) else None
            values[name] = draw.value(spec, style, length=length)
        relations.apply(self._relations, values, rng)
        return self.spec.call(values, "ladder", size)

    def random(self, rng: Random) -> Call:
        """A small call: 0 to 20 elements, of one of several distributions; near the examples' style or far from it."""
        keep = rng.random() < 0.7
        order: Order | None = rng.choices(_ORDERS, [15, 10, 75])[0]
        span = rng.choice([(0, 3), (-5, 5), (-10, 20), (0, 100), (-1000, 1000), (-(2**40), 2**40)])
        most = rng.choice([3, 8, 20])
        draw = Draw(
            rng, size=most, inner=(0, 4), top=_near(rng), span=span, keep=keep, order=order,
            few=rng.random() < 0.2, odd=rng.random() < 0.3,
        )  # fmt: skip
        shared = rng.randint(0, most)
        alike = {name for one in self._relations if one.kind == "alike" for name in (one.first, one.second)}
        defaults = dict(self.spec.defaults)
        values: dict[str, object] = {}
        for name, spec in self.spec.parameters:
            if name in defaults and rng.random() < 0.5:
                continue
            length = shared if keep and name in alike else rng.randint(0, most)
            if keep and self._is_character(name):
                length = 1
            values[name] = draw.value(spec, self._styles[name] if keep else UNSEEN, length=length)
        if keep:
            relations.apply(self._relations, values, rng)
        return self.spec.call(values, "types")

    def mutate(self, call: Call, rng: Random) -> Call:
        """`call` with one small change to one argument, of the same types, from source `mutation`."""
        draw = Draw(rng, size=rng.randint(0, 5), inner=(0, 3), top=_near(rng), span=(-10, 20))
        kinds = dict(self.spec.parameters)
        places = [name for name, _ in self.spec.parameters if name not in self.spec.by_keyword]
        at = rng.randrange(max(1, len(call.args) + len(call.kwargs)))
        if at < len(call.args):
            spec = kinds[places[at]] if at < len(places) else None
            changed = mutate_value(call.args[at], spec, rng, draw.value)
            return replace(call, args=(*call.args[:at], changed, *call.args[at + 1 :]), source="mutation")
        if not call.kwargs:
            return replace(call, source="mutation")
        name = list(call.kwargs)[at - len(call.args)]
        changed = mutate_value(call.kwargs[name], kinds.get(name), rng, draw.value)
        return replace(call, kwargs={**call.kwargs, name: changed}, source="mutation")

    @staticmethod
    def ladder(limit: int) -> list[int]:
        """The sizes 0, 1, 2, 4, 8 and so on, up to `limit`.

        >>> Generator.ladder(10)
        [0, 1, 2, 4, 8]
        """
        return [size for size in (0, *(1 << step for step in range(max(0, limit).bit_length()))) if size <= limit]

    @cached_property
    def _bound(self) -> list[dict[str, object]]:
        return [self.spec.bind(call) for call in self.spec.examples]

    @cached_property
    def _styles(self) -> Mapping[str, Style]:
        return {
            name: observe(spec, [row[name] for row in self._bound if name in row])
            for name, spec in self.spec.parameters
        }

    @cached_property
    def _relations(self) -> tuple[relations.Relation, ...]:
        return relations.relations(self._bound)

    def _base(self) -> dict[str, object]:
        """Ordinary arguments: the first example's, else plain ones, without those that have a default."""
        defaults = dict(self.spec.defaults)
        plain = {name: plain_value(spec) for name, spec in self.spec.parameters if name not in defaults}
        return plain | (self._bound[0] if self._bound else {})

    def _active(self) -> dict[str, TypeSpec]:
        """The parameters that a workload passes: the required ones and those that an example passes; else all."""
        defaults = dict(self.spec.defaults)
        passed = {name for row in self._bound for name in row}
        active = {name: spec for name, spec in self.spec.parameters if name not in defaults or name in passed}
        return active or dict(self.spec.parameters)

    def _is_character(self, name: str) -> bool:
        """Whether the examples show that a text stands for one character."""
        style = self._styles[name]
        return dict(self.spec.parameters)[name].kind == "str" and style.lengths == (1, 1)


def _shown(style: Style) -> Span:
    return (1, 10) if style.low is None or style.high is None else (style.low, style.high)


def _about(size: int) -> Callable[[Style], Span]:
    low = min(size, max(1, (9 * size + 9) // 10))
    return lambda style: (low, size)


def _near(rng: Random) -> Callable[[Style], Span]:
    """Spans for the numbers of a small call, which follow what the examples show up to twice their greatest."""
    span = rng.choice([(-3, 3), (0, 10), (-10, 20), (1, 100)])

    def top(style: Style) -> Span:
        if style.low is None or style.high is None:
            return span
        high = max(10.0, 2 * style.high)
        return (-high if style.low < 0 else 1 if style.low >= 1 else 0, high)

    return top
