"""Where every row was read: `lineage.sqlite` beside the data, from record digests to lines (design.md, section 4).

It is a sidecar because line numbers change when a file is sorted anew, while the rows must not.
"""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from mmecinstruct.builder.sampling import Sampled
from mmecinstruct.errors import OutputError
from mmecinstruct.schema import Ref
from mmecinstruct.sources import Corpora
from mmecinstruct.sources.base import TABLES


class LineageWriter:
    """Notes the pool row of each sample and the records it was made of; `close` looks up their lines."""

    def __init__(self, path: Path, sources: Path) -> None:
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.execute("PRAGMA journal_mode = OFF")
        self.db.execute("PRAGMA synchronous = OFF")
        self.db.execute("CREATE TABLE samples (id TEXT PRIMARY KEY, pool_row TEXT) WITHOUT ROWID")
        self.db.execute("CREATE TABLE pools (config TEXT PRIMARY KEY, structure TEXT) WITHOUT ROWID")
        self.db.execute("CREATE TABLE records (file TEXT, digest TEXT, PRIMARY KEY (file, digest)) WITHOUT ROWID")
        self.db.execute("CREATE TABLE lines (file TEXT, tab TEXT, digest TEXT, line INTEGER, byte_offset INTEGER)")
        self.db.execute("CREATE TABLE corpora (folder TEXT)")
        self.db.execute("INSERT INTO corpora VALUES (?)", (str(sources.resolve()),))
        self.db.execute("BEGIN")
        self._configs: set[str] = set()

    def add(self, config: str, one: Sampled, refs: Iterable[Ref], corpora: Corpora) -> None:
        """Note one sample; the first of a config also brings the types of its pool rows."""
        if config not in self._configs:
            self._configs.add(config)
            columns = corpora.db.execute("DESCRIBE pool_slice").fetchall()
            structure = "STRUCT(" + ", ".join(f'"{name}" {kind}' for name, kind, *_ in columns) + ")"
            self.db.execute("INSERT INTO pools VALUES (?, ?)", (config, structure))
        self.db.execute("INSERT INTO samples VALUES (?, ?)", (one.sample.id, one.pool_row))
        self.db.executemany("INSERT OR IGNORE INTO records VALUES (?, ?)", [(ref.file, ref.digest) for ref in refs])

    def close(self, corpora: Corpora) -> None:
        """Look up the line of every record."""
        self.db.execute("COMMIT")
        records = self.db.execute("SELECT file, digest FROM records")
        corpora.db.execute("CREATE OR REPLACE TABLE wanted (file VARCHAR, digest UBIGINT)")
        while block := records.fetchmany(50_000):
            table = pa.table(
                {
                    "file": [file for file, _ in block],
                    "digest": pa.array([int(digest, 16) for _, digest in block], pa.uint64()),
                }
            )
            corpora.db.register("block", table)
            corpora.db.execute("INSERT INTO wanted FROM block")
            corpora.db.unregister("block")
        self.db.execute("BEGIN")
        for table in TABLES:
            found = corpora.db.execute(
                f"SELECT file, '{table}', printf('%016x', digest), line, byte_offset FROM {table} JOIN wanted"
                " USING (file, digest) ORDER BY ALL"
            )
            while lines := found.fetchmany(50_000):
                self.db.executemany("INSERT INTO lines VALUES (?, ?, ?, ?, ?)", lines)
        self.db.execute("CREATE INDEX by_digest ON lines (file, digest)")
        self.db.execute("DROP TABLE records")
        self.db.execute("COMMIT")
        self.db.execute("VACUUM")
        self.db.close()


class Lineage:
    """`lineage.sqlite` of a build, to read.

    Raises:
        OutputError: the build has none: it was downloaded without, or imported.
    """

    def __init__(self, out: Path) -> None:
        path = out / "lineage.sqlite"
        if not path.is_file():
            raise OutputError(f"{path}: is not there; only a build from corpora knows where its rows were read")
        self.db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        try:
            self.db.execute("SELECT folder FROM corpora")
        except sqlite3.DatabaseError as error:
            raise OutputError(f"{path}: is damaged ({error}); build again") from error

    def corpora(self) -> Path:
        """The folder the corpora were in."""
        (folder,) = self.db.execute("SELECT folder FROM corpora").fetchone()
        return Path(folder)

    def pool_row(self, id: str, config: str) -> tuple[str, str]:
        """The pool row of a sample as JSON, and its DuckDB type."""
        (text,) = self.db.execute("SELECT pool_row FROM samples WHERE id = ?", (id,)).fetchone()
        (structure,) = self.db.execute("SELECT structure FROM pools WHERE config = ?", (config,)).fetchone()
        return text, structure

    def lines(self, ref: Ref) -> list[tuple[str, int, int]]:
        """Table, line and offset of a record; a file that is staged twice has two tables."""
        query = "SELECT tab, line, byte_offset FROM lines WHERE file = ? AND digest = ?"
        return self.db.execute(query, (ref.file, ref.digest)).fetchall()

    def close(self) -> None:
        """Close the file."""
        self.db.close()
