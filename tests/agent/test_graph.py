"""The machine: its state stays small, its drawing is the one people read, and it tells nobody."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from support.tasks import always, fenced, write_slow

from burnish.agent.config import runs_dir
from burnish.agent.jobs import Ask, optimize
from burnish.agent.runs.budget import Limits

pytestmark = pytest.mark.sandbox

LARGEST_CHECKPOINT = 2_000


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """An HTTP server's address, and what was sent to it."""
    heard: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(f"{self.command} {self.path}")
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        do_POST = do_PATCH = do_PUT = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", heard
    server.shutdown()
    server.server_close()
    thread.join()


PLAIN_GRAPH = """
from typing import TypedDict
from langgraph.graph import END, START, StateGraph

class State(TypedDict):
    x: int

graph = StateGraph(State)
graph.add_node("a", lambda state: {"x": 1})
graph.add_edge(START, "a")
graph.add_edge("a", END)
graph.compile().invoke({"x": 0})
from langchain_core.tracers.langchain import wait_for_all_tracers
wait_for_all_tracers()
"""

OWN_RUN = """
import sys
from pathlib import Path
from support.tasks import always
from burnish.agent.jobs import Ask, optimize
from burnish.agent.runs.budget import Limits
code = optimize(Ask(sys.argv[1], limits=Limits(max_calls=1), quiet=True), always("no"))
from langchain_core.tracers.langchain import wait_for_all_tracers
wait_for_all_tracers()
sys.exit(code)
"""


def test_nothing_is_traced(
    listener: tuple[str, list[str]], tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, heard = listener
    for name in ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2"):
        monkeypatch.setenv(name, "true")
    for name in ("LANGSMITH", "LANGCHAIN"):
        monkeypatch.setenv(f"{name}_ENDPOINT", address)
        monkeypatch.setenv(f"{name}_API_KEY", "ls-nothing")
    monkeypatch.setenv("PYTHONPATH", str(root / "tests"))
    target = str(write_slow(tmp_path))
    assert subprocess.run([sys.executable, "-c", OWN_RUN, target], capture_output=True, timeout=60).returncode == 5
    assert heard == []
    # With the same settings a graph of nobody's own does post, so the silence above is ours.
    subprocess.run([sys.executable, "-c", PLAIN_GRAPH], capture_output=True, timeout=60, check=True)
    assert heard


def test_the_state_does_not_grow(tmp_path: Path) -> None:
    """However many rounds and candidates: only short strings are in a checkpoint."""
    limits = Limits(max_calls=7)
    optimize(Ask(str(write_slow(tmp_path)), limits=limits, quiet=True), always("no", "never", fenced("x = 1\n")))
    (folder,) = runs_dir().iterdir()
    with closing(sqlite3.connect(folder / "checkpoints.sqlite")) as database:
        sizes = [len(row[0]) for row in database.execute("SELECT checkpoint FROM checkpoints ORDER BY checkpoint_id")]
        values = [len(row[0]) for row in database.execute("SELECT value FROM writes WHERE value IS NOT NULL")]
    assert len(sizes) == 1, "only the newest is kept"
    assert sizes[0] < LARGEST_CHECKPOINT
    assert max(values, default=0) < 200
    assert json.loads((folder / "result.json").read_text())["outcome"] == "out_of_budget"
