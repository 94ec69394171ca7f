"""The first rows of a Parquet file, read without the rest of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from caslie.localhub.pages.errors import Unshowable
from caslie.localhub.pages.fields import Field, field
from caslie.localhub.pages.snapshot import Snapshot
from caslie.localhub.storage.git import Entry

if TYPE_CHECKING:
    import pyarrow.parquet as pq

N_ROWS = 5
MOST_COLUMNS = 40
LARGEST_GROUP = 300 << 20  # the real viewer shows none of more than 286 MiB; a few kilobytes can unpack to gigabytes
LARGEST_ROWS = 128 << 20


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of a file, and how many columns were too many."""

    path: str
    n_in_file: int
    rows: tuple[tuple[Field, ...], ...]
    n_more_columns: int


def first_rows(snapshot: Snapshot, entry: Entry) -> Rows:
    """Read the first rows of a file.

    Raises:
        Unshowable: the file is no Parquet file, broken, or its rows are too large.
    """
    import pyarrow as pa

    where = snapshot.where(entry)
    try:
        return _read(entry.path, where)
    # All that Arrow raises on a broken file: its own errors are among the others.
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError, OverflowError) as error:
        raise Unshowable(f"{entry.path} cannot be read: {_first_line(error)}") from error


def _read(path: str, where: Path | bytes) -> Rows:
    import pyarrow as pa
    import pyarrow.parquet as pq

    source = pa.BufferReader(where) if isinstance(where, bytes) else pa.OSFile(str(where))
    # Not ahead of the rows that are asked for: a row group may be larger than memory.
    with pq.ParquetFile(source, pre_buffer=False, buffer_size=1 << 16) as file:
        names = list(dict.fromkeys(file.schema_arrow.names))
        shown = names[:MOST_COLUMNS]
        groups = range(min(1, file.num_row_groups))
        for group in groups:
            _refuse_above(LARGEST_GROUP, _n_bytes(file.metadata.row_group(group), shown), path)
        first = next(file.iter_batches(N_ROWS, row_groups=groups, columns=shown), None)
        # Again: a text that the file holds once may stand in every row.
        _refuse_above(LARGEST_ROWS, first.nbytes if first is not None else 0, path)
        rows = tuple(_fields(row) for row in first.to_pylist()) if first is not None else ()
        return Rows(path, file.metadata.num_rows, rows, len(names) - len(shown))


def _n_bytes(group: "pq.RowGroupMetaData", names: list[str]) -> int:
    """How large some columns of a row group are, unpacked; a column may have several parts."""
    parts = (group.column(number) for number in range(group.num_columns))
    begins = tuple(f"{name}." for name in names)
    return sum(part.total_uncompressed_size for part in parts if f"{part.path_in_schema}.".startswith(begins))


def _refuse_above(most: int, n_bytes: int, path: str) -> None:
    if n_bytes > most:
        raise Unshowable(
            f"the first rows of {path} unpack to {n_bytes:,} bytes, more than the {most:,} looked at here"
        )


def _fields(row: dict[str, object]) -> tuple[Field, ...]:
    return tuple(_sorted(field(name, value) for name, value in row.items()))


def _sorted(fields: Iterator[Field]) -> list[Field]:
    """Pictures first, and what is as wide as a table last."""
    return sorted(fields, key=lambda one: (not one.pictures, one.grid is not None))


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0][:300] or type(error).__name__
