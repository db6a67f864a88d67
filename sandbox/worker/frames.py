"""Length-prefixed messages over pipes."""

import os
import struct

_HEAD = struct.Struct("<Q")


def read(fd):
    """The next message as bytes; None at the end of the stream."""
    head = _exactly(fd, _HEAD.size)
    return None if head is None else _exactly(fd, _HEAD.unpack(head)[0])


def write(fd, body):
    """Write one message whole."""
    view = memoryview(_HEAD.pack(len(body)) + body)
    while view:
        view = view[os.write(fd, view) :]


def _exactly(fd, count):
    parts = []
    while count:
        part = os.read(fd, min(count, 1 << 20))
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)
