"""Inputs that people write: reading them from files, and writing calls as Python text."""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from burnish.sandbox.equal.calls import Call

T = TypeVar("T")

_DEEPEST = 100
_GAP = "..."


class BadInputs(ValueError):
    """A file of inputs cannot be read; the text names the file and the line and says what is expected."""


def load_inputs(text: str, filename: str) -> list[Call]:
    """The calls that a file of inputs holds.

    A `.json` file holds a list of calls. A call is a list of positional arguments, or an object with "args" and
    "kwargs", each of which may be missing. A `.jsonl` file holds one such call a line. Any other file holds one
    Python literal a line: a tuple of positional arguments, or anything else as the only argument; empty lines and
    those that start with # are skipped. A single tuple is written ((1, 2),).

    Args:
        text: What the file holds.
        filename: Its name, which decides how it is read.

    Raises:
        BadInputs: it cannot be read, or holds no call.

    >>> [call.args for call in load_inputs("[1, 2], 3", "inputs.txt")]
    [([1, 2], 3)]
    """
    text = text.removeprefix("\ufeff")
    if filename.lower().endswith(".json"):
        calls = list(_from_json(text, filename))
    elif filename.lower().endswith(".jsonl"):
        calls = [_call(_parse_json(line, where), where) for where, line in _lines(text, filename)]
    else:
        calls = [
            _from_literal(line, where) for where, line in _lines(text, filename) if not line.lstrip().startswith("#")
        ]
    if not calls:
        raise BadInputs(f"{filename}: no call in it. Write one call a line, such as: [3, 1, 2], 5")
    return calls


def literal(call: Call, limit: int = 200) -> str:
    """The call's arguments as Python source text, at most `limit` (5 or more) characters, without the middle if longer.

    Complete text evaluates to the arguments. The elements of sets are in order of their text.

    >>> literal(Call(args=([1, float("nan")],), kwargs={"n": 2}))
    "[1, float('nan')], n=2"
    >>> literal(Call(args=(list(range(100)),)), limit=24)
    '[0, 1, 2, ...97, 98, 99]'
    """
    limit = max(limit, 2 + len(_GAP))
    parts = [_write(value, limit) for value in call.args]
    parts += [f"{name}={_write(value, limit)}" for name, value in call.kwargs.items()]
    text = ", ".join(parts)
    if len(text) <= limit:
        return text
    head = (limit - len(_GAP)) // 2
    tail = limit - len(_GAP) - head
    return f"{text[:head]}{_GAP}{text[-tail:]}"


def _write(value: object, limit: int) -> str:
    """`value` as source text; what is longer than `limit` may lack its middle, which `literal` then cuts."""
    if isinstance(value, str):
        return repr(value if len(value) <= 3 * limit else value[:limit] + value[-limit:])
    if isinstance(value, bytes):
        return repr(value if len(value) <= 3 * limit else value[:limit] + value[-limit:])
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else f"float('{value}')"
    if isinstance(value, complex):
        exact = math.isfinite(value.real) and math.isfinite(value.imag) and "-0" not in repr(value)
        return repr(value) if exact else f"complex({_write(value.real, limit)}, {_write(value.imag, limit)})"
    if isinstance(value, int) and not isinstance(value, bool):
        # Python refuses to write very long ints in decimal, but not in hexadecimal.
        return repr(value) if value.bit_length() < 10_000 else hex(value)
    if isinstance(value, dict):
        pairs = _ends(list(value.items()), limit)
        return "{" + ", ".join(f"{_write(k, limit)}: {_write(v, limit)}" for k, v in pairs) + "}"
    if isinstance(value, list):
        return f"[{_join(value, limit)}]"
    if isinstance(value, tuple):
        return f"({_join(value, limit)}{',' if len(value) == 1 else ''})"
    if isinstance(value, (set, frozenset)):
        inner = ", ".join(_ends(sorted(_write(one, limit) for one in value), limit))
        text = "{" + inner + "}" if value else ""
        return (text or "set()") if isinstance(value, set) else f"frozenset({text})"
    return repr(value)


def _join(values: list[object] | tuple[object, ...], limit: int) -> str:
    return ", ".join(_write(value, limit) for value in _ends(values, limit))


def _ends(values: Sequence[T], limit: int) -> Sequence[T]:
    """Enough of both ends to fill `limit` characters twice."""
    return values if len(values) <= 3 * limit else [*values[:limit], *values[-limit:]]


def _lines(text: str, filename: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield f"{filename}, line {number}", line.strip()


def _from_json(text: str, filename: str) -> Iterable[Call]:
    data = _parse_json(text, filename)
    if not isinstance(data, list):
        raise BadInputs(f"{filename}: a list of calls is expected, not {_name(data)}")
    return [_call(entry, f"{filename}, call {number}") for number, entry in enumerate(data, start=1)]


def _parse_json(text: str, where: str) -> object:
    try:
        data: object = json.loads(text)
    except json.JSONDecodeError as error:
        place = f"{where}, column {error.colno}" if ", line " in where else f"{where}, line {error.lineno}"
        raise BadInputs(f"{place}: not JSON: {error.msg}") from None
    except RecursionError:
        raise BadInputs(f"{where}: nested too deeply") from None
    except ValueError:
        raise BadInputs(f"{where}: a number is too long") from None
    return data


def _call(entry: object, where: str) -> Call:
    if isinstance(entry, list):
        args, kwargs = entry, {}
    elif isinstance(entry, dict):
        unknown = [key for key in entry if key not in ("args", "kwargs")]
        if unknown:
            raise BadInputs(f'{where}: a call has "args" and "kwargs", not {unknown[0]!r}')
        args, kwargs = entry.get("args", []), entry.get("kwargs", {})
    else:
        raise BadInputs(
            f'{where}: a call is a list of arguments or an object with "args" and "kwargs", not {_name(entry)}'
        )
    if not isinstance(args, list) or not isinstance(kwargs, dict):
        raise BadInputs(f'{where}: "args" is a list and "kwargs" is an object')
    wrong = [name for name in kwargs if not name.isidentifier()]
    if wrong:
        raise BadInputs(f"{where}: {wrong[0]!r} cannot be the name of a parameter")
    _check(args, where)
    _check(kwargs, where)
    return Call(args=tuple(args), kwargs=kwargs, source="user")


def _from_literal(line: str, where: str) -> Call:
    try:
        value = ast.literal_eval(line)
    except (RecursionError, MemoryError):
        raise BadInputs(f"{where}: nested too deeply") from None
    except (ValueError, SyntaxError, TypeError):
        raise BadInputs(
            f"{where}: not a Python literal. Write the arguments of one call, such as: [3, 1, 2], 5"
        ) from None
    _check(value, where)
    return Call(args=value if isinstance(value, tuple) else (value,), source="user")


def _check(value: object, where: str, depth: int = 0) -> None:
    if depth > _DEEPEST:
        raise BadInputs(f"{where}: nested too deeply")
    if value is ...:
        raise BadInputs(f"{where}: ... is not a value that can be compared")
    if isinstance(value, dict):
        for key, one in value.items():
            _check(key, where, depth + 1)
            _check(one, where, depth + 1)
    elif isinstance(value, (list, tuple, set)):
        for one in value:
            _check(one, where, depth + 1)


def _name(value: object) -> str:
    names = {dict: "an object", str: "a text", bool: "a truth value", type(None): "null"}
    return names.get(type(value), "a number")
