"""An upper bound on a prompt's tokens that needs no tokenizer."""

from __future__ import annotations

from burnish.agent.models.base import ModelRequest

_REQUEST = 128
"""What a chat template puts around all messages, a default system message included."""
_MESSAGE = 16
"""What it puts around one: the marks of its start and end, its role, line ends."""


def byte_bound(request: ModelRequest) -> int:
    """Tokens that the prompt of `request` cannot exceed with a byte-level tokenizer: each token is at least a byte."""
    return _REQUEST + sum(_MESSAGE + len(message.content.encode()) for message in request.messages)
