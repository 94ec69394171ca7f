"""Test sets that might have been drawn instead of the one at hand, as weighted counts, and what they would score.

A Bayesian bootstrap (Rubin, 1981): every kind of row gets a weight drawn from the Dirichlet distribution of its count,
each answer beside a prior that is worth one row, half right and half wrong. An accuracy gets the interval of Jeffreys
from it; a rare class, twenty rows or a hundred per cent get a width, where redrawing rows gives them none.
"""

from collections.abc import Sequence
from itertools import product

import numpy as np
import numpy.typing as npt

from caslie.metrics import Measure

DRAWS = 10_000
BOUNDS = (0.025, 0.975)

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Kinds:
    """How the rows of a task are told apart, as far as its columns need it.

    References are `n_references` kinds, answers `n_answers` and one more for those that failed. Where a task has no
    averaged columns only right (0) and wrong (1) matter, and all references are of one kind.
    """

    def __init__(self, measured: Measure) -> None:
        self.measured = measured
        self.n_references = len(measured.answers) if measured.averaged else 1
        self.n_answers = len(measured.answers) if measured.averaged else 2
        self._places = {answer: place for place, answer in enumerate(measured.answers)}

    def counts(self, references: Sequence[str], *answered: Sequence[str | None]) -> Counts:
        """Count rows by their reference and what each of several systems answered."""
        table = np.zeros((self.n_references, *[self.n_answers + 1] * len(answered)), dtype=np.int64)
        for reference, *given in zip(references, *answered, strict=True):
            table[self._reference(reference), *[self._answer(reference, one) for one in given]] += 1
        return table

    def prior(self, n_systems: int) -> Floats:
        """One row's weight: every reference alike; each system right or wrong by even odds, whatever others say."""
        alone = np.zeros((self.n_references, self.n_answers + 1))
        alone[:, :-1] = 0.5 / (self.n_answers - 1)
        np.fill_diagonal(alone, 0.5)
        table = np.full((self.n_references, *[self.n_answers + 1] * n_systems), 1 / self.n_references)
        for place in product(*map(range, table.shape)):
            table[place] *= np.prod([alone[place[0], one] for one in place[1:]])
        return table

    def columns(self, tables: Floats) -> Floats:
        """The columns of the task for one system's tables, draws down; a failed answer in a table counts as wrong."""
        right = np.trace(tables, axis1=1, axis2=2)
        answers = self.measured.answers
        classes = [_one_class(tables, answers.index(answer)) for answer in self.measured.averaged]
        means = np.mean(classes, axis=0) if classes else np.empty((0, len(tables)))
        return np.stack([_ratio(right, tables.sum(axis=(1, 2))), *means], axis=-1)

    def _reference(self, reference: str) -> int:
        return self._places[reference] if self.measured.averaged else 0

    def _answer(self, reference: str, given: str | None) -> int:
        place = self._places.get(given or "")
        if place is None:
            return self.n_answers
        return place if self.measured.averaged else int(given != reference)


def draw(counts: Counts, prior: Floats, seed: Sequence[int], draws: int) -> Floats:
    """Draw weights for every kind of row; up to their sum, which no column depends on, they are Dirichlet's."""
    generator = np.random.Generator(np.random.PCG64(seed))
    shape = counts + prior
    drawn = np.zeros((draws, *shape.shape))
    drawn[:, shape > 0] = generator.standard_gamma(shape[shape > 0], size=(draws, int((shape > 0).sum())))
    return drawn


def without_failed(tables: Floats) -> Floats:
    """One system's tables with its failed answers left out, as the paper does."""
    kept = tables.copy()
    kept[:, :, -1] = 0
    return kept


def _one_class(tables: Floats, place: int) -> Floats:
    """Precision, recall and F1 of one answer, in every draw."""
    hits = tables[:, place, place]
    n_predicted, n_true = tables[:, :, place].sum(axis=1), tables[:, place].sum(axis=1)
    return np.stack([_ratio(hits, n_predicted), _ratio(hits, n_true), _ratio(2 * hits, n_predicted + n_true)])


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
