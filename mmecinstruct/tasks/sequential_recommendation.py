"""Sequential recommendation (SR): what does the user buy next? (paper, Table 2, 3.4 and A.5)."""

from dataclasses import dataclass

from mmecinstruct.errors import RecipeError
from mmecinstruct.schema import LETTERS, Domain, Draft, Drop, Ref
from mmecinstruct.sources import Need, listed, picture_needs
from mmecinstruct.tasks.base import TASKS, Pool, Row, TaskSpec, candidate
from mmecinstruct.tasks.clean import clean

# The item from the end that each split asks for: "leaving the last products in sequence interactions as the test data
# and the second last products as validation data" (3.4).
TARGETS = {"test": 1, "validation": 2, "train": 3}

MOST = 1000  # of anything that is asked for each user


@dataclass(frozen=True, slots=True)
class Options:
    """Review files, the core, and the number of candidates; "the processing protocol follows ECInstruct" (A.5)."""

    corpus: str = "amazon_reviews_2023"  # "Amazon Review 2023" (Table 2)
    ind: tuple[str, ...] = ("Tools_and_Home_Improvement",)  # A.2
    ood: tuple[str, ...] = ("Sports_and_Outdoors",)  # A.2
    core: int = 5  # ECInstruct: users and items with at least 5 interactions, iterated
    n_options: int = 20  # ECInstruct: the target and 19 random items
    longest: int = 50  # ECInstruct keeps the first 50 of a user, and so not his last; here the last 50
    n_spare: int = 12  # ours: candidates to stand in for those whose picture cannot be had

    def __post_init__(self) -> None:
        """Refuse numbers that make no task."""
        for name, least in (("core", 1), ("n_options", 2), ("longest", 2), ("n_spare", 0)):
            if not least <= getattr(self, name) <= MOST:
                raise RecipeError(f"sr.{name} must be between {least} and {MOST}, not {getattr(self, name)}")


def needs(options: Options, domain: Domain) -> tuple[Need, ...]:
    """Reviews as interactions, and the metadata of what was bought."""
    categories = options.ind if domain == "ind" else options.ood
    return (
        Need(options.corpus, "reviews", categories),
        Need(options.corpus, "products", categories),
        *picture_needs(),
    )


def pool(pool: Pool, options: Options) -> None:
    """One row a user and split: the history, the target, and everything the user ever bought."""
    categories = options.ind if pool.domain == "ind" else options.ood
    where = f"corpus = '{options.corpus}' AND file_category IN ({listed(categories)})"
    pool.db.execute(
        "CREATE OR REPLACE TABLE sold AS SELECT product_id, title IS NOT NULL AS titled,"
        " contains(title, 'getTime') AS scripted, product_id IN (SELECT product_id FROM pictures) AS pictured"
        f" FROM catalogue WHERE {where} QUALIFY row_number() OVER (PARTITION BY product_id ORDER BY file_category) = 1"
    )
    pool.sieve(
        "bought",
        "SELECT r.user_id, r.product_id, r.time_ms, r.file, r.digest, p.product_id IS NOT NULL AS known,"
        " p.titled, p.scripted, p.pictured"
        f" FROM (SELECT * FROM reviews WHERE {where}) r LEFT JOIN sold p ON p.product_id = r.product_id",
        {
            "no_time": "time_ms IS NOT NULL",
            "no_metadata": "known",
            "no_title": "titled",
            "script_title": "NOT scripted",
            "no_picture_address": "pictured",
        },
    )
    _pairs(pool)
    _core(pool, options.core)
    _interactions(pool)
    _sequences(pool, options, categories)


def _pairs(pool: Pool) -> None:
    """Note who bought what, once."""
    n = pool.db.execute("SELECT count(*) FROM bought").fetchall()[0][0]
    n_pairs = pool.db.execute(
        "CREATE OR REPLACE TEMP TABLE pairs AS SELECT user_id, product_id FROM bought GROUP BY ALL"
    ).fetchall()[0][0]
    pool.count("repeat_review", n - n_pairs)


def _core(pool: Pool, core: int) -> None:
    """Drop users and items with fewer than `core` interactions until none is left to drop."""
    often = " AND ".join(
        f"{side} IN (SELECT {side} FROM pairs GROUP BY {side} HAVING count(*) >= {core})"
        for side in ("user_id", "product_id")
    )
    n = pool.db.execute("SELECT count(*) FROM pairs").fetchall()[0][0]
    while True:
        n_left = pool.db.execute(
            f"CREATE OR REPLACE TEMP TABLE pairs AS SELECT * FROM pairs WHERE {often}"
        ).fetchall()[0][0]
        pool.count(f"below_{core}_core", n - n_left)
        if n_left == n:
            return
        n = n_left


def _interactions(pool: Pool) -> None:
    """Keep the earliest review of an item by a user, as the 2023 release's own files do (design.md, decision 14)."""
    pool.db.execute("""
        CREATE OR REPLACE TEMP TABLE interactions AS
        SELECT user_id, product_id, min(time_ms) AS time_ms,
            min({'time': time_ms, 'file': file, 'digest': digest}) AS first
        FROM bought SEMI JOIN pairs USING (user_id, product_id) GROUP BY user_id, product_id
    """)
    pool.db.execute("DROP TABLE bought")
    pool.db.execute("DROP TABLE pairs")


