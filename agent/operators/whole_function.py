"""The operator that asks for the function written anew."""

from __future__ import annotations

from burnish.agent.models.base import Message
from burnish.agent.operators.base import EditContext, Program
from burnish.agent.operators.wording import optimize_messages


class WholeFunction:
    """Asks for the complete function; takes the first code block that is a usable one."""

    @property
    def name(self) -> str:
        """Short name, as in the record."""
        return "whole_function"

    @property
    def stop(self) -> tuple[str, ...]:
        """The end of the code block: explanations follow it."""
        return ("\n```\n",)

    def messages(self, context: EditContext) -> tuple[Message, ...]:
        """The prompt; a pure function of `context`, its stable part first.

        Raises:
            burnish.tools.errors.SourceError: the program has no such function.
        """
        return optimize_messages("optimize_whole", context)

    def apply(self, answer: str, program: Program) -> Program:
        """The program with its function as `answer` has it.

        Raises:
            burnish.tools.errors.EditError: with the reason, in words the model can act on.
        """
        from burnish.tools.edit import apply_answer

        return Program(apply_answer(program.source, program.name, answer), program.name)
