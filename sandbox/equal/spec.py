"""What inputs of a function are made from: its parameters' types, its defaults, its examples."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from burnish.sandbox.equal.calls import Call
from burnish.sandbox.equal.types import NONE, TypeSpec, accepts, default_type, infer, is_open, parse_type


class NoInputs(Exception):
    """No inputs can be made; the text names the parameters that are in the way and says what to do."""


@dataclass(frozen=True)
class Parameter:
    """A parameter as its function's signature has it. `*args` and `**kwargs` are not given here."""

    name: str
    annotation: str | None = None
    """Source text; read, never evaluated."""
    default: str | None = None
    """Source text; None when the parameter is required. Only literals are understood."""
    keyword_only: bool = False
    positional_only: bool = False


@dataclass(frozen=True)
class InputSpec:
    """What inputs are made from."""

    parameters: tuple[tuple[str, TypeSpec], ...]
    """In the order of the signature; optional ones that nothing is known of are missing."""
    examples: tuple[Call, ...] = ()
    by_keyword: frozenset[str] = frozenset()
    """Those of `parameters` that are passed by keyword."""
    defaults: tuple[tuple[str, object], ...] = ()
    """Default values of optional parameters, where they are literals."""
    optional: frozenset[str] = frozenset()
    """Those of `parameters` that have a default, of whatever kind."""
    positional_only: frozenset[str] = frozenset()
    """Those of `parameters` that cannot be passed by keyword."""
    notes: tuple[str, ...] = ()
    """Parameters that no input varies, in words for people."""

    @classmethod
    def build(cls, parameters: Sequence[Parameter], examples: Sequence[Call] = ()) -> InputSpec:
        """The spec of a function.

        A type comes from the annotation; where that is missing, cannot be read or leaves something unsaid, from the
        examples; else from the default value. A default of None that nothing else is known of is only ever None.

        Args:
            parameters: In the order of the signature.
            examples: Calls known to be meant: from docstrings, tests and files.

        Raises:
            NoInputs: a required parameter has no type that is understood, and no example.
        """
        known: list[tuple[str, TypeSpec]] = []
        by_keyword: set[str] = set()
        defaults: list[tuple[str, object]] = []
        missing: list[Parameter] = []
        notes: list[str] = []
        gap = False
        for at, parameter in enumerate(parameters):
            literal, default = _literal(parameter.default)
            spec = _type(parameter, _shown(parameter, at, examples), default)
            if spec is None and literal and default is None:
                spec = NONE
            if gap and parameter.positional_only:
                spec = None  # no call can reach it past the one before
            if parameter.default is not None and spec in (None, NONE) and parameter.annotation != "None":
                notes.append(_unvaried(parameter.name, spec))
            if spec is None:
                gap = True
                if parameter.default is None:
                    missing.append(parameter)
                continue
            known.append((parameter.name, spec))
            if parameter.keyword_only or gap:
                by_keyword.add(parameter.name)
            if literal:
                defaults.append((parameter.name, default))
        if missing:
            raise NoInputs(_explain(missing))
        return cls(
            parameters=tuple(known),
            examples=tuple(examples),
            by_keyword=frozenset(by_keyword),
            defaults=tuple(defaults),
            optional=frozenset(one.name for one in parameters if one.default is not None and one.name in dict(known)),
            positional_only=frozenset(one.name for one in parameters if one.positional_only),
            notes=tuple(notes),
        )

    def bind(self, call: Call) -> dict[str, object]:
        """The arguments of `call` by parameter, as far as `parameters` has them."""
        places = [name for name, _ in self.parameters if name not in self.by_keyword]
        bound = dict(zip(places, call.args, strict=False))
        names = {name for name, _ in self.parameters}
        return bound | {name: value for name, value in call.kwargs.items() if name in names}

    def call(self, values: Mapping[str, object], source: str, size: int = 0) -> Call:
        """The call that passes `values`; parameters that it lacks are left out, and later ones passed by keyword.

        Raises:
            KeyError: a required parameter is missing.
        """
        defaults = dict(self.defaults)
        names = [name for name, _ in self.parameters]
        if lacking := [name for name in names if name not in values and name not in self.optional]:
            raise KeyError(lacking[0])
        args: list[object] = []
        places = [name for name in names if name not in self.by_keyword]
        for at, name in enumerate(places):
            later = any(one in values and one in self.positional_only for one in places[at + 1 :])
            if name in values:
                args.append(values[name])
            elif later and name in defaults:
                args.append(defaults[name])
            else:
                break
        rest = [name for name in names if name not in places[: len(args)] and name not in self.positional_only]
        kwargs = {name: values[name] for name in rest if name in values}
        return Call(args=tuple(args), kwargs=kwargs, source=source, size=size)


def _shown(parameter: Parameter, at: int, examples: Sequence[Call]) -> list[object]:
    """The values that the examples pass to the parameter at place `at`."""
    shown: list[object] = []
    for call in examples:
        if not parameter.keyword_only and at < len(call.args):
            shown.append(call.args[at])
        elif parameter.name in call.kwargs:
            shown.append(call.kwargs[parameter.name])
    return shown


def _type(parameter: Parameter, shown: Sequence[object], default: object) -> TypeSpec | None:
    declared = parse_type(parameter.annotation) if parameter.annotation is not None else None
    if declared is None:
        return infer(shown) or default_type(default)
    return _fill(declared, shown)


def _fill(spec: TypeSpec, shown: Sequence[object]) -> TypeSpec:
    """`spec` with what the values shown tell in place of Any."""
    fitting = [value for value in shown if accepts(spec, value)]
    if not fitting or not is_open(spec):
        return spec
    if spec.kind == "any" or (spec.kind == "dict" and spec.items[1].kind == "any"):
        return infer(fitting) or spec
    if spec.kind == "union":
        return replace(spec, items=tuple(_fill(item, fitting) for item in spec.items))
    if spec.kind == "tuple":
        rows = [value for value in fitting if isinstance(value, tuple)]
        return replace(spec, items=tuple(map(_fill, spec.items, zip(*rows, strict=True))))
    if spec.kind == "dict":
        items = [pair for value in fitting if isinstance(value, dict) for pair in value.items()]
        return replace(spec, items=tuple(map(_fill, spec.items, zip(*items, strict=True)))) if items else spec
    elements = [one for value in fitting if isinstance(value, (list, tuple, set, frozenset)) for one in value]
    return replace(spec, items=(_fill(spec.items[0], elements),))


def _literal(text: str | None) -> tuple[bool, object]:
    """Whether a default's text is a literal, and its value."""
    if text is None:
        return False, None
    try:
        value: object = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return False, None
    return value is not ..., None if value is ... else value


def _unvaried(name: str, spec: TypeSpec | None) -> str:
    how = "only left out" if spec is None else "only left out or passed as None"
    return f"Parameter {name} was {how}: a type hint, or an example that passes it, says what else it takes."


def _explain(missing: Sequence[Parameter]) -> str:
    names = [
        f"`{one.name}` (its hint `{one.annotation}` is not one that inputs can be made for)"
        if one.annotation
        else f"`{one.name}` (it has no type hint)"
        for one in missing
    ]
    return (
        f"No inputs can be made for {', '.join(names)}, and no example shows one. "
        "Add type hints, a doctest example or a test beside it, or give inputs with --inputs FILE."
    )
