"""The process that holds a local model: `python -m burnish.agent.models.local_server`.

It reads one JSON line of `Settings` from stdin, serves the model on 127.0.0.1 behind the settings' key, prints one
JSON line (`{"address": "http://127.0.0.1:PORT"}`, or `{"error": "..."}`), and ends when stdin closes. The kernel closes
stdin when the parent dies, however it dies.
"""

from __future__ import annotations

import dataclasses
import json
import os
import select
import sys
from dataclasses import dataclass
from typing import TextIO

_PARENT_CHECK_S = 1.0


@dataclass(frozen=True)
class Settings:
    """What the parent asks for."""

    model: str
    """Path of the weights."""
    alias: str
    """The model's name in answers; without it the server would give the path."""
    threads: int
    context: int
    """Tokens a slot."""
    slots: int
    """Samples computed at once."""
    api_key: str
    """Requests without it are refused: every user of the machine can reach the port."""
    parent: int
    """Process id of the parent."""

    def as_line(self) -> str:
        """For the server's stdin."""
        return json.dumps(dataclasses.asdict(self)) + "\n"


def main() -> None:
    """Serve until stdin closes; never returns."""
    answers = _private_stdout()
    line = sys.stdin.readline()
    if not line:
        os._exit(0)
    settings = Settings(**json.loads(line))
    try:
        server = _serve(settings)
        address = str(server.listening_address)  # type: ignore[attr-defined]
        if not address.startswith("http://127.0.0.1:"):
            raise RuntimeError(f"the server listens on {address}")
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}), file=answers, flush=True)
        os._exit(1)
    print(json.dumps({"address": address}), file=answers, flush=True)
    _wait_for_the_end(settings.parent)
    # Not sys.exit: a request in progress would keep the server's threads, and so the process, alive.
    os._exit(0)


def _private_stdout() -> TextIO:
    """The parent's pipe; what libraries print on stdout goes to stderr, which is the log."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _serve(settings: Settings) -> object:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = settings.model
    params.model_alias = {settings.alias}
    # Newer versions take several host names.
    if hasattr(params, "hostnames"):
        params.hostnames = ["127.0.0.1"]
    else:
        params.hostname = "127.0.0.1"
    params.port = 0
    params.api_keys = [settings.api_key]
    params.n_parallel = settings.slots
    params.n_ctx = settings.context * settings.slots
    params.cpuparams.n_threads = settings.threads
    params.cpuparams_batch.n_threads = settings.threads
    params.endpoint_slots = False
    # The default keeps up to 8 GiB of old prompts in memory.
    params.cache_ram_mib = 0
    if hasattr(params, "ui"):
        params.ui = False
    return xllamacpp.Server(params)


def _wait_for_the_end(parent: int) -> None:
    """Until stdin closes, or the parent is gone while a process it forked still holds the pipe open."""
    while os.getppid() == parent:
        ready, _, _ = select.select([0], [], [], _PARENT_CHECK_S)
        if ready and not os.read(0, 4096):
            return


if __name__ == "__main__":
    main()
