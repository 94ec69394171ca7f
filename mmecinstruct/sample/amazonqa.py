"""Writes the questions in the layout of AmazonQA."""

from collections.abc import Sequence
from typing import Any

from mmecinstruct.sample.chance import Chance
from mmecinstruct.sample.dirt import Ledger
from mmecinstruct.sample.questions import Question
from mmecinstruct.sample.text import tell

TASK = "answerability_prediction"
N_BOOLEAN = 3  # rows of each file whose label is true or false, as its README has it, instead of 1 or 0


def write_amazonqa(ledger: Ledger, questions: Sequence[Question]) -> None:
    """Write one file a part."""
    for part in ("train", "val", "test"):
        some = [question for question in questions if question.part == part]
        rows = [_row(question, ledger.chance.at("answer", question.qid)) for question in some]
        for row in rows[:N_BOOLEAN]:
            row["is_answerable"] = bool(row["is_answerable"])
        ledger.note(TASK, "boolean_label", N_BOOLEAN)
        ledger.write_jsonl(f"amazonqa/{part}-qar.jsonl", rows, key="qid")


def _row(question: Question, chance: Chance) -> dict[str, Any]:
    row: dict[str, Any] = {
        "asin": question.product.asin,
        "category": question.product.category,
        "questionText": question.text,
        "questionType": "yesno" if question.text.startswith(("Is ", "Can ", "Do ")) else "descriptive",
        "review_snippets": list(question.snippets),
        "answers": [_answer(question, chance)],
        "is_answerable": int(question.answerable),
        "qid": question.qid,
        "top_sentences_IR": [],
        "top_review_wilson": [],
        "top_review_helpful": [],
    }
    if question.part == "test":
        row["random_sentence"] = [chance.one(question.snippets, "sentence")]
    return row


def _answer(question: Question, chance: Chance) -> dict[str, Any]:
    told = bool(question.asked) and question.answerable
    return {
        "answerText": tell(question.product.look, question.asked) if told else "Sorry, I do not know.",
        "answerType": "NA",
        "helpful": [chance.whole(0, 3, "helpful"), 3],
    }
