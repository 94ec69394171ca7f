"""An oracle that reads only words, and another that sees the pictures: each answers what the evidence says it can."""

import csv
import re

import pyarrow.parquet as pq
import pytest

from mmecinstruct.sample.looks import Shares
from mmecinstruct.sample.truth import count_evidence, tell_truth
from mmecinstruct.sample.world import plan_world

COLOURS = ["red", "orange", "yellow", "green", "blue", "purple", "pink", "brown"]
PATTERNS = ["plain", "striped", "checked", "dotted"]
SIZES = ["small", "medium", "large"]
BRANDS = ["veko", "zuli", "brax", "lomi", "tarn", "quip", "fenu", "gado", "hyxo", "jabe"]
BRANDS += ["kriv", "mopu", "nelt", "oska", "pyth", "ruvo", "sibo", "tozu", "umbi", "wexa"]
KINDS = ["hammer", "key", "lamp", "lock", "mug", "ball", "boat", "bottle", "kite", "tent"]
NUMBERS = ["no", "one", "two", "three", "four", "five"]
COMPLEMENTS = [{"hammer", "ball"}, {"key", "lock"}, {"lamp", "tent"}, {"mug", "bottle"}, {"boat", "kite"}]
VOCABULARY = {"colour": COLOURS, "pattern": PATTERNS, "size": SIZES, "word": BRANDS, "kind": KINDS}


def read_words(text):
    """Return the attributes that a title or a query states."""
    words = re.findall(r"[a-z]+", text.lower())
    found = {name: word for name, values in VOCABULARY.items() for word in words if word in values}
    if plurals := [word[:-1] for word in words if word[:-1] in KINDS]:
        found["kind"] = plurals[0]
    if pack := re.search(r"pack of (\w+)", text):
        found["count"] = NUMBERS.index(pack[1])
    return found


def see(product):
    """Return what a picture shows, as words would state it; nothing where it is of another thing."""
    picture = product["picture"]
    return {**picture["shows"], "word": picture["shows"]["word"].lower()} if picture["right"] else {}


@pytest.fixture(scope="session")
def titles(sample):
    path = sample.root / "shopping_queries/shopping_queries_dataset_products.parquet"
    judged = {row["product_id"]: row["product_title"] for row in pq.read_table(path).to_pylist()}
    return judged | {asin: row["title"] for asin, row in sample.metadata().items()}


@pytest.fixture(scope="session")
def questions(sample):
    parts = [f"amazonqa/{part}-qar.jsonl" for part in ("train", "val", "test")]
    return {row["qid"]: row for row in sample.rows(*parts)}


def is_told(question):
    asked = {
        "colour": "The colour is",
        "pattern": "The surface is",
        "Which brand": "The label says",
        "many": "pack holds",
    }
    clues = [clue for topic, clue in asked.items() if topic in question["questionText"]]
    return bool(clues) and any(clues[0] in snippet for snippet in question["review_snippets"])


@pytest.mark.parametrize("evidence", ["text", "misleading"])
def test_snippets_settle_questions(sample, questions, evidence):
    for truth in sample.of("answerability_prediction", evidence):
        question = questions[truth["key"]["qid"]]
        assert is_told(question) == truth["label"] == bool(question["is_answerable"])


def test_only_the_picture_settles_the_other_questions(sample, questions):
    for truth in sample.of("answerability_prediction", "picture"):
        assert not is_told(questions[truth["key"]["qid"]])
        assert truth["products"][0]["picture"]["right"] and truth["label"]


def test_answerability_is_roughly_balanced(sample):
    labels = [truth["label"] for truth in sample.of("answerability_prediction")]
    assert 0.45 < sum(labels) / len(labels) < 0.65


def test_titles_settle_categories_unless_the_picture_does(sample, titles):
    for truth in sample.of("category_classification"):
        (product,) = truth["products"]
        told = read_words(titles[product["asin"]])
        if truth["evidence"] == "picture":
            assert "pattern" not in told
            told |= see(product)
        assert f"{told['pattern']} {told['kind']}s".title() == truth["label"]


def relate(first, second):
    if "kind" not in first or "kind" not in second:
        return None
    if first["kind"] != second["kind"]:
        return "also_buy"
    return "also_view" if first["colour"] != second["colour"] else "similar_item"


def test_titles_settle_relations_unless_the_pictures_do(sample, titles):
    for truth in sample.of("product_relation_prediction"):
        words = [read_words(titles[product["asin"]]) for product in truth["products"]]
        expected = None if truth["evidence"] == "picture" else truth["label"]
        assert relate(*words) == expected
        if truth["evidence"] == "picture":
            seen = [told | see(product) for told, product in zip(words, truth["products"], strict=True)]
            assert relate(*seen) == truth["label"]


