"""Inference: a checkpoint answers the test sets, in words and by scores (paper, sections 4.3 and 6)."""

from caslie.inference.answers import authors, parse
from caslie.inference.checkpoints import Checkpoint, find_checkpoint, trained_checkpoint
from caslie.inference.opening import Opened, open_model
from caslie.inference.provenance import MODES, Wanted, is_of_another
from caslie.inference.stage import Count, Predicted, predict

__all__ = [
    "MODES",
    "Checkpoint",
    "Count",
    "Opened",
    "Predicted",
    "Wanted",
    "authors",
    "find_checkpoint",
    "is_of_another",
    "open_model",
    "parse",
    "predict",
    "trained_checkpoint",
]
