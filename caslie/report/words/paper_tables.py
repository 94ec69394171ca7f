"""The paper's tables with ours beside the printed lines (paper, Tables 4 to 6, A3 to A5, A7 to A13)."""

from caslie.paper.tables import Column as Head
from caslie.report.schema import Cell, Line, Report, ReportTable
from caslie.report.words.grid import Column, Entry, Grid, Row, missing
from caslie.report.words.numbers import clipped, domain, measure, span, written
from caslie.report.words.sections import Fold, Section

MOST = 60  # characters of a label

HOW = (
    "Lines marked “ours” stand below the printed line that each system stands beside; a small interval below a value"
    " is its 95 % interval. Bold is the highest of ours in a column, and only where paired tests tell it from each of"
    " the others: never a printed number, which cannot be tested.",
    "Heads are as printed. Where one is not what its numbers are, the measure below it is right. Ours may be other"
    " models on other data than the paper's, so to be near a printed number proves nothing by itself.",
    "† The paper's own numbers prove this one wrong; `caslie paper --check` tells how.",
)


def paper_tables(report: Report) -> Section:
    """The tables that hold a line of ours, and folded those that hold none."""
    here = tuple(one for one in report.tables if _has_ours(one))
    away = tuple(one for one in report.tables if not _has_ours(one))
    named = ", ".join(one.number for one in away)
    folds = (
        Fold(f"Not run here: Table {named}" if len(away) == 1 else f"Not run here: Tables {named}", _grids(away)),
    )
    return Section(
        "tables", "The paper's tables", lines=HOW if here else (), grids=_grids(here), folds=folds if away else ()
    )


def _has_ours(table: ReportTable) -> bool:
    return any(line.is_ours for line in table.lines)


def _grids(tables: tuple[ReportTable, ...]) -> tuple[Grid, ...]:
    return tuple(map(paper_grid, tables))


def paper_grid(table: ReportTable) -> Grid:
    """A table as texts."""
    return Grid(
        caption=f"Table {table.number}. {table.caption}",
        corner=", ".join(table.heads),
        columns=tuple(map(_column, table.columns)),
        rows=tuple(_row(line, table.columns) for line in table.lines),
    )


def _column(head: Head) -> Column:
    told = measure(head.metric)
    return Column(head.printed, "" if told.casefold() == head.printed.casefold() else told, domain(head.config))


def _row(line: Line, heads: tuple[Head, ...]) -> Row:
    first, *more = (clipped(label, MOST) for label in line.labels)
    cells = tuple(_cell(cell, head.metric, line.is_ours) for cell, head in zip(line.cells, heads, strict=True))
    return Row(Entry(first, ", ".join(filter(None, more))), cells, line.is_ours)


def _cell(cell: Cell | None, metric: str, is_ours: bool) -> Entry:
    if cell is None:
        return missing("not measured" if is_ours else "not printed")
    write = written(metric)
    if cell.doubt:
        return Entry(f"{write(cell.value)}†", why=cell.doubt)
    return Entry(write(cell.value), span(cell.low, cell.high, write), cell.best)