def _sequences(pool: Pool, options: Options, categories: tuple[str, ...]) -> None:
    pool.db.execute(
        "CREATE OR REPLACE TABLE items AS SELECT product_id, row_number() OVER (ORDER BY product_id) - 1 AS place"
        " FROM (SELECT DISTINCT product_id FROM interactions)"
    )
    splits = TARGETS if pool.domain == "ind" else {"test": TARGETS["test"]}
    rows = " UNION ALL ".join(
        f"SELECT user_id AS key, '{split}' AS split, user_id, owned,"
        f" '{options.corpus}' AS corpus, [{listed(categories)}] AS categories,"
        f" seen[-{back}] AS target, seen[:-{back + 1}] AS history, refs[:-{back}] AS refs"
        f" FROM sequences WHERE len(seen) > {back}"
        for split, back in splits.items()
    )
    pool.fill(f"""
        WITH sequences AS (
            SELECT user_id, owned, owned[-{options.longest}:] AS seen, read[-{options.longest}:] AS refs FROM (
                SELECT user_id, list(product_id ORDER BY time_ms, product_id) AS owned,
                    list({{'file': first.file, 'digest': first.digest}} ORDER BY time_ms, product_id) AS read
                FROM interactions GROUP BY user_id))
        {rows}
    """)


def choose(pool: Pool, options: Options) -> str:
    """Candidates drawn uniformly, without replacement, from the items the user never bought."""
    wanted = min(options.n_options, len(LETTERS)) - 1 + options.n_spare
    n_items = pool.db.execute("SELECT count(*) FROM items").fetchall()[0][0]
    draws = 3 * wanted + 100  # with replacement: enough that what is bought or drawn twice can be left out
    return f"""
        SELECT s.*, {min(options.n_options, len(LETTERS)) - 1} AS n_wrong, d.wrong FROM pool_slice s LEFT JOIN (
            SELECT key, split, list(product_id ORDER BY first)[:{wanted}] AS wrong FROM (
                SELECT key, split, owned, {pool.hash("key", "split", "draw")} % {max(n_items, 1)} AS place,
                    min(draw) AS first
                FROM (SELECT key, split, owned, unnest(range({draws})) AS draw FROM pool_slice) GROUP BY ALL)
            JOIN items USING (place) WHERE NOT list_contains(owned, product_id) GROUP BY key, split) d
        ON d.key = s.key AND d.split = s.split
    """


DETAILS = """
    WITH shown AS (
        SELECT key, corpus, categories, 0 AS part, place, history[place] AS product_id
            FROM (SELECT *, unnest(range(1, len(history) + 1)) AS place FROM pool_slice)
        UNION ALL SELECT key, corpus, categories, 1, 0, target FROM pool_slice
        UNION ALL SELECT key, corpus, categories, 2, place, wrong[place]
            FROM (SELECT *, unnest(range(1, len(wrong) + 1)) AS place FROM pool_slice)),
    pictured AS (
        SELECT key, part, place, {'product': p, 'pictures': v} AS one FROM shown s
        JOIN catalogue p ON p.corpus = s.corpus AND list_contains(s.categories, p.file_category)
            AND p.product_id = s.product_id
        JOIN pictures v ON v.product_id = s.product_id
        QUALIFY row_number() OVER (PARTITION BY key, part, place ORDER BY p.file_category) = 1),
    parts AS (SELECT key, part, list(one ORDER BY place) AS found FROM pictured GROUP BY key, part)
    SELECT s.rank, s.key, s.user_id, s.target, s.n_wrong, s.refs,
        h.found AS history, list_concat(t.found, o.found) AS options
    FROM pool_slice s
    JOIN parts h ON h.key = s.key AND h.part = 0
    JOIN parts t ON t.key = s.key AND t.part = 1
    LEFT JOIN parts o ON o.key = s.key AND o.part = 2
"""


def draft(row: Row) -> Draft | Drop:
    """One user's history and candidates; a stand-in replaces, in order, a candidate whose picture cannot be had."""
    history = tuple(candidate("history", one["product"], one["pictures"], _levels(one)) for one in row["history"])
    options = tuple(candidate("option", one["product"], one["pictures"], _levels(one)) for one in row["options"])
    if not all(one.item.title for one in (*history, *options[:1])):
        return Drop("no_text")
    options = tuple(one for one in options if one.item.title)  # others stand in for a wrong one that has none
    if len(options) <= row["n_wrong"]:
        return Drop("few_candidates")
    return Draft(
        key=row["key"],
        fields={},
        candidates=(*history, *options[: row["n_wrong"] + 1]),
        answer=row["target"],
        refs=tuple(Ref(one["file"], f"{one['digest']:016x}") for one in row["refs"]),
        reserve=options[row["n_wrong"] + 1 :],
        user=row["user_id"],
    )


def _levels(found: Row) -> str:
    """The first two category levels as sentences; text of 2,000 characters and more is none (ECInstruct)."""
    levels = [clean(level) for level in (found["product"]["categories"] or [])[:2]]
    return ". ".join(level for level in levels if len(level) < 2000)


TASKS.add(
    "sequential_recommendation",
    TaskSpec("sequential_recommendation", "sr", Options, True, needs, pool, DETAILS, draft, choose),
    alias="sr",
)
