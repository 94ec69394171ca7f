"""Parquet shards, written as `datasets` itself writes them, in row groups that fit the dataset viewer and memory."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datasets import Features
    from datasets.arrow_writer import ParquetWriter

# The viewer refuses row groups above 286 MiB; small ones keep memory flat and are shared out to `num_proc`.
GROUP_BYTES = 8 << 20
# The first of a shard is smaller still. A Hub's Xet finds what it has of a file by the file's first chunk, so few rows
# should change that: a push from a machine that knows of nothing then sends no more than one that pushed before.
LEAD_BYTES = 256 << 10
SHARD_BYTES = 200 << 20  # pushing takes 3-4 times a shard in memory


@dataclass(frozen=True, slots=True)
class Shard:
    """One written file, by its path in the dataset."""

    path: str
    rows: int
    bytes: int
    sha256: str


class SplitWriter:
    """Rows of one split, in order, to numbered shards. Nothing is under its final name before `close`."""

    def __init__(self, root: Path, config: str, split: str, features: "Features") -> None:
        self.root = root
        self.folder = root / "data" / config
        self.split = split
        self.features = features
        self.rows = 0
        self.pictures = 0
        self.num_bytes = 0
        self._written: list[tuple[Path, int]] = []
        self._writer: ParquetWriter | None = None
        self._buffer: list[dict[str, Any]] = []
        self._buffered = 0
        self._in_shard = [0, 0]  # rows, bytes

    def add(self, row: dict[str, Any], n_bytes: int) -> None:
        """Take one row; `n_bytes` is about what it weighs."""
        self._buffer.append(row)
        self._buffered += n_bytes
        self.rows += 1
        self.pictures += len(row.get("items", ["one"]))
        if self._buffered >= (GROUP_BYTES if self._writer else LEAD_BYTES):
            self._flush()

    def close(self) -> list[Shard]:
        """Write what is left and give the shards their names."""
        self._flush()
        self._end_shard()
        n = len(self._written)
        return [
            self._named(path, rows, f"{self.split}-{i:05d}-of-{n:05d}") for i, (path, rows) in enumerate(self._written)
        ]

    def _flush(self) -> None:
        import pyarrow as pa
        from datasets.arrow_writer import ParquetWriter

        if not self._buffer:
            return
        if self._writer is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            path = self.folder / f"{self.split}-{len(self._written):05d}.partial"
            self._writer = ParquetWriter(features=self.features, path=str(path))
            self._in_shard = [0, 0]
        table = pa.Table.from_pylist(self._buffer, self.features.arrow_schema)
        self._writer.write_table(table, writer_batch_size=len(self._buffer))
        self.num_bytes += table.nbytes
        self._in_shard = [self._in_shard[0] + len(self._buffer), self._in_shard[1] + self._buffered]
        self._buffer, self._buffered = [], 0
        if self._in_shard[1] >= SHARD_BYTES:
            self._end_shard()

    def _end_shard(self) -> None:
        if self._writer is not None:
            self._writer.finalize()
            self._written.append((self.folder / f"{self.split}-{len(self._written):05d}.partial", self._in_shard[0]))
            self._writer = None

    def _named(self, path: Path, rows: int, name: str) -> Shard:
        final = path.rename(path.with_name(f"{name}.parquet"))
        with final.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return Shard(final.relative_to(self.root).as_posix(), rows, final.stat().st_size, sha256)
