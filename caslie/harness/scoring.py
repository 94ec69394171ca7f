"""How a harness scores an answer: read by our grammar, measured as in the paper (Table 2).

A harness hands what was written of each row to `scored`, and the rows of a task to one function a column: those the
paper prints, over the answers that could be read; `primary`, the one of them that stands for the task;
`strict_primary`, where a failed row counts as wrong; and `n_failed`.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from caslie.inference import parse
from caslie.metrics import TaskScores, measure, score


class Asked(NamedTuple):
    """What a row allows and expects; `problem` says why it is not to be asked, and then no answer to it counts."""

    task: str
    answer: str
    answers: Sequence[str]
    options: Sequence[str]
    problem: str = ""


class Scored(NamedTuple):
    """A row's answer beside the right one; a harness may hand it on as a list."""

    task: str
    answer: str
    label: str | None


Rows = Sequence[Scored]


def scored(asked: Asked, written: str) -> dict[str, Scored]:
    """Score what was written: the same row for each of its columns."""
    label = None if asked.problem else parse(written, asked.answers, asked.options)
    names = ("primary", "strict_primary", "n_failed", *measure(asked.task).columns)
    return dict.fromkeys(names, Scored(asked.task, asked.answer, label))


def _measured(rows: Rows) -> TaskScores:
    tasks, answers, labels = zip(*rows, strict=True)
    return score(tasks[0], answers, labels)


def primary(rows: Rows) -> float:
    """The column that stands for the task."""
    scores = _measured(rows)
    return scores.excluded[measure(scores.task).primary]


def strict_primary(rows: Rows) -> float:
    """The same, with failed rows counted as wrong."""
    scores = _measured(rows)
    return scores.wrong[measure(scores.task).primary]


def n_failed(rows: Rows) -> int:
    """How many answers could not be read."""
    return _measured(rows).n_failed


def _column(name: str) -> Callable[[Rows], float]:
    def column(rows: Rows) -> float:
        return _measured(rows).excluded[name]

    return column


accuracy = _column("accuracy")
precision = _column("precision")
recall = _column("recall")
f1 = _column("f1")
macro_precision = _column("macro_precision")
macro_recall = _column("macro_recall")
macro_f1 = _column("macro_f1")
recall_at_1 = _column("recall_at_1")
