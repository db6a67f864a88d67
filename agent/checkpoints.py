"""LangGraph's checkpoints of a run: only the newest is kept.

The state points into the record, which keeps the history. SqliteSaver would keep every superstep, and has no prune of
its own: a run of a hundred rounds would leave more than a megabyte of checkpoints that nobody reads.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver

CHECKPOINTS = "checkpoints.sqlite"


@contextmanager
def checkpointer(folder: Path) -> Iterator[BaseCheckpointSaver[Any]]:
    """A SQLite checkpointer in `folder`, with strict deserialisation, for one process."""
    os.environ["LANGGRAPH_STRICT_MSGPACK"] = "true"
    from langgraph.checkpoint.sqlite import SqliteSaver

    class NewestOnly(SqliteSaver):
        """Drops what came before each checkpoint it puts."""

        def put(self, config: Any, checkpoint: Any, metadata: Any, new_versions: Any) -> Any:
            done = super().put(config, checkpoint, metadata, new_versions)
            about = config["configurable"]
            where = (str(about["thread_id"]), about["checkpoint_ns"], checkpoint["id"])
            with self.cursor() as cursor:
                for table in ("checkpoints", "writes"):
                    cursor.execute(
                        f"DELETE FROM {table} WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id < ?",
                        where,
                    )
            return done

    connection = sqlite3.connect(folder / CHECKPOINTS, check_same_thread=False)
    try:
        saver = NewestOnly(connection)
        saver.setup()
        # The write-ahead log alone grows to megabytes; a run has one writer and no reader beside it.
        connection.execute("PRAGMA journal_mode = TRUNCATE")
        yield saver
    finally:
        connection.close()
