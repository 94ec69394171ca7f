"""The class counts behind the printed rows of PRP, by exact search (paper, Table A9).

Where a system never names the rarest relation, that relation adds nothing to macro precision, recall and F1, so they
hang on few whole numbers: the sizes of the two other classes, and what was said and right of them. All systems share
the sizes. That it is never named is seen, not proved: macro F1 is then about two thirds of accuracy. Were it named
now and then and never right, both orders of the heads would fit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from caslie.paper.paper import N_TEST, Paper
from caslie.paper.reconstruction import HALF

# How far from two thirds of accuracy macro F1 may be: out of domain the rarest class is hardly there.
TOLERANCES = {"prp_ind": 0.05, "prp_ood": 0.005}


@dataclass(frozen=True, slots=True)
class Macro:
    """The printed scores of one system; `n_right` is its accuracy in rows."""

    labels: tuple[str, ...]
    n_right: int
    precision: float
    recall: float
    f1: float

    def swapped(self) -> "Macro":
        """The same row with precision and recall changed over."""
        return replace(self, precision=self.recall, recall=self.precision)


def macro_rows(paper: Paper, config: str) -> list[Macro]:
    """The rows of Table A9 without failures, of one domain."""
    rows = [(labels, paper.scores("A9", labels, config)) for labels in paper.labels("A9")]
    columns = ("macro_precision", "macro_recall", "macro_f1")
    return [
        Macro(labels, round(row["accuracy"] * N_TEST), *(row[column] for column in columns))
        for labels, row in rows
        if not row["n_failed"]
    ]


def without_the_rarest(paper: Paper, config: str) -> list[Macro]:
    """The rows in which the rarest relation seems never to be named."""
    distance = {row: abs(row.f1 * N_TEST / row.n_right - 2 / 3) for row in macro_rows(paper, config)}
    return [row for row, far in distance.items() if far <= TOLERANCES[config]]


def rare_share(row: Macro) -> float:
    """The share of the rarest class if it is never right, and the two others are found equally often."""
    return 1 - row.n_right / N_TEST / (1.5 * row.recall)


def class_counts(rows: Sequence[Macro], n: int = N_TEST) -> list[tuple[int, int, int]]:
    """Find all class sizes, largest first, that every row can have if it never names the third class."""
    sizes = _with_that_recall(rows, n)
    for row in rows:
        said = _Said(row, n)
        sizes = [pair for pair in sizes if said.fits(*pair)]
    return [(first, second, n - first - second) for first, second in sizes]


class _Said:
    """What a system can have said: its right answers of the first class, and how often it named that class."""

    def __init__(self, row: Macro, n: int) -> None:
        import numpy as np

        self.row, self.n = row, n
        right, named = np.meshgrid(np.arange(row.n_right + 1), np.arange(1, n), indexing="ij")
        other = row.n_right - right
        precision = (right / named + other / (n - named)) / 3
        kept = (right <= named) & (other <= n - named) & (np.abs(precision - row.precision) <= HALF)
        self.right, self.named = right[kept], named[kept]  # in the order of `right`

    def fits(self, first: int, second: int) -> bool:
        """Whether classes of these sizes give the printed recall and F1 too."""
        import numpy as np

        row = self.row
        low, high = np.searchsorted(self.right, [max(0, row.n_right - second), min(first, row.n_right) + 1])
        right, named = self.right[low:high], self.named[low:high]
        other = row.n_right - right
        recall = (right / first + other / second) / 3
        f1 = (2 * right / (first + named) + 2 * other / (second + self.n - named)) / 3
        return bool(np.any((np.abs(recall - row.recall) <= HALF) & (np.abs(f1 - row.f1) <= HALF)))


def _with_that_recall(rows: Sequence[Macro], n: int) -> list[tuple[int, int]]:
    """The sizes of the two larger classes that leave every row some right answers of its recall."""
    import numpy as np

    first, second = np.meshgrid(np.arange(1, n), np.arange(1, n), indexing="ij")
    kept = (first >= second) & (second >= n - first - second) & (first + second < n)
    first, second = first[kept], second[kept]
    for row in rows:
        # recall = (right / first + (n_right - right) / second) / 3 falls as more of the right ones are of the first
        least, most = np.maximum(0, row.n_right - second), np.minimum(first, row.n_right)
        highest = (least / first + (row.n_right - least) / second) / 3
        lowest = (most / first + (row.n_right - most) / second) / 3
        kept = (least <= most) & (highest >= row.recall - HALF) & (lowest <= row.recall + HALF)
        first, second = first[kept], second[kept]
    return [(int(one), int(two)) for one, two in zip(first, second, strict=True)]
