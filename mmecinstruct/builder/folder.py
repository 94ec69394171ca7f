"""A built folder, to read: rows as they are in Parquet, one batch in memory, and the bytes of their pictures."""

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mmecinstruct.builder.features import CAPTION_COLUMNS
from mmecinstruct.builder.manifest import read_manifest
from mmecinstruct.errors import OutputError, UnknownNameError
from mmecinstruct.schema import Captioned, CaptionVote, Item, Ref, Sample
from mmecinstruct.words import fields_of

BATCH = 32  # rows; an SR row with its pictures inline weighs about a megabyte

TEXT_COLUMNS = ("id", "task", "domain", "instruction", "input", "options", "output", "items", "lineage")


class Folder:
    """What `mmecinstruct build` or `import` made; `commit` names the state of a Hub's dataset that it is a copy of.

    Raises:
        OutputError: the folder is no build.
    """

    def __init__(self, out: Path, commit: str | None = None) -> None:
        self.out = out
        self.commit = commit
        self.manifest = read_manifest(out)

    @property
    def configs(self) -> list[str]:
        """The configs that hold samples, such as `sr_ood`."""
        return [name for name in self.manifest["configs"] if name != "pictures"]

    @property
    def captioned(self) -> bool:
        """Whether its rows have captions, votes and verdicts."""
        return "captions" in self.manifest

    def splits(self, config: str) -> list[str]:
        """The splits of a config; an unknown config is an UnknownNameError."""
        if config not in self.manifest["configs"]:
            raise UnknownNameError("config", config, self.configs)
        return list(self.manifest["configs"][config]["splits"])

    def files(self, config: str, split: str) -> list[Path]:
        """The Parquet files of a split, in order of rows."""
        if split not in self.splits(config):
            raise UnknownNameError(f"split of {config}", split, self.splits(config))
        return [self.out / file["path"] for file in self.manifest["configs"][config]["splits"][split]["files"]]

    def rows(self, config: str, split: str, columns: Sequence[str] = TEXT_COLUMNS) -> Iterator[dict[str, Any]]:
        """Yield the rows of a split in order, with these columns; `images` are dicts of `bytes` and `path`."""
        for path in self.files(config, split):
            with readable(path) as table:
                for batch in table.iter_batches(BATCH, columns=list(columns)):
                    yield from batch.to_pylist()

    def row(self, id: str) -> dict[str, Any]:
        """One row by its id, which names its config and split; with its pictures."""
        config, _, rest = id.partition("-")
        split = rest.partition("-")[0]
        for path in self.files(config, split):
            with readable(path) as table:
                ids = [
                    one for batch in table.iter_batches(1024, columns=["id"]) for one in batch.column(0).to_pylist()
                ]
                if id in ids:
                    return _nth(table, ids.index(id))
        raise UnknownNameError("row", id, [])

    def pictures(self, row: dict[str, Any]) -> list[bytes]:
        """The pictures of a row that was read with its `images`, or whose pictures are a config of their own."""
        if "images" in row:
            return [image["bytes"] for image in row["images"]]
        return [self._shared.bytes(item["picture"]) for item in row["items"]]

    @cached_property
    def _shared(self) -> "SharedPictures":
        return SharedPictures(self.files("pictures", "train"))


class SharedPictures:
    """The config `pictures`, by sha256: an index in memory, the bytes on disk."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._tables = [pa.memory_map(str(path)) for path in paths]
        self._files = [pq.ParquetFile(source) for source in self._tables]
        self._places = {
            sha256: (f, group, i)
            for f, file in enumerate(self._files)
            for group in range(file.num_row_groups)
            for i, sha256 in enumerate(file.read_row_group(group, columns=["picture"]).column(0).to_pylist())
        }

    def bytes(self, sha256: str) -> bytes:
        """The bytes of one picture."""
        file, group, i = self._places[sha256]
        picture: bytes = self._files[file].read_row_group(group, columns=["image"]).column(0)[i].as_py()["bytes"]
        return picture


def sample_of(row: dict[str, Any], split: str) -> Sample:
    """The sample a row holds, so that its prompts can be rendered again."""
    return Sample(
        id=row["id"],
        task=row["task"],
        domain=row["domain"],
        split=split,  # type: ignore[arg-type]
        fields=fields_of(row["input"], row["options"]),
        items=tuple(Item(**item) for item in row["items"]),
        target=row["output"],
        options=tuple(row["options"]),
        lineage=tuple(Ref(one["file"], one["digest"], one["item"]) for one in row["lineage"]),
    )


def captioned_of(row: dict[str, Any]) -> Captioned:
    """The captions, votes and verdicts that a row of a captioned build holds."""
    captions, votes, kept = (row[name] for name in CAPTION_COLUMNS)
    return Captioned(tuple(captions), tuple(tuple(CaptionVote(**vote) for vote in one) for one in votes), tuple(kept))


@contextmanager
def readable(path: Path) -> Iterator[pq.ParquetFile]:
    """A Parquet file of the build; one that is gone or damaged is told in one line."""
    try:
        with pq.ParquetFile(path) as table:
            yield table
    except (OSError, pa.ArrowException) as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise  # of what is written beside it
        raise OutputError(f"{path}: cannot be read; `mmecinstruct validate` tells what else is wrong") from error


def _nth(table: pq.ParquetFile, n: int) -> dict[str, Any]:
    for group in range(table.num_row_groups):
        rows = table.metadata.row_group(group).num_rows
        if n < rows:
            found: dict[str, Any] = table.read_row_group(group).slice(n, 1).to_pylist()[0]
            return found
        n -= rows
    raise IndexError(n)
