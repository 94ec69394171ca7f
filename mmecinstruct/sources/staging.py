"""Corpus files staged into DuckDB tables, each read once; the relational half of the build starts here.

Staging a file is one transaction, so a killed build keeps the files it had read. Bad lines are counted by reason and
never stop a file. Every staged row carries the md5 of its raw line (64 bits of it), its line number and its offset.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import duckdb
import pyarrow as pa

from mmecinstruct.errors import OutputError, SourceError
from mmecinstruct.sources.base import TABLES
from mmecinstruct.sources.find import Found
from mmecinstruct.sources.tabular import open_lines

logger = logging.getLogger(__name__)


class Lines(Protocol):
    """A corpus file as a stream of lines, or a few of its lines."""

    faults: Counter[str]
    sha256: str

    @property
    def n_lines(self) -> int:
        """How many lines have been read."""

    def reader(self) -> pa.RecordBatchReader:
        """The lines as an Arrow stream that DuckDB can scan once."""


ORIGIN = {  # the columns that every record table begins with
    "file": "VARCHAR",
    "line": "BIGINT",
    "byte_offset": "BIGINT",
    "digest": "UBIGINT",
    "corpus": "VARCHAR",
    "preference": "INTEGER",
    "file_category": "VARCHAR",
}

# JSON members arrive as raw JSON text or NULL; each macro reads one kind and gives NULL for any other kind.
MACROS = """
-- trim() walks through the whole text, so it is asked only where there is something at an end.
CREATE OR REPLACE MACRO trimmed(text) AS CASE
    WHEN text[1] <= ' ' OR text[-1] <= ' ' THEN nullif(trim(text, E' \\t\\r\\n'), '') ELSE text END;
CREATE OR REPLACE MACRO word(j) AS CASE
    WHEN (j::VARCHAR)[1] = '"' THEN trimmed(json_extract_string(j, '$'))
    WHEN (j::VARCHAR)[1] IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN j::VARCHAR END;
CREATE OR REPLACE MACRO number(j) AS try_cast(word(j) AS DOUBLE);
CREATE OR REPLACE MACRO whole(j) AS try_cast(word(j) AS BIGINT);
CREATE OR REPLACE MACRO flag(j) AS CASE
    WHEN lower(trim(j::VARCHAR, '"')) IN ('1', 'true', '1.0') THEN true
    WHEN lower(trim(j::VARCHAR, '"')) IN ('0', 'false', '0.0') THEN false END;
CREATE OR REPLACE MACRO each(j) AS CASE WHEN (j::VARCHAR)[1] = '[' THEN json_extract(j, '$[*]') ELSE [j] END;
CREATE OR REPLACE MACRO words(j) AS list_filter(list_transform(each(j), lambda x: word(x)), lambda x: x IS NOT NULL);
CREATE OR REPLACE MACRO member(j, path) AS json_extract(
    CASE (j::VARCHAR)[1] WHEN '{' THEN j WHEN '"' THEN TRY(json_extract_string(j, '$')::JSON) END, path);
-- 2023 pictures: a list of objects in the raw files, an object of lists from the Hugging Face script.
CREATE OR REPLACE MACRO picture_rows(j) AS json_transform(
    CASE WHEN (j::VARCHAR)[1] = '[' THEN j END,
    '[{"variant": "VARCHAR", "large": "VARCHAR", "large_image_url": "VARCHAR"}]');
CREATE OR REPLACE MACRO picture_columns(j) AS json_transform(
    CASE WHEN (j::VARCHAR)[1] = '{' THEN j END,
    '{"variant": ["VARCHAR"], "large": ["VARCHAR"], "large_image_url": ["VARCHAR"]}');
CREATE OR REPLACE MACRO main_pictures(j) AS coalesce(
    list_transform(
        list_filter(picture_rows(j), lambda x: x.variant = 'MAIN' AND x.large IS NOT NULL), lambda x: x.large),
    list_filter(
        [picture_columns(j).large[list_position(picture_columns(j).variant, 'MAIN')]], lambda x: x IS NOT NULL))[:1];
