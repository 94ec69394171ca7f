"""The parts that a report is told in."""

from dataclasses import dataclass

from caslie.report.cases import Case
from caslie.report.figures import Drawing
from caslie.report.words.grid import Grid


@dataclass(frozen=True, slots=True)
class Fact:
    """A few words, and what is told under them."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Point:
    """Facts about one thing."""

    lead: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing with what is said below it."""

    name: str
    title: str
    caption: str
    drawing: Drawing


@dataclass(frozen=True, slots=True)
class Fold:
    """Tables that are there for those who open them."""

    summary: str
    grids: tuple[Grid, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A section: its parts are shown in the order of the fields; `commands` are to be typed in a shell."""

    id: str
    title: str
    lines: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    points: tuple[Point, ...] = ()
    grids: tuple[Grid, ...] = ()
    figures: tuple[Figure, ...] = ()
    cases: tuple[Case, ...] = ()
    folds: tuple[Fold, ...] = ()
    facts: tuple[Fact, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it has nothing but words about it."""
        return not (self.points or self.grids or self.figures or self.cases or self.folds or self.facts)
