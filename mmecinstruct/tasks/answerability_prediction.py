"""Answerability prediction (AP): can a question about a product be answered from reviews? (paper, Table 2 and A.5)."""

from dataclasses import dataclass

from mmecinstruct.schema import Domain, Draft, Drop
from mmecinstruct.sources import Need, listed, picture_needs
from mmecinstruct.tasks.base import TASKS, Pool, Row, TaskSpec, candidate, ref
from mmecinstruct.tasks.clean import clean, shortened


@dataclass(frozen=True, slots=True)
class Options:
    """Categories of AmazonQA."""

    ind: tuple[str, ...] = ("Tools_and_Home_Improvement",)  # "the Tools category of AmazonQA" (A.5)
    ood: tuple[str, ...] = ("Sports_and_Outdoors",)  # "the Sports category as the out-of-domain source" (A.5)


def needs(options: Options, domain: Domain) -> tuple[Need, ...]:
    """The questions, and anything that has pictures of their products."""
    questions = ("train", "val", "test") if domain == "ind" else ("test",)
    return (Need("amazonqa", "questions", questions), *picture_needs())


def pool(pool: Pool, options: Options) -> None:
    """Questions of the domain's categories, in the corpus's own splits (paper, 3.4)."""
    categories = options.ind if pool.domain == "ind" else options.ood
    pool.sieve(
        "asked",
        "SELECT file, digest, qid, product_id, category, split, answerable, question IS NOT NULL AS has_question,"
        " len(document) > 0 AS has_document FROM questions",
        {
            "other_category": f"category IN ({listed(categories)})",
            "no_question": "has_question",
            "no_document": "has_document",
            "no_label": "answerable IS NOT NULL",
            "no_picture_address": "product_id IN (SELECT product_id FROM pictures)",
        },
    )
    pool.fill(
        "SELECT concat_ws('-', product_id, qid, split) AS key, file, digest, product_id,"
        " CASE split WHEN 'val' THEN 'validation' ELSE split END AS split FROM asked"
    )


DETAILS = """
    SELECT s.rank, s.key, q AS question, CASE WHEN p.product_id IS NOT NULL THEN p END AS product, v AS pictures
    FROM pool_slice s
    JOIN questions q ON q.file = s.file AND q.digest = s.digest
    LEFT JOIN preferred p ON p.product_id = s.product_id
    LEFT JOIN pictures v ON v.product_id = s.product_id
"""


def draft(row: Row) -> Draft | Drop:
    """One question with its document; `yes` if AmazonQA's classifier found it answerable."""
    asked, product = row["question"], row["product"]
    question, document = clean(asked["question"]), shortened(asked["document"])
    if not question or not document:
        return Drop("no_text")
    shown = product or {**asked, "title": "", "brand": "", "file_category": asked["category"]}
    return Draft(
        key=row["key"],
        fields={"question": question, "document": document},
        candidates=(candidate("product", shown, row["pictures"]),),
        answer="yes" if asked["answerable"] else "no",
        refs=(ref(asked),),
    )


TASKS.add(
    "answerability_prediction",
    TaskSpec("answerability_prediction", "ap", Options, True, needs, pool, DETAILS, draft),
    alias="ap",
)
