"""Attributes that a module gives itself."""

from __future__ import annotations

from burnish.tools import syntax


def module_attributes(source: str) -> tuple[str, ...]:
    """Names bound by assignments at the top level of `source`, dunder names left out, in order."""
    found: dict[str, None] = {}
    for node in syntax.parse(source).named_children:
        inner = node.named_children[0] if node.type == "expression_statement" and node.named_children else None
        left = inner.child_by_field_name("left") if inner is not None and "assignment" in inner.type else None
        if left is None:
            continue
        names = [left] if left.type == "identifier" else left.named_children
        for name in names:
            text = syntax.text(name)
            if name.type == "identifier" and not (text.startswith("__") and text.endswith("__")):
                found[text] = None
    return tuple(found)
