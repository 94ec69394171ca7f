"""How far the confidence of scored answers can be trusted: reliability, ECE and the Brier score.

The confidence is the softmax over the log probabilities of the answers that a row allows, at the best of them. Bins
hold about as many rows each, as far as rows of the same confidence, which stay together, let them: the order of rows
decides nothing. The expected calibration error is the mean distance, by rows, between a bin's confidence and its share
of right answers; with few rows it is above 0 by chance alone. The Brier score is the mean squared distance between
the chances of all answers and the truth: 0 is perfect, 2 is sure and wrong.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from caslie.schema import Prediction

MOST_BINS = 10
FEWEST_ROWS = 10  # of a bin; with fewer its share of right answers says little
N_STEPS = 10  # of the histogram


@dataclass(frozen=True, slots=True)
class Bin:
    """Rows of about the same confidence: their mean confidence, and how many are right."""

    n: int
    right: int
    confidence: float

    @property
    def share(self) -> float:
        """The share of right answers."""
        return self.right / self.n


@dataclass(frozen=True, slots=True)
class Calibration:
    """The calibration of `n` scored rows; `left_out` rows have no scores.

    `histogram` counts the confidences in steps of a tenth, from 0 to 1.
    """

    n: int
    left_out: int
    ece: float
    brier: float
    bins: tuple[Bin, ...]
    histogram: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    confidence: float
    is_right: bool
    squares: float


def calibration(references: Sequence[str], predictions: Sequence[Prediction]) -> Calibration | None:
    """Compare the confidences of scored answers with how often they are right; None where nothing was scored."""
    both = zip(references, predictions, strict=True)
    rows = [_row(reference, one.label, one.scores) for reference, one in both if one.scores]
    if not rows:
        return None
    bins = _bins(rows)
    return Calibration(
        n=len(rows),
        left_out=len(predictions) - len(rows),
        ece=sum(one.n * abs(one.share - one.confidence) for one in bins) / len(rows),
        brier=math.fsum(row.squares for row in rows) / len(rows),
        bins=bins,
        histogram=_histogram(rows),
    )


def _row(reference: str, label: str | None, scores: Mapping[str, float]) -> _Row:
    chances = _softmax(scores)
    truth = chances.get(reference, 0.0)
    squares = math.fsum(chance**2 for chance in chances.values()) - truth**2 + (1 - truth) ** 2
    return _Row(max(chances.values()), label == reference, squares)


def _softmax(scores: Mapping[str, float]) -> dict[str, float]:
    """The chances; `fsum`, so that they do not depend on the order of the answers."""
    best = max(scores.values())
    weights = {answer: math.exp(score - best) for answer, score in scores.items()}
    total = math.fsum(weights.values())
    return {answer: weight / total for answer, weight in weights.items()}


def _bins(rows: Sequence[_Row]) -> tuple[Bin, ...]:
    """Bins of about the same number of rows; a confidence falls where the middle of its rows does."""
    n_bins = max(1, min(MOST_BINS, len(rows) // FEWEST_ROWS))
    found: dict[int, list[_Row]] = {}
    sizes = Counter(row.confidence for row in rows)
    place, below = {}, 0
    for confidence in sorted(sizes):
        place[confidence] = (2 * below + sizes[confidence]) * n_bins // (2 * len(rows))
        below += sizes[confidence]
    for row in rows:
        found.setdefault(place[row.confidence], []).append(row)
    return tuple(_bin(found[number]) for number in sorted(found))


def _bin(rows: Sequence[_Row]) -> Bin:
    confidence = math.fsum(row.confidence for row in rows) / len(rows)
    return Bin(len(rows), sum(row.is_right for row in rows), confidence)


def _histogram(rows: Sequence[_Row]) -> tuple[int, ...]:
    counts = Counter(min(N_STEPS - 1, int(row.confidence * N_STEPS)) for row in rows)
    return tuple(counts[step] for step in range(N_STEPS))