CREATE OR REPLACE MACRO review_pictures(j) AS list_filter(coalesce(
    list_transform(picture_rows(j), lambda x: x.large_image_url), picture_columns(j).large_image_url),
    lambda x: x IS NOT NULL);
"""


# One row a product and corpus, the best row a product, and where pictures of a product are to be had.
CATALOGUE = """
CREATE OR REPLACE TABLE catalogue AS
    SELECT * FROM products
    QUALIFY row_number() OVER (PARTITION BY corpus, file_category, product_id ORDER BY file, digest) = 1;
CREATE OR REPLACE TABLE preferred AS
    SELECT * FROM catalogue WHERE title IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY product_id ORDER BY preference, file, digest) = 1;
CREATE OR REPLACE TABLE pictures AS
    SELECT product_id, list(address ORDER BY preference, file, digest, address) AS addresses,
        list({'file': file, 'digest': digest} ORDER BY preference, file, digest, address) AS refs
    FROM (SELECT product_id, unnest(addresses) AS address, file, digest, preference FROM catalogue
          UNION ALL
          SELECT product_id, address, file, digest, preference FROM addresses WHERE address IS NOT NULL)
    GROUP BY product_id;
"""


class Corpora:
    """The staged corpora.

    A DuckDB database with the record tables of `sources.base` and counts of what was skipped.
    """

    def __init__(self, path: Path | None = None, threads: int = 1, memory: str = "1GB") -> None:
        if "?" in str(path):  # DuckDB puts the name of its log before it
            raise OutputError(f"{path}: no folder on the way may have a ? in its name")
        self.db = duckdb.connect(str(path) if path else ":memory:")
        self.db.execute(f"SET threads = {threads}")
        self.db.execute(f"SET memory_limit = {quoted(memory)}")
        # Every query that needs an order says so; without this, DuckDB would hold whole results to keep the files'
        # order.
        self.db.execute("SET preserve_insertion_order = false")
        if path:
            self.db.execute(f"SET temp_directory = {quoted(f'{path}.tmp')}")
        self.db.execute(
            "CREATE TABLE IF NOT EXISTS staged (id INTEGER, file VARCHAR, tab VARCHAR, n BIGINT, sha256 VARCHAR)"
        )
        self.db.execute("CREATE TABLE IF NOT EXISTS skipped (file VARCHAR, tab VARCHAR, reason VARCHAR, n BIGINT)")
        self.db.execute(MACROS)
        self._union()

    def __enter__(self) -> "Corpora":
        """Use as a context manager: closed at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the database."""
        self.db.close()

    def rows(self, query: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        """All rows of a small result."""
        return self.db.execute(query, parameters).fetchall()

    def stage(self, sources: Path, found: Found) -> None:
        """Read one file into its table; nothing happens if an earlier, killed run has done it."""
        name = found.path.relative_to(sources).as_posix()
        if self.rows("SELECT 1 FROM staged WHERE file = ? AND tab = ?", [name, found.file.table]):
            return
        self.read(name, found, open_lines(found.path, found.file.members))

    def read(self, name: str, found: Found, lines: Lines) -> None:
        """Read lines as those of the corpus file `name`, in one transaction.

        Raises:
            SourceError: the file cannot be opened or read.
        """
        table = found.file.table
        with _watched(lines.reader(), found.path) as reader, self._transaction():
            number = self.rows("SELECT count(*) FROM staged")[0][0]
            part = f"{table}_{number}"
            self.db.register("raw_lines", reader)
            self.db.execute(_staging_query(part, name, found))
            self.db.unregister("raw_lines")
            self._skip(part, name, table, dict(lines.faults))
            self.db.execute(
                "INSERT INTO staged VALUES (?, ?, ?, ?, ?)", [number, name, table, lines.n_lines, lines.sha256]
            )
        self._union()
        logger.info("staged %s: %d lines", name, lines.n_lines)

    def catalogue(self) -> None:
        """Make the product tables once every file is staged."""
        self.db.execute(CATALOGUE)

    def _skip(self, part: str, name: str, table: str, faults: dict[str, int]) -> None:
        """Count and delete what is no record, and all but the first of lines that are the same to the byte."""
        self.db.execute(
            f"CREATE TEMP TABLE twice AS SELECT digest, min(line) AS first, count(*) - 1 AS n FROM {part}"
            " WHERE reason IS NULL GROUP BY digest HAVING n > 0"
        )
        counts = self.rows(f"SELECT reason, count(*) FROM {part} WHERE reason IS NOT NULL GROUP BY reason")
        counts += self.rows("SELECT 'duplicate_line', sum(n)::BIGINT FROM twice HAVING count(*) > 0")
        for reason, n in [*counts, *faults.items()]:
            self.db.execute("INSERT INTO skipped VALUES (?, ?, ?, ?)", [name, table, reason, n])
        self.db.execute(f"DELETE FROM {part} USING twice WHERE {part}.digest = twice.digest AND line > first")
        self.db.execute(f"DELETE FROM {part} WHERE reason IS NOT NULL")
        self.db.execute(f"ALTER TABLE {part} DROP COLUMN reason")
        self.db.execute("DROP TABLE twice")

    def _union(self) -> None:
        """Each record table is the view of what its files gave."""
        for table, columns in TABLES.items():
            parts = self.rows("SELECT tab || '_' || id FROM staged WHERE tab = ? ORDER BY id", [table])
            empty = ", ".join(f"NULL::{kind} AS {name}" for name, kind in (ORIGIN | columns).items())
            selects = [f"SELECT {empty} WHERE false", *(f"SELECT * FROM {part}" for (part,) in parts)]
            self.db.execute(f"CREATE OR REPLACE VIEW {table} AS {' UNION ALL '.join(selects)}")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self.db.begin()
        try:
            yield
        except BaseException:
            self.db.rollback()
            raise
        self.db.commit()


@contextmanager
def _watched(reader: pa.RecordBatchReader, path: Path) -> Iterator[pa.RecordBatchReader]:
    """Give the same reader; what it raises comes out as itself, not as the error that DuckDB makes of it."""
    raised: list[BaseException] = []

    def batches() -> Iterator[pa.RecordBatch]:
        try:
            yield from reader
        except BaseException as error:
            raised.append(error)
            raise

    try:
        yield pa.RecordBatchReader.from_batches(reader.schema, batches())
    except duckdb.Error as error:
        cause = raised[0] if raised else error
        if isinstance(cause, OSError):
            raise SourceError(f"{path}: cannot be read: {cause.strerror or cause}") from cause
        raise cause from None


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def listed(texts: tuple[str, ...]) -> str:
    """Texts as the inside of an SQL `IN (...)`."""
    return ", ".join(quoted(text) for text in texts) or "NULL"


def _staging_query(part: str, name: str, found: Found) -> str:
    """Parse each line once; a line that is no JSON object, or lacks its key, keeps a reason instead."""
    columns = TABLES[found.file.table]
    members = ", ".join(f'"{member}": "JSON"' for member in found.file.members)
    select = ", ".join(
        f"({expression.replace('$category', quoted(found.category))})::{kind} AS {column}"
        for expression, (column, kind) in zip(found.file.select, columns.items(), strict=True)
    )
    no_key = " OR ".join(f"{column} IS NULL" for column in found.file.key)
    return f"""
        CREATE TABLE {part} AS SELECT {quoted(name)} AS file, line, "offset" AS byte_offset, digest,
            {quoted(found.corpus.name)} AS corpus, {found.corpus.preference} AS preference,
            {quoted(found.category)} AS file_category, {", ".join(columns)},
            CASE WHEN unread IS NOT NULL THEN unread WHEN {no_key} THEN 'no_key' END AS reason
        FROM (SELECT line, "offset", digest, unread, {select} FROM (
            SELECT line, "offset", md5_number_lower(text) AS digest, unnest(members), CASE
                WHEN fault IS NOT NULL THEN fault
                WHEN NOT regexp_matches(text, '[^ \\t\\r\\n]') THEN 'blank_line'
                WHEN members IS NULL AND NOT json_valid(text) THEN 'malformed_json'
                WHEN members IS NULL OR ltrim(text, E' \\t\\r\\n')[1] <> '{{' THEN 'not_an_object' END AS unread
            FROM (SELECT *, TRY(json_transform(text, {quoted("{" + members + "}")})) AS members FROM raw_lines)))
    """
