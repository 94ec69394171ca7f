"""The whole report as sections, in the order in which people ask."""

from caslie.report.schema import Report
from caslie.report.words.about import about, head
from caslie.report.words.captions import captions
from caslie.report.words.cases import cases
from caslie.report.words.costs import costs
from caslie.report.words.failures import failures
from caslie.report.words.figures import all_figures
from caslie.report.words.modes import modes
from caslie.report.words.numbers import clipped
from caslie.report.words.paper_tables import paper_tables
from caslie.report.words.sections import Fact, Section
from caslie.report.words.systems import systems
from caslie.report.words.verdicts import verdicts

WRITERS = (systems, verdicts, paper_tables, captions, all_figures, cases, failures, costs, modes)
MOST = 40  # characters of a name in the title
ABSENT = {
    "tables": "no table of the paper has a row for what was run",
    "captions": "no dataset at hand has captions",
    "figures": "there was nothing to draw",
    "cases": "no rows were chosen",
    "failures": "no failures were counted",
    "costs": "the runs at hand recorded none",
    "modes": "no system was asked in both modes; caslie predict adds the other",
}


def title(report: Report) -> str:
    """The report's name."""
    names = [clipped(one.name, MOST) for one in report.systems]
    return f"Report on {' and '.join([', '.join(names[:-1]), names[-1]] if names[1:] else names)}"


def told(report: Report) -> tuple[tuple[Fact, ...], tuple[Section, ...]]:
    """What stands at the head, and the sections; one that would be empty is named in the last with its reason."""
    found = [write(report) for write in WRITERS]
    absent = tuple(
        Fact(one.title.lower(), f"not here: {ABSENT[one.id]}") for one in found if one.is_empty and one.id in ABSENT
    )
    shown = (one for one in found if one.id not in ABSENT or not one.is_empty)
    return head(report), (*shown, about(report, absent))
