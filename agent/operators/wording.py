"""What the operators that ask for a faster function have in common."""

from __future__ import annotations

from burnish import prompts
from burnish.agent.models.base import Message
from burnish.agent.operators.base import EditContext
from burnish.prompts.inputs import Attempt, Optimize, OptimizeSystem

MAX_SURROUNDINGS = 2000
"""Characters of the module, beside the function, that are shown; more would drown a small model."""


def optimize_messages(prompt: str, context: EditContext) -> tuple[Message, ...]:
    """A system message that never changes, then the request worded by `prompt`.

    Raises:
        burnish.tools.errors.SourceError: the program has no such function.
    """
    from burnish.tools.python_source import def_line, read_function, surroundings, without_docstring

    target = read_function(context.program.source, context.program.name)
    beside = surroundings(target)
    inputs = Optimize(
        name=target.name,
        signature=def_line(target),
        source=without_docstring(target),
        description=target.docstring or "",
        surroundings=beside if len(beside) <= MAX_SURROUNDINGS else "",
        profile=context.profile,
        hints=context.hints,
        attempts=tuple(Attempt(source=each.source, problem=each.problem) for each in context.attempts),
        speedup=f"{context.speedup:.1f}" if context.speedup >= 1.05 else "",
    )
    return (
        Message(role="system", content=prompts.render("optimize_system", OptimizeSystem())),
        Message(role="user", content=prompts.render(prompt, inputs)),
    )
