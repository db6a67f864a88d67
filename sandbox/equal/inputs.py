"""Inputs made from types and examples: awkward, sized, random and mutated calls. All of it repeats for a seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from random import Random

from burnish.sandbox.equal import relations
from burnish.sandbox.equal.awkward import awkward_values, plain_value
from burnish.sandbox.equal.calls import Call
from burnish.sandbox.equal.draw import Draw, Span
from burnish.sandbox.equal.given import BadInputs, literal, load_inputs
from burnish.sandbox.equal.mutate import mutate_value
from burnish.sandbox.equal.shapes import Shape, Shaped, large_shapes, reach
from burnish.sandbox.equal.spec import InputSpec, NoInputs, Parameter
from burnish.sandbox.equal.style import UNSEEN, Order, Style, observe
from burnish.sandbox.equal.types import TypeSpec, has_size

__all__ = ["BadInputs", "Generator", "InputSpec", "NoInputs", "Parameter", "literal", "load_inputs"]

_AWKWARD = 60
_EVERY_INT = 40
_LARGE_INT = 1000
_LARGEST_INT = 5000
_QUICK_S = 0.02
Growth = Sequence[tuple[int, float]]
"""(size, seconds) of the original up the ladder; empty when unknown."""
Ends = Callable[[Call], bool]
"""Whether the original returns or raises on a call, within `ENDS_S`."""
ENDS_S = 0.5
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
        nine tenths of it. Optional parameters that no example passes are left out.
        """
        active = self._active()
        scaled = self._scaled & set(active)
        top = _shown if scaled else _about(size)
        draw = Draw(rng, size=size, inner=(1, 5), top=top, span=(0, max(1, size)), keep=rng.random() < 0.875)
        values: dict[str, object] = {}
        for name, spec in active.items():
            style = self._styles[name]
            length = 1 if scaled and self._is_character(name) else None
            values[name] = draw.value(spec, style, length=length)
        relations.apply(self._relations, values, rng)
        return self.spec.call(values, "ladder", size)

    def shaped(self, size: int, shape: Shape, rng: Random) -> Call:
        """A call with containers and texts of one shape, of about `size` elements, from source `ladder`."""
        chosen = self._chosen(rng) | self._scaled
        draw = Shaped(rng, size, shape, _shown if rng.random() < 0.6 else _near(rng))
        values: dict[str, object] = {}
        full = False
        for name, spec in self.spec.parameters:
            if name not in chosen:
                continue
            length = size
            if self._is_character(name):
                length = 1
            elif full and name not in self._alike and rng.random() < 0.3:
                length = rng.randint(0, size)
            full = full or name in self._scaled
            values[name] = draw.value(spec, self._styles[name], length=length)
        relations.apply(self._relations, values, rng)
        return self.spec.call(values, "ladder", size)

    def large(self, growth: Growth, rng: Random, ends: Ends = lambda call: True) -> list[Call]:
        """At most 48 calls of all shapes, up to a thousand elements where the original is quick enough for that.

        A kind of values on whose first call the original does not end is left out: most are as hopeless.
        """
        if not self._scaled:
            return []
        drawn = [(shape.values, self.shaped(size, shape, rng)) for size, shape in large_shapes(growth, rng)]
        hopeless = {kind for kind, call in dict(reversed(drawn)).items() if not ends(call)}
        return [call for kind, call in drawn if kind not in hopeless]

    def counted(self, growth: Growth, rng: Random) -> Iterator[Call]:
        """Calls that cover the small non-negative ints, as far as the original is quick.

        A single int is given each value from 0 to 40 and 60 of those up to 1000. Several are drawn from there, for 60
        calls; where there are other parameters too, 12.
        """
        required = [name for name, _ in self.spec.parameters if name not in self.spec.optional]
        if len(required) == 1 and required == self._ints[:1]:
            most = self._most_int(growth)
            some = range(_EVERY_INT + 1, min(_LARGE_INT, most) + 1)
            for value in [*range(min(_EVERY_INT, most) + 1), *sorted(rng.sample(some, min(60, len(some))))]:
                yield self.spec.call({required[0]: value}, "types")
        elif self._ints:
            for _ in range(60 if set(required) <= set(self._ints) else 12):
                yield self._with_ints(growth, rng, _LARGE_INT)

    def unseen(
        self, known: Sequence[Call], growth: Growth, count: int, rng: Random, ends: Ends = lambda call: True
    ) -> list[Call]:
        """`count` calls to hold out: mutations of those `known`, small random ones, large ones, and ints up to 5000."""
        large = rng.sample(found := self.large(growth, rng, ends), len(found))
        calls: list[Call] = []
        for index in range(count):
            if index % 3 == 0 and known:
                calls.append(self.mutate(rng.choice(known), rng))
            elif index % 6 == 1 and large:
                calls.append(large.pop())
            elif index % 6 == 4 and self._ints:
                calls.append(self._with_ints(growth, rng, _LARGEST_INT))
            else:
                calls.append(self.random(rng))
        return calls

    def random(self, rng: Random) -> Call:
        """A small call: 0 to 20 elements, of one of several distributions; near the examples' style or far from it."""
        return self.spec.call(self._small(rng), "types")

    def _small(self, rng: Random) -> dict[str, object]:
        keep = rng.random() < 0.7
        order: Order | None = rng.choices(_ORDERS, [15, 10, 75])[0]
        span = rng.choice([(0, 3), (-5, 5), (-10, 20), (0, 100), (-1000, 1000), (-(2**40), 2**40)])
        most = rng.choice([3, 8, 20])
        draw = Draw(
            rng, size=most, inner=(0, 4), top=_near(rng), span=span, keep=keep, order=order,
            few=rng.random() < 0.2, odd=rng.random() < 0.3,
        )  # fmt: skip
        shared = rng.randint(0, most)
        chosen = self._chosen(rng)
        values: dict[str, object] = {}
        for name, spec in self.spec.parameters:
            if name not in chosen:
                continue
            length = shared if keep and name in self._alike else rng.randint(0, most)
            if keep and self._is_character(name):
                length = 1
            values[name] = draw.value(spec, self._styles[name] if keep else UNSEEN, length=length)
        if keep:
            relations.apply(self._relations, values, rng)
        return values

    def _with_ints(self, growth: Growth, rng: Random, greatest: int) -> Call:
        """A small call, but with ints of up to `greatest`, if the original is quick there, or up to 40."""
        values = self._small(rng)
        most = self._most_int(growth)
        top = min(greatest if rng.random() < 0.5 or greatest == _LARGEST_INT else _EVERY_INT, most)
        values |= {name: rng.randint(0, top) for name in self._ints if name in values}
        return self.spec.call(values, "types")

    def _most_int(self, growth: Growth) -> int:
        """The greatest int that the original is quick with; where the ladder says nothing of ints, one that is safe."""
        known = growth and not self._scaled
        return min(_LARGEST_INT, reach(growth, _QUICK_S)) if known else _EVERY_INT

    def _chosen(self, rng: Random) -> set[str]:
        """The parameters that one call passes: all required ones, and each optional one in about half of the calls."""
        share = 0.0 if rng.random() < 0.15 else 0.6
        names = [name for name, _ in self.spec.parameters]
        return {name for name in names if name not in self.spec.optional or rng.random() < share}

    def mutate(self, call: Call, rng: Random) -> Call:
        """`call` with one small change to one argument, of the same types, from source `mutation`.

        An optional argument is left out altogether in a quarter of its changes.
        """
        draw = Draw(rng, size=rng.randint(0, 5), inner=(0, 3), top=_near(rng), span=(-10, 20))
        kinds = dict(self.spec.parameters)
        places = [name for name, _ in self.spec.parameters if name not in self.spec.by_keyword]
        at = rng.randrange(max(1, len(call.args) + len(call.kwargs)))
        if at < len(call.args):
            spec = kinds[places[at]] if at < len(places) else None
            last = at + 1 == len(call.args) <= len(places) and places[at] in self.spec.optional
            if last and rng.random() < 0.25:
                return replace(call, args=call.args[:at], source="mutation")
            changed = mutate_value(call.args[at], spec, rng, draw.value)
            return replace(call, args=(*call.args[:at], changed, *call.args[at + 1 :]), source="mutation")
        if not call.kwargs:
            return replace(call, source="mutation")
        name = list(call.kwargs)[at - len(call.args)]
        if name in self.spec.optional and rng.random() < 0.25:
            return replace(call, kwargs={k: v for k, v in call.kwargs.items() if k != name}, source="mutation")
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

    @cached_property
    def _alike(self) -> frozenset[str]:
        """Parameters of the same length as another one, in all examples."""
        return frozenset(name for one in self._relations if one.kind == "alike" for name in (one.first, one.second))

    @cached_property
    def _scaled(self) -> frozenset[str]:
        """Parameters that a size is the length of; of the optional ones, those that a workload passes."""
        return frozenset(n for n, spec in self._active().items() if has_size(spec) and not self._is_character(n))

    @cached_property
    def _ints(self) -> list[str]:
        return [name for name, spec in self.spec.parameters if spec.kind == "int"]

    def _base(self) -> dict[str, object]:
        """Ordinary arguments: the first example's, else plain ones, without those that have a default."""
        plain = {name: plain_value(spec) for name, spec in self.spec.parameters if name not in self.spec.optional}
        return plain | (self._bound[0] if self._bound else {})

    def _active(self) -> dict[str, TypeSpec]:
        """The parameters that a workload passes: the required ones and those that an example passes; else all."""
        passed = {name for row in self._bound for name in row}
        active = {n: spec for n, spec in self.spec.parameters if n not in self.spec.optional or n in passed}
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
