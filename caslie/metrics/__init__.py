"""The measures of the seven tasks (paper, Table 2); `scores.py` holds them all and is published as it is."""

from collections.abc import Sequence

from caslie.metrics import scores
from caslie.metrics.scores import MEASURES, Measure, TaskScores
from mmecinstruct.errors import MmecError

__all__ = ["MEASURES", "AnswersError", "Measure", "TaskScores", "measure", "score"]


class AnswersError(MmecError):
    """Answers that cannot be scored, or a task without a measure."""


def measure(task: str) -> Measure:
    """Look up what is measured on a task, by name or abbreviation.

    Raises:
        AnswersError: there is no such task.
    """
    try:
        return scores.measure(task)
    except scores.ScoreError as error:
        raise AnswersError(str(error)) from error


def score(task: str, references: Sequence[str], predictions: Sequence[str | None]) -> TaskScores:
    """Score parsed answers, None where nothing could be read.

    Raises:
        AnswersError: no such task, a reference that is no answer of the task, or not one prediction a reference.
    """
    try:
        return scores.score(task, references, predictions)
    except scores.ScoreError as error:
        raise AnswersError(str(error)) from error
