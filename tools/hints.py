"""Static reading of a function for what is commonly slow in Python: one sentence a finding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from burnish.tools import syntax
from burnish.tools.bindings import (
    LOOPS,
    Bindings,
    appended_in,
    field,
    identifiers,
    is_invariant,
    loops_around,
    read_bindings,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from burnish.tools.python_source import FunctionTarget

MAX_HINTS = 8
_COMPREHENSIONS = ("list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression")
_WHOLE_SCANS = ("sorted", "sum", "min", "max", "list", "set", "tuple")
_CHEAP_OR_CHANGING = (
    "len", "range", "print", "input", "next", "append", "pop", "random", "randint", "isinstance", "time", "read", "int",
    "str", "float", "bool", "ord", "chr", "abs", "iter", "enumerate", "zip",
)  # fmt: skip


def static_hints(target: FunctionTarget) -> tuple[str, ...]:
    """What looks slow in the function, with the usual cure and the line in the module; at most `MAX_HINTS`."""
    root = syntax.parse(target.source)
    bindings = read_bindings(root)
    found: dict[str, None] = {}
    for node in syntax.walk(root):
        at = f"Line {target.start_line + node.start_point.row}"
        for hint in _of_node(target.name, bindings, node):
            found.setdefault(f"{at}: {hint}")
    for hint in _recursion(target, root):
        found.setdefault(hint)
    return tuple(found)[:MAX_HINTS]


def _of_node(name: str, bindings: Bindings, node: Node) -> Iterator[str]:
    depth = sum(1 for _ in loops_around(node))
    if node.type in (*LOOPS, *_COMPREHENSIONS) and depth == 2:
        yield "loops are nested three deep; look for a way to reach the same result with fewer passes."
    if node.type == "for_statement" and (sequence := _searched_again(node)):
        yield (
            f"for each element of `{sequence}` the loop inside tries all others; keep what was met so far in a dict, "
            "with how often, and look up there what would match, in one pass."
        )
    if not depth:
        return
    if node.type == "binary_operator" and field(node, "operator") == "%":
        yield from _divisions(node)
    elif node.type == "comparison_operator":
        for sign, right in zip(node.children[1::2], node.children[2::2], strict=False):
            if sign.type in ("in", "not in") and bindings.kind(right) == "list":
                cure = _in_set(node, right)
                yield f"`in` searches the list `{_short(right)}` from its start each time round the loop; {cure}"
    elif node.type == "call":
        yield from _calls(name, bindings, node)
    elif node.type == "augmented_assignment" and field(node, "operator") == "+=":
        left = node.child_by_field_name("left")
        if left is not None and bindings.kind(left) == "string":
            yield f"`{_short(left)}` grows by string `+=` in a loop; collect the parts in a list and join them once."
    elif node.type == "subscript" and any(each.type == "slice" for each in node.named_children):
        holder = node.parent
        changed = holder is not None and (
            holder.type == "delete_statement" or holder.child_by_field_name("left") == node
        )
        if not changed:
            yield f"the slice `{_short(node)}` copies its elements each time round the loop; indexes copy nothing."


def _calls(name: str, bindings: Bindings, node: Node) -> Iterator[str]:
    function, args = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    if function is None or args is None:
        return
    called = syntax.text(function).split(".")[-1]
    owner = function.child_by_field_name("object") if function.type == "attribute" else None
    if owner is not None:
        first = syntax.text(args.named_children[0]) if args.named_children else ""
        kinds = ("list", "unknown", "string") if called in ("count", "index") else ("list", "unknown")
        if called in ("count", "index", "remove") and bindings.kind(owner) in kinds:
            cure = _instead(called, owner, first or "it", _short(node))
            yield f"`.{called}()` scans `{_short(owner)}` each time round the loop; {cure}"
        if called in ("pop", "insert") and first == "0":
            yield f"`.{called}(0)` moves every element of the list; use collections.deque, or an index that moves."
    if args.type != "argument_list" or called in (*_CHEAP_OR_CHANGING, name):
        return
    if (args.named_children or owner is not None) and is_invariant(node):
        yield f"`{_short(node)}` depends on nothing that the loop changes; compute it once before the loop."
        return
    first_type = args.named_children[0].type if args.named_children else ""
    if owner is None and called in _WHOLE_SCANS and first_type in ("identifier", "attribute", "subscript"):
        yield (
            f"`{_short(node)}` goes through all elements each time round the loop; "
            "keep its result up to date as the loop goes on."
        )


def _searched_again(loop: Node) -> str:
    """What a loop goes through once more inside itself to find equal things; empty when it does not."""
    outer, inner = _gone_through(loop), None
    body = loop.child_by_field_name("body")
    statements = [each for each in body.named_children if each.type != "comment"] if body is not None else []
    if outer and len(statements) == 1 and statements[0].type == "for_statement":
        inner = statements[0]
    if inner is None or _gone_through(inner) != outer:
        return ""
    names = [field(each, "left") for each in (loop, inner)]
    for node in syntax.walk(inner):
        equal = node.type == "comparison_operator" and any(each.type == "==" for each in node.children)
        if equal and set(names) <= identifiers(node):
            return outer
    return ""


def _gone_through(loop: Node) -> str:
    """The name of the sequence that a loop goes through, itself or by its indexes; empty when there is none."""
    over = loop.child_by_field_name("right")
    if over is None or over.type == "identifier":
        return syntax.text(over) if over is not None else ""
    lengths = [
        each.child_by_field_name("arguments")
        for each in syntax.walk(over)
        if each.type == "call" and field(each, "function") == "len"
    ]
    if not syntax.text(over).startswith(("range(", "enumerate(")):
        return ""
    owners = {syntax.text(each).strip("()") for each in lengths if each is not None}
    return owners.pop() if len(owners) == 1 else ""


def _instead(called: str, owner: Node, key: str, call: str) -> str:
    """What to do in place of a scan of a list, in the function's own names."""
    name, added = _short(owner), _added(owner)
    if added == "" or (added and called == "index"):
        return f"leave `{name}` as it is, keep a dict beside it that changes wherever `{name}` does, and ask the dict."
    if called == "count" and added:
        table = _new_name(owner, "counts")
        return (
            f"leave `{name}` as it is and keep a dict beside it: put `{table} = {{}}` before the loop, write "
            f"`{table}.get({key}, 0)` in place of `{call}`, and in the place where `{added}` is added to `{name}` "
            f"write `{table}[{added}] = {table}.get({added}, 0) + 1` as well."
        )
    if called == "count":
        table = _new_name(owner, "counts")
        return (
            f"put `{table} = collections.Counter({name})` before the loop, and write `{table}[{key}]` in place of "
            f"`{call}`."
        )
    if called == "index":
        table = _new_name(owner, "first")
        return (
            f"make a dict of first positions before the loop (`{table}.setdefault(element, position)` for each element "
            f"of `{name}` in order), and write `{table}[{key}]` in place of `{call}`."
        )
    return "keep the elements in a dict or set, which removes without a scan."


