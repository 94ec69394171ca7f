"""The 95 % intervals of a task's columns, under both policies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from caslie.evaluation.drawing import BOUNDS, DRAWS, Floats, Kinds, draw, without_failed
from caslie.evaluation.outcomes import Interval
from caslie.metrics import measure, score


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

    An interval can miss the value itself, say a macro F1 with a rare class: then it is widened to hold it.

    Raises:
        AnswersError: no such task, a reference that is no answer of it, or not one prediction a reference.
    """
    measured, found = measure(task), score(task, references, predictions)
    kinds = Kinds(measured)
    tables = draw(kinds.counts(references, predictions), kinds.prior(1), seed, draws)
    wrong, excluded = kinds.columns(tables), kinds.columns(without_failed(tables))
    return Columns(found.n_failed, _around(found.excluded, excluded), _around(found.wrong, wrong))


def _around(values: Mapping[str, float], drawn: Floats) -> dict[str, Interval]:
    bounds = np.quantile(drawn, BOUNDS, axis=0).T.tolist()
    both = zip(values.items(), bounds, strict=True)
    return {name: Interval(value, min(low, value), max(high, value)) for (name, value), (low, high) in both}
