"""Failures by class: labels of people, and suggestions apart from them (paper, E.3)."""

import shlex

from caslie.report.failures import ClassCount, Tally
from caslie.report.schema import Failures, Report
from caslie.report.words.grid import Column, Entry, Grid, Row, columns, missing
from caslie.report.words.numbers import clipped, count, percent, span
from caslie.report.words.sections import Fact, Point, Section

MOST = 60  # characters of a name

HOW = (
    "A failure is an answer that is wrong or could not be read. Labels are a person's, who saw the pictures; a"
    " suggestion is made by rules that see words alone, and is never counted as a label.",
)
TO_LABEL = (
    "Where nothing is labelled yet: run the command, open the sheet beside the page that it"
    " writes, write a class into the column “label”, and run the report again.",
)
NO_CAPTIONS = "none: this system reads no captions, and the classes are about captions."


def failures(report: Report) -> Section:
    """How many failures each system has, and the classes of those that were drawn."""
    blind = {system.name for system in report.systems if system.variant == "text"}
    unlabelled = [
        one for one in report.failures if one.system not in blind and not (one.tally and one.tally.n_labelled)
    ]
    return Section(
        "failures",
        "Errors",
        lines=(*HOW, *(TO_LABEL if unlabelled else ())) if report.failures else (),
        points=tuple(_point(one, one.system in blind) for one in report.failures),
        grids=tuple(_grid(one, one.tally) for one in report.failures if one.tally),
        commands=tuple(f"caslie failures {shlex.quote(one.place)}" for one in unlabelled),
    )


def _point(one: Failures, is_blind: bool) -> Point:
    facts = [Fact("failures", f"{count(one.n_failures)} of {count(one.n)} answers.")]
    if one.tally is None:
        facts.append(Fact("sheet", NO_CAPTIONS if is_blind else "none yet."))
    else:
        facts.append(Fact("sheet", _sheet(one.tally)))
        facts += [Fact("agreement", _agreement(one.tally))] if one.tally.agreed else []
    return Point(clipped(one.system, MOST), tuple(facts))


def _sheet(found: Tally) -> str:
    drawn = count(found.n_labelled + found.n_unlabelled)
    return f"{drawn} drawn, {count(found.n_labelled)} labelled by hand, {count(found.n_unlabelled)} not yet."


def _agreement(found: Tally) -> str:
    if found.agreed is None:
        return ""
    kappa = "" if found.agreed.kappa is None else f", kappa {found.agreed.kappa:.2f}"
    rows = f"{count(found.agreed.n)} labelled rows"
    return f"suggestion and label are the same on {percent(found.agreed.share)} of {rows}{kappa}."


def _grid(one: Failures, found: Tally) -> Grid:
    heads = (*columns("labelled"), Column("share", "95 %"), *columns("paper"), Column("suggested", "no label"))
    rows = tuple(map(_row, found.classes))
    return Grid(f"Classes of failures, {clipped(one.system, MOST)} (E.3)", "class", heads, rows)


def _row(one: ClassCount) -> Row:
    share = missing("nothing is labelled")
    if one.share is not None:
        share = Entry(percent(one.share.value), span(one.share.low, one.share.high, percent))
    cells = (Entry(count(one.n)), share, Entry(percent(one.printed)), Entry(count(one.n_suggested)))
    return Row(Entry(one.name), cells)
