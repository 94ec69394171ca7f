"""Two systems on the same rows: McNemar's exact test, and the difference of a column with its interval and its p.

The interval is that of a paired bootstrap. The p is that of a randomization test (Noreen, 1989): were both equally
good, each row's two answers could as well be swapped. It is exact for ten rows as for a thousand, where the p of a
bootstrap is too small for few.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from caslie.evaluation.drawing import BOUNDS, DRAWS, Counts, Floats, Kinds, draw, without_failed
from caslie.evaluation.outcomes import Difference
from caslie.metrics import measure, score


@dataclass(frozen=True, slots=True)
class Pair:
    """One system against another, of `n` rows.

    `only_mine` and `only_other` are the discordant rows, which one of the two alone has right; a failed answer is
    wrong there. `mcnemar` is the chance of so uneven a number of them, were both equally good. `difference` is that of
    the task's primary column, mine less the other's: each without its own failed answers, and `strict` with them as
    wrong.
    """

    n: int
    only_mine: int
    only_other: int
    mcnemar: float
    difference: Difference
    strict: Difference


def pair(
    task: str,
    references: Sequence[str],
    mine: Sequence[str | None],
    other: Sequence[str | None],
    seed: Sequence[int],
    draws: int = DRAWS,
) -> Pair:
    """Compare the parsed answers of two systems to the same rows, in the same order.

    Raises:
        AnswersError: no such task, a reference that is no answer of it, or not one prediction a reference.
    """
    measured = measure(task)
    both = [score(task, references, one) for one in (mine, other)]
    kinds, place = Kinds(measured), measured.columns.index(measured.primary)
    counts = kinds.counts(references, mine, other)
    drawn = _differences(kinds, draw(counts, kinds.prior(2), seed, draws), place)
    swapped = _differences(kinds, swap(counts, seed, draws), place)
    right = [[given == reference for given, reference in zip(one, references, strict=True)] for one in (mine, other)]
    only_mine, only_other = (
        sum(a and not b for a, b in zip(one, another, strict=True)) for one, another in (right, right[::-1])
    )
    values = [[way[measured.primary] for way in (one.excluded, one.wrong)] for one in both]
    return Pair(
        n=len(references),
        only_mine=only_mine,
        only_other=only_other,
        mcnemar=mcnemar(only_mine, only_other),
        difference=_difference(values[0][0] - values[1][0], drawn[0], swapped[0]),
        strict=_difference(values[0][1] - values[1][1], drawn[1], swapped[1]),
    )


def mcnemar(only_mine: int, only_other: int) -> float:
    """The exact two-sided p of McNemar's test: discordant rows fall to either side by even odds."""
    n, k = only_mine + only_other, np.arange(1, min(only_mine, only_other) + 1)
    ways = np.concatenate([[0.0], np.cumsum(np.log((n - k + 1) / k))])  # log of n over k
    return min(1.0, float(2 * np.exp(ways - n * np.log(2)).sum()))


def swap(counts: Counts, seed: Sequence[int], draws: int) -> Floats:
    """Swap the two answers of rows by even odds, again and again: counts by reference, mine and the other's."""
    generator = np.random.Generator(np.random.PCG64((*seed, 1)))
    above = np.triu(np.ones(counts.shape[1:], dtype=bool), 1)
    both = (counts + counts.swapaxes(1, 2))[:, above]
    stay = generator.binomial(both, 0.5, size=(draws, *both.shape))
    swapped = np.zeros((draws, *counts.shape))
    swapped[:, :, above] = stay
    swapped.swapaxes(2, 3)[:, :, above] = both - stay
    same = np.arange(counts.shape[1])
    swapped[:, :, same, same] = counts[:, same, same]
    return swapped


def _differences(kinds: Kinds, tables: Floats, place: int) -> tuple[Floats, Floats]:
    """Mine less the other's in a column, for every table: without failed answers, and with them as wrong."""
    alone = tables.sum(axis=3), tables.sum(axis=2)  # of mine, and of the other
    mine, other = (kinds.columns(without_failed(one))[:, place] for one in alone)
    strict, other_strict = (kinds.columns(one)[:, place] for one in alone)
    return mine - other, strict - other_strict


def _difference(value: float, drawn: Floats, swapped: Floats) -> Difference:
    low, high = np.quantile(drawn, BOUNDS).tolist()
    # What is at hand is one of the ways to swap, so that no p is nothing; equal ones differ by rounding.
    beyond = 1 + int((np.abs(swapped) >= abs(value) - 1e-12).sum())
    return Difference(value, min(low, value), max(high, value), beyond / (len(swapped) + 1))
