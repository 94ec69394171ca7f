"""Figures read the log of a training strictly, and take lengths as `mmecinstruct stats` counts them."""

import json
from pathlib import Path

import pytest

from caslie.errors import StageError
from caslie.report.figures import Lengths, Loss, lengths_of, losses_of

LINES = [
    {"step": 5, "loss": 4.11, "learning_rate": 0.001},
    {"step": 28, "eval_loss": 0.5, "epoch": 1.0},
    {"step": 28, "train_runtime": 29.1, "train_loss": 0.6},
]


def log(folder: Path, text: str) -> Path:
    path = folder / "log.jsonl"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_log_gives_the_losses_of_both_kinds(tmp_path: Path) -> None:
    read = losses_of("caslie-s", log(tmp_path, "".join(json.dumps(line) + "\n" for line in LINES)))
    assert (read.run, read.training, read.validation) == ("caslie-s", (Loss(5, 4.11),), (Loss(28, 0.5),))


def test_a_last_line_that_was_cut_is_left_out(tmp_path: Path) -> None:
    read = losses_of("caslie-s", log(tmp_path, json.dumps(LINES[0]) + '\n{"step": 10, "lo'))
    assert read.training == (Loss(5, 4.11),)


def test_a_loss_that_is_no_number_is_kept_and_counted(tmp_path: Path) -> None:
    assert losses_of("caslie-s", log(tmp_path, '{"step": 5, "loss": NaN}\n')).broken == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "missing or empty; run `caslie train`"),
        ("{\n{}\n", "no log of a training: Expecting"),
        ("[1]\n", ":1: no line of a training's log"),
        ('{"step": 1}\n{"loss": 1.0}\n', ":2: no line of a training's log"),
        ('{"step": true, "loss": 1.0}\n', ":1: no line of a training's log"),
        ('{"step": 1, "loss": "low"}\n', ":1: no line of a training's log"),
        ('{"step": 1, "eval_loss": null}\n', ":1: no line of a training's log"),
    ],
)
def test_what_is_no_log_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(StageError) as refused:
        losses_of("caslie-s", log(tmp_path, text))
    assert told in str(refused.value)


def test_a_missing_log_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="missing or empty; run `caslie train`"):
        losses_of("caslie-s", tmp_path / "log.jsonl")


def test_lengths_are_those_of_the_statistics() -> None:
    histogram = {"start": 3, "width": 2, "counts": [4, 0, 1]}
    one = {"abbr": "sr", "rows": 6, "mean": 5.0, "median": 4, "p95": 8, "max": 99, "left_out": 1}
    found = lengths_of({"lengths": {"sequential_recommendation": one | {"histogram": histogram}}})
    assert found == (Lengths("SR", "sequential recommendation", 6, 4, 99, 1, 3, 2, (4, 0, 1)),)
