"""A real HTTP server that misbehaves on request, and a progress that remembers."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Page:
    """What a path answers."""

    body: bytes = b""
    status: int = 200
    kind: str = "application/octet-stream"
    etag: str | None = '"v1"'
    ranges: bool = True
    """False: it ignores Range, as some servers do."""
    cuts: list[int] = field(default_factory=list)
    """The first answers end after so many bytes, in the middle."""
    failures: list[int] = field(default_factory=list)
    """The first answers have these codes and no body."""


@dataclass
class Site:
    """The server's pages and what was asked of it."""

    url: str = ""
    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def ranges(self) -> list[str | None]:
        """The Range header of each request, in order."""
        return [headers.get("range") for _, headers in self.asked]


@contextmanager
def serving() -> Iterator[Site]:
    """A server on loopback, while the block runs."""
    found = Site()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            found.asked.append((self.path, headers))
            page = found.pages.get(self.path, Page(status=404))
            status = page.failures.pop(0) if page.failures else page.status
            if status != 200:
                return self.answer(status, {}, b"")
            start, extra = 0, {"Content-Type": page.kind}
            if page.etag:
                extra["ETag"] = page.etag
            wanted = re.fullmatch(r"bytes=(\d+)-", headers.get("range", ""))
            if wanted and page.ranges and headers.get("if-range") == page.etag:
                start, status = int(wanted[1]), 206
                if start >= len(page.body):
                    return self.answer(416, {"Content-Range": f"bytes */{len(page.body)}"}, b"")
                extra["Content-Range"] = f"bytes {start}-{len(page.body) - 1}/{len(page.body)}"
            cut = page.cuts.pop(0) if page.cuts else None
            return self.answer(status, extra, page.body[start:], cut)

        def answer(self, status: int, extra: dict[str, str], body: bytes, cut: int | None = None) -> None:
            self.send_response(status)
            for name, value in {**extra, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body[:cut])
            self.close_connection = cut is not None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Notes:
    """A `Progress` that remembers."""

    total: int | None = None
    done: int = 0
    notes: list[str] = field(default_factory=list)

    def start(self, label: str, total: int | None) -> None:
        """A step begins."""
        self.total, self.done = total, 0

    def advance(self, n: int) -> None:
        """Part of it is done."""
        self.done += n

    def note(self, text: str) -> None:
        """Something to say."""
        self.notes.append(text)