def test_relations_are_about_four_to_three_to_one(sample):
    labels = [truth["label"] for truth in sample.of("product_relation_prediction")]
    shares = [labels.count(name) / len(labels) for name in ("also_buy", "also_view", "similar_item")]
    assert shares == pytest.approx([0.5, 0.375, 0.125], abs=0.02)


def judge(query, told):
    if query["kind"] != told["kind"]:
        return "C" if {query["kind"], told["kind"]} in COMPLEMENTS else "I"
    return "E" if all(told.get(name) == value for name, value in query.items()) else "S"


@pytest.fixture(scope="session")
def queries(sample):
    path = sample.root / "shopping_queries/shopping_queries_dataset_examples.parquet"
    return {row["example_id"]: row for row in pq.read_table(path).to_pylist()}


@pytest.mark.parametrize("evidence", ["text", "misleading", "picture"])
def test_titles_settle_judgements_unless_the_picture_does(sample, titles, queries, evidence):
    for truth in sample.of("multiclass_product_classification", evidence):
        (product,) = truth["products"]
        row = queries[truth["key"]["example_id"]]
        query, told = read_words(row["query"]), read_words(titles[product["asin"]])
        if evidence == "picture":
            assert judge(query, told) == "S"
            told |= see(product)
        assert judge(query, told) == truth["label"] == row["esci_label"]


def test_judgements_are_about_twenty_to_seven_to_one_to_four(sample):
    labels = [truth["label"] for truth in sample.of("multiclass_product_classification")]
    shares = [labels.count(label) / len(labels) for label in "ESCI"]
    assert shares == pytest.approx([0.625, 0.219, 0.031, 0.125], abs=0.03)


def test_words_settle_ratings_unless_the_picture_does(sample):
    texts = {row["user_id"]: row for row in sample.reviews()}
    for truth in sample.of("sentiment_analysis"):
        row = texts[truth["key"]["user_id"]]
        ordered = NUMBERS.index(re.search(r"I ordered (\w+)", row["text"])[1])
        told = re.search(r"(\w+) inside\.", row["text"])
        if truth["evidence"] == "picture":
            assert not told
            arrived = truth["picture"]["shows"]["count"]
        else:
            arrived = NUMBERS.index(told[1])
        assert 5 - abs(ordered - arrived) == truth["label"] == row["rating"]


def test_words_state_the_loyalty_unless_the_picture_shows_it(sample):
    listed = sample.metadata()
    for truth in sample.of("sequential_recommendation"):
        (product,) = truth["products"]
        row = listed[product["asin"]]
        hidden = truth["evidence"] == "picture"
        assert ({"word", "colour"} <= read_words(row["title"]).keys()) is not hidden
        assert (row["store"] is None and "Brand" not in row["details"]) is hidden
        assert product["picture"]["right"] is (truth["evidence"] != "misleading")


def test_a_shopper_stays_with_one_brand_and_one_colour(sample):
    looks = {
        truth["label"]: (truth["products"][0]["look"]["word"], truth["products"][0]["look"]["colour"])
        for truth in sample.of("sequential_recommendation")
    }
    loyalties = {}
    for truth in sample.of("sequential_recommendation"):
        loyalties.setdefault(truth["key"]["user_id"], set()).add(looks[truth["label"]])
    assert all(len(loyalty) == 1 for loyalty in loyalties.values())
    assert len(set().union(*loyalties.values())) == 14


def test_misleading_pictures_are_of_another_kind_or_blurred(sample):
    for truth in sample.of("category_classification", "misleading"):
        (product,) = truth["products"]
        shown = product["picture"]["shows"]
        assert shown is None or shown["kind"] != product["look"]["kind"]


def test_the_summary_counts_the_truth(sample):
    assert sample.summary["records"] == count_evidence(sample.truths)


@pytest.mark.parametrize("shares", [Shares(), Shares(picture=0.2, text=0.6, misleading=0.2)])
def test_every_task_keeps_to_the_shares(shares):
    counted = count_evidence(list(tell_truth(plan_world(1, 5, shares))))
    assert len(counted) == 7
    for counts in counted.values():
        total = sum(counts.values())
        for name, share in shares.weights().items():
            assert counts[name] / total == pytest.approx(share, abs=0.08)


def test_every_number_of_records_grows_with_the_scale():
    small, large = (count_evidence(list(tell_truth(plan_world(scale, 1, Shares())))) for scale in (1, 3))
    for task, counts in small.items():
        assert sum(large[task].values()) == pytest.approx(3 * sum(counts.values()), rel=0.03)


def test_unlisted_products_have_their_right_address_in_sqid(sample):
    addresses = {}
    for name in ("product_image_urls", "supp_product_image_urls"):
        with (sample.root / f"sqid/{name}.csv").open(encoding="utf-8", newline="") as file:
            addresses |= dict(list(csv.reader(file))[1:])
    for truth in sample.of("multiclass_product_classification"):
        (product,) = truth["products"]
        assert product["picture"]["id"] in addresses.get(product["asin"], product["picture"]["id"])
