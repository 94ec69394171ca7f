"""The rows of the release by config and split, on disk: training can be written first, wherever it stands."""

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from mmecinstruct.errors import ImportRefused
from mmecinstruct.importing.spelling import split_of
from mmecinstruct.schema import Domain, Drop, Split
from mmecinstruct.tasks import TASKS

REQUIRED = ("task", "split", "input", "output", "images")
SLICE = 256
N_SHOWN = 5  # unknown names in a message

_KNOWN = f"Tasks are {', '.join(TASKS)}; splits are train, val, test and OOD, in any spelling"


@dataclass(frozen=True, slots=True)
class Place:
    """A split of a config; `task` is the full name."""

    task: str
    domain: Domain
    split: Split

    @property
    def config(self) -> str:
        """The name of the dataset's config, such as `sr_ood`."""
        return f"{TASKS[self.task].abbr}_{self.domain}"


class Staged:
    """Rows as they came, by place; what found no place is counted."""

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self.n = 0
        self._tasks = frozenset(TASKS)
        self.skipped: Counter[str] = Counter()
        self._unknown: dict[str, Counter[str]] = {"task": Counter(), "split": Counter()}
        self._lacking: Counter[str] = Counter()
        self._counts: Counter[Place] = Counter()
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute("CREATE TABLE rows (config TEXT, split TEXT, n INTEGER, record TEXT)")
        self._db.execute("BEGIN")

    def add(self, value: object) -> None:
        """Take one row of the file, whatever it is."""
        self.n += 1
        if not isinstance(value, dict):
            self.skipped[value.reason if isinstance(value, Drop) else "not_an_object"] += 1
            return
        lacking = [name for name in REQUIRED if value.get(name) is None]
        self._lacking.update(lacking)
        if lacking:
            self.skipped[f"no_{lacking[0]}"] += 1
            return
        place = self._place(value["task"], value["split"])
        if isinstance(place, Drop):
            self.skipped[place.reason] += 1
        elif place:
            self._keep(place, value)

    def finish(self, name: str) -> None:
        """Make the rows readable.

        Raises:
            ImportRefused: a task or a split is unknown, a column is missing, or no row is left.
        """
        if absent := [column for column in REQUIRED if self.n and self._lacking[column] == self.n]:
            raise ImportRefused(f"{name}: no row has {', '.join(absent)}; this is not the published dataset.json")
        if odd := [f"unknown {what}s: {_most(counts)}" for what, counts in self._unknown.items() if counts]:
            raise ImportRefused(f"{name}: {'; '.join(odd)}; nothing was written. {_KNOWN}")
        if not self._counts:
            raise ImportRefused(f"{name}: no row can be used: {reasons(self.skipped)}")
        self._db.execute("COMMIT")
        self._db.execute("CREATE INDEX by_place ON rows (config, split, n)")

    def places(self) -> list[Place]:
        """Every place that has rows: in the order of the tasks, in domain first."""
        order = list(TASKS)
        return sorted(self._counts, key=lambda one: (order.index(one.task), one.domain, one.split))

    def count(self, place: Place) -> int:
        """How many rows a place has."""
        return self._counts[place]

    def slices(self, place: Place) -> Iterator[list[tuple[dict[str, Any], str]]]:
        """Yield the rows of a place in the order of the file, with their digests."""
        query = "SELECT record FROM rows WHERE config = ? AND split = ? ORDER BY n"
        rows = self._db.execute(query, (place.config, place.split))
        while block := [(json.loads(text), _digest(text)) for (text,) in islice(rows, SLICE)]:
            yield block

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _place(self, task: object, split: object) -> Place | Drop | None:
        """Where a row belongs; None where the file cannot be imported at all."""
        if not isinstance(task, str) or not isinstance(split, str):
            return Drop("odd_task" if not isinstance(task, str) else "odd_split")
        name, found = task.strip(), split_of(split)
        self._unknown["task"].update([task] if name not in self._tasks else [])
        self._unknown["split"].update([split] if found is None else [])
        if name not in self._tasks or found is None:
            return None
        place = Place(name, *found)
        return place if place.domain == "ind" or TASKS[name].has_ood else Drop("task_has_no_ood")

    def _keep(self, place: Place, value: dict[str, Any]) -> None:
        self._counts[place] += 1
        text = json.dumps(value, sort_keys=True)
        self._db.execute("INSERT INTO rows VALUES (?, ?, ?, ?)", (place.config, place.split, self.n, text))


def reasons(counts: Counter[str]) -> str:
    """Counts in words, the most frequent first."""
    return ", ".join(f"{reason} {n:,}" for reason, n in counts.most_common()) or "the file holds none"


def _most(counts: Counter[str]) -> str:
    shown = [f"{name[:60]!r} ({n:,} rows)" for name, n in counts.most_common(N_SHOWN)]
    more = f" and {len(counts) - N_SHOWN:,} more" if len(counts) > N_SHOWN else ""
    return ", ".join(shown) + more


def _digest(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
