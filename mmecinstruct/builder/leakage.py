"""What evaluation shares with training: samples, five units of them, and text that is nearly the same (paper, 3.3)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from mmecinstruct.builder.near_duplicates import SHINGLE, SIMILAR, Index
from mmecinstruct.builder.planted import PLANTED, measured
from mmecinstruct.builder.seen import SAMPLE, UNITS, Seen

BATCH = 256
EXAMPLES = 20
PARTNERS = 100  # counted for one text: a thousand copies of a text on either side would be a million pairs
EVALUATED = ("validation", "test")
NEAR = "near_duplicate_text"
SETTINGS = {
    "text": "input, in lower case, with one space for whatever is neither letter nor digit",
    "shingle": SHINGLE,
    "similarity": SIMILAR,
    "partners_counted": PARTNERS,
    "examples": EXAMPLES,
}

Report = dict[str, Any]


@dataclass(slots=True)
class Met:
    """How many training texts are nearly the same as one text, and which is the nearest."""

    partners: int = 0
    similarity: float = 0.0
    train_row: str = ""


def leakage(out: Path, seen: Seen, configs: Sequence[str]) -> Report:
    """For each evaluated split: rows that share a unit with training, of any task or of their own; near-duplicates.

    Units are compared by their hashes with all of training, near-duplicate texts with the training of the same task.
    """
    splits = {
        f"{config}/{split}": _nothing_shared(n)
        for config in configs
        for split in EVALUATED
        if (n := _rows_of(seen, config, split))
    }
    _exact(seen, splits)
    for task in dict.fromkeys(config.partition("_")[0] for config in configs):
        _near(out, task, {name: one for name, one in splits.items() if name.startswith(f"{task}_")})
    planted = measured(_to_plant(out, configs))
    return {"summary": _summary(splits), "splits": splits, "settings": SETTINGS, "recall": planted}


def _nothing_shared(rows: int) -> Report:
    exact = {unit: {"any_task": 0, "same_task": 0, "examples": []} for unit in (SAMPLE, *UNITS)}
    return {"rows": rows, "exact": exact, NEAR: {"rows": 0, "pairs": 0, "examples": []}}


def _rows_of(seen: Seen, config: str, split: str) -> int:
    query = "SELECT count(*) FROM seen WHERE unit = ? AND config = ? AND split = ?"
    n: int = seen.db.execute(query, (SAMPLE, config, split)).fetchone()[0]
    return n


def _exact(seen: Seen, splits: dict[str, Report]) -> None:
    """Count the evaluated rows that share a unit; a training row of the same task is named rather than another."""
    for config, split, unit, row, same_task, train_row in _shared(seen):
        if one := splits.get(f"{config}/{split}"):
            counts = one["exact"][unit]
            counts["any_task"] += 1
            counts["same_task"] += same_task
            if len(counts["examples"]) < EXAMPLES:
                counts["examples"].append({"row": row, "train_row": train_row})


def _shared(seen: Seen) -> Iterator[tuple[str, str, str, str, int, str]]:
    """Yield each evaluated row and unit that training has, rows that share it with their own task first."""
    # A table of training's values, each once, makes this linear; a join with `seen` grows with how popular a value is.
    seen.db.execute("DROP TABLE IF EXISTS temp.trained")
    seen.db.execute("""
        CREATE TEMP TABLE trained
            (unit TEXT, value INTEGER, task TEXT, row TEXT, PRIMARY KEY (unit, value, task)) WITHOUT ROWID
    """)
    seen.db.execute("""
        INSERT OR IGNORE INTO trained SELECT unit, value, task, row FROM seen NOT INDEXED WHERE split = 'train'
    """)
    yield from seen.db.execute("""
        SELECT a.config, a.split, a.unit, a.row, max(a.task = b.task) AS same_task,
            coalesce(min(CASE WHEN a.task = b.task THEN b.row END), min(b.row))
        FROM seen a NOT INDEXED CROSS JOIN trained b ON a.unit = b.unit AND a.value = b.value
        WHERE a.split <> 'train' GROUP BY a.config, a.split, a.unit, a.row
        ORDER BY a.config, a.split, a.unit, same_task DESC, a.row
    """)


def _near(out: Path, task: str, splits: dict[str, Report]) -> None:
    """Compare the texts of a task's evaluated splits with its training, which is read once and not kept."""
    index = Index(row for name in splits for row in _texts(out, *name.split("/")))
    for rows, met in zip(index.rows, _meet(index, _texts(out, f"{task}_ind", "train")), strict=True):
        for row in rows if met.partners else ():
            _count(splits[_split_of(row)][NEAR], row, met)
    for one in splits.values():
        one[NEAR]["examples"] = sorted(one[NEAR]["examples"], key=lambda x: (-x["similarity"], x["row"]))[:EXAMPLES]


def _meet(index: Index, training: Iterable[tuple[str, str]]) -> list[Met]:
    met = [Met() for _ in index.rows]
    for train_row, text in training:
        for near in index.near(text):
            one = met[near.text]
            one.partners += 1
            if one.partners == PARTNERS:
                index.retire(near.text)
            if near.similarity > one.similarity:
                one.similarity, one.train_row = near.similarity, train_row
    return met


def _count(counts: Report, row: str, met: Met) -> None:
    counts["rows"] += 1
    counts["pairs"] += met.partners
    counts["examples"].append({"row": row, "train_row": met.train_row, "similarity": round(met.similarity, 4)})


def _split_of(row: str) -> str:
    """The split that a row's id names: `sr_ood/test` of `sr_ood-test-0f3a...`."""
    config, split, _ = row.split("-", 2)
    return f"{config}/{split}"


def _texts(out: Path, config: str, split: str) -> Iterator[tuple[str, str]]:
    """Yield the id and the input of each row of a split, in order; there is no manifest yet that names the files."""
    import pyarrow.parquet as pq

    for path in sorted((out / "data" / config).glob(f"{split}-*.parquet")):
        for batch in pq.ParquetFile(path).iter_batches(BATCH, columns=["id", "input"]):
            yield from zip(batch["id"].to_pylist(), batch["input"].to_pylist(), strict=True)


def _to_plant(out: Path, configs: Sequence[str]) -> list[tuple[str, str]]:
    """The first training rows of each task: rows are in sampling order, so these are drawn by the recipe's seed."""
    trained = [config for config in configs if config.endswith("_ind")]
    return [row for config in trained for row in islice(_texts(out, config, "train"), PLANTED // len(trained))]


def _summary(splits: dict[str, Report]) -> dict[str, int]:
    exact = {unit: sum(one["exact"][unit]["same_task"] for one in splits.values()) for unit in (SAMPLE, *UNITS)}
    return exact | {NEAR: sum(one[NEAR]["rows"] for one in splits.values())}
