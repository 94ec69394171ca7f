"""Releases that are damaged, muddled or something else: a bad row is counted, a bad file is refused in one line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mmecinstruct.errors import ImportRefused, OutputError
from mmecinstruct.importing import import_release

Import = Callable[..., dict[str, Any]]
Told = Callable[..., dict[str, Any]]


@pytest.mark.parametrize(
    ("task", "changes", "reason"),
    [
        ("ap", {"output": "maybe"}, "odd_output"),
        ("ap", {"output": True}, "odd_output"),
        ("ap", {"input": "{not json"}, "no_text"),
        ("ap", {"input": {"question": "Why?", "document": []}}, "no_text"),
        ("ap", {"input": {"question": ["Why?"], "document": ["So."]}}, "no_text"),
        ("ap", {"images": "[]"}, "images_do_not_match_items"),
        ("ap", {"images": [None]}, "odd_images"),
        ("ap", {"images": 5}, "odd_images"),
        ("ap", {"images": [""]}, "picture_missing"),
        ("cc", {"output": "Z"}, "letter_beyond_options"),
        ("cc", {"output": "Hammers"}, "odd_output"),
        ("cc", {"options": ["Drills", "drills"], "output": "Drills"}, "ambiguous_output"),
        ("cc", {"options": ["B: Drills", "A: Saws"]}, "odd_option_letters"),
        ("cc", {"options": ["A: Drills", "B:  "]}, "empty_option"),
        ("cc", {"options": ["Drills", " "]}, "empty_option"),
        ("cc", {"options": {"A": "Drills"}}, "odd_options"),
        ("cc", {"options": [f"kind {i}" for i in range(27)]}, "too_many_options"),
        ("cc", {"options": None}, "no_options"),
        ("cc", {"input": {"title": "half a pair: \ud83d"}}, "unencodable_text"),
        ("prp", {"input": {"product 1": "Saw"}}, "no_text"),
        ("prp", {"options": ["A: bought", "B: viewed", "C: similar"]}, "other_options"),
        ("prp", {"options": "null"}, "no_options"),
        ("sr", {"options": []}, "no_options"),
        ("psi", {"input": {"query": " ", "product title": "Saw"}}, "no_text"),
        ("psi", {"split": "ood"}, "task_has_no_ood"),
        ("sa", {"input": ""}, "no_text"),
        ("sr", {"input": []}, "no_text"),
        ("sr", {"input": {"1st": "Saw"}}, "no_text"),
        ("sr", {"input": ["1st: "]}, "no_text"),
        ("sr", {"images": ["https://m.media-amazon.com/images/I/41drawn00.jpg"] * 4}, "images_do_not_match_items"),
    ],
)
def test_a_bad_row_is_counted_by_its_reason(
    imported: Import, told: Told, task: str, changes: dict[str, Any], reason: str
) -> None:
    manifest = imported([told("ap", 7), told(task, **changes)])
    counted = [reasons for config in manifest["dropped"].values() for reasons in config.values()]
    assert [*counted, *manifest["skipped"].values()] == [{reason: 1}]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("text", "not_an_object"),
        (["list"], "not_an_object"),
        (None, "not_an_object"),
        ({}, "no_task"),
        ({"task": 5, "split": "test", "input": "", "output": "", "images": ""}, "odd_task"),
        ({"task": "sentiment_analysis", "split": ["test"], "input": "", "output": "", "images": ""}, "odd_split"),
        ({"task": "sentiment_analysis", "split": "test", "input": None, "output": "A", "images": "[]"}, "no_input"),
    ],
)
def test_what_is_no_row_is_counted_by_its_reason(imported: Import, told: Told, value: object, reason: str) -> None:
    assert imported([value, told("ap")])["skipped"] == {"dataset.json": {reason: 1}}


def test_a_bad_line_among_good_ones_is_counted(imported: Import, told: Told) -> None:
    lines = [json.dumps(told("ap")), "{broken", "", json.dumps(told("ap", 1))]
    manifest = imported("\n".join(lines))
    assert manifest["skipped"] == {"dataset.json": {"malformed_json": 1}}
    assert manifest["configs"]["ap_ind"]["splits"]["train"]["rows"] == 2


def test_a_number_of_many_digits_spoils_nothing(imported: Import, told: Told) -> None:
    text = json.dumps([told("ap", extra="NUMBER")]).replace('"NUMBER"', "9" * 5000)
    assert imported(text)["configs"]["ap_ind"]["splits"]["train"]["rows"] == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "neither a JSON array of objects nor one object a line"),
        ("<html></html>", "neither a JSON array of objects nor one object a line"),
        ('{\n "train": []\n}', "neither a JSON array of objects nor one object a line"),
        ('"a text"', "neither a JSON array"),
        ("[]", "no row can be used"),
        ("[1, 2, 3]", "no row can be used: not_an_object 3"),
        ('[{"text": "a", "label": 1}]', "no row has task, split, input, output, images"),
        ('[{"a": 1}, {"b" 2}, {"c": 3}]', r"not JSON \(Expecting ':' delimiter\); 1 rows were read"),
        ("[" * 100_000, "nested too deep"),
        ('[{"a": 1}] [', "something follows the array"),
        ('[{"a": 1},', "the array does not end; 1 rows were read, nothing was written"),
    ],
)
def test_a_file_that_is_something_else_is_refused(imported: Import, text: str, why: str) -> None:
    with pytest.raises(ImportRefused, match=why):
        imported(text)


@pytest.mark.parametrize("lines", [False, True])
@pytest.mark.parametrize("n", [0, 4, 9])
def test_a_truncated_file_is_refused_and_leaves_nothing(
    imported: Import, told: Told, lines: bool, n: int, tmp_path: Path
) -> None:
    rows = [told("cc", i) for i in range(10)]
    text = "\n".join(map(json.dumps, rows)) if lines else json.dumps(rows)
    with pytest.raises(
        ImportRefused, match=rf"ends in the middle of a row.*; {n} rows were read, nothing was written"
    ):
        imported(text[: text.index(f"Drill {n}")])
    assert [path.name for path in tmp_path.iterdir()] == ["dataset.json"]


def test_unknown_tasks_are_refused_by_name_and_number(imported: Import, told: Told) -> None:
    other = told("ap") | {"task": "attribute_value_extraction"}
    rows = [told("ap"), other, other]
    with pytest.raises(ImportRefused, match=r"unknown tasks: 'attribute_value_extraction' \(2 rows\).*Tasks are"):
        imported(rows)


def test_unknown_splits_are_refused_by_name_and_number(imported: Import, told: Told) -> None:
    rows = [told("ap", n, split="holdout" if n < 3 else f"fold {n}") for n in range(12)]
    with pytest.raises(ImportRefused, match=r"unknown splits: 'holdout' \(3 rows\), .* and 5 more"):
        imported(rows)


def test_a_file_of_which_no_row_is_left_is_refused_with_the_reasons(
    imported: Import, told: Told, tmp_path: Path
) -> None:
    with pytest.raises(ImportRefused, match="no row can be used: odd_output 2"):
        imported([told("ap", n, output="perhaps") for n in range(2)])
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "out.partial").exists()


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "dataset.json"
    path.write_bytes(b'[{"task": "\xff\xfe"}]')
    with pytest.raises(ImportRefused, match="not UTF-8"):
        import_release(path, tmp_path / "out")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match=r"absent\.json: no such file"):
        import_release(tmp_path / "absent.json", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_refused_import_leaves_the_last_one_as_it_was(imported: Import, told: Told, tmp_path: Path) -> None:
    imported([told("ap")])
    before = (tmp_path / "out" / "manifest.json").read_bytes()
    with pytest.raises(ImportRefused):
        imported("[1]")
    assert (tmp_path / "out" / "manifest.json").read_bytes() == before


def test_a_folder_of_something_else_is_left_alone(imported: Import, told: Told, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("years of work")
    with pytest.raises(OutputError, match="is no build"):
        imported([told("ap")])
    assert (tmp_path / "out" / "thesis.tex").read_text() == "years of work"
