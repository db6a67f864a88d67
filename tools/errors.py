"""What can be wrong with source text."""

from __future__ import annotations

from typing import ClassVar


class SourceError(Exception):
    """The source or the name asked for cannot be used; `message` says why, `hint` what to do."""

    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class EditError(Exception):
    """A model's answer cannot be turned into an edit; the text says why, in words the model can act on."""
