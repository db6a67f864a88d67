"""Comparing what two programs did on one input: equal, or the first difference a caller could see.

Equal means equal with types, order and sharing (TRUST.md). Three exceptions: a set's order is not promised; `nan`
equals `nan`; the arguments of an exception count only where the original program raised it itself, because the
interpreter's own texts change between versions.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

from burnish.sandbox.equal.values import Malformed, Packed, Reader, Value, plain, read, render

_PARTS = ("value", "args", "kwargs", "state")


@dataclass(frozen=True)
class Observation:
    """What could be seen of one call."""

    raised: bool
    value: Value
    args: Value
    kwargs: Value
    state: Value
    rest: dict[str, Any]
    """stdout, stderr, cut, warnings, random, files, process, audit, threads."""

    @property
    def interrupted(self) -> str | None:
        """Why the call did not finish, if the interpreter's limits ended it: the name of the exception."""
        if self.raised and not self.value.explicit and self.value.name in _UNFINISHED:
            return self.value.name.removeprefix("builtins.")
        return "too much output" if self.rest["cut"] else None


_UNFINISHED = {"builtins.MemoryError", "builtins.RecursionError"}


@dataclass(frozen=True)
class Difference:
    """Where two observations part. Texts are shortened for people."""

    where: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.where}: {self.old} became {self.new}"


class NotComparable(Exception):
    """A value that cannot be told apart by its data: never equal, never different."""


def read_observation(data: bytes) -> Observation:
    """Decode an observation.

    Raises:
        Malformed: the bytes are none.
    """
    reader = Reader(data)
    count = plain(reader.value())
    if count != 5:
        raise Malformed("not an observation")
    parts: dict[str, Value] = {}
    for _ in range(count):
        name = plain(reader.value())
        parts[str(name)] = reader.value()
    rest = plain(reader.value())
    if not reader.done or set(parts) != {"outcome", *_PARTS} or not isinstance(rest, dict):
        raise Malformed("not an observation")
    if not isinstance(rest.get("process"), dict):
        raise Malformed("not an observation")
    expected = {"stdout", "stderr", "cut", "warnings", "random", "files", "process", "audit", "threads"}
    if set(rest) != expected:
        raise Malformed("not an observation")
    raised = plain(parts.pop("outcome")) == "raised"
    if raised and parts["value"].kind != "exception":
        raise Malformed("raised without an exception")
    return Observation(raised, **parts, rest=rest)


def compare(old: Observation, new: Observation) -> Difference | None:
    """The first difference a caller could see; None when there is none.

    Raises:
        NotComparable: one of the values cannot be compared.
    """
    matcher = _Matcher()
    if old.raised != new.raised:
        return Difference("outcome", _outcome(old), _outcome(new))
    found = (
        matcher.match(old.value, new.value, "exception" if old.raised else "result")
        or matcher.match(old.args, new.args, "arguments after the call")
        or matcher.match(old.kwargs, new.kwargs, "keyword arguments after the call")
        or matcher.match(old.state, new.state, "module attributes")
    )
    if found:
        return found
    for key, where in (("stdout", "printed"), ("stderr", "printed on stderr"), ("warnings", "warnings"),
                       ("files", "files"), ("random", "state of random")):  # fmt: skip
        if old.rest[key] != new.rest[key]:
            return Difference(where, repr(old.rest[key])[:200], repr(new.rest[key])[:200])
    changed = (old.rest["process"], new.rest["process"])
    for name in sorted(set(changed[0]) | set(changed[1])):
        before, after = (each.get(name, "as it was") for each in changed)
        if before != after:
            return Difference(f"after the call, {name}", str(before)[:200], str(after)[:200])
    return None


def compare_values(old: bytes, new: bytes) -> Difference | None:
    """The first difference between two encoded values."""
    return None if old == new else compare_decoded(read(old), read(new))


def compare_decoded(old: Value, new: Value) -> Difference | None:
    """The first difference between two values."""
    return _Matcher().match(old, new, "result")


def _outcome(seen: Observation) -> str:
    return ("raised " if seen.raised else "returned ") + render(seen.value)


