"""What can be wrong with a sandbox."""

from __future__ import annotations

from typing import ClassVar


class SandboxUnavailable(Exception):
    """No usable sandbox on this machine; `hint` says what to do."""

    exit_code: ClassVar[int] = 3

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
