"""Sentiment analysis (SA): how does the reviewer feel, by text and review picture? (paper, Table 2 and A.5)."""

from dataclasses import dataclass

from mmecinstruct.schema import Candidate, Domain, Draft, Drop, Item
from mmecinstruct.sources import Need, listed, quoted
from mmecinstruct.tasks.base import TASKS, Pool, Row, TaskSpec, display_name, ref
from mmecinstruct.tasks.clean import TAG, clean

N_PICTURES = 3  # tried of a review: of dozens of dead ones, each would take its time
ANSWERS = {5.0: "A", 4.0: "B", 3.0: "C", 2.0: "D", 1.0: "E"}  # the options in the order of Figure A6


@dataclass(frozen=True, slots=True)
class Options:
    """Review files and the shortest review."""

    corpus: str = "amazon_reviews_2023"  # "Amazon Review 2023" (Table 2)
    ind: tuple[str, ...] = ("Tools_and_Home_Improvement",)  # "the Tools category ... as the IND sources" (A.5)
    ood: tuple[str, ...] = ("Sports_and_Outdoors",)  # "the Sports category as the OOD source" (A.5)
    longer_than: int = 10  # "reviews that are longer than 10 words" (A.5)


def needs(options: Options, domain: Domain) -> tuple[Need, ...]:
    """The reviews of the domain; their pictures are the reviewers' own."""
    return (Need(options.corpus, "reviews", options.ind if domain == "ind" else options.ood),)


def pool(pool: Pool, options: Options) -> None:
    """Reviews with a text, a rating and a picture, split 8:1:1 (paper, 3.4)."""
    categories = options.ind if pool.domain == "ind" else options.ood
    words = f"len(string_split_regex(trim(regexp_replace(text, {quoted(TAG)}, ' ', 'g')), '\\s+'))"
    pool.sieve(
        "reviewed",
        "SELECT file, digest, user_id, product_id, time_ms, rating, text IS NOT NULL AS has_text,"
        f" len(addresses) > 0 AS has_picture, CASE WHEN has_picture THEN {words} END AS n_words FROM reviews"
        f" WHERE corpus = '{options.corpus}' AND file_category IN ({listed(categories)})",
        {
            "no_text": "has_text",
            "odd_rating": f"rating IN ({', '.join(map(str, ANSWERS))})",
            "no_review_picture": "has_picture",
            "few_words": f"n_words > {options.longer_than}",
        },
    )
    key = "concat_ws('-', user_id, product_id, time_ms)"
    pool.fill(f"SELECT {key} AS key, {pool.eighty_ten_ten(key)} AS split, file, digest FROM reviewed")


DETAILS = """
    SELECT s.rank, s.key, r AS review FROM pool_slice s JOIN reviews r ON r.file = s.file AND r.digest = s.digest
"""


def draft(row: Row) -> Draft | Drop:
    """One review with the first of its pictures that can be had."""
    written = row["review"]
    text = clean(written["text"])
    if not text:
        return Drop("no_text")
    item = Item("review", written["product_id"], "", display_name(written["file_category"]))
    return Draft(
        key=row["key"],
        fields={"review": text},
        candidates=(Candidate(item, tuple(written["addresses"][:N_PICTURES])),),
        answer=ANSWERS[written["rating"]],
        refs=(ref(written),),
        user=written["user_id"],
    )


TASKS.add(
    "sentiment_analysis",
    TaskSpec("sentiment_analysis", "sa", Options, True, needs, pool, DETAILS, draft),
    alias="sa",
)