class _Matcher:
    """Walks two graphs side by side; numbers of shared objects are paired as they are met."""

    def __init__(self) -> None:
        self._pairs: dict[int, int] = {}

    def match(self, old: Value, new: Value, where: str) -> Difference | None:
        for value in (old, new):
            if value.kind == "opaque":
                raise NotComparable(f"{where}: a value of type {value.name} cannot be compared")
        if old.kind != new.kind or old.name != new.name:
            return Difference(where, _typed(old), _typed(new))
        if old.code != new.code or old.known != new.known:
            return Difference(where, render(old), f"{render(new)} of the same name with other code")
        if old.number is not None and new.number is not None:
            self._pairs[old.number] = new.number
        handler = getattr(self, f"_{old.kind}", None)
        if handler is not None:
            found: Difference | None = handler(old, new, where)
            return found
        return None if _same_scalar(old, new) else Difference(where, render(old), render(new))

    def _ref(self, old: Value, new: Value, where: str) -> Difference | None:
        if self._pairs.get(old.data) == new.data:
            return None
        return Difference(where, f"the same object as {old.data}", f"the same object as {new.data}")

    def _sequence(self, old: Value, new: Value, where: str) -> Difference | None:
        mine, theirs = old.data, new.data
        if isinstance(mine, Packed) and isinstance(theirs, Packed) and mine.kind == theirs.kind:
            at = mine.parts_from(theirs)
            if at is not None:
                return Difference(f"{where}[{at}]", render(mine[at]), render(theirs[at]))
        else:
            for index, (one, other) in enumerate(zip(mine, theirs, strict=False)):
                found = self.match(one, other, f"{where}[{index}]")
                if found:
                    return found
        if len(old.data) != len(new.data):
            return Difference(f"length of {where}", str(len(old.data)), f"{len(new.data)} ({render(new)})")
        return None

    _list = _tuple = _sequence

    def _set(self, old: Value, new: Value, where: str) -> Difference | None:
        for value in (old, new):
            if any(_holds(item, ("opaque", "iterator")) for item in value.data):
                raise NotComparable(f"{where}: an element of the set cannot be compared")
        met = {number: number for number in self._pairs.values()}
        mine, theirs = (
            sorted((_canonical(item, known, {}), at) for at, item in enumerate(value.data))
            for value, known in ((old, self._pairs), (new, met))
        )
        if [text for text, _ in mine] != [text for text, _ in theirs]:
            return Difference(where, render(old), render(new))
        if not isinstance(old.data, Packed):  # for the numbers of objects in it, which others may refer to
            for (_, at), (_, other) in zip(mine, theirs, strict=True):
                found = self.match(old.data[at], new.data[other], f"an element of {where}")
                if found:
                    return found
        return None

    _frozenset = _set

    def _dict(self, old: Value, new: Value, where: str) -> Difference | None:
        if len(old.data) != len(new.data):
            return Difference(f"length of {where}", str(len(old.data)), f"{len(new.data)} ({render(new)})")
        for (key, one), (other_key, other) in zip(old.data, new.data, strict=True):
            found = self.match(key, other_key, f"keys of {where}, in order")
            found = found or self.match(one, other, f"{where}[{render(key, 40)}]")
            if found:
                return found
        return None

    def _state_of(self, old: Value, new: Value, where: str) -> Difference | None:
        mine, theirs = ({key.data: item for key, item in value.state} for value in (old, new))
        if set(mine) != set(theirs):
            return Difference(f"attributes of {where}", ", ".join(map(str, mine)), ", ".join(map(str, theirs)))
        for key, item in mine.items():
            found = self.match(item, theirs[key], f"{where}.{key}")
            if found:
                return found
        return None

    def _object(self, old: Value, new: Value, where: str) -> Difference | None:
        assert old.base is not None and new.base is not None
        return self.match(old.base, new.base, where) or self._state_of(old, new, where)

    def _exception(self, old: Value, new: Value, where: str) -> Difference | None:
        if not old.explicit:
            return None
        assert old.base is not None and new.base is not None
        return self.match(old.base, new.base, f"arguments of {old.name}") or self._state_of(old, new, where)

    def _iterator(self, old: Value, new: Value, where: str) -> Difference | None:
        assert old.base is not None and new.base is not None
        return self._sequence(old, new, f"items of {where}") or self.match(old.base, new.base, f"end of {where}")


def _typed(value: Value) -> str:
    text = render(value)
    if value.kind in ("object", "exception", "global", "iterator", "none"):
        return text
    return f"{text} ({value.kind})"


def _same_scalar(old: Value, new: Value) -> bool:
    if old.kind == "float":
        return _bits(old.data) == _bits(new.data)
    if old.kind == "complex":
        return [*map(_bits, old.data)] == [*map(_bits, new.data)]
    return bool(old.data == new.data)


def _bits(number: float) -> bytes:
    return b"nan" if number != number else struct.pack("<d", number)


def _holds(value: Value, kinds: tuple[str, ...]) -> bool:
    if value.kind in kinds:
        return True
    inside = value.data if value.kind in ("tuple", "frozenset", "list", "set") else []
    if value.kind == "dict":
        inside = [part for pair in value.data for part in pair]
    parts = [*inside, *(item for _, item in value.state), *([value.base] if value.base else [])]
    return any(_holds(part, kinds) for part in parts)


def _canonical(value: Value, pairs: dict[int, int], inside: dict[int, int]) -> str:
    """Text that is the same for equal values, and for others only where what they refer to is met outside.

    `pairs` numbers the objects met before, `inside` those met within this value.
    """
    if value.number is not None:
        inside[value.number] = len(inside)
    if value.kind == "ref":
        number = value.data
        return f"ref inside {inside[number]}" if number in inside else f"ref {pairs.get(number)}"
    if value.kind == "float":
        return f"float {_bits(value.data).hex()}"
    if value.kind == "complex":
        return f"complex {[_bits(part).hex() for part in value.data]}"
    if value.kind in ("tuple", "frozenset", "list", "set"):
        inner = [_canonical(item, pairs, inside) for item in value.data]
        return f"{value.kind}{sorted(inner) if value.kind in ('frozenset', 'set') else inner}"
    if value.kind == "dict":
        return f"dict{[(_canonical(key, pairs, inside), _canonical(item, pairs, inside)) for key, item in value.data]}"
    inner = [_canonical(value.base, pairs, inside)] if value.base else []
    inner += sorted(f"{key.data}={_canonical(item, pairs, inside)}" for key, item in value.state)
    return f"{value.kind} {value.known} {value.name} {value.code} {value.data!r} {inner}"
