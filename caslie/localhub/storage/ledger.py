"""What a Hub notes of contents: who sent them, and which chunks Xet clients need not send again.

A content is stored once for all, so its name alone must not open it: it counts as sent only in the namespaces that
did send its bytes, and nothing is answered from what others sent.
"""

import errno
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

SCHEMA = """
create table if not exists hub (id text);
create table if not exists sent (sha256 text, namespace text, primary key (sha256, namespace)) without rowid;
create table if not exists xorb (namespace text, hash text, listing blob, primary key (namespace, hash));
create table if not exists chunk (
    namespace text, hash text, xorb text, primary key (namespace, hash, xorb)
) without rowid;
"""
MOST_XORBS = 256  # 16 GiB of content; their listing is some 12 MB, which a client can take


class Ledger:
    """A small database beside the contents; opened for each question, so that any thread may ask."""

    def __init__(self, root: Path) -> None:
        self._path = root / "contents.sqlite"

    def hub_id(self) -> str:
        """Name this Hub, once and for all: clients remember by it what they sent to which Hub."""
        with self._open() as database:
            database.execute("insert into hub select ? where not exists (select * from hub)", (secrets.token_hex(8),))
            return str(database.execute("select id from hub").fetchone()[0])

    def note_sent(self, contents: Iterable[str], namespaces: Iterable[str]) -> None:
        """Remember that these namespaces have these contents."""
        pairs = [(sha256, namespace) for namespace in set(namespaces) for sha256 in contents]
        with self._open() as database:
            database.executemany("insert or ignore into sent values (?, ?)", pairs)

    def sent_by(self, contents: Sequence[str], namespaces: Iterable[str]) -> set[str]:
        """Those of the contents that one of the namespaces has sent."""
        wanted = set(namespaces)
        with self._open() as database:
            found = (
                (sha256, namespace)
                for sha256 in set(contents)
                for (namespace,) in database.execute("select namespace from sent where sha256 = ?", (sha256,))
            )
            return {sha256 for sha256, namespace in found if namespace in wanted}

    def note_xorbs(
        self, namespace: str, listings: Iterable[tuple[str, bytes]], chunks: Iterable[tuple[str, str]]
    ) -> None:
        """Remember what is in xorbs, and which chunk leads to which of them."""
        with self._open() as database:
            database.executemany(
                "insert or replace into xorb values (?, ?, ?)", [(namespace, *listing) for listing in listings]
            )
            database.executemany(
                "insert or ignore into chunk values (?, ?, ?)", [(namespace, *pair) for pair in chunks]
            )

    def listings(self, namespace: str, xorbs: Iterable[str]) -> dict[str, bytes]:
        """What was remembered of these xorbs."""
        with self._open() as database:
            found = (
                row
                for xorb in xorbs
                for row in database.execute(
                    "select hash, listing from xorb where namespace = ? and hash = ?", (namespace, xorb)
                )
            )
            return dict(found)

    def listings_for(self, namespace: str, chunk: str) -> list[bytes]:
        """What is in the xorbs that a chunk leads to."""
        with self._open() as database:
            rows = database.execute(
                "select listing from chunk join xorb on chunk.namespace = xorb.namespace and chunk.xorb = xorb.hash"
                " where chunk.namespace = ? and chunk.hash = ? order by xorb.rowid desc limit ?",
                (namespace, chunk, MOST_XORBS),
            )
            return [listing for (listing,) in rows]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self._path, timeout=60)
        try:
            database.execute("pragma journal_mode=wal")  # killed at any moment, it opens again as it was
            database.executescript(SCHEMA)
            with database:
                yield database
        except sqlite3.OperationalError as error:
            # The code of the kind, without its details: a disk that is full fails in either way.
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
                raise OSError(errno.ENOSPC, "No space left on device") from error
            raise
        finally:
            database.close()
