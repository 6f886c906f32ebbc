"""Durable state: one SQLite file, written in a thread before updates are delivered, so that it survives `kill -9`."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from bot.sandbox.errors import StateFileProblem

SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (kind TEXT, key TEXT, body TEXT NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS blobs (key TEXT PRIMARY KEY, body BLOB NOT NULL);
"""
LOCK_SECONDS = 0.2
"""Seconds to wait for another owner of the file that is about to close it."""
BLOB = "blob"
"""Kind of entries whose bodies are bytes: the contents of files."""

T = TypeVar("T")
Entry = tuple[str, str, Any]
"""Kind, key and body: JSON-serialisable, bytes for a blob, None to remove the entry."""


class Journal:
    """A journal file with one owner: opening it a second time raises StateFileProblem."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        # One thread: writes stay in order even when the caller of one is cancelled.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sandbox-journal")

    async def open(self) -> list[Entry]:
        """Return all entries, in no particular order."""
        return await self._run(self._open)

    async def write(self, entries: Iterable[Entry]) -> None:
        """Write all entries or none; they are on disk when this returns."""
        # Serialised here: the objects that the entries refer to may change later.
        given = [(kind, key, _worded(body)) for kind, key, body in entries]
        await self._run(lambda: self._write(given))

    async def close(self) -> None:
        await self._run(self._close)
        self._thread.shutdown(wait=False)

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _open(self) -> list[Entry]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        connection = sqlite3.connect(self._path, timeout=LOCK_SECONDS, isolation_level=None)
        try:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.executescript(SCHEMA)
            documents = connection.execute("SELECT kind, key, body FROM documents").fetchall()
            blobs = connection.execute("SELECT key, body FROM blobs").fetchall()
        except sqlite3.Error as error:
            connection.close()
            is_held = getattr(error, "sqlite_errorcode", None) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
            reason = "another process uses it" if is_held else str(error)
            raise StateFileProblem(f"the sandbox's state file {self._path} cannot be used: {reason}") from None
        self._connection = connection
        return [(kind, key, json.loads(body)) for kind, key, body in documents] + [
            (BLOB, key, bytes(body)) for key, body in blobs
        ]

    def _write(self, entries: list[Entry]) -> None:
        assert self._connection is not None
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            for entry in entries:
                self._write_one(self._connection, *entry)
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    @staticmethod
    def _write_one(connection: sqlite3.Connection, kind: str, key: str, body: Any) -> None:
        if kind == BLOB and body is None:
            connection.execute("DELETE FROM blobs WHERE key = ?", (key,))
        elif kind == BLOB:
            connection.execute("INSERT OR REPLACE INTO blobs VALUES (?, ?)", (key, body))
        elif body is None:
            connection.execute("DELETE FROM documents WHERE kind = ? AND key = ?", (kind, key))
        else:
            connection.execute("INSERT OR REPLACE INTO documents VALUES (?, ?, ?)", (kind, key, body))

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _worded(body: Any) -> str | bytes | None:
    return body if body is None or isinstance(body, bytes) else json.dumps(body)
