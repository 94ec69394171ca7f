"""What an import makes of a release: configs, texts, answers, pictures, captions."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mmecinstruct.builder.folder import Folder
from mmecinstruct.builder.validate import validate
from mmecinstruct.images import FetchRules

Import = Callable[..., dict[str, Any]]
Told = Callable[..., dict[str, Any]]

TASKS = ("ap", "cc", "prp", "psi", "mpc", "sa", "sr")
WITH_OOD = ("ap", "cc", "prp", "sa", "sr")


def only_row(out: Path) -> dict[str, Any]:
    folder = Folder(out)
    rows = [row for config in folder.configs for split in folder.splits(config) for row in folder.rows(config, split)]
    assert len(rows) == 1
    return rows[0]


@pytest.fixture
def whole(told: Told) -> list[dict[str, Any]]:
    """One row of every task and split, evaluation before training as no reader would expect."""
    splits = ["test", "val", "train"]
    ind = [told(task, n, split=split) for task in TASKS for n, split in enumerate(splits)]
    return [*(told(task, 9, split="OOD") for task in WITH_OOD), *ind]


def test_every_task_and_split_finds_its_config(imported: Import, whole: list[dict[str, Any]]) -> None:
    configs = imported(whole)["configs"]
    wanted = {f"{task}_ind": ["train", "validation", "test"] for task in TASKS} | {
        f"{task}_ood": ["test"] for task in WITH_OOD
    }
    assert {name: list(config["splits"]) for name, config in configs.items()} == wanted


def test_what_was_imported_is_a_valid_build(imported: Import, whole: list[dict[str, Any]], tmp_path: Path) -> None:
    imported(whole)
    assert validate(Folder(tmp_path / "out")) == []


def test_load_dataset_opens_what_was_imported(imported: Import, whole: list[dict[str, Any]], tmp_path: Path) -> None:
    from datasets import load_dataset

    imported(whole)
    rows = load_dataset(str(tmp_path / "out"), "sr_ood", split="test", cache_dir=str(tmp_path / "hf"))
    assert [image.size for image in rows[0]["images"]] == [(64, 48)] * 5


def test_the_same_file_gives_the_same_bytes(imported: Import, told: Told) -> None:
    rows = [told("cc", n) for n in range(5)]
    first = imported(rows, workers=1)["configs"]
    assert imported(rows, workers=3)["configs"] == first


def test_one_object_a_line_reads_like_an_array(imported: Import, told: Told) -> None:
    rows = [told("sa", n) for n in range(3)]
    array = imported(rows)["configs"]
    assert imported("\n".join(map(json.dumps, rows)))["configs"] == array


@pytest.mark.parametrize(
    "name", ["ood", "OOD", "test_ood", "ood_test", "OOD Test", "out-of-domain", "Out of domain test", "test (OOD)"]
)
def test_ood_may_be_spelt_in_any_way(imported: Import, told: Told, name: str) -> None:
    assert list(imported([told("ap", split=name)])["configs"]) == ["ap_ood"]


@pytest.mark.parametrize(
    ("name", "split"),
    [("train", "train"), ("Val", "validation"), ("dev", "validation"), ("IND test", "test"), ("test_ind", "test")],
)
def test_splits_in_domain_may_be_spelt_in_any_way(imported: Import, told: Told, name: str, split: str) -> None:
    assert list(imported([told("ap", split=name)])["configs"]["ap_ind"]["splits"]) == [split]


@pytest.mark.parametrize("task", ["ap", "psi"])
@pytest.mark.parametrize("options", ["null", "[]", "", None, []])
def test_no_options_may_be_written_in_any_way(
    imported: Import, told: Told, task: str, options: object, tmp_path: Path
) -> None:
    imported([told(task, options=options)])
    assert only_row(tmp_path / "out")["options"] == []


def test_a_row_without_the_column_of_options_has_none(imported: Import, told: Told, tmp_path: Path) -> None:
    row = told("psi")
    del row["options"]
    imported([row])
    assert only_row(tmp_path / "out")["output"] == "no"


@pytest.mark.parametrize("task", TASKS)
def test_real_lists_and_objects_read_like_json_text(imported: Import, told: Told, task: str, tmp_path: Path) -> None:
    row = told(task)
    imported([row])
    first = only_row(tmp_path / "out")
    imported([row | {name: json.loads(row[name]) for name in ("input", "options", "images", "caption_info")}])
    second = only_row(tmp_path / "out")
    assert {**first, "lineage": []} == {**second, "lineage": []}


@pytest.mark.parametrize(
    ("task", "output", "letter"),
    [
        ("ap", " Yes.", "yes"),
        ("psi", "NO", "no"),
        ("cc", "b", "B"),
        ("cc", "B: Drills", "B"),
        ("cc", "drills", "B"),
        ("mpc", "The product is irrelevant to the query", "D"),
        ("sa", "very negative", "E"),
        ("sr", "(C)", "C"),
        ("sr", "Roller. Tools.", "B"),
    ],
)
def test_an_answer_becomes_a_letter_or_yes_or_no(
    imported: Import, told: Told, task: str, output: str, letter: str, tmp_path: Path
) -> None:
    imported([told(task, output=output)])
    assert only_row(tmp_path / "out")["output"] == letter


def test_fixed_options_in_another_order_keep_their_answer(imported: Import, told: Told, tmp_path: Path) -> None:
    turned = ["A: very negative", "B: negative", "C: neutral", "D: positive", "E: very positive"]
    imported([told("sa", options=json.dumps(turned), output="A")])
    row = only_row(tmp_path / "out")
    assert (row["output"], row["options"][4]) == ("E", "E: Very negative")


def test_options_of_a_row_keep_their_order(imported: Import, told: Told, tmp_path: Path) -> None:
    imported([told("sr")])
    row = only_row(tmp_path / "out")
    assert row["options"] == ["A: Ladder. Tools.", "B: Roller. Tools.", "C: Clock. Home."]
    assert [item["role"] for item in row["items"]] == ["history", "history", "option", "option", "option"]


def test_options_without_letters_get_them(imported: Import, told: Told, tmp_path: Path) -> None:
    imported([told("cc", options=json.dumps(["Drills", "Saws"]), output="Saws")])
    assert only_row(tmp_path / "out")["options"] == ["A: Drills", "B: Saws"]


@pytest.mark.parametrize("n_words", [24, 25, 26])
def test_a_text_that_was_cut_at_25_words_is_not_cut_again(
    imported: Import, told: Told, n_words: int, tmp_path: Path
) -> None:
    named = [f"w{i}." for i in range(n_words)]
    text = " ".join(named[:25]) + "..." * (n_words > 25)
    history = ["1st: Paint.", f"2nd: {text}"]
    manifest = imported([told("sr", input=json.dumps(history))])
    assert json.loads(only_row(tmp_path / "out")["input"]) == history
    assert manifest["release"]["words"]["sr_ind"]["same_words"] == 1


@pytest.mark.parametrize(
    ("task", "told_input"),
    [
        ("prp", {"Product 1:": "Saw 0", "Product 2:": "Blade 0"}),
        ("psi", {"query": "saw", "product": "Hammer 0"}),
        ("sa", "Broke on day 0"),
    ],
)
def test_input_as_ecinstruct_wrote_it_becomes_ours(
    imported: Import, told: Told, task: str, told_input: object, tmp_path: Path
) -> None:
    plain = told(task)
    text = told_input if isinstance(told_input, str) else json.dumps(told_input)
    manifest = imported([plain | {"input": text}])
    assert json.loads(only_row(tmp_path / "out")["input"]) == json.loads(plain["input"])
    assert manifest["release"]["words"][f"{task}_ind"]["same_input"] == 0


def test_the_manifest_counts_the_rows_whose_words_stay(imported: Import, told: Told) -> None:
    other = told("cc", 1, options=json.dumps(["Drills", "Saws"]), output="A")
    counts = imported([told("cc"), other])["release"]["words"]["cc_ind"]
    assert (counts["rows"], counts["same_input"], counts["same_options"], counts["same_words"]) == (2, 2, 1, 1)


def test_the_authors_captions_are_kept_beside_the_data(imported: Import, told: Told, tmp_path: Path) -> None:
    manifest = imported([told("prp"), told("ap", caption_info=None), told("sa", caption_info='["one", "two"]')])
    (line,) = (tmp_path / "out" / "authors_captions.jsonl").read_text().splitlines()
    assert json.loads(line)["captions"] == ["caption 0", "caption 1"]
    assert json.loads(line)["id"].startswith("prp_ind-train-")
    assert manifest["release"]["captions"] == {"file": "authors_captions.jsonl", "rows": 1, "left_out": 1}


def test_a_release_without_captions_leaves_no_file_of_them(imported: Import, told: Told, tmp_path: Path) -> None:
    row = told("ap")
    del row["caption_info"]
    imported([row])
    assert not (tmp_path / "out" / "authors_captions.jsonl").exists()


def test_lineage_names_the_file_and_the_record(imported: Import, told: Told, tmp_path: Path) -> None:
    imported([told("ap")])
    (ref,) = only_row(tmp_path / "out")["lineage"]
    assert (ref["file"], ref["item"], len(ref["digest"])) == ("dataset.json", -1, 16)


def test_another_caption_makes_no_other_id(imported: Import, told: Told, tmp_path: Path) -> None:
    imported([told("ap")])
    first = only_row(tmp_path / "out")["id"]
    imported([told("ap", caption_info="[]")])
    assert only_row(tmp_path / "out")["id"] == first


def test_a_sample_of_training_cannot_be_tested_wherever_it_stands(imported: Import, told: Told) -> None:
    manifest = imported([told("ap", split="test"), told("ap", split="train"), told("ap", 1, split="test")])
    assert manifest["dropped"] == {"ap_ind": {"test": {"already_in_train": 1}}}


def test_the_leakage_report_counts_pictures_as_products(imported: Import, told: Told, tmp_path: Path) -> None:
    imported([told("ap", 0), told("ap", 40, split="test"), told("ap", 1, split="val")])
    splits = json.loads((tmp_path / "out" / "leakage.json").read_text())["splits"]
    assert splits["ap_ind/test"]["exact"]["product"]["same_task"] == 1
    assert splits["ap_ind/validation"]["exact"]["product"]["same_task"] == 0


def test_nothing_is_fetched_unless_the_rules_say_so(imported: Import, told: Told) -> None:
    away = json.dumps(["https://m.media-amazon.com/images/I/41absent.jpg"])
    manifest = imported([told("ap"), told("ap", 1, images=away)], rules=FetchRules(enabled=False))
    assert manifest["dropped"] == {"ap_ind": {"train": {"picture_missing": 1}}}


def test_progress_ends_where_it_says(imported: Import, told: Told) -> None:
    calls: list[tuple[str, int, int]] = []
    imported([told("ap", n) for n in range(3)], progress=lambda *call: calls.append(call))
    assert calls[-1] == ("ap_ind train", 3, 3)
    assert calls[0][1] == calls[0][2]
