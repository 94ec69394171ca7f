"""What the stages cost, in calls, tokens, time and money."""

from caslie.report.schema import Cost, Report
from caslie.report.words.grid import Entry, Grid, Row, columns, words
from caslie.report.words.numbers import clipped, clock, count
from caslie.report.words.sections import Section

MOST = 60  # characters of a name

HOW = (
    "What each stage asked of a model in the runs at hand; training counts steps as calls. What was asked by a run"
    " that was killed is not in it, nor what had been answered before. Captions and votes that runs share are told"
    " once, by the folder that holds them.",
)


def costs(report: Report) -> Section:
    """A line for each stage of each system; money only where some was spent."""
    is_paid = any(one.dollars for one in report.costs)
    heads = (*words("stage", "model"), *columns("calls", "tokens in", "tokens out", "time"))
    rows = tuple(_row(one, is_paid) for one in report.costs)
    grid = Grid("Cost and time by stage", "system", heads + (columns("dollars") if is_paid else ()), rows)
    lines = HOW if is_paid else (*HOW, "No stage cost money.")
    return Section("costs", "Cost and time", lines=lines if rows else (), grids=(grid,) if rows else ())


def _row(one: Cost, is_paid: bool) -> Row:
    told = (
        one.stage,
        clipped(one.model, MOST),
        *map(count, (one.calls, one.tokens_in, one.tokens_out)),
        clock(one.seconds),
        *((f"{one.dollars:.2f}",) if is_paid else ()),
    )
    return Row(Entry(clipped(one.system, MOST)), tuple(map(Entry, told)))
