"""The build of the sample: every planted record is a row or is counted, and what is dirty is counted exactly."""

import hashlib
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from mmecinstruct.builder.folder import Folder

TASKS = {
    "ap": "answerability_prediction",
    "cc": "category_classification",
    "prp": "product_relation_prediction",
    "psi": "product_substitute_identification",
    "mpc": "multiclass_product_classification",
    "sa": "sentiment_analysis",
    "sr": "sequential_recommendation",
}
CONFIGS = [*(f"{abbr}_ind" for abbr in TASKS), *(f"{abbr}_ood" for abbr in TASKS if abbr not in ("psi", "mpc"))]
IMAGES_A_ROW = {"ap": 1, "cc": 1, "prp": 2, "psi": 1, "mpc": 1, "sa": 1}


@pytest.fixture(scope="module")
def folder(built: Path) -> Folder:
    return Folder(built)


@pytest.fixture(scope="module")
def planted(corpora: Path) -> dict[str, Any]:
    """What the sample says of its own dirt."""
    quirks: dict[str, Any] = json.loads((corpora / "sample.json").read_text())["quirks"]
    return quirks


def n_rows(folder: Folder, config: str) -> int:
    return sum(split["rows"] for split in folder.manifest["configs"][config]["splits"].values())


def dropped(folder: Folder, abbr: str, *reasons: str) -> int:
    """Rows that a task left out for these reasons, in both domains and all splits."""
    counts = [
        Counter(by_reason)
        for config, by_split in folder.manifest["dropped"].items()
        if config.startswith(f"{abbr}_")
        for by_reason in by_split.values()
    ]
    return sum(n for one in counts for reason, n in one.items() if reason.startswith(reasons))


def test_there_is_a_config_for_every_task_and_domain(folder: Folder) -> None:
    assert sorted(folder.configs) == sorted(CONFIGS)


@pytest.mark.parametrize("config", CONFIGS)
def test_every_split_of_every_config_has_rows(folder: Folder, config: str) -> None:
    expected = ["train", "validation", "test"] if config.endswith("ind") else ["test"]
    assert folder.splits(config) == expected
    assert all(list(folder.rows(config, split, ["id"])) for split in expected)


@pytest.mark.parametrize("abbr", ["ap", "cc", "psi", "mpc", "sa_ind", "prp_ind", "sr_ind"])
def test_every_planted_record_is_a_row_or_lacks_a_picture(folder: Folder, corpora: Path, abbr: str) -> None:
    task, domain = TASKS[abbr.partition("_")[0]], abbr.partition("_")[2]
    truths = [json.loads(line) for line in (corpora / "truth.jsonl").read_text().splitlines()]
    n = sum(one["task"] == task and one["domain"] in (domain or one["domain"]) for one in truths)
    found = sum(n_rows(folder, config) for config in CONFIGS if config.startswith(abbr))
    assert found + dropped(folder, abbr.partition("_")[0], "picture_") == n


def test_lines_that_are_no_records_are_counted_by_file_and_reason(folder: Folder, planted: dict[str, Any]) -> None:
    skipped = {name.partition(" (")[0]: reasons for name, reasons in folder.manifest["skipped"].items()}
    assert skipped == planted["lines"]


def test_pictures_that_cannot_be_had_are_counted_by_reason(folder: Folder, planted: dict[str, Any]) -> None:
    assert folder.manifest["pictures"]["failed"] == planted["pictures"]


@pytest.mark.parametrize(
    ("abbr", "reason", "quirks"),
    [
        ("prp", "two_relations", ["two_relations"]),
        ("psi", "other_locale", ["locale_es", "locale_jp"]),
        ("psi", "not_english", ["query_not_english"]),
        ("mpc", "other_locale", ["locale_es", "locale_jp"]),
        ("mpc", "not_english", ["query_not_english"]),
        ("sa", "no_review_picture", ["no_picture"]),
        ("sa", "few_words", ["too_short"]),
        ("sa", "odd_rating", ["odd_rating"]),
        ("sr", "repeat_review", ["repeat"]),
        ("sr", "no_metadata", ["no_metadata"]),
    ],
)
def test_odd_rows_are_counted_by_the_reason_they_were_planted_for(
    folder: Folder, planted: dict[str, Any], abbr: str, reason: str, quirks: list[str]
) -> None:
    assert dropped(folder, abbr, reason) == sum(planted["rows"][TASKS[abbr]][quirk] for quirk in quirks)


