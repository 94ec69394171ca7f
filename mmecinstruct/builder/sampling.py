"""Samples in sampling order: slices of a task's pool, joined, drafted and settled until there are enough."""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from mmecinstruct import words
from mmecinstruct.builder.seen import Seen
from mmecinstruct.builder.settle import Obtain, settle
from mmecinstruct.images import Failure, Picture, PictureStore
from mmecinstruct.schema import Candidate, Domain, Draft, Drop, Sample, Split
from mmecinstruct.sources import Corpora
from mmecinstruct.tasks import Pool, TaskSpec

logger = logging.getLogger(__name__)

SLICE = 256


@dataclass(slots=True)
class Source:
    """One task in one domain: its pool, and what became of it."""

    task: TaskSpec[Any]
    options: Any
    domain: Domain
    pool: Pool
    dropped: dict[Split, Counter[str]] = field(default_factory=dict)

    @property
    def config(self) -> str:
        """The name of the dataset's config, such as `sr_ood`."""
        return f"{self.task.abbr}_{self.domain}"

    def drops(self) -> dict[str, dict[str, int]]:
        """Rows left out, by reason: by the pool's filters, and then by split."""
        pools = {"pool": self.pool.dropped} if self.pool.dropped else {}
        return pools | {split: dict(sorted(counts.items())) for split, counts in self.dropped.items() if counts}

    def counts(self) -> Counter[str]:
        """The same, over all splits."""
        return sum((Counter(reasons) for reasons in self.drops().values()), Counter())


@dataclass(frozen=True, slots=True)
class Sampled:
    """A sample, the pool's row it came from (JSON), and its input as rendered."""

    sample: Sample
    pool_row: str
    input: str


def open_pool(corpora: Corpora, task: TaskSpec[Any], options: Any, domain: Domain, seed: int) -> Source:
    """Make a task's pool in a schema of its own."""
    source = Source(task, options, domain, Pool(corpora, task.name, domain, seed))
    corpora.db.execute(f"DROP SCHEMA IF EXISTS {source.config} CASCADE")  # a killed run may have left it
    corpora.db.execute(f"CREATE SCHEMA {source.config}")
    _enter(corpora, source)
    task.pool(source.pool, options)
    logger.info("%s: %d in the pool", source.config, corpora.rows("SELECT count(*) FROM pool")[0][0])
    return source


def samples(
    corpora: Corpora, source: Source, split: Split, n: int, store: PictureStore, seen: Seen, seed: int
) -> Iterator[Sampled]:
    """Yield the first `n` samples of a split that pass every check; the others are counted in `source.dropped`."""
    dropped = source.dropped.setdefault(split, Counter())
    taken = 0
    for drafted in _slices(corpora, source, split, n):
        drafts = [draft for draft, _ in drafted if isinstance(draft, Draft)]
        obtain = _prefetched(store, drafts)
        for draft, pool_row in drafted:
            if taken == n:
                return
            settled = _checked(draft, source, split, obtain, seen, seed)
            if isinstance(settled, Drop):
                dropped[settled.reason] += 1
                continue
            taken += 1
            yield Sampled(settled[0], pool_row, settled[1])


def _checked(
    draft: Draft | Drop, source: Source, split: Split, obtain: Obtain, seen: Seen, seed: int
) -> tuple[Sample, str] | Drop:
    if isinstance(draft, Drop):
        return draft
    settled = settle(draft, source.task, source.domain, split, seed, obtain)
    if isinstance(settled, Drop):
        return settled
    text = words.input_text(settled)
    reason = seen.reject(settled, text, draft)
    return Drop(reason) if reason else (settled, text)


def _slices(corpora: Corpora, source: Source, split: Split, n: int) -> Iterator[list[tuple[Draft | Drop, str]]]:
    """Yield drafts with their pool rows, slice by slice, in sampling order."""
    size, start = min(SLICE, n + 16), 1
    while n:
        _enter(corpora, source)
        drafted = draft_slice(corpora, source, f"split = '{split}' AND rank BETWEEN {start} AND {start + size - 1}")
        if not drafted:
            return
        yield drafted
        start += size


def draft_slice(corpora: Corpora, source: Source, where: str) -> list[tuple[Draft | Drop, str]]:
    """Draft the rows of the pool that fit `where`."""
    db = corpora.db
    db.execute(f"CREATE OR REPLACE TABLE pool_slice AS SELECT * FROM pool WHERE {where}")
    chosen = source.task.choose(source.pool, source.options)
    db.execute(f"CREATE OR REPLACE TABLE chosen AS {chosen}")
    db.execute("CREATE OR REPLACE TABLE pool_slice AS SELECT * FROM chosen")
    rows = db.execute("SELECT rank, to_json(s)::VARCHAR FROM pool_slice s ORDER BY rank").fetchall()
    details = {row["rank"]: row for row in joined(corpora, source.task)}
    return [
        (source.task.draft(details[rank]) if rank in details else Drop("record_lost"), text) for rank, text in rows
    ]


def joined(corpora: Corpora, task: TaskSpec[Any]) -> list[dict[str, Any]]:
    """The rows of `pool_slice` with their records."""
    rows: list[dict[str, Any]] = corpora.db.sql(task.details).to_arrow_table().to_pylist()
    return rows


def _enter(corpora: Corpora, source: Source) -> None:
    corpora.db.execute(f"SET search_path = '{source.config},main'")


def _prefetched(store: PictureStore, drafts: Sequence[Draft]) -> Obtain:
    """Have a slice's pictures fetched and decoded together: first those that decide, then the options of the rest."""
    known: dict[tuple[str, ...], Picture | Failure] = {}

    def obtain(wanted: Sequence[Candidate]) -> list[Picture | Failure]:
        new = list(dict.fromkeys(one.addresses for one in wanted if one.addresses not in known))
        if new:
            known.update(zip(new, store.obtain(new), strict=True))
        return [known[one.addresses] for one in wanted]

    fixed = [[one for one in draft.candidates if one.item.role != "option"] for draft in drafts]
    obtain([one for group in fixed for one in group])
    alive = [
        draft
        for draft, group in zip(drafts, fixed, strict=True)
        if all(isinstance(picture, Picture) for picture in obtain(group))
    ]
    obtain([one for draft in alive for one in draft.candidates if one.item.role == "option"])
    return obtain
