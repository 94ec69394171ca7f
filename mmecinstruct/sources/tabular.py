"""CSV and Parquet files as the same batches of lines: each row becomes one JSON text of the members that are read."""

import csv
import hashlib
import json
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mmecinstruct.sources.lines import MAX_LINE, SCHEMA, LineFile, pick_lines

ROWS = 20_000
Row = tuple[int, int, str, str | None]  # line, offset, JSON text, fault


class TableFile:
    """A table file as a stream of JSON lines; the same face as `LineFile`."""

    def __init__(self, path: Path, members: Sequence[str]) -> None:
        self.path = path
        self.members = members
        self.n_lines = 0
        self.faults: Counter[str] = Counter()
        self.sha256 = ""

    def reader(self) -> pa.RecordBatchReader:
        """The rows as an Arrow stream that DuckDB can scan once."""
        return pa.RecordBatchReader.from_batches(SCHEMA, self.batches())

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the file's rows in order."""
        rows = self._parquet_rows() if self.path.suffix == ".parquet" else self._csv_rows()
        while block := list(islice(rows, ROWS)):
            self.n_lines += len(block)
            columns = [
                pa.array(column, field.type) for column, field in zip(zip(*block, strict=True), SCHEMA, strict=True)
            ]
            yield pa.record_batch(columns, schema=SCHEMA)

    def at(self, places: Mapping[int, int]) -> dict[int, str]:
        """Rows again, by number."""
        if self.path.suffix != ".parquet":
            return pick_lines(self.batches(), places)
        found: dict[int, str] = {}
        table, first = self._table(), 1
        for group in range(table.num_row_groups):
            last = first + table.metadata.row_group(group).num_rows
            if within := [line for line in places if first <= line < last]:
                rows = table.read_row_group(group, columns=self._columns(table))
                found |= {line: self._json(rows.slice(line - first, 1).to_pylist()[0]) for line in within}
            first = last
        return found

    def _csv_rows(self) -> Iterator[Row]:
        csv.field_size_limit(MAX_LINE)
        lines = LineFile(self.path)
        table = _csv_rows(_texts(lines))
        header = next(filter(None, table), [])
        for number, cells in enumerate(table, start=1):
            row = dict(zip(header, cells, strict=False))
            yield number, number, self._json(row) if cells else "", None if cells else "malformed_csv"
        self.faults.update(lines.faults)
        self.sha256 = lines.sha256

    def _parquet_rows(self) -> Iterator[Row]:
        with self.path.open("rb") as file:
            self.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        try:
            table = self._table()
            batches = table.iter_batches(ROWS, columns=self._columns(table))
            rows = (row for batch in batches for row in _rows_of(batch))
            for number, row in enumerate(rows, start=1):
                yield number, number, self._json(row or {}), "unreadable_row" if row is None else None
        except (pa.ArrowException, OSError, ValueError):  # the last from names that are not UTF-8
            self.faults["corrupt_parquet"] += 1

    def _table(self) -> pq.ParquetFile:
        return pq.ParquetFile(self.path)

    def _columns(self, table: pq.ParquetFile) -> list[str]:
        return [name for name in table.schema_arrow.names if name in self.members]

    def _json(self, row: dict[str, Any]) -> str:
        return json.dumps({name: row[name] for name in self.members if name in row}, ensure_ascii=False, default=str)


def open_lines(path: Path, members: Sequence[str]) -> LineFile | TableFile:
    """The reader for a corpus file, by its suffix."""
    name = path.name.removesuffix(".gz").removesuffix(".zst")
    return TableFile(path, members) if name.endswith((".csv", ".parquet")) else LineFile(path)


def _texts(lines: LineFile) -> Iterator[str]:
    for batch in lines.batches():
        for text in batch.column("text").to_pylist():
            yield text.replace("\0", "")


def _rows_of(batch: pa.RecordBatch) -> list[dict[str, Any] | None]:
    """Rows, with None for each that has no form in Python: text that is not UTF-8, a date after the year 9999."""
    try:
        rows: list[dict[str, Any] | None] = batch.to_pylist()
    except (ValueError, OverflowError):
        if batch.num_rows == 1:
            return [None]
        rows = [row for i in range(batch.num_rows) for row in _rows_of(batch.slice(i, 1))]
    return rows


class _Lines:
    """Lines for the csv module that can be had again."""

    def __init__(self, texts: Iterator[str]) -> None:
        self._texts = texts
        self._again: deque[str] = deque()
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        text = self._again.popleft() if self._again else next(self._texts)
        self.taken.append(text)
        return text

    def give_back(self) -> None:
        """Have all but the first of the lines taken come again."""
        self._again.extendleft(reversed(self.taken[1:]))


def _csv_rows(texts: Iterator[str]) -> Iterator[list[str]]:
    """Yield the header and the rows, an empty one for each line that is none.

    A quote that is never closed would take all that follows into its row; so a row that does not fit costs one line.
    """
    lines, width = _Lines(texts), 0
    table = csv.reader(lines, strict=True)
    while True:
        lines.taken.clear()
        try:
            row = next(table)
        except StopIteration:
            return
        except csv.Error:
            row = []
        width = width or len(row)
        if not row or len(row) != width:
            lines.give_back()
            row = []
        yield row
