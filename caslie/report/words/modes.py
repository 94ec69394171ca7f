"""How often generation and option scoring give the same answer."""

from caslie.report.schema import Agreed, Report
from caslie.report.words.grid import Entry, Grid, Row, missing, test_set_column
from caslie.report.words.numbers import clipped, count, digits, in_order, measure, percent
from caslie.report.words.sections import Section

MOST = 60  # characters of a name

HOW = (
    "The share of rows on which what a system writes and the option that it scores highest are the same answer. Below"
    " it what each mode scores: generation/scoring.",
)


def modes(report: Report) -> Section:
    """A line for each system, a column for each test set."""
    found = report.agreed
    primary = {one.config: one.primary for one in found}
    configs = in_order(primary)
    by_place = {(one.system, one.config): one for one in found}
    rows = tuple(
        Row(Entry(clipped(name, MOST)), tuple(_cell(by_place.get((name, config))) for config in configs))
        for name in dict.fromkeys(one.system for one in found)
    )
    grid = Grid(
        f"Both modes give the same answer, of {_rows(found)}",
        "system",
        tuple(test_set_column(config, measure(primary[config])) for config in configs),
        rows,
    )
    return Section("modes", "Agreement of the two modes", lines=HOW if found else (), grids=(grid,) if found else ())


def _cell(one: Agreed | None) -> Entry:
    if one is None:
        return missing("not asked in both modes")
    return Entry(percent(one.share), f"{digits(one.generate)}/{digits(one.score)}")


def _rows(found: tuple[Agreed, ...]) -> str:
    ns = sorted(one.n for one in found) or [0]
    return f"{count(ns[0])} rows each" if ns[0] == ns[-1] else f"{count(ns[0])} to {count(ns[-1])} rows each"