def test_nothing_is_dropped_for_another_reason(folder: Folder) -> None:
    reasons = {
        reason
        for by_split in folder.manifest["dropped"].values()
        for by_reason in by_split.values()
        for reason in by_reason
    }
    assert reasons == {
        *("two_relations", "other_locale", "not_english", "no_review_picture", "few_words", "odd_rating"),
        *("repeat_review", "no_metadata", "below_5_core"),
        *("picture_missing", "picture_not_an_image", "picture_placeholder", "picture_truncated"),
        *("other_category", "other_rank"),  # of the other domain
        # A pair names products that are gone, and a comparison table begins with the product itself.
        *("other_lacks_title_or_picture_or_is_of_another_category", "same_product"),
    }


def test_no_product_is_named_by_a_script(folder: Folder) -> None:
    titles = {
        item["title"] for c in CONFIGS for s in folder.splits(c) for r in folder.rows(c, s) for item in r["items"]
    }
    assert titles
    assert not any("getTime" in title for title in titles)


@pytest.mark.parametrize("config", CONFIGS)
def test_items_own_the_pictures_beside_them(folder: Folder, config: str) -> None:
    for split in folder.splits(config):
        for row in folder.rows(config, split, ["items", "images"]):
            shown = [hashlib.sha256(image["bytes"]).hexdigest() for image in row["images"]]
            assert shown == [item["picture"] for item in row["items"]]


@pytest.mark.parametrize("config", CONFIGS)
def test_a_row_has_the_pictures_its_task_speaks_of(folder: Folder, config: str) -> None:
    abbr = config.partition("_")[0]
    for row in folder.rows(config, "test", ["items", "options"]):
        roles = Counter(item["role"] for item in row["items"])
        if abbr == "sr":
            assert roles["option"] == len(row["options"]) == 20
            assert roles["history"] >= 1
        else:
            assert roles == {"review" if abbr == "sa" else "product": IMAGES_A_ROW[abbr]}


def test_every_picture_opens_and_fits_the_box(folder: Folder) -> None:
    pictures = {
        item["picture"]: image["bytes"]
        for config in CONFIGS
        for split in folder.splits(config)
        for row in folder.rows(config, split, ["items", "images"])
        for item, image in zip(row["items"], row["images"], strict=True)
    }
    assert len(pictures) > 800
    for data in pictures.values():
        with Image.open(io.BytesIO(data)) as picture:
            picture.load()
            assert max(picture.size) <= 500


def test_ids_are_unique_and_name_their_config_and_split(folder: Folder) -> None:
    ids = [
        (config, split, row["id"])
        for config in CONFIGS
        for split in folder.splits(config)
        for row in folder.rows(config, split, ["id"])
    ]
    assert len({id for _, _, id in ids}) == len(ids)
    assert all(id.startswith(f"{config}-{split}-") for config, split, id in ids)


def test_no_evaluated_text_was_trained_on_with_its_answer(folder: Folder) -> None:
    for config in CONFIGS:
        train = f"{config.partition('_')[0]}_ind"
        trained = {(row["input"], row["output"]) for row in folder.rows(train, "train") if not row["options"]}
        later = [split for split in folder.splits(config) if split != "train"]
        assert not any((r["input"], r["output"]) in trained for split in later for r in folder.rows(config, split))


def test_the_manifest_hashes_the_files_that_are_there(folder: Folder) -> None:
    told = {
        file["path"]: file["sha256"]
        for config in folder.manifest["configs"].values()
        for split in config["splits"].values()
        for file in split["files"]
    }
    there = {path.relative_to(folder.out).as_posix() for path in (folder.out / "data").rglob("*.parquet")}
    assert set(told) == there
    assert all(hashlib.sha256((folder.out / path).read_bytes()).hexdigest() == sha for path, sha in told.items())


def test_the_manifest_names_every_corpus_file_by_its_hash(folder: Folder, corpora: Path) -> None:
    named = {one["file"]: one["sha256"] for one in folder.manifest["corpora"]}
    assert named == {name: hashlib.sha256((corpora / name).read_bytes()).hexdigest() for name in named}
    assert {name.partition("/")[0] for name in named} == {
        *("amazon_reviews_2018", "amazon_reviews_2023", "amazonqa", "mave", "shopping_queries", "sqid")
    }
