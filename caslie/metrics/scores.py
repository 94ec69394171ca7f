"""The measures of the seven tasks, by the standard library alone (paper, Table 2, section 5, Tables A7 to A13).

A copy of this file is published beside the `evaluate` module, so it imports nothing of the project.

A prediction fails if it is no answer of its task: None, an empty text, a letter beyond the options. Scores are given
under two policies. *Excluded*, the paper's (E.4): failed rows are left out, so a model may gain by failing where it
would err. *Wrong*: a failed row stays; its reference is missed, and no class is charged with a false alarm. Classes
are fixed by the task, not by the rows at hand: one that does not occur counts 0 in a macro mean, and whatever would
be divided by zero is 0.

>>> scores = score("ap", ["yes", "yes", "no", "no"], ["yes", None, "yes", "no"])
>>> scores.excluded
{'accuracy': 0.6666666666666666, 'precision': 0.5, 'recall': 1.0, 'f1': 0.6666666666666666}
>>> scores.wrong
{'accuracy': 0.5, 'precision': 0.5, 'recall': 0.5, 'f1': 0.5}
>>> scores.n_failed, scores.coverage
(1, 0.75)
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from reprlib import repr as shortened

Tally = Counter[tuple[str, str | None]]  # how often a prediction (None if it failed) was given to a reference


class ScoreError(ValueError):
    """Answers that cannot be scored, or a task without a measure; the text is one line."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What is measured on a task.

    `averaged` are the answers over which precision, recall and F1 are means; `columns` are what the paper prints, in
    its order, and `primary` is the one that stands for the task.
    """

    task: str
    abbr: str
    answers: tuple[str, ...]
    averaged: tuple[str, ...]
    columns: tuple[str, ...]
    primary: str


YES_NO = ("yes", "no")
LETTERS = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")  # as many options as a recipe may ask for

ONE_CLASS = ("accuracy", "precision", "recall", "f1")
MACRO = ("accuracy", "macro_precision", "macro_recall", "macro_f1")
# One target among the candidates and one answer: recall at rank 1 is accuracy.
FIRST_RANK = ("recall_at_1",)

# Table 2 says F1 of AP and PSI; Tables A7 and A10 call it macro, but only F1 of `yes` gives their numbers.
MEASURES = (
    Measure("answerability_prediction", "ap", YES_NO, ("yes",), ONE_CLASS, "f1"),
    Measure("category_classification", "cc", LETTERS, (), FIRST_RANK, "recall_at_1"),
    Measure("product_relation_prediction", "prp", LETTERS[:3], LETTERS[:3], MACRO, "macro_f1"),
    Measure("product_substitute_identification", "psi", YES_NO, ("yes",), ONE_CLASS, "f1"),
    Measure("multiclass_product_classification", "mpc", LETTERS[:4], LETTERS[:4], MACRO, "accuracy"),
    Measure("sentiment_analysis", "sa", LETTERS[:5], LETTERS[:5], MACRO, "macro_f1"),
    Measure("sequential_recommendation", "sr", LETTERS, (), FIRST_RANK, "recall_at_1"),
)
_BY_NAME = {name: measure for measure in MEASURES for name in (measure.abbr, measure.task)}


@dataclass(frozen=True, slots=True)
class TaskScores:
    """The columns of one task on one test set: failed rows left out as in the paper's tables, or counted wrong."""

    task: str
    n: int
    n_failed: int
    excluded: dict[str, float]
    wrong: dict[str, float]

    @property
    def coverage(self) -> float:
        """The share of rows with an answer that could be read."""
        return _ratio(self.n - self.n_failed, self.n)

    def flat(self) -> dict[str, float]:
        """All in one table: columns as the paper prints them, then `strict_` ones with failed rows counted wrong."""
        strict = {f"strict_{column}": value for column, value in self.wrong.items()}
        return self.excluded | strict | {"n": self.n, "n_failed": self.n_failed, "coverage": self.coverage}


def measure(task: str) -> Measure:
    """Look up what is measured on a task, by name or abbreviation.

    Raises:
        ScoreError: there is no such task.
    """
    found = _BY_NAME.get(task.lower())
    if found is None:
        near = get_close_matches(task.lower(), _BY_NAME, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ScoreError(f"Unknown task {shortened(task)}.{hint} Available: {', '.join(_BY_NAME)}")
    return found


def score(task: str, references: Sequence[str], predictions: Sequence[str | None]) -> TaskScores:
    """Score parsed answers against the right ones.

    Raises:
        ScoreError: no such task, a reference that is no answer of the task, or not one prediction a reference.
    """
    measured = measure(task)
    tally = _tally(measured, references, predictions)
    answered = Counter({pair: n for pair, n in tally.items() if pair[1] is not None})
    return TaskScores(
        task=measured.task,
        n=len(references),
        n_failed=tally.total() - answered.total(),
        excluded=_columns(measured, answered),
        wrong=_columns(measured, tally),
    )


def _tally(measured: Measure, references: Sequence[str], predictions: Sequence[str | None]) -> Tally:
    if len(references) != len(predictions):
        raise ScoreError(
            f"{measured.task}: {len(references)} references, but {len(predictions)} predictions. "
            "Give one prediction a reference, None where nothing could be read."
        )
    for row, reference in enumerate(references):
        if reference not in measured.answers:
            known = ", ".join(measured.answers)
            raise ScoreError(f"{measured.task}: references[{row}] is {shortened(reference)}, not one of {known}")
    read = (prediction if prediction in measured.answers else None for prediction in predictions)
    return Counter(zip(references, read, strict=True))


def _columns(measured: Measure, tally: Tally) -> dict[str, float]:
    right = sum(tally[answer, answer] for answer in measured.answers)
    classes = [_one_class(measured.answers, tally, answer) for answer in measured.averaged]
    means = [_ratio(sum(column), len(classes)) for column in zip(*classes, strict=True)]
    return dict(zip(measured.columns, [_ratio(right, tally.total()), *means], strict=True))


def _one_class(answers: tuple[str, ...], tally: Tally, answer: str) -> tuple[float, float, float]:
    """Precision, recall and F1 of one answer."""
    hits = tally[answer, answer]
    n_predicted = sum(tally[reference, answer] for reference in answers)
    n_true = sum(n for (reference, _), n in tally.items() if reference == answer)
    return _ratio(hits, n_predicted), _ratio(hits, n_true), _ratio(2 * hits, n_predicted + n_true)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
