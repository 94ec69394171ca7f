"""What a report tells: all of it as data, which the page, the Markdown and the JSON show each in their way."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from caslie.paper.tables import Column
from caslie.report.cases import Case, Kind
from caslie.report.failures import Tally
from caslie.report.figures import Drawing
from caslie.schema import Mode
from caslie.showing.rates import UseRate
from caslie.showing.similarity import Similarity


@dataclass(frozen=True, slots=True)
class About:
    """What all of the report is about: the rows that were answered, in which mode, and how intervals were drawn.

    `n_rows` counts the test rows by config.
    """

    dataset: str
    commit: str | None
    digest: str
    split: str
    mode: Mode
    parser: str
    seed: int
    n_rows: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SystemFacts:
    """A system: its name in the report, where its answers lie, and what is known of how it was made.

    `stands_beside` are the rows of the paper's tables that it is shown below, by table. Means are of the primary
    columns, by domain. Empty texts stand for what nobody recorded.
    """

    name: str
    place: str
    model: str
    variant: str
    size: str
    tasks: tuple[str, ...]
    captioner: str
    lineup: str
    prompt: str
    recipe: str
    means: Mapping[str, float]
    strict_means: Mapping[str, float]
    n_failed: int
    n: int
    stands_beside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cell:
    """A number, with its 95 % interval where it is ours; `n_failed` columns hold counts.

    `best` marks the highest of our systems in a column of primary measures, where paired tests tell it from each of
    the others; never a printed number, which cannot be tested. `doubt` says what is proved wrong with a printed one.
    """

    value: float
    low: float | None = None
    high: float | None = None
    best: bool = False
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table, printed in the paper or ours; None where there is no number."""

    labels: tuple[str, ...]
    is_ours: bool
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A table of the paper with ours beside: each of our lines follows the printed one that it stands beside."""

    number: str
    caption: str
    heads: tuple[str, ...]
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Against:
    """Two of the systems on the same rows of one config, as in `caslie.evaluation.Pair`."""

    mine: str
    other: str
    config: str
    primary: str
    n: int
    only_mine: int
    only_other: int
    mcnemar: float
    difference: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, slots=True)
class Agreed:
    """How often a system's two modes give the same answer on a config, and what each of them scores."""

    system: str
    config: str
    primary: str
    generate: float
    score: float
    share: float
    n: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What a stage asked of a model in the runs at hand, and how long that took; training counts steps as calls.

    What was asked by a run that was killed is not in it, nor what had been answered before.
    """

    system: str
    stage: str
    model: str
    calls: int
    tokens_in: int
    tokens_out: int
    seconds: float
    dollars: float


@dataclass(frozen=True, slots=True)
class Failures:
    """The failures of one system: how many there are, and its sheet of them, None where none was made yet."""

    system: str
    n_failures: int
    n: int
    place: str
    tally: Tally | None


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report.

    `drawings` have names: bars, bars_ood, domains, confusion, losses, lengths, calibration, use_rates. `kinds` counts
    all rows that the cases are drawn from. `main` is the
    system that matrices, lengths, use rates and cases are about, and `held_against` those whose answers decide, with
    its own, of which kind a row is.
    """

    about: About
    systems: tuple[SystemFacts, ...]
    main: str
    held_against: tuple[str, ...]
    tables: tuple[ReportTable, ...]
    against: tuple[Against, ...]
    agreed: tuple[Agreed, ...]
    rates: Mapping[str, tuple[UseRate, ...]]
    similarity: tuple[Similarity, ...]
    drawings: Mapping[str, Drawing]
    cases: tuple[Case, ...]
    kinds: Mapping[Kind, int]
    failures: tuple[Failures, ...]
    costs: tuple[Cost, ...]
