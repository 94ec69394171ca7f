"""What samples share: texts, products, query-product pairs, users, pictures. Kept on disk, so memory stays flat.

The paper removes test samples that also appear in training (3.3). The unit there is the sample; `disjoint` adds
others.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from mmecinstruct.schema import LETTERS, Draft, Item, Sample

UNITS = ("text", "product", "query_product", "user", "picture")
SAMPLE = "sample"  # the input with its answer: the paper's own unit


class Seen:
    """A table of (unit, value, task, config, split, row) in SQLite; values are 64-bit hashes."""

    def __init__(self, path: Path, disjoint: Iterable[str] = ()) -> None:
        path.unlink(missing_ok=True)
        self.db = sqlite3.connect(path, isolation_level=None)
        self.disjoint = tuple(disjoint)
        self.db.execute("PRAGMA journal_mode = OFF")
        self.db.execute("PRAGMA synchronous = OFF")
        self.db.execute("CREATE TABLE seen (unit TEXT, value INTEGER, task TEXT, config TEXT, split TEXT, row TEXT)")
        self.db.execute("CREATE TABLE pictures (sha256 TEXT PRIMARY KEY) WITHOUT ROWID")
        self.db.execute("CREATE INDEX by_value ON seen (unit, value)")
        self.db.execute("BEGIN")

    def reject(self, sample: Sample, text: str, draft: Draft) -> str:
        """Say why a sample may not enter, or note what it consists of and return nothing."""
        units = units_of(sample, text, draft.query, draft.user)
        units[SAMPLE] = [value(text + "\n" + _answer(sample))]
        reason = self._repeats(sample, units[SAMPLE][0]) or self._overlaps(sample, units)
        if not reason:
            config = f"{sample.id.partition('-')[0]}"
            rows = [(unit, v, sample.task, config, sample.split, sample.id) for unit, vs in units.items() for v in vs]
            self.db.executemany("INSERT INTO seen VALUES (?, ?, ?, ?, ?, ?)", rows)
            self.db.executemany(
                "INSERT OR IGNORE INTO pictures VALUES (?)", [(item.picture,) for item in sample.items]
            )
        return reason

    def _repeats(self, sample: Sample, whole: int) -> str:
        query = "SELECT split FROM seen WHERE unit = ? AND value = ? AND task = ? LIMIT 1"
        found = self.db.execute(query, (SAMPLE, whole, sample.task)).fetchone()
        return f"already_in_{found[0]}" if found else ""

    def _overlaps(self, sample: Sample, units: dict[str, list[int]]) -> str:
        """A unit of `disjoint` that training has: of any task, since one model is trained on all of them (6.3)."""
        if sample.split == "train":
            return ""
        query = "SELECT 1 FROM seen WHERE unit = ? AND value = ? AND split = 'train' LIMIT 1"
        for unit in self.disjoint:
            if any(self.db.execute(query, (unit, value)).fetchone() for value in units[unit]):
                return f"{unit}_in_train"
        return ""

    def pictures(self) -> Iterator[str]:
        """Yield the sha256 of every picture shown so far, in order."""
        return (sha256 for (sha256,) in self.db.execute("SELECT sha256 FROM pictures ORDER BY sha256"))

    def close(self) -> None:
        """Commit and close."""
        self.db.execute("COMMIT")
        self.db.close()


def units_of(sample: Sample, text: str, query: str, user: str) -> dict[str, list[int]]:
    """The values of each unit in a sample. Wrong options are everybody's, so they are no unit of any sample."""
    right = [item for item, letter in _lettered(sample) if item.role != "option" or letter == sample.target]
    products = sorted({item.product_id for item in right})
    return {
        "text": [value(text)],
        "product": [value(product) for product in products],
        "query_product": [value(f"{query}|{product}") for product in products] if query else [],
        "user": [value(user)] if user else [],
        "picture": [value(picture) for picture in sorted({item.picture for item in right})],
    }


def _answer(sample: Sample) -> str:
    """The answer in words: letters are drawn anew for every sample."""
    right = [line for line in sample.options if line.startswith(f"{sample.target}: ")]
    return right[0].partition(": ")[2] if right else sample.target


def _lettered(sample: Sample) -> list[tuple[Item, str]]:
    letters = iter(LETTERS)
    return [(item, next(letters) if item.role == "option" else "") for item in sample.items]


def value(text: str) -> int:
    """A text as a signed 64-bit number, as SQLite stores it."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)
