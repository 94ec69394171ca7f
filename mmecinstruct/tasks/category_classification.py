"""Category classification (CC): which fine-grained category is a product of? (paper, Table 2, A.2 and A.5)."""

from dataclasses import dataclass

from mmecinstruct.errors import RecipeError
from mmecinstruct.schema import LETTERS, Domain, Draft, Drop
from mmecinstruct.sources import Need, picture_needs
from mmecinstruct.tasks.base import TASKS, Pool, Row, TaskSpec, candidate, ref
from mmecinstruct.tasks.clean import clean

N_SPARE = 5  # categories drawn for those of which cleaning leaves nothing, or another's name


@dataclass(frozen=True, slots=True)
class Options:
    """Ranks of MAVE's categories by number of products, first and last."""

    ind_ranks: tuple[int, int] = (1, 100)  # "the 100 most frequent fine-grained categories" (A.2)
    ood_ranks: tuple[int, int] = (101, 200)  # "categories ranked between 100 and 200 in frequency" (A.2)
    n_options: int = 20  # not stated; chance level of a collapsed baseline fits 20 (design.md, decision 1)

    def __post_init__(self) -> None:
        """Refuse a choice of one, more options than letters, and ranks that are none or meet."""
        if not 2 <= self.n_options <= len(LETTERS):
            raise RecipeError(f"cc.n_options must be from 2 to {len(LETTERS)}, not {self.n_options}")
        for name in ("ind_ranks", "ood_ranks"):
            first, last = getattr(self, name)
            if not 1 <= first <= last:
                raise RecipeError(f"cc.{name} must be a first and a last rank from 1 on, not [{first}, {last}]")
        if self.ind_ranks[0] <= self.ood_ranks[1] and self.ood_ranks[0] <= self.ind_ranks[1]:
            raise RecipeError(f"cc.ind_ranks {list(self.ind_ranks)} and cc.ood_ranks {list(self.ood_ranks)} overlap")


def needs(options: Options, domain: Domain) -> tuple[Need, ...]:
    """The labels, titles from either Amazon release, and pictures."""
    return (Need("mave", "labels"), *picture_needs())


def pool(pool: Pool, options: Options) -> None:
    """Products of the ranked categories; in domain they are split 8:1:1, out of domain all are test (A.5)."""
    first, last = options.ind_ranks if pool.domain == "ind" else options.ood_ranks
    pool.db.execute("""
        CREATE OR REPLACE TABLE labelled AS
        SELECT product_id, count(DISTINCT category) AS n, min(category) AS category,
            min({'file': file, 'digest': digest}) AS label
        FROM labels GROUP BY product_id
    """)
    pool.db.execute(f"""
        CREATE OR REPLACE TABLE ranked AS
        SELECT category, row_number() OVER (ORDER BY count(*) DESC, category) AS rank
        FROM labelled WHERE n = 1 GROUP BY category
        QUALIFY rank BETWEEN {first} AND {last}
    """)
    pool.sieve(
        "classed",
        "SELECT l.*, p.title FROM labelled l LEFT JOIN preferred p ON p.product_id = l.product_id",
        {
            "two_categories": "n = 1",
            "other_rank": "category IN (SELECT category FROM ranked)",
            "no_title": "title IS NOT NULL",
            "script_title": "NOT contains(title, 'getTime')",  # MAVE's own cleaner
            "no_picture_address": "product_id IN (SELECT product_id FROM pictures)",
        },
    )
    split = pool.eighty_ten_ten("product_id") if pool.domain == "ind" else "'test'"
    pool.fill(
        f"SELECT product_id AS key, {split} AS split, product_id, category, label.file, label.digest FROM classed"
    )


def choose(pool: Pool, options: Options) -> str:
    """Wrong categories from the same ranks, uniformly without replacement."""
    wrong = options.n_options - 1
    return f"""
        SELECT s.*, {wrong} AS n_wrong, {pool.hash("s.key", "'place'")} AS place,
            (SELECT list(category ORDER BY {pool.hash("s.key", "category")}) FROM ranked r
             WHERE r.category <> s.category)[:{wrong + N_SPARE}] AS wrong
        FROM pool_slice s
    """


DETAILS = """
    SELECT s.rank, s.key, s.category, s.wrong, s.n_wrong, s.place, l AS label, p AS product, v AS pictures
    FROM pool_slice s
    JOIN labels l ON l.file = s.file AND l.digest = s.digest
    JOIN preferred p ON p.product_id = s.product_id
    JOIN pictures v ON v.product_id = s.product_id
"""


def draft(row: Row) -> Draft | Drop:
    """One product among lettered categories, the right one at a place drawn for this product."""
    product = candidate("product", row["product"], row["pictures"])
    truth = clean(row["category"])
    if not product.item.title or not truth:
        return Drop("no_text")
    names = dict.fromkeys(map(clean, row["wrong"] or []))
    wrong = [name for name in names if name not in ("", truth)][: row["n_wrong"]]
    if len(wrong) < row["n_wrong"]:
        return Drop("few_options")
    place = row["place"] % (len(wrong) + 1)
    choices = [*wrong[:place], truth, *wrong[place:]]
    return Draft(
        key=row["key"],
        fields={"choices": choices},
        candidates=(product,),
        answer=LETTERS[place],
        refs=(ref(row["label"]),),
    )


TASKS.add(
    "category_classification",
    TaskSpec("category_classification", "cc", Options, True, needs, pool, DETAILS, draft, choose),
    alias="cc",
)
