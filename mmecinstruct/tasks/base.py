"""What a task is: the files it needs, a pool made by filters in order, and a draft of one sample.

A task is one module and one template. Its `pool` turns staged corpora into the table `pool` (narrow rows: a key, a
split and the ids of the records involved); the builder reads that table in sampling order, a slice at a time;
`details` joins the records to a slice; `draft`, a pure function, makes one sample of one such row. `mmecinstruct why`
runs the last two again on the raw lines.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from mmecinstruct.registry import Registry
from mmecinstruct.schema import Candidate, Domain, Draft, Drop, Item, Ref, Role
from mmecinstruct.sources import Corpora, Need
from mmecinstruct.tasks.clean import clean

OptionsT = TypeVar("OptionsT")
Row = Mapping[str, Any]  # one row of `details`: records by name, each a mapping of its columns


@dataclass(frozen=True, slots=True)
class TaskSpec(Generic[OptionsT]):
    """A task. `options` is the dataclass of what a recipe may change, with the paper's values as defaults.

    `pool` fills the table `pool` for one domain; `choose` adds to a `slice` of it what is drawn for each row (wrong
    options); `details` joins the records to the `slice`; `draft` makes a sample of a row.
    """

    name: str
    abbr: str
    options: type[OptionsT]
    has_ood: bool
    needs: Callable[[OptionsT, Domain], tuple[Need, ...]]
    pool: Callable[["Pool", OptionsT], None]
    details: str
    draft: Callable[[Row], Draft | Drop]
    choose: Callable[["Pool", OptionsT], str] = field(default=lambda pool, options: "SELECT * FROM pool_slice")


TASKS: Registry[TaskSpec[Any]] = Registry("task")


class Pool:
    """The making of one task's pool in one domain: SQL in order, every row that is left out counted by reason."""

    def __init__(self, corpora: Corpora, task: str, domain: Domain, seed: int) -> None:
        self.db = corpora.db
        self.task = task
        self.domain = domain
        self.seed = seed
        self.dropped: dict[str, int] = {}

    def hash(self, *columns: str) -> str:
        """SQL for the 64 bits on which every choice rests: md5 of the seed, the task and these columns."""
        return f"md5_number_lower(concat_ws('|', '{self.seed}', '{self.task}', {', '.join(columns)}))"

    def eighty_ten_ten(self, key: str) -> str:
        """SQL for the split of a corpus that comes without.

        8:1:1 (paper, 3.4); out of domain only the last tenth counts.
        """
        tenth = f"({self.hash(key, repr('split'))} % 10)"
        return f"CASE WHEN {tenth} < 8 THEN 'train' WHEN {tenth} < 9 THEN 'validation' ELSE 'test' END"

    def sieve(self, table: str, source: str, filters: Mapping[str, str]) -> None:
        """Create `table` from the rows of `source` that pass all filters; count the others by the first they fail."""
        cases = " ".join(f"WHEN NOT coalesce({test}, false) THEN '{reason}'" for reason, test in filters.items())
        self.db.execute(
            f"CREATE OR REPLACE TEMP TABLE sieved AS SELECT *, CASE {cases} END AS dropped FROM ({source})"
        )
        counts = dict(self.db.execute("SELECT dropped, count(*) FROM sieved GROUP BY 1").fetchall())
        for reason in filters:
            self.count(reason, counts.get(reason, 0))
        self.db.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * EXCLUDE dropped FROM sieved WHERE dropped IS NULL"
        )
        self.db.execute("DROP TABLE sieved")

    def count(self, reason: str, n: int) -> None:
        """Count rows that are left out."""
        if n:
            self.dropped[reason] = self.dropped.get(reason, 0) + n

    def fill(self, source: str) -> None:
        """Make `pool` of a query with at least `key` and `split`: one row a key, ranked in sampling order by split."""
        only = "" if self.domain == "ind" else "WHERE split = 'test'"
        self.db.execute(f"CREATE OR REPLACE TEMP TABLE keyed AS SELECT * FROM ({source}) {only}")
        n, n_keys = self.db.execute("SELECT count(*), count(DISTINCT (split, key)) FROM keyed").fetchall()[0]
        self.count("repeated_key", n - n_keys)
        once = "QUALIFY row_number() OVER (PARTITION BY split, key ORDER BY keyed::VARCHAR) = 1" if n > n_keys else ""
        self.db.execute(
            "CREATE OR REPLACE TABLE pool AS SELECT *,"
            f" row_number() OVER (PARTITION BY split ORDER BY {self.hash('key')}, key) AS rank"
            f" FROM (SELECT * FROM keyed {once})"
        )
        self.db.execute("DROP TABLE keyed")


def ref(record: Row) -> Ref:
    """Where a record was read."""
    return Ref(record["file"], f"{record['digest']:016x}")


def candidate(role: Role, product: Row, pictures: Row | None, category: str | None = None) -> Candidate:
    """A product as an item whose picture is still to be had; `category` in words, the file's unless given."""
    item = Item(
        role=role,
        product_id=product["product_id"],
        title=clean(product["title"]),
        category=display_name(product["file_category"]) if category is None else category,
        brand=clean(product["brand"]),
    )
    found = pictures or {"addresses": [], "refs": []}
    refs = [ref(product), *(ref(place) for place in found["refs"])]
    return Candidate(item, tuple(found["addresses"]), tuple(dict.fromkeys(refs)))


def display_name(file_category: str) -> str:
    """The name of a category file in words, as Table A2 prints it."""
    return file_category.replace("_", " ")
