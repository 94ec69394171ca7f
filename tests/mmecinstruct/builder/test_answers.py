"""The answers of the built sample are those that its truth tells: labels survive the whole way."""

import html
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mmecinstruct.builder.folder import Folder

Rows = Callable[[str], Iterator[dict[str, Any]]]
Records = Callable[[Path], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def rows(built: Path) -> Rows:
    """Every row of a task."""
    folder = Folder(built)

    def of(abbr: str) -> Iterator[dict[str, Any]]:
        for config in folder.configs:
            if config.startswith(f"{abbr}_"):
                for split in folder.splits(config):
                    for row in folder.rows(config, split):
                        yield row | {"split": split}

    return of


@pytest.fixture(scope="module")
def truth(corpora: Path) -> Callable[[str], list[dict[str, Any]]]:
    told = [json.loads(line) for line in (corpora / "truth.jsonl").read_text().splitlines()]
    return lambda task: [one for one in told if one["task"] == task]


@pytest.fixture(scope="module")
def reviews(corpora: Path, records: Records) -> list[dict[str, Any]]:
    paths = sorted((corpora / "amazon_reviews_2023").glob("[!m]*"))
    return [one for path in paths for one in records(path) if "user_id" in one]


@pytest.fixture(scope="module")
def bought(corpora: Path, records: Records, reviews: list[dict[str, Any]]) -> dict[str, list[str]]:
    """What each user bought, in order, each item once and only if it has metadata."""
    listed = {
        one.get("parent_asin") for path in (corpora / "amazon_reviews_2023").glob("meta_*") for one in records(path)
    }
    found: dict[str, list[str]] = defaultdict(list)
    for one in sorted(reviews, key=lambda one: one.get("timestamp") or one["sort_timestamp"]):
        if one["parent_asin"] in listed and one["parent_asin"] not in found[one["user_id"]]:
            found[one["user_id"]].append(one["parent_asin"])
    return found


def clean(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def answer(row: dict[str, Any]) -> str:
    """The words behind the letter."""
    (line,) = [line for line in row["options"] if line.startswith(f"{row['output']}: ")]
    return str(line).partition(": ")[2]


def test_a_question_is_answered_as_it_was_labelled(rows: Rows, truth: Any, corpora: Path, records: Records) -> None:
    labels = {one["key"]["qid"]: one["label"] for one in truth("answerability_prediction")}
    asked = {
        (one["asin"], one["questionText"]): labels[one["qid"]]
        for path in sorted((corpora / "amazonqa").iterdir())
        for one in records(path)
        if "qid" in one
    }
    for row in rows("ap"):
        question = json.loads(row["input"])["question"]
        assert row["output"] == ("yes" if asked[row["items"][0]["product_id"], question] else "no")


def test_a_product_is_of_the_category_mave_says(rows: Rows, truth: Any) -> None:
    labels = {one["key"]["id"]: one["label"] for one in truth("category_classification")}
    for row in rows("cc"):
        assert answer(row) == labels[row["items"][0]["product_id"]]


def test_a_category_is_asked_among_nineteen_of_its_own_domain(rows: Rows, truth: Any) -> None:
    pools = defaultdict(set)
    for one in truth("category_classification"):
        pools[one["domain"]].add(one["label"])
    for row in rows("cc"):
        assert {line.partition(": ")[2] for line in row["options"]} == pools[row["domain"]]
        assert len(row["options"]) == 20


def test_the_right_category_stands_at_every_place(rows: Rows) -> None:
    assert len({row["output"] for row in rows("cc")}) >= 18


def test_a_pair_has_the_relation_it_stands_in(rows: Rows, truth: Any) -> None:
    letters = {"also_buy": "A", "also_view": "B", "similar_item": "C"}
    labels = {tuple(one["key"]["asins"]): letters[one["label"]] for one in truth("product_relation_prediction")}
    for row in rows("prp"):
        assert row["output"] == labels[tuple(sorted(item["product_id"] for item in row["items"]))]


@pytest.mark.parametrize(
    ("abbr", "answers"),
    [("psi", {"E": "no", "S": "yes", "C": "no", "I": "no"}), ("mpc", dict(zip("ESCI", "ABCD", strict=True)))],
)
def test_a_judgement_is_answered_in_the_words_of_its_task(
    rows: Rows, truth: Any, abbr: str, answers: dict[str, str]
) -> None:
    labels = {one["products"][0]["asin"]: one["label"] for one in truth("multiclass_product_classification")}
    for row in rows(abbr):
        assert row["output"] == answers[labels[row["items"][0]["product_id"]]]


def test_a_review_feels_as_its_stars_say(rows: Rows, truth: Any, reviews: list[dict[str, Any]]) -> None:
    labels = {one["key"]["user_id"]: one["label"] for one in truth("sentiment_analysis")}
    stars = {
        (one["parent_asin"], clean(one["text"])): labels[one["user_id"]] for one in reviews if one["user_id"] in labels
    }
    for row in rows("sa"):
        review = json.loads(row["input"])["review"]
        assert row["output"] == "EDCBA"[stars[row["items"][0]["product_id"], review] - 1]


def test_a_user_is_asked_for_the_third_second_and_last_purchase(
    rows: Rows, truth: Any, bought: dict[str, list[str]]
) -> None:
    back = {"train": -3, "validation": -2, "test": -1}
    users = {one["key"]["user_id"] for one in truth("sequential_recommendation")}
    known = {
        (split, *bought[user][:place]): (bought[user][place], set(bought[user]))
        for user in users
        for split, place in back.items()
    }
    for row in rows("sr"):
        history = [item["product_id"] for item in row["items"] if item["role"] == "history"]
        options = [item["product_id"] for item in row["items"] if item["role"] == "option"]
        target, everything = known[row["split"], *history]
        assert options["ABCDEFGHIJKLMNOPQRST".index(row["output"])] == target
        assert len(set(options)) == 20
        assert set(options) & everything == {target}


def test_out_of_domain_users_are_asked_for_the_last_purchase_only(built: Path) -> None:
    assert Folder(built).splits("sr_ood") == ["test"]


def test_what_the_core_leaves_out_is_counted_to_the_row(
    built: Path, truth: Any, reviews: list[dict[str, Any]], bought: dict[str, list[str]]
) -> None:
    dropped = Folder(built).manifest["dropped"]
    pools = [dropped[f"sr_{domain}"]["pool"] for domain in ("ind", "ood")]
    loyal = {one["key"]["user_id"] for one in truth("sequential_recommendation")}
    kept = sum(len(bought[user]) for user in loyal)
    other = sum(pool["no_metadata"] + pool["repeat_review"] for pool in pools)
    assert sum(pool["below_5_core"] for pool in pools) == len(reviews) - other - kept
