"""The 95 % intervals of a task's columns: a seeded percentile bootstrap over rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from caslie.evaluation.outcomes import Interval
from caslie.metrics import Measure, measure, score

DRAWS = 10_000
BOUNDS = (0.025, 0.975)

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a task under both policies: failed rows left out, or counted as wrong."""

    n_failed: int
    excluded: Mapping[str, Interval]
    wrong: Mapping[str, Interval]


def columns(
    task: str,
    references: Sequence[str],
    predictions: Sequence[str | None],
    seed: Sequence[int],
    draws: int = DRAWS,
) -> Columns:
    """Score parsed answers, with intervals; the values are those of `caslie.metrics.score`.

    A percentile interval can miss the value itself, say a macro F1 with a rare class: then it is widened to hold it.

    Raises:
        AnswersError: no such task, a reference that is no answer of it, or not one prediction a reference.
    """
    measured, found = measure(task), score(task, references, predictions)
    tables = _draw(_tally(measured, references, predictions), seed, draws)
    wrong = _bounds(measured, tables)
    tables[:, :, -1] = 0
    return Columns(found.n_failed, _around(found.excluded, _bounds(measured, tables)), _around(found.wrong, wrong))


def _around(values: Mapping[str, float], bounds: Floats) -> dict[str, Interval]:
    both = zip(values.items(), bounds.T.tolist(), strict=True)
    return {name: Interval(value, min(low, value), max(high, value)) for (name, value), (low, high) in both}


def _tally(measured: Measure, references: Sequence[str], predictions: Sequence[str | None]) -> Counts:
    """Count what was answered to what: references down, predictions across, the last column those that failed."""
    both = zip(references, predictions, strict=True)
    if not measured.averaged:  # Only right or wrong matters: a diagonal place, one beside it, and the failed one.
        kinds = [2 if given not in measured.answers else int(given != reference) for reference, given in both]
        return np.array([np.bincount(kinds, minlength=3), [0, 0, 0]])
    places = {answer: place for place, answer in enumerate(measured.answers)}
    table = np.zeros((len(places), len(places) + 1), dtype=np.int64)
    for reference, given in both:
        table[places[reference], places.get(given or "", -1)] += 1
    return table


def _draw(table: Counts, seed: Sequence[int], draws: int) -> Counts:
    """Draw as many rows as there are, again and again: what is counted of them is multinomial."""
    generator = np.random.Generator(np.random.PCG64(seed))
    there = table > 0
    drawn = np.zeros((draws, *table.shape), dtype=np.int64)
    drawn[:, there] = generator.multinomial(table.sum(), table[there] / table.sum(), size=draws)
    return drawn


def _bounds(measured: Measure, tables: Counts) -> Floats:
    right = np.trace(tables, axis1=1, axis2=2)
    classes = [_one_class(tables, measured.answers.index(answer)) for answer in measured.averaged]
    means = np.mean(classes, axis=0) if classes else np.empty((0, len(tables)))
    every = np.stack([_ratio(right, tables.sum(axis=(1, 2))), *means], axis=-1)
    found: Floats = np.quantile(every, BOUNDS, axis=0)
    return found


def _one_class(tables: Counts, place: int) -> Floats:
    """Precision, recall and F1 of one answer, in every draw."""
    hits = tables[:, place, place]
    n_predicted, n_true = tables[:, :, place].sum(axis=1), tables[:, place].sum(axis=1)
    return np.stack([_ratio(hits, n_predicted), _ratio(hits, n_true), _ratio(2 * hits, n_predicted + n_true)])


def _ratio(part: Counts, whole: Counts) -> Floats:
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
