"""What the two tasks on Shopping Queries share: the same judged query-product pairs (paper, A.5)."""

from dataclasses import dataclass

from mmecinstruct.schema import Domain, Draft, Drop
from mmecinstruct.sources import Need, picture_needs, quoted
from mmecinstruct.tasks.base import Pool, Row, candidate, display_name, ref
from mmecinstruct.tasks.clean import clean, fold, is_english


@dataclass(frozen=True, slots=True)
class Options:
    """What may be taken of Shopping Queries."""

    locale: str = "us"  # "eliminate non-English samples" (A.5)


def needs(options: Options, domain: Domain) -> tuple[Need, ...]:
    """The judgements, the products' titles, and pictures, of which ESCI itself has none."""
    return (Need("shopping_queries", "examples"), Need("shopping_queries", "listings"), *picture_needs())


def pool(pool: Pool, options: Options) -> None:
    """Judged pairs in ESCI's own splits; it has no validation split, so its test split is halved at random."""
    pool.db.execute("""
        CREATE OR REPLACE TABLE listed AS SELECT * FROM listings
        QUALIFY row_number() OVER (PARTITION BY locale, product_id ORDER BY file, digest) = 1
    """)
    pool.sieve(
        "judged",
        "SELECT e.*, p.title, p.file AS listing_file, p.digest AS listing_digest FROM examples e"
        " LEFT JOIN listed p ON p.locale = e.locale AND p.product_id = e.product_id",
        {
            "other_locale": f"locale = {quoted(options.locale)}",
            "unknown_label": "label IN ('E', 'S', 'C', 'I')",
            "unknown_split": "split IN ('train', 'test')",
            "no_title": "title IS NOT NULL",
            "no_picture_address": "product_id IN (SELECT product_id FROM pictures)",
        },
    )
    half = f"CASE {pool.hash('example_id', repr('half'))} % 2 WHEN 0 THEN 'validation' ELSE 'test' END"
    pool.fill(
        f"SELECT example_id AS key, CASE split WHEN 'train' THEN split ELSE {half} END AS split,"
        " file, digest, product_id, listing_file, listing_digest FROM judged"
    )


DETAILS = """
    SELECT s.rank, s.key, e AS example, p AS listing, c.file_category AS category, v AS pictures
    FROM pool_slice s
    JOIN examples e ON e.file = s.file AND e.digest = s.digest
    JOIN listings p ON p.file = s.listing_file AND p.digest = s.listing_digest
    JOIN pictures v ON v.product_id = s.product_id
    LEFT JOIN preferred c ON c.product_id = s.product_id
"""


def draft(row: Row, answers: dict[str, str]) -> Draft | Drop:
    """One query with one product; `answers` says what to answer to each ESCI label."""
    judged = row["example"]
    title = fold(clean(row["listing"]["title"]))
    # Shopping Queries has no categories; where Amazon's metadata knows the product, its file's counts (Table A2).
    category = display_name(row["category"] or "")
    found = candidate("product", {**row["listing"], "title": title}, row["pictures"], category)
    query = fold(clean(judged["query"]))
    if not query or not title:
        return Drop("no_text")
    if not (is_english(clean(judged["query"])) and is_english(clean(row["listing"]["title"]))):
        return Drop("not_english")
    return Draft(
        key=row["key"],
        fields={"query": query},
        candidates=(found,),
        answer=answers[judged["label"]],
        refs=(ref(judged),),
        query=query,
    )
