"""What labels come to: each class with its interval, suggestions apart, and how the two agree (paper, E.3)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from caslie.evaluation.outcomes import Interval
from caslie.report.failures.classes import classes
from caslie.report.failures.sheet import SheetRow
from mmecinstruct.looking.verdicts import wilson


@dataclass(frozen=True, slots=True)
class ClassCount:
    """A class: `n` labels and their share of all labels with Wilson's interval, None where nothing is labelled.

    `n_suggested` counts suggestions, over all rows; `printed` is the paper's share.
    """

    name: str
    n: int
    share: Interval | None
    n_suggested: int
    printed: float


@dataclass(frozen=True, slots=True)
class Agreed:
    """How often suggestion and label are the same, over the `n` rows that have both.

    `kappa` is Cohen's, None where chance alone would agree always.
    """

    share: float
    kappa: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Tally:
    """All classes in the paper's order; `agreed` is None where no row has a label and a suggestion."""

    classes: tuple[ClassCount, ...]
    n_labelled: int
    n_unlabelled: int
    agreed: Agreed | None


def tally(rows: Sequence[SheetRow]) -> Tally:
    """Count labels and, apart from them, suggestions."""
    labelled = [row for row in rows if row.label]
    labels = Counter(row.label for row in labelled)
    suggested = Counter(row.suggestion for row in rows)
    n = len(labelled)
    counts = (
        ClassCount(one.name, labels[one.name], _share(labels[one.name], n), suggested[one.name], one.printed)
        for one in classes()
    )
    return Tally(tuple(counts), n, len(rows) - n, _agreed([row for row in labelled if row.suggestion]))


def _share(n: int, of: int) -> Interval | None:
    return Interval(n / of, *wilson(n, of)) if of else None


def _agreed(rows: Sequence[SheetRow]) -> Agreed | None:
    n = len(rows)
    if not n:
        return None
    labels, suggested = Counter(row.label for row in rows), Counter(row.suggestion for row in rows)
    n_same = sum(row.label == row.suggestion for row in rows)
    by_chance = sum(labels[name] * suggested[name] for name in labels)
    kappa = None if by_chance == n * n else (n_same * n - by_chance) / (n * n - by_chance)
    return Agreed(n_same / n, kappa, n)
