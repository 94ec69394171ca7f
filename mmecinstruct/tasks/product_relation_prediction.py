"""Product relation prediction (PRP): also bought, also viewed, or similar? (paper, Table 2 and A.5).

The paper's Table 2 names Amazon 2023, which has none of the three relations; they come from the 2018 metadata.
"""

from dataclasses import dataclass

from mmecinstruct.schema import Domain, Draft, Drop
from mmecinstruct.sources import Need, listed, picture_needs
from mmecinstruct.tasks.base import TASKS, Pool, Row, TaskSpec, candidate

CORPUS = "amazon_reviews_2018"


@dataclass(frozen=True, slots=True)
class Options:
    """Category files of the 2018 metadata."""

    ind: tuple[str, ...] = ("Tools_and_Home_Improvement",)  # "the Tools category as IND sources" (A.5)
    ood: tuple[str, ...] = ("Sports_and_Outdoors",)  # "with the Sports category serving as the OOD source" (A.5)


def needs(options: Options, domain: Domain) -> tuple[Need, ...]:
    """The 2018 metadata of the domain; pictures may also come from 2023."""
    return (Need(CORPUS, "products", options.ind if domain == "ind" else options.ood), *picture_needs())


def pool(pool: Pool, options: Options) -> None:
    """Pairs of titles with one relation, in-category, split 8:1:1 by pair (paper, 3.4 and A.5)."""
    categories = options.ind if pool.domain == "ind" else options.ood
    pool.db.execute(f"""
        CREATE OR REPLACE TABLE known AS SELECT * FROM catalogue
        WHERE corpus = '{CORPUS}' AND file_category IN ({listed(categories)}) AND title IS NOT NULL
            AND NOT contains(title, 'getTime') AND product_id IN (SELECT product_id FROM pictures)
        QUALIFY row_number() OVER (PARTITION BY product_id ORDER BY file_category) = 1
    """)
    relations = " UNION ALL ".join(
        f"SELECT product_id AS a, unnest({column}) AS b, '{letter}' AS relation FROM catalogue"
        f" WHERE corpus = '{CORPUS}' AND file_category IN ({listed(categories)})"
        for letter, column in (("A", "also_buy"), ("B", "also_view"), ("C", "similar_items"))
    )
    pool.sieve(
        "related",
        "SELECT r.*, x.title AS title_a, y.title AS title_b FROM "
        f"(SELECT DISTINCT * FROM ({relations})) r"
        " LEFT JOIN known x ON x.product_id = a LEFT JOIN known y ON y.product_id = b",
        {
            "same_product": "a <> b",
            # "removing any products that lack detailed information" (A.5), and those without a picture (3.3)
            "product_lacks_title_or_picture": "title_a IS NOT NULL",
            "other_lacks_title_or_picture_or_is_of_another_category": "title_b IS NOT NULL",
            "same_title": "title_a <> title_b",
        },
    )
    # The direction is lost: the pair is the two titles in order, and stands for the first of its product pairs.
    pool.sieve(
        "paired",
        """SELECT count(DISTINCT relation) AS n, min(relation) AS relation, min(CASE WHEN title_a < title_b
               THEN {'first': a, 'second': b} ELSE {'first': b, 'second': a} END) AS pair
           FROM related GROUP BY least(title_a, title_b), greatest(title_a, title_b)""",
        {"two_relations": "n = 1"},  # "pairs that appear multiple times with different relations are eliminated" (A.5)
    )
    key = "concat_ws('-', pair.first, pair.second)"
    pool.fill(
        f"SELECT {key} AS key, {pool.eighty_ten_ten(key)} AS split, relation, pair,"
        f" [{listed(categories)}] AS categories FROM paired"
    )


DETAILS = f"""
    WITH known AS (
        SELECT * FROM catalogue
        WHERE corpus = '{CORPUS}' AND list_contains((SELECT min(categories) FROM pool_slice), file_category)
            AND product_id IN (SELECT pair.first FROM pool_slice UNION SELECT pair.second FROM pool_slice)
        QUALIFY row_number() OVER (PARTITION BY product_id ORDER BY file_category) = 1)
    SELECT s.rank, s.key, s.relation, p AS product_1, v AS pictures_1, q AS product_2, w AS pictures_2
    FROM pool_slice s
    JOIN known p ON p.product_id = s.pair.first
    JOIN known q ON q.product_id = s.pair.second
    JOIN pictures v ON v.product_id = s.pair.first
    JOIN pictures w ON w.product_id = s.pair.second
"""


def draft(row: Row) -> Draft | Drop:
    """One pair of products; the answer is the letter of its relation."""
    pair = tuple(candidate("product", row[f"product_{i}"], row[f"pictures_{i}"]) for i in (1, 2))
    if not all(one.item.title for one in pair):
        return Drop("no_text")
    return Draft(key=row["key"], fields={}, candidates=pair, answer=row["relation"], refs=())


TASKS.add(
    "product_relation_prediction",
    TaskSpec("product_relation_prediction", "prp", Options, True, needs, pool, DETAILS, draft),
    alias="prp",
)
