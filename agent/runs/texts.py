"""Texts by content: each is kept once, compressed, under the SHA-256 of its UTF-8 bytes.

One SQLite file. A hundred texts of 1-2 KB come to about 90 KB there and to 400 KB as one compressed file each, since
a file takes a whole block. The rollback journal is used, not the write-ahead log, which alone takes 1 MB.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
import zlib
from collections.abc import Sequence
from pathlib import Path

from burnish.agent.errors import StorageError
from burnish.agent.runs.storage import FILE_MODE, storage


class Texts:
    """The store of one run. Threads may share it; one process writes."""

    def __init__(self, path: Path, *, write: bool) -> None:
        """Open the store at `path`; with `write`, create it when it is not there.

        Raises:
            StorageError: the disk refuses.
        """
        self._folder = path.parent
        self._lock = threading.Lock()
        with storage(self._folder):
            if write:
                os.close(os.open(path, os.O_RDWR | os.O_CREAT, FILE_MODE))
            self._db = sqlite3.connect(
                f"{path.as_uri()}?mode=rw", uri=True, isolation_level=None, check_same_thread=False
            )
            try:
                self._db.execute("PRAGMA synchronous = FULL")
                if write:
                    self._db.execute(
                        "CREATE TABLE IF NOT EXISTS text (sha BLOB PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID"
                    )
            except sqlite3.Error:
                self._db.close()
                raise

    def put(self, text: str) -> str:
        """Keep `text`; on disk when this returns.

        Returns:
            Its name: 64 hexadecimal digits.

        Raises:
            StorageError: the disk refuses.
        """
        return self.put_all((text,))[0]

    def put_all(self, texts: Sequence[str]) -> tuple[str, ...]:
        """Keep several texts, all of them or none, for the price of one write to the disk.

        Returns:
            Their names, in order.

        Raises:
            StorageError: the disk refuses.
        """
        rows = [(bytes.fromhex(text_sha(text)), zlib.compress(_bytes(text), 9)) for text in texts]
        with self._lock, storage(self._folder):
            self._db.execute("BEGIN")
            try:
                self._db.executemany("INSERT OR IGNORE INTO text VALUES (?, ?)", rows)
                self._db.execute("COMMIT")
            except sqlite3.Error:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
        return tuple(digest.hex() for digest, _ in rows)

    def get(self, sha: str) -> str:
        """The text named `sha`.

        Raises:
            StorageError: it is not there, or is not what was put there.
        """
        with self._lock, storage(self._folder):
            row = self._db.execute("SELECT body FROM text WHERE sha = ?", (_key(sha),)).fetchone()
        if row is None:
            raise StorageError(f"the record in {self._folder} has no text {sha[:12]}", "its files were changed or lost")
        try:
            data = zlib.decompress(row[0])
        except zlib.error:
            data = b""
        if hashlib.sha256(data).hexdigest() != sha:
            raise StorageError(f"text {sha[:12]} of the record in {self._folder} is damaged", "run the command again")
        return data.decode("utf-8", "surrogatepass")

    def close(self) -> None:
        """May be called twice."""
        with self._lock:
            self._db.close()


def text_sha(text: str) -> str:
    """The name that `text` is kept under."""
    return hashlib.sha256(_bytes(text)).hexdigest()


def _bytes(text: str) -> bytes:
    # A model may answer with half a surrogate pair; it is text all the same.
    return text.encode("utf-8", "surrogatepass")


def _key(sha: str) -> bytes:
    try:
        return bytes.fromhex(sha)
    except ValueError:
        return b""
