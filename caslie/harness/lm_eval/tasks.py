"""What the YAML of lm-evaluation-harness refers to: where rows come from, and how an answer is scored."""

from collections.abc import Mapping, Sequence
from typing import Any

from caslie.harness.documents import documents
from caslie.harness.scoring import (
    Asked,
    Scored,
    accuracy,
    f1,
    macro_f1,
    macro_precision,
    macro_recall,
    n_failed,
    precision,
    primary,
    recall,
    recall_at_1,
    scored,
    strict_primary,
)

__all__ = [
    "accuracy",
    "documents",
    "f1",
    "macro_f1",
    "macro_precision",
    "macro_recall",
    "n_failed",
    "precision",
    "primary",
    "recall",
    "recall_at_1",
    "score_text",
    "strict_primary",
]


def score_text(doc: Mapping[str, Any], results: Sequence[str]) -> dict[str, Scored]:
    """Score what was written of a row."""
    asked = Asked(doc["task"], doc["answer"], doc["answers"], doc["options"], doc["problem"])
    return scored(asked, results[0])
