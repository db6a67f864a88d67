"""Errors that end a run, each with the exit code CONTRACT gives it."""

from __future__ import annotations

from typing import ClassVar


class BurnishError(Exception):
    """Shown to people as `message` and, below it, `hint`: what they can do about it."""

    exit_code: ClassVar[int] = 70

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(BurnishError):
    """Wrong use or configuration."""

    exit_code = 2


class ModelUnavailable(BurnishError):
    """The model cannot be used: no weights, no server, refused."""

    exit_code = 4


class ContextTooLong(ModelUnavailable):
    """The prompt and the answer do not fit the model's context."""


class StorageError(BurnishError):
    """Disk full or read-only."""

    exit_code = 74
