"""What evaluation finds: columns with intervals, failed answers, and how often two modes agree (paper, Table 2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from caslie.schema import Mode


@dataclass(frozen=True, slots=True)
class Interval:
    """A measured value with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """How much one value is above another, with its 95 % interval, and the two-sided p, were both equally good."""

    value: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often generation and scoring give the same answer: the share of `n` rows that were asked in both."""

    share: float
    n: int


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The answers to one config in one mode.

    `columns` are the paper's, over the rows whose answer could be read; in `strict` a failed row counts as wrong.
    `primary` is the column that stands for the task. `problems` counts the failed rows that were never asked, by
    reason, and `left_out` are rows whose own label is none of their options, which nobody can answer: `n` is without
    them.
    """

    config: str
    task: str
    domain: str
    split: str
    mode: Mode
    seed: int
    primary: str
    columns: Mapping[str, Interval]
    strict: Mapping[str, Interval]
    n: int
    n_failed: int
    problems: Mapping[str, int]
    left_out: tuple[str, ...]
    agreement: Agreement | None

    @property
    def coverage(self) -> float:
        """The share of rows with an answer that could be read."""
        return (self.n - self.n_failed) / self.n


@dataclass(frozen=True, slots=True)
class Mean:
    """The plain mean of the primary columns over the tasks of a domain, as the paper takes it."""

    domain: str
    n_tasks: int
    value: float
    strict: float


def means(evaluated: Sequence[Evaluated]) -> tuple[Mean, ...]:
    """Average the primary columns within each domain: the paper never mixes the two."""
    by_domain: dict[str, list[Evaluated]] = {}
    for one in evaluated:
        by_domain.setdefault(one.domain, []).append(one)
    return tuple(_mean(domain, by_domain[domain]) for domain in sorted(by_domain))


def _mean(domain: str, evaluated: Sequence[Evaluated]) -> Mean:
    n = len(evaluated)
    value = sum(one.columns[one.primary].value for one in evaluated) / n
    strict = sum(one.strict[one.primary].value for one in evaluated) / n
    return Mean(domain, n, value, strict)
