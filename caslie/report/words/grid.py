"""A table to be shown: texts alone, ready for HTML and for Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass

from caslie.report.words.numbers import DASH, domain, test_set


@dataclass(frozen=True, slots=True)
class Entry:
    """A cell: its text, what stands small below it, and why there is no more than a dash."""

    text: str
    small: str = ""
    is_best: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column; columns beside each other with the same `group` stand below that. Words are no numbers."""

    text: str
    small: str = ""
    group: str = ""
    is_words: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table below `Grid.corner`, and its cells."""

    head: Entry
    cells: tuple[Entry, ...]
    is_ours: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; `corner` is the head of the lines' heads."""

    caption: str
    corner: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    @property
    def groups(self) -> tuple[tuple[str, int], ...]:
        """Each group with how many columns it spans; none where no column is in one."""
        runs: list[tuple[str, int]] = []
        for column in self.columns:
            if runs and runs[-1][0] == column.group:
                runs[-1] = (column.group, runs[-1][1] + 1)
            else:
                runs.append((column.group, 1))
        return tuple(runs) if any(group for group, _ in runs) else ()


def words(*texts: str) -> tuple[Column, ...]:
    """Columns of words."""
    return tuple(Column(text, is_words=True) for text in texts)


def columns(*texts: str) -> tuple[Column, ...]:
    """Columns of numbers."""
    return tuple(Column(text) for text in texts)


def test_set_column(config: str, small: str = "") -> Column:
    """A column of a test set, below its domain."""
    group = domain(config)
    return Column(test_set(config).removesuffix(f" {group}") if group else test_set(config), small, group)


def missing(why: str) -> Entry:
    """A cell without a number."""
    return Entry(DASH, why=why)


def entries(texts: Sequence[str], why: str = "not recorded") -> tuple[Entry, ...]:
    """Cells of plain texts, a dash for each that is empty."""
    return tuple(Entry(text) if text else missing(why) for text in texts)
