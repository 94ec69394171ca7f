"""What a hostile case is, and the ways of planting one in a world."""

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zstandard

from tests.mmecinstruct.images.conftest import Reply

Plant = Callable[[Path], None]
Change = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Case:
    """One hostile thing planted in a world.

    `reasons` are what it adds to the counts of the manifest and `more` is how many rows. Where `planted` is given
    instead, so many samples are planted and each has to be one or the other; where it is None, no sample is planted
    but what samples are made of. `shows` stands in the input of a row that it adds. `same` is False if it may change
    words of good rows: wrong options are everybody's. `served` are answers of the stand-in for the image host, by
    path, and `fetch` what the rules of fetching say besides; both turn it on.
    """

    name: str
    world: str
    plant: Plant
    reasons: Mapping[str, int] = field(default_factory=dict)
    more: int = 0
    planted: int | None = 0
    shows: str = ""
    same: bool = True
    served: Mapping[str, Reply] = field(default_factory=dict)
    fetch: Mapping[str, Any] = field(default_factory=dict)


def line(row: Mapping[str, Any], **raw: str) -> bytes:
    """A row as a line; members given as `raw` JSON are put there letter for letter."""
    members = {name: json.dumps(value) for name, value in row.items()} | raw
    return ("{" + ", ".join(f'"{name}": {value}' for name, value in members.items()) + "}\n").encode()


def amid(name: str, *lines: bytes) -> Plant:
    """Lines between the good ones."""

    def changed(data: bytes) -> bytes:
        good = data.splitlines(keepends=True)
        return b"".join((*good[:5], *lines, *good[5:]))

    return changing(name, changed)


def after(name: str, data: bytes) -> Plant:
    return changing(name, lambda good: good + data)


def changing(name: str, change: Change) -> Plant:
    def plant(folder: Path) -> None:
        (folder / name).write_bytes(change((folder / name).read_bytes()))

    return plant


def packing(name: str, suffix: str, inside: Change = bytes, outside: Change = bytes) -> Plant:
    """The file as an archive, changed before and after it is packed."""

    def plant(folder: Path) -> None:
        path = folder / name
        packed = PACKERS[suffix](inside(path.read_bytes()))
        path.with_name(path.name + suffix).write_bytes(outside(packed))
        path.unlink()

    return plant


PACKERS: dict[str, Change] = {".gz": lambda data: gzip.compress(data, mtime=0), ".zst": zstandard.compress}


def beside(name: str, data: bytes) -> Plant:
    """One more file."""

    def plant(folder: Path) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    return plant


def both(*plants: Plant) -> Plant:
    def plant(folder: Path) -> None:
        for one in plants:
            one(folder)

    return plant
