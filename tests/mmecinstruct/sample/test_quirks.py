"""What is dirty in the sample is counted, and the count is right."""

import re
from collections import Counter, defaultdict
from urllib.parse import unquote

import pyarrow.parquet as pq
from PIL import Image, UnidentifiedImageError


def test_a_plain_reader_counts_the_same_dirty_lines(sample):
    told = sample.summary["quirks"]["lines"]
    assert len(told) == 11
    assert {name: sample.reasons(name) for name in told} == told


def test_no_clean_row_is_lost_in_the_dirt(sample):
    parts = [f"amazonqa/{part}-qar.jsonl" for part in ("train", "val", "test")]
    assert Counter(row["qid"] for row in sample.rows(*parts)) == Counter(
        truth["key"]["qid"] for truth in sample.of("answerability_prediction")
    )


def test_spoilt_pictures_are_spoilt_as_told(sample):
    listed = {_main_image(row) for row in sample.metadata().values()}
    sqid = "".join(path.read_text() for path in (sample.root / "sqid").glob("*.csv"))
    found = Counter(_spoilt(sample.root / "images", image_id) for image_id in listed | set(re.findall(IMAGE_ID, sqid)))
    del found[""]
    assert found == sample.summary["quirks"]["pictures"]


def test_exactly_one_recommended_item_has_no_picture(sample):
    shoppers = {truth["key"]["user_id"] for truth in sample.of("sequential_recommendation")}
    bought = {row["parent_asin"] for row in sample.reviews() if row["user_id"] in shoppers}
    images = [_main_image(row) for asin, row in sample.metadata().items() if asin in bought]
    assert Counter(_spoilt(sample.root / "images", image_id) for image_id in images) == {"": 97, "missing": 1}


def test_odd_rows_of_the_shopping_queries_are_counted(sample):
    table = pq.read_table(sample.root / "shopping_queries/shopping_queries_dataset_examples.parquet").to_pylist()
    locales = Counter(row["product_locale"] for row in table)
    told = sample.summary["quirks"]["rows"]["multiclass_product_classification"]
    assert (locales["es"], locales["jp"]) == (told["locale_es"], told["locale_jp"])
    spanish = [row for row in table if row["product_locale"] == "us" and row["query"].startswith("taza")]
    assert len(spanish) == told["query_not_english"]


def test_odd_reviews_are_counted(sample):
    told = sample.summary["quirks"]["rows"]["sentiment_analysis"]
    rows = sample.reviews()
    assert sum(not row["images"] for row in rows) == told["no_picture"]
    assert sum(len(row["text"].split()) <= 10 for row in rows) == told["too_short"]
    assert sum(row["rating"] not in (1, 2, 3, 4, 5) for row in rows) == told["odd_rating"]


def test_pairs_under_two_relations_are_counted(sample):
    relations = defaultdict(set)
    for row in sample.rows(*sample.names("amazon_reviews_2018", "*.gz")):
        for relation in ("also_buy", "also_view"):
            for other in row[relation]:
                relations[frozenset([row["asin"], other])].add(relation)
    double = sum(len(names) > 1 for names in relations.values())
    assert double == sample.summary["quirks"]["rows"]["product_relation_prediction"]["two_relations"]


def test_the_five_core_is_exactly_the_loyal_shoppers(sample):
    listed = set(sample.metadata())
    bought = {(row["user_id"], row["parent_asin"]) for row in sample.reviews() if row["parent_asin"] in listed}
    while True:
        users, items = Counter(user for user, _ in bought), Counter(item for _, item in bought)
        kept = {(user, item) for user, item in bought if users[user] >= 5 and items[item] >= 5}
        if kept == bought:
            break
        bought = kept
    assert {user for user, _ in kept} == {truth["key"]["user_id"] for truth in sample.of("sequential_recommendation")}


def test_real_habits_of_the_corpora_are_there(sample):
    old = sample.rows(*sample.names("amazon_reviews_2018", "*.gz"))
    new = sample.rows(*sample.names("amazon_reviews_2023", "meta_*"))
    reviews = sample.reviews()
    assert any("image" in row for row in old) and any("imageURLHighRes" in row for row in old)
    assert any(row["price"].startswith(".a-box") for row in old)
    assert any("%2B" in str(row) for row in old)
    assert any("getTime" in row["title"] for row in old)
    assert any("&amp;" in row["title"] for row in new)
    assert any(row["price"] == "from 12.99" for row in new)
    assert any(row["images"][0]["variant"] != "MAIN" for row in new)
    assert any("sort_timestamp" in row and "helpful_votes" in row for row in reviews)
    assert any(row["asin"] != row["parent_asin"] for row in reviews)
    assert any("<br />" in row["text"] and "&#39;" in row["text"] for row in reviews)
    assert any(row["is_answerable"] is True for row in sample.rows("amazonqa/train-qar.jsonl"))


IMAGE_ID = r"/images/I/([^.]+)\."
PLACEHOLDERS = ("01RmK+J4pJL", "01AodW1Gh-L", "01QFb8SNuTL", "01PkLIhTX3L")


def _main_image(row):
    old = row.get("imageURLHighRes") or row.get("image") or []
    new = [image["large"] for image in row.get("images", []) if image["variant"] == "MAIN"]
    return unquote(re.search(IMAGE_ID, [*new, *old][0])[1])


def _spoilt(folder, image_id):
    if image_id in PLACEHOLDERS:
        return "placeholder"
    try:
        with Image.open(folder / f"{image_id}.jpg") as image:
            image.load()
    except FileNotFoundError:
        return "missing"
    except UnidentifiedImageError:
        return "not_an_image"
    except OSError:
        return "truncated"
    return ""
