"""The systems: what they score on the whole, and how they were made (paper, section 6)."""

from collections.abc import Iterable

from caslie.metrics import MEASURES
from caslie.report.schema import Report, SystemFacts
from caslie.report.words.figures import figures
from caslie.report.words.grid import Column, Entry, Grid, Row, columns, entries, missing, words
from caslie.report.words.numbers import clipped, count, digits, test_set
from caslie.report.words.sections import Fold, Section
from mmecinstruct.tasks import TASKS

READS = {"caslie": "captions that judges kept", "text": "no captions (uniM3)", "uia": "every caption (UIA)"}
DOMAINS = ("ind", "ood")
MOST = 80  # characters of a name


def systems(report: Report) -> Section:
    """A line for each system, the bars, and where each lies."""
    return Section(
        "systems",
        "The systems",
        lines=(
            "Means are of the primary measure over the tasks of a domain, as the paper takes them: without answers"
            " that could not be read, and below, strict, with these as wrong.",
        ),
        grids=(_scores(report.systems),),
        figures=figures(report, ("bars", "bars_ood")),
        folds=(Fold("Where they lie and how they were asked", (_places(report.systems),)),),
    )


def _scores(found: Iterable[SystemFacts]) -> Grid:
    heads = (
        Column("mean IND", "strict below"),
        Column("mean OOD", "strict below"),
        Column("failed", "of"),
        *words("reads", "captioner", "judges", "base model", "tasks"),
    )
    return Grid("Systems, in the order they were named", "system", heads, tuple(map(_score, found)))


def _score(one: SystemFacts) -> Row:
    made = (
        Entry(one.variant, READS.get(one.variant, "")),
        *(Entry(clipped(text, MOST)) for text in (one.captioner, one.lineup, one.model)),
        Entry(_tasks(one.tasks)),
    )
    cells = (
        *(_mean(one, domain) for domain in DOMAINS),
        Entry(count(one.n_failed), f"of {count(one.n)}"),
        *(cell if cell.text else missing("not recorded") for cell in made),
    )
    return Row(Entry(clipped(one.name, MOST)), cells)


def _mean(one: SystemFacts, domain: str) -> Entry:
    if domain not in one.means:
        return missing("no task of this domain was answered")
    strict = f"strict {digits(one.strict_means[domain])}" if domain in one.strict_means else ""
    return Entry(digits(one.means[domain]), strict)


def _tasks(tasks: tuple[str, ...]) -> str:
    """All seven in a word; fewer by name."""
    if len(tasks) == len(MEASURES):
        return f"all {len(MEASURES)}"
    return ", ".join(TASKS[task].abbr.upper() if task in TASKS else test_set(task) for task in tasks)


def _places(found: Iterable[SystemFacts]) -> Grid:
    heads = (*words("answers lie in", "size", "recipe", "prompt", "beside, in the tables"), *columns("rows"))
    rows = (
        Row(
            Entry(clipped(one.name, MOST)),
            entries((one.place, one.size, one.recipe, one.prompt, _beside(one), count(one.n))),
        )
        for one in found
    )
    return Grid("Where the systems lie and how they were asked", "system", heads, tuple(rows))


def _beside(one: SystemFacts) -> str:
    return "; ".join(f"{number}: {' '.join(filter(None, labels))}" for number, labels in one.stands_beside.items())
