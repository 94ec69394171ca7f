"""Writes JSON lines with the dirt of the real files, and counts every speck of it."""

import gzip
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mmecinstruct.sample.chance import Chance

Row = Mapping[str, Any]

# Odd rows of which a build makes no count of their own: read as if nothing were odd, or counted among ordinary ones.
HARMLESS = ("boolean_label", "script_title", "below_core")
SPECKS = {"malformed_json": 2, "blank_line": 2, "invalid_utf8": 1, "no_key": 1, "duplicate_line": 2}


class Ledger:
    """Writes the files of a sample and remembers how many dirty lines and odd rows went into them."""

    def __init__(self, folder: Path, chance: Chance) -> None:
        self.folder = folder
        self.chance = chance
        self.lines: dict[str, dict[str, int]] = {}
        self.rows: dict[str, Counter[str]] = {}
        self.harmless: dict[str, Counter[str]] = {}

    def note(self, task: str, reason: str, n: int = 1) -> None:
        """Count odd rows of a task."""
        rows = self.harmless if reason in HARMLESS else self.rows
        rows.setdefault(task, Counter())[reason] += n

    def write_jsonl(self, name: str, rows: Iterable[Row], key: str) -> None:
        """Write the rows in a chosen order, with some dirt among them; gzipped where the name ends so.

        Args:
            name: the file, relative to the folder.
            rows: what to write.
            key: the field without which a row cannot be told from another.
        """
        chance = self.chance.at("file", name)
        clean = chance.order(list(rows), "lines")
        lines = [encode(row) for row in clean]
        lines = chance.order([*lines, *_make_dirt(clean, key, chance)], "dirty lines")
        data = b"".join(line + b"\n" for line in lines)
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(data, mtime=0) if name.endswith(".gz") else data)
        self.lines[name] = dict(SPECKS)


def encode(row: Row) -> bytes:
    """Return the row as one line of JSON."""
    return json.dumps(row, ensure_ascii=False).encode()


def _make_dirt(rows: list[Row], key: str, chance: Chance) -> list[bytes]:
    taken = iter(chance.some(rows, sum(SPECKS.values()), "dirt"))
    halves = [json.dumps(next(taken), ensure_ascii=False) for _ in range(SPECKS["malformed_json"])]
    invalid = [encode(next(taken)).replace(b'": "', b'": "\xff', 1) for _ in range(SPECKS["invalid_utf8"])]
    keyless = [{k: v for k, v in next(taken).items() if k != key} for _ in range(SPECKS["no_key"])]
    return [
        *(half[: len(half) // 2].encode() for half in halves),
        *[b""] * SPECKS["blank_line"],
        *invalid,
        *(encode(row) for row in keyless),
        *(encode(next(taken)) for _ in range(SPECKS["duplicate_line"])),
    ]
