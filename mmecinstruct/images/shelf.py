"""The file of a picture store: SQLite, each outcome in one transaction with its bytes."""

import sqlite3
import time
from dataclasses import astuple
from pathlib import Path

from mmecinstruct.errors import OutputError
from mmecinstruct.images.outcome import Checked, Failure, Picture

# An outcome holds under a stamp: the settings it was made with and, for a file at hand, its size and time.
_TABLES = """
CREATE TABLE IF NOT EXISTS pictures (
    sha256 TEXT PRIMARY KEY, width INTEGER NOT NULL, height INTEGER NOT NULL, format TEXT NOT NULL, bytes BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS outcomes (
    key TEXT NOT NULL, stamp TEXT NOT NULL, sha256 TEXT REFERENCES pictures, reason TEXT, PRIMARY KEY (key, stamp)
) WITHOUT ROWID;
"""
_RECALL = """
SELECT reason, pictures.sha256, width, height, format FROM outcomes LEFT JOIN pictures USING (sha256)
WHERE key = ? AND stamp = ?
"""
_BUSY_S = 60  # several processes may share a store (--shard i/n); a write takes about a millisecond


class Shelf:
    """Pictures by their sha256, and what each key came to."""

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # One thread works at a time: the store's own loop, or a reader while the loop rests.
            self._db = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
            self._prepare()
        except (OSError, sqlite3.DatabaseError) as error:
            raise OutputError(f"{path}: cannot hold the pictures ({error}); remove it or name another") from error

    def _prepare(self) -> None:
        try:
            _enter_wal(self._db)
            self._db.execute("PRAGMA synchronous = NORMAL")  # in WAL a killed process loses nothing committed
            self._db.executescript(_TABLES)
        except sqlite3.DatabaseError:
            self._db.close()
            raise

    def recall(self, key: str, stamp: str) -> Picture | Failure | None:
        """Tell what a key came to, if that is known."""
        row = self._db.execute(_RECALL, (key, stamp)).fetchone()
        if row is None:
            return None
        return Failure(row[0]) if row[0] else Picture(*row[1:])

    def keep(self, key: str, stamp: str, outcome: Checked | Failure) -> None:
        """Write down an outcome and, with it or not at all, the bytes."""
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            sha256 = reason = None
            if isinstance(outcome, Failure):
                reason = outcome.reason
            else:
                sha256 = outcome.picture.sha256
                stored = (*astuple(outcome.picture), outcome.data)
                self._db.execute("INSERT OR IGNORE INTO pictures VALUES (?, ?, ?, ?, ?)", stored)
            self._db.execute("INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?, ?)", (key, stamp, sha256, reason))

    def read(self, sha256: str) -> bytes:
        """Read a picture's bytes."""
        row = self._db.execute("SELECT bytes FROM pictures WHERE sha256 = ?", (sha256,)).fetchone()
        if row is None:
            raise KeyError(f"no picture {sha256!r} in the store")
        data: bytes = row[0]
        return data

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def _enter_wal(db: sqlite3.Connection) -> None:
    """Switch to WAL. SQLite does not wait by itself while a second process switches the same file."""
    deadline = time.monotonic() + _BUSY_S
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(0.01)
