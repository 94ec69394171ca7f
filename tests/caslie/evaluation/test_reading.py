"""Predictions that cannot be: each is told on one line, with its file, its line and what to do."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from caslie.errors import StageError
from caslie.evaluation import asked_of, evaluate, read_predictions
from mmecinstruct.builder.folder import Folder
from mmecinstruct.errors import MmecError
from tests.caslie.evaluation.conftest import Predict, write_lines

Lines = list[dict[str, Any]]
Spoil = Callable[[Lines], object]


def spoilt(out: Path, spoil: Spoil, name: str = "prp_ind.generate.jsonl") -> Path:
    lines = [json.loads(line) for line in (out / name).read_text().splitlines()]
    spoil(lines)
    write_lines(out / name, lines)
    return out


def refusal(folder: Folder, out: Path, **options: Any) -> str:
    with pytest.raises(MmecError) as caught:
        evaluate(folder, out, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_predictions_are_read_as_they_were_written(predict: Predict, built: Folder) -> None:
    path = predict(mode="score") / "prp_ind.score.jsonl"
    read = read_predictions(path)
    assert [one.id for one in read] == [row["id"] for row in built.rows("prp_ind", "test", ["id"])]
    assert {one.label for one in read} <= {"A", "B", "C"}
    assert all(one.scores and max(one.scores, key=one.scores.__getitem__) == one.label for one in read)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda it: it[1].update(color="red"), ".jsonl:2: unknown ['color'], missing []"),
        (lambda it: it[1].update(labell=it[1].pop("label")), "Did you mean 'label'?"),
        (lambda it: it[2].update(id=7), ".jsonl:3: id: expected a text, found 7"),
        (lambda it: it[2].update(label=1), ".jsonl:3: label: expected a text, found 1"),
        (lambda it: it[2].update(label=["A"]), ".jsonl:3: label: expected a text, found list"),
        (lambda it: it[0].update(mode="guess"), ".jsonl:1: mode: expected one of generate, score, found 'guess'"),
        (lambda it: it[0].update(mode="score"), ".jsonl:1: is of mode score, in a file of mode generate"),
        (lambda it: it[0].update(scores={"A": -1}), ".jsonl:1: has scores, but was generated"),
        (lambda it: it[0].update(problem="too_long", label="A"), ".jsonl:1: has a label although nothing was asked"),
        (lambda it: it[0].update(label="Z"), "'Z' is no answer of prp_ind-test-"),
        (lambda it: it[0].update(label="a"), "'a' is no answer of prp_ind-test-"),
        (lambda it: it[0].update(label=""), "'' is no answer of prp_ind-test-"),
        (lambda it: it[0].update(id="prp_ind-train-0"), ".jsonl:1: 'prp_ind-train-0' is no row of prp_ind test"),
        (lambda it: it.append(it[0]), "is answered on line 1 too"),
        (lambda it: it.pop(), "no answer to 1 of"),
        (lambda it: it.clear(), ".jsonl: empty"),
    ],
)
def test_predictions_that_cannot_be_are_refused(predict: Predict, built: Folder, spoil: Spoil, reason: str) -> None:
    said = refusal(built, spoilt(predict(), spoil))
    assert "prp_ind.generate.jsonl" in said
    assert reason in said
    assert "run `caslie predict` again" in said or "--data" in said


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda it: it[0].update(scores=None), ".jsonl:1: has no scores"),
        (lambda it: it[0].update(scores={}), ".jsonl:1: has no scores"),
        (lambda it: it[0].update(scores={"A": "-1"}), ".jsonl:1: scores: 'A': expected float, found '-1'"),
        (lambda it: it[0].update(label=None), ".jsonl:1: its label None is not the best of its scores"),
        (lambda it: it[0]["scores"].update({it[0]["label"]: -9}), "is not the best of its scores"),
        (lambda it: it[0]["scores"].update(D=-7), "'D' is no answer of prp_ind-test-"),
    ],
)
def test_scored_answers_that_cannot_be_are_refused(predict: Predict, built: Folder, spoil: Spoil, reason: str) -> None:
    out = spoilt(predict(mode="score"), spoil, "prp_ind.score.jsonl")
    assert reason in refusal(built, out, mode="score")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "empty"),
        (b"\n", ":1: not JSON"),
        (b"{}\n", ":1: unknown [], missing ['id', 'prompt', 'mode', 'label']"),
        (b"[]\n", ":1: expected keys and values, found list"),
        (b"{'id': 1}\n", ":1: not JSON"),
        (b'{"id": "a", "id": "b"}\n', ":1: not JSON: the key 'id' stands twice"),
        (b'{"scores": NaN}\n', ":1: not JSON: NaN is no number"),
        (b'{"scores": 1e999}\n', ":1: not JSON: 1e999 is too large"),
        (b"[" * 100_000, ":1: not JSON"),
        (b"9" * 5000, ":1: not JSON"),
        (b"\xff\xfe", "cannot be read ('utf-8' codec"),
    ],
)
def test_what_is_no_jsonl_is_refused(predict: Predict, built: Folder, text: bytes, reason: str) -> None:
    out = predict()
    (out / "prp_ind.generate.jsonl").write_bytes(text)
    assert reason in refusal(built, out)


def test_a_line_that_was_cut_is_told_by_its_number(predict: Predict, built: Folder) -> None:
    path = predict() / "prp_ind.generate.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole[:-9])
    assert f"{path}:{len(whole.splitlines())}: not JSON" in refusal(built, path.parent)


def test_what_a_text_calls_an_end_of_line_ends_no_line(predict: Predict) -> None:
    path = predict() / "prp_ind.generate.jsonl"
    line = json.loads(path.read_text().splitlines()[0]) | {"raw": "a\u2028b\x0cc\x85d"}
    path.write_text(json.dumps(line, ensure_ascii=False) + "\n", encoding="utf-8")
    assert read_predictions(path)[0].raw == "a\u2028b\x0cc\x85d"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("prp_inn.generate.jsonl", "Unknown config 'prp_inn'. Did you mean 'prp_ind'?"),
        ("prp_ind.guess.jsonl", "no file of predictions, CONFIG.generate.jsonl or CONFIG.score.jsonl"),
        ("notes.jsonl", "no file of predictions"),
    ],
)
def test_a_file_that_belongs_to_no_config_is_refused(predict: Predict, built: Folder, name: str, reason: str) -> None:
    out = predict()
    (out / name).write_text("{}\n")
    said = refusal(built, out)
    assert name in said
    assert reason in said


def test_a_damaged_file_of_the_other_mode_is_told_too(predict: Predict, built: Folder) -> None:
    out = predict()
    predict(mode="score")
    assert "prp_ind.score.jsonl: no answer to 1 of" in refusal(
        built, spoilt(out, lambda it: it.pop(), "prp_ind.score.jsonl")
    )


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"configs": ["prp_inn"]}, "Did you mean 'prp_ind'?"),
        ({"configs": ["ap_ind"]}, "no generate predictions for ap_ind; run `caslie predict --config ap_ind`"),
        ({"mode": "score"}, "first run `caslie predict --mode score`, or look at --mode generate"),
    ],
)
def test_what_was_not_predicted_is_told(predict: Predict, built: Folder, options: dict[str, Any], reason: str) -> None:
    assert reason in refusal(built, predict(), **options)


def test_predictions_on_other_rows_are_refused(predict: Predict, built: Folder) -> None:
    out = predict()
    about = json.loads((out / "about.json").read_text())
    about["dataset"] |= {"name": "alice/other", "digest": "f" * 64}
    (out / "about.json").write_text(json.dumps(about))
    said = refusal(built, out)
    assert "answers alice/other (content ffffffffffff), not" in said
    assert "give that dataset by --data" in said


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "about.json: cannot be read"),
        ("[]", "about.json: expected keys and values, found list"),
        ("{}", "about.json: unknown [], missing ['dataset', 'split']"),
        ('{"split": "test", "dataset": {"name": "a", "digest": "b"}}', "dataset: unknown [], missing ['commit']"),
        ('{"split": "test", "dataset": {"name": 1, "digest": "b", "commit": null}}', "name: expected a text, found 1"),
    ],
)
def test_a_folder_that_does_not_tell_its_dataset_is_refused(predict: Predict, text: str, reason: str) -> None:
    out = predict()
    (out / "about.json").write_text(text)
    with pytest.raises(StageError) as caught:
        asked_of(out)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("split", "reason"),
    [
        ("tset", "Unknown split of prp_ind 'tset'. Did you mean 'test'?"),
        ("validation", ".jsonl:1: 'prp_ind-test-"),
    ],
)
def test_predictions_on_another_split_are_refused(predict: Predict, built: Folder, split: str, reason: str) -> None:
    out = predict()
    about = json.loads((out / "about.json").read_text())
    (out / "about.json").write_text(json.dumps(about | {"split": split}))
    assert reason in refusal(built, out)


def test_a_half_character_that_a_model_wrote_is_read(predict: Predict, built: Folder) -> None:
    out = spoilt(predict(), lambda it: it[0].update(raw="A \ud800"))
    assert read_predictions(out / "prp_ind.generate.jsonl")[0].raw == "A \ud800"


def test_predictions_that_nothing_is_told_of_are_told(predict: Predict) -> None:
    out = predict()
    (out / "about.json").unlink()
    with pytest.raises(
        StageError, match=r"about\.json: is missing, and tells which rows these predictions answer; run"
    ):
        asked_of(out)


def test_a_folder_without_predictions_is_told(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="no predictions here; `caslie predict` makes such a folder"):
        asked_of(tmp_path)
