"""The Operator protocol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from burnish.agent.models.base import Message


@dataclass(frozen=True)
class Program:
    """A whole module and the name of the function in it that is being worked on."""

    source: str
    name: str


@dataclass(frozen=True)
class Attempt:
    """A rejected candidate, told to the model so that it does not repeat it."""

    source: str
    """The function as the model wrote it."""
    problem: str
    """Why it was rejected, with the counterexample if there is one."""


@dataclass(frozen=True)
class EditContext:
    """What an operator may show to a model."""

    program: Program
    """What is to be changed."""
    profile: str = ""
    """Lines of the function with their shares of the time; empty when unknown."""
    speedup: float = 1.0
    """How much faster `program` already is than the original."""
    attempts: tuple[Attempt, ...] = ()
    hints: tuple[str, ...] = ()
    """Findings of the static reading, one sentence each."""


@runtime_checkable
class Operator(Protocol):
    """Words the request and reads the answer. `tests/conformance/operator.py` is what every one passes."""

    @property
    def name(self) -> str:
        """Short name, as in the record."""

    @property
    def stop(self) -> tuple[str, ...]:
        """Texts at which an answer ends; what a model writes after them is not paid for."""

    def messages(self, context: EditContext) -> tuple[Message, ...]:
        """The prompt; a pure function of `context`, its stable part first."""

    def apply(self, answer: str, program: Program) -> Program:
        """The program that `answer` makes of `program`.

        The rest of the module, and the function's signature, stay as they were.

        Raises:
            burnish.tools.errors.EditError: with the reason, in words the model can act on.
        """
