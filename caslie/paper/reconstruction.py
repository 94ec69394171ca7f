"""The whole numbers behind a printed binary row (paper, Tables A7 and A10).

A row prints accuracy, precision, recall and F1 of `yes` to three digits, and how many answers failed, over 1,000
questions. Few counts of right `yes`, hits and false alarms round to all four. The right `yes` belong to the test set,
so all rows of a table must share them: usually one number is left.

>>> row = {"accuracy": 0.794, "precision": 0.586, "recall": 0.301, "f1": 0.398, "n_failed": 0}
>>> [(found.n_yes, found.hits, found.alarms) for found in reconstruct(row, [226])]
[(226, 68, 48)]
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from caslie import metrics

SCORES = ("accuracy", "precision", "recall", "f1")
Policy = Literal["excluded", "wrong"]
HALF = 0.0005 + 1e-9  # of the last printed digit


@dataclass(frozen=True, slots=True)
class Counts:
    """Answers to `n` yes-no questions: of the `n_yes` that ask for yes, `hits` were found and `failed_yes` failed."""

    n: int
    n_yes: int
    hits: int
    alarms: int
    failed_yes: int
    n_failed: int

    def answers(self) -> tuple[list[str], list[str | None]]:
        """Right answers and predictions that have these counts, None where one failed."""
        n_no, failed_no = self.n - self.n_yes, self.n_failed - self.failed_yes
        of_yes = _filled("yes", self.hits, "no", self.n_yes - self.hits - self.failed_yes, self.failed_yes)
        of_no = _filled("yes", self.alarms, "no", n_no - self.alarms - failed_no, failed_no)
        return ["yes"] * self.n_yes + ["no"] * n_no, of_yes + of_no

    def scores(self, task: str, policy: Policy = "excluded") -> dict[str, float]:
        """Score these answers as `caslie.metrics` does."""
        scored = metrics.score(task, *self.answers())
        return scored.excluded if policy == "excluded" else scored.wrong


def reconstruct(
    printed: Mapping[str, float], n_yes: Iterable[int], n: int = 1000, policy: Policy = "excluded"
) -> list[Counts]:
    """Find all counts that round to a printed row, for the numbers of right `yes` that are asked about."""
    n_failed = int(printed["n_failed"])
    tried = (
        Counts(n, right, hits, alarms, failed_yes, n_failed)
        for right in n_yes
        for failed_yes in range(max(0, right + n_failed - n), min(n_failed, right) + 1)
        for hits, alarms in _near(printed, n, right, failed_yes, policy)
    )
    return [counts for counts in tried if fits(_quick(counts, policy), printed)]


def shared_yes(rows: Sequence[Mapping[str, float]], n: int = 1000) -> set[int]:
    """The numbers of right `yes` that every row can have."""
    left = set(range(1, n))
    for row in rows:
        left &= {found.n_yes for found in reconstruct(row, sorted(left), n)}
    return left


def fits(exact: Mapping[str, float], printed: Mapping[str, float]) -> bool:
    """Whether scores round to those printed."""
    return all(abs(exact[name] - printed[name]) <= HALF for name in SCORES)


def _near(
    printed: Mapping[str, float], n: int, n_yes: int, failed_yes: int, policy: Policy
) -> Iterator[tuple[int, int]]:
    """Yield hits within the printed recall, with the alarms that the printed accuracy leaves."""
    n_failed, asked = int(printed["n_failed"]), n_yes - failed_yes
    n_no = n - n_yes - (n_failed - failed_yes)
    of, among = (n, n_yes) if policy == "wrong" else (n - n_failed, asked)
    for hits in _whole(printed["recall"], among, asked):
        for right in _whole(printed["accuracy"], of, hits + n_no):
            if 0 <= n_no - (right - hits) <= n_no:
                yield hits, n_no - (right - hits)


def _whole(share: float, among: int, most: int) -> range:
    """The counts whose share may be printed so."""
    low, high = int((share - HALF) * among), int((share + HALF) * among) + 1
    return range(max(0, low), min(most, high) + 1)


def _quick(counts: Counts, policy: Policy) -> dict[str, float]:
    """The four scores by arithmetic, for a search; `Counts.scores` is what proves a solution."""
    asked = counts.n_yes if policy == "wrong" else counts.n_yes - counts.failed_yes
    of = counts.n if policy == "wrong" else counts.n - counts.n_failed
    said = counts.hits + counts.alarms
    n_no = counts.n - counts.n_yes - (counts.n_failed - counts.failed_yes)
    return {
        "accuracy": (counts.hits + n_no - counts.alarms) / of if of else 0.0,
        "precision": counts.hits / said if said else 0.0,
        "recall": counts.hits / asked if asked else 0.0,
        "f1": 2 * counts.hits / (said + asked) if said + asked else 0.0,
    }


def _filled(first: str, n_first: int, second: str, n_second: int, n_failed: int) -> list[str | None]:
    return [*[first] * n_first, *[second] * n_second, *[None] * n_failed]
