"""Evaluation: the paper's measures of what was predicted, with intervals (paper, section 6)."""

from caslie.evaluation.beside import Beside, beside
from caslie.evaluation.outcomes import Agreement, Evaluated, Interval, Mean, means
from caslie.evaluation.printing import print_evaluated
from caslie.evaluation.provenance import Asked, Source, asked_of
from caslie.evaluation.reading import read_predictions
from caslie.evaluation.stage import evaluate, scores_of

__all__ = [
    "Agreement",
    "Asked",
    "Beside",
    "Evaluated",
    "Interval",
    "Mean",
    "Source",
    "asked_of",
    "beside",
    "evaluate",
    "means",
    "print_evaluated",
    "read_predictions",
    "scores_of",
]
