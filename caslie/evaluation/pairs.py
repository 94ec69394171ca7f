"""Two systems on the same rows: McNemar's exact test, and the difference of their columns by a paired bootstrap."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np

from caslie.evaluation.drawing import BOUNDS, DRAWS, Floats, Kinds, draw, without_failed
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
    tables = draw(kinds.counts(references, mine, other), kinds.prior(2), seed, draws)
    alone = tables.sum(axis=3), tables.sum(axis=2)  # of mine, and of the other
    excluded, wrong = ([kinds.columns(one)[:, place] for one in way] for way in (map(without_failed, alone), alone))
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
        difference=_difference(values[0][0] - values[1][0], excluded[0] - excluded[1]),
        strict=_difference(values[0][1] - values[1][1], wrong[0] - wrong[1]),
    )


def mcnemar(only_mine: int, only_other: int) -> float:
    """The exact two-sided p of McNemar's test: discordant rows fall to either side by even odds."""
    n = only_mine + only_other
    tail = sum(comb(n, k) for k in range(min(only_mine, only_other) + 1))
    ways: int = 2**n
    return min(1.0, 2 * tail / ways)


def _difference(value: float, drawn: Floats) -> Difference:
    low, high = np.quantile(drawn, BOUNDS).tolist()
    # As many draws lie on the other side of zero, and one more, so that no p is nothing.
    beyond = 1 + min(int((drawn <= 0).sum()), int((drawn >= 0).sum()))
    return Difference(value, min(low, value), max(high, value), min(1.0, 2 * beyond / (len(drawn) + 1)))
