"""The operator that asks for some lines of the function to be replaced."""

from __future__ import annotations

from burnish.agent.models.base import Message
from burnish.agent.operators.base import EditContext, Program
from burnish.agent.operators.wording import optimize_messages


class SearchReplace:
    """Asks for SEARCH/REPLACE blocks; an answer with the whole function instead is taken too."""

    @property
    def name(self) -> str:
        """Short name, as in the record."""
        return "search_replace"

    @property
    def stop(self) -> tuple[str, ...]:
        """None: an answer may have several blocks."""
        return ()

    def messages(self, context: EditContext) -> tuple[Message, ...]:
        """The prompt; a pure function of `context`, its stable part first.

        Raises:
            burnish.tools.errors.SourceError: the program has no such function.
        """
        return optimize_messages("optimize_edit", context)

    def apply(self, answer: str, program: Program) -> Program:
        """The program with the blocks of `answer` carried out, in their order.

        Raises:
            burnish.tools.errors.EditError: with the reason, in words the model can act on.
        """
        from burnish.tools.edit import apply_answer, parse_blocks, search_replace

        blocks = parse_blocks(answer)
        if not blocks:
            return Program(apply_answer(program.source, program.name, answer), program.name)
        return Program(search_replace(program.source, program.name, blocks), program.name)
