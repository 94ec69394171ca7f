"""The pictures of a build, read a row group at a time and only where one is asked for."""

from bisect import bisect_right
from itertools import accumulate
from typing import Any

import pyarrow.parquet as pq

from caslie.walking import Place
from mmecinstruct.builder.folder import Folder


class Pictures:
    """Reads pictures by their place. Places that follow each other cost one reading of their row group."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._inline = folder.manifest["recipe"]["pictures"] == "inline"
        self._groups: dict[tuple[str, str], list[tuple[int, pq.ParquetFile, int]]] = {}
        self._held: tuple[Any, list[list[dict[str, Any]]]] = (None, [])

    def read(self, place: Place, index: int, sha256: str) -> bytes | None:
        """The bytes of item `index` of a sample, which have this sha256; None where the row holds none."""
        if not self._inline:
            return self._folder.pictures({"items": [{"picture": sha256}]})[0]
        start, file, group = self._group(place)
        if self._held[0] != (place.config, place.split, start):
            images = file.read_row_group(group, columns=["images"]).column(0).to_pylist()
            self._held = (place.config, place.split, start), images
        found: bytes | None = self._held[1][place.row - start][index]["bytes"]
        return found

    def _group(self, place: Place) -> tuple[int, pq.ParquetFile, int]:
        split = place.config, place.split
        if split not in self._groups:
            self._groups[split] = self._open(*split)
        groups = self._groups[split]
        return groups[bisect_right(groups, place.row, key=lambda group: group[0]) - 1]

    def _open(self, config: str, split: str) -> list[tuple[int, pq.ParquetFile, int]]:
        files = [pq.ParquetFile(path) for path in self._folder.files(config, split)]
        groups = [(file, group) for file in files for group in range(file.num_row_groups)]
        sizes = [file.metadata.row_group(group).num_rows for file, group in groups]
        starts = accumulate(sizes, initial=0)
        return [(start, file, group) for start, (file, group) in zip(starts, groups, strict=False)]