def _in_set(search: Node, where: Node) -> str:
    """What to do in place of a search with `in`, in the function's own names."""
    name, key = _short(where), _short(search.named_children[0])
    if where.type != "identifier":
        return "make a set of it once before the loop."
    table = _new_name(where, "known")
    added = _added(where)
    if added == "":
        return f"leave `{name}` as it is, keep a set beside it that changes wherever `{name}` does, and search the set."
    if added:
        return (
            f"leave `{name}` as it is and keep a set beside it: put `{table} = set()` before the loop, write "
            f"`{key} in {table}`, and in the place where `{added}` is added to `{name}` write `{table}.add({added})` "
            "as well."
        )
    return f"put `{table} = set({name})` before the loop, and write `{key} in {table}`."


def _added(owner: Node) -> str | None:
    """What the loops around `owner`, a list, append to it; None for nothing, empty where it is not one thing alone."""
    if owner.type != "identifier":
        return None
    found = {added for loop in loops_around(owner) for added in appended_in(syntax.text(owner), loop)}
    return (found.pop() if len(found) == 1 else "") if found else None


def _new_name(node: Node, wanted: str) -> str:
    """`wanted`, or with an underscore where the function has that name already."""
    top = node
    while top.parent is not None:
        top = top.parent
    taken = identifiers(top)
    while wanted in taken:
        wanted += "_"
    return wanted


def _divisions(node: Node) -> Iterator[str]:
    """A remainder tested by the variable of a loop that counts up to what is divided."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    parent = node.parent
    while parent is not None and parent.type == "parenthesized_expression":
        parent = parent.parent
    tested = ("comparison_operator", "not_operator", "if_statement", "boolean_operator", "if_clause")
    if left is None or right is None or right.type != "identifier" or parent is None or parent.type not in tested:
        return
    for loop in loops_around(node):
        for clause in (loop, *loop.named_children):
            over = clause.child_by_field_name("right")
            if over is None or field(clause, "left") != syntax.text(right):
                continue
            words = syntax.text(over)
            if words.startswith("range(") and syntax.text(left) in identifiers(over) and "sqrt" not in words:
                yield (
                    f"every possible divisor of `{_short(left)}` is tried; divisors come in pairs, so trying up to the "
                    "square root is enough, and a yes-or-no question can stop at the first one found."
                )


def _recursion(target: FunctionTarget, root: Node) -> Iterator[str]:
    if any("cache" in each for each in target.decorators):
        return
    rows = [
        each.start_point.row
        for each in syntax.walk(root)
        if each.type == "call" and field(each, "function") == target.name
    ]
    if len(rows) >= 2:
        yield (
            f"Line {target.start_line + rows[0]}: {target.name} calls itself in {len(rows)} places and may solve "
            "the same parts again; remember solved parts within one call, or build the result from the bottom up."
        )


def _short(node: Node) -> str:
    words = " ".join(syntax.text(node).split())
    return words if len(words) <= 60 else words[:57] + "..."
