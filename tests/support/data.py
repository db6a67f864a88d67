"""Built-in data for property tests, and what it means that two of them are the same."""

from __future__ import annotations

import struct
from typing import Any

from hypothesis import strategies as st

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=-(1 << 300), max_value=1 << 300)
    | st.floats()
    | st.complex_numbers()
    | st.text(st.characters())
    | st.text(st.characters(min_codepoint=0xD7F0, max_codepoint=0xE010))
    | st.binary()
    | st.binary().map(bytearray)
)
hashable = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=4).map(tuple) | st.frozensets(inner, max_size=4),
    max_leaves=8,
)
data = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.lists(inner, max_size=5).map(tuple)
        | st.dictionaries(hashable, inner, max_size=4)
        | st.sets(hashable, max_size=5)
        | st.lists(st.integers(), max_size=9)
        | st.lists(st.floats(), max_size=9)
        | st.lists(st.text(), max_size=9)
        | st.lists(st.booleans(), max_size=9)
        | st.lists(st.none(), max_size=9)
    ),
    max_leaves=20,
)


def same(one: Any, other: Any) -> bool:
    """Equal with types, bit by bit for floats (any nan equals any nan)."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return struct.pack("<d", one) == struct.pack("<d", other) or (one != one and other != other)
    if isinstance(one, complex):
        return same(one.real, other.real) and same(one.imag, other.imag)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return same(list(one.items()), list(other.items()))
    return bool(one == other)
