"""Evaluation: the paper's measures of what was predicted, with intervals (paper, section 6)."""

from caslie.evaluation.answered import Answered, Parser
from caslie.evaluation.beside import Beside, beside
from caslie.evaluation.comparing import Compared, compare
from caslie.evaluation.outcomes import Agreement, Difference, Evaluated, Interval, Mean, means
from caslie.evaluation.outs import Out, open_out
from caslie.evaluation.pairs import Pair, pair
from caslie.evaluation.printing import print_compared, print_evaluated
from caslie.evaluation.provenance import (
    Asked,
    Source,
    asked_of,
    open_asked,
    predictions_in,
    refuse_other_captions,
    run_of,
)
from caslie.evaluation.reading import read_predictions
from caslie.evaluation.stage import evaluate, scores_of

__all__ = [
    "Agreement",
    "Answered",
    "Asked",
    "Beside",
    "Compared",
    "Difference",
    "Evaluated",
    "Interval",
    "Mean",
    "Out",
    "Pair",
    "Parser",
    "Source",
    "asked_of",
    "beside",
    "compare",
    "evaluate",
    "means",
    "open_asked",
    "open_out",
    "pair",
    "predictions_in",
    "print_compared",
    "print_evaluated",
    "read_predictions",
    "refuse_other_captions",
    "run_of",
    "scores_of",
]
