"""AP: AmazonQA's own splits and labels, and a reason for every question that is left out."""

import json
from typing import Any

import pytest

TOOLS, SPORTS = "Tools_and_Home_Improvement", "Sports_and_Outdoors"


def ask(qid: int, **more: Any) -> dict[str, Any]:
    row = {"qid": qid, "asin": "B000000001", "category": TOOLS, "questionText": f"Does part {qid} come with a bag?"}
    return row | {"review_snippets": ["It came in a bag."], "is_answerable": 1} | more


@pytest.fixture(scope="module")
def made(make: Any, world: Any) -> Any:
    train = [
        *(ask(1), ask(2, is_answerable=0), ask(3, is_answerable=True), ask(4, is_answerable=False)),
        ask(5, is_answerable="1"),
        *(ask(10, category="Electronics", questionText=None), ask(11, questionText=None, review_snippets=[])),
        *(ask(12, review_snippets=[], is_answerable=None), ask(13, is_answerable="maybe")),
        *(ask(14, asin="B00UNKNOWN"), ask(15, review_snippets=["<br/>", " "])),
        ask(16, category=SPORTS),
        ask(17, asin="B000000002"),
        ask(
            18, asin="B000000003", questionText="Is it <b>5&#34;</b> long?", review_snippets=["A&amp;B", "<i>5</i> in"]
        ),
    ]
    return make(
        {
            "amazonqa/train-qar.jsonl": train,
            "amazonqa/val-qar.jsonl": [ask(20)],
            "amazonqa/test-qar.jsonl": [ask(30), ask(31, category=SPORTS)],
            "amazon_reviews_2023/meta_Tools_and_Home_Improvement.jsonl": [
                world.listed("B000000001", "A &quot;fine&quot; saw", details={"Brand": "Acme"}),
                world.listed("B000000002", picture="gone1"),
            ],
            "sqid/product_image_urls.csv": [
                {"product_id": "B000000003", "image_url": "https://m.media-amazon.com/images/I/41sqidL._AC_SX425_.jpg"}
            ],
        },
        "ap",
    )


def questions(rows: list[dict[str, Any]]) -> dict[str, str]:
    return {json.loads(row["input"])["question"]: row["output"] for row in rows}


def test_the_splits_are_those_of_amazonqa(made: Any) -> None:
    assert {split: len(made.of("ap_ind", split)) for split in ("train", "validation", "test")} == {
        "train": 6,
        "validation": 1,
        "test": 1,
    }


def test_out_of_domain_is_the_test_part_of_the_other_category(made: Any) -> None:
    assert questions(made.of("ap_ood")) == {"Does part 31 come with a bag?": "yes"}
    assert {row["split"] for row in made.of("ap_ood")} == {"test"}


@pytest.mark.parametrize(("qid", "answer"), [(1, "yes"), (2, "no"), (3, "yes"), (4, "no"), (5, "yes")])
def test_a_label_may_be_a_number_or_a_word(made: Any, qid: int, answer: str) -> None:
    assert questions(made.of("ap_ind"))[f"Does part {qid} come with a bag?"] == answer


def test_a_question_is_left_out_for_the_first_reason_that_holds(made: Any) -> None:
    assert made.dropped["ap_ind"] == {
        "other_category": 3,  # 10, which has no text either; 16; and 31
        "no_question": 1,  # 11, which has no document either
        "no_document": 1,  # 12, which has no label either
        "no_label": 1,
        "no_picture_address": 1,
        "no_text": 1,  # 15: nothing is left of its snippets
        "picture_missing": 1,
    }


def test_markup_and_entities_are_read_away(made: Any) -> None:
    assert questions(made.rows)['Is it 5" long?'] == "yes"
    (row,) = [row for row in made.rows if '5\\"' in row["input"]]
    assert json.loads(row["input"])["document"] == ["A&B", "5 in"]


def test_a_product_that_only_has_a_picture_has_no_title(made: Any) -> None:
    (row,) = [row for row in made.rows if row["items"][0]["product_id"] == "B000000003"]
    assert (row["items"][0]["title"], row["items"][0]["category"]) == ("", "Tools and Home Improvement")


def test_the_item_is_the_product_asked_about(made: Any) -> None:
    item = made.of("ap_ood")[0]["items"][0]
    assert (item["role"], item["title"], item["brand"]) == ("product", 'A "fine" saw', "Acme")
