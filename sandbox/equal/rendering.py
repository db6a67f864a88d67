"""Values as text for people."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from burnish.sandbox.equal.values import Value


def render(value: Value, most: int = 200) -> str:
    """Python-like text of a value, at most `most` characters."""
    text = _render(value, most)
    return text if len(text) <= most else text[: most * 2 // 3] + " … " + text[-most // 4 :]


def _render(value: Value, most: int) -> str:
    kind, data = value.kind, value.data
    if kind == "none":
        return "None"
    if kind == "complex":
        return repr(complex(*data))
    if kind == "int" and abs(data).bit_length() > 2000:
        return f"<int of {abs(data).bit_length()} bits>"
    if kind in ("bool", "int", "float", "str", "bytes"):
        if kind in ("str", "bytes") and len(data) > most:
            data = data[:most]
        if kind == "float" and not math.isfinite(data):
            return f"float('{data}')"
        return repr(data)
    if kind == "bytearray":
        return f"bytearray({data[:most]!r})"
    if kind == "ref":
        return f"<same object as {data}>"
    if kind in ("global", "opaque"):
        return f"<{value.name}>"
    if kind == "exception":
        return f"{value.name.removeprefix('builtins.')}{_join(value.base.data if value.base else [], most)}"
    if kind == "object":
        base = value.base
        inner = [] if base is None or base.kind == "none" else [_render(base, most)]
        if value.known and base is not None and base.kind == "tuple":
            inner = [_join(base.data, most)[1:-1]]
        inner += [f"{key.data}={_render(item, most)}" for key, item in value.state]
        return f"{value.name}({', '.join(inner)})"
    if kind == "dict":
        return "{" + _join([f"{_render(k, most)}: {_render(v, most)}" for k, v in data[:most]], most)[1:-1] + "}"
    if kind == "iterator":
        return f"<iterator of {_join(data, most)}>"
    text = _join(data, most)
    if kind == "list":
        return f"[{text[1:-1]}]"
    if kind == "tuple":
        return text if len(data) != 1 else f"({text[1:-1]},)"
    return f"{kind}({{{text[1:-1]}}})" if data else f"{kind}()"


def _join(items: Sequence[Any], most: int) -> str:
    """The items in brackets; of long sequences only both ends."""
    cut = most // 4 + 4
    texts = [item if isinstance(item, str) else _render(item, most) for item in items[:cut]]
    if len(items) > cut:
        texts += ["…"] + [item if isinstance(item, str) else _render(item, most) for item in items[-cut // 2 :]]
    return f"({', '.join(texts)})"
