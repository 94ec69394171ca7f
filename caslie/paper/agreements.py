"""The same number in several tables, and the laws that scores obey (paper, Tables 4 to 6, A3, A4, A6 to A13)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from caslie.metrics import measure
from caslie.paper.binary import BINARY, solve
from caslie.paper.findings import Finding, Place, Verdict, judged, task_of
from caslie.paper.paper import BY_TASK, OURS, SYSTEMS, UIA, Paper
from caslie.paper.reconstruction import HALF, reconstruct

# What the rows of a table are called here: the system, and "CASLIE", "UIA" or "uniM3" where it is one of ours.
ANCHORS = {
    ("A3", ("ft-LLaVA-NExT-Interleave", "w image", "-")): ("ft-LLaVA", ""),
    ("A3", ("uniM3-M", "w/o caption", "-")): ("CASLIE-M", "uniM3"),
    ("A3", ("CASLIE-M", "w/ context & caption", "Llama-3.2-Vision-Instruct")): ("CASLIE-M", "CASLIE"),
    ("A4", ("UIA", "-")): ("CASLIE-M", "UIA"),
    ("A4", ("MV", "5 models")): ("CASLIE-M", "CASLIE"),
}


class Cell(NamedTuple):
    """One system on one test set."""

    system: str
    variant: str
    config: str

    def __str__(self) -> str:
        """For people: CASLIE-S uniM3, SR IND."""
        name = self.system if self.variant in ("", "CASLIE") else f"{self.system} {self.variant}"
        return f"{name}, {task_of(self.config)}"


def cells(paper: Paper) -> dict[Cell, dict[str, float]]:
    """Collect what every table prints for a cell, by table."""
    return {cell: {one.table: _primary(paper, one) for one in there} for cell, there in places(paper).items()}


def places(paper: Paper) -> dict[Cell, list[Place]]:
    """Collect where a cell is printed."""
    found: dict[Cell, list[Place]] = defaultdict(list)
    for number, labels, system, variant in _rows(paper):
        for config in paper.configs(number):
            found[Cell(system, variant, config)].append(Place(number, labels, config))
    return found


def check_cells(paper: Paper) -> list[Finding]:
    """See whether tables that print the same cell print the same number."""
    collected, printed = cells(paper), places(paper)
    return [_check(paper, collected, cell, printed[cell]) for cell, values in collected.items() if len(values) > 1]


def check_laws(paper: Paper) -> list[Finding]:
    """See whether F1 is that of precision and recall, and a macro F1 not beyond what theirs allow."""
    return [
        _law(paper, number, labels, config)
        for task, number in BY_TASK.items()
        if measure(task).averaged
        for config in paper.configs(number)
        for labels in paper.labels(number)
    ]


def _rows(paper: Paper) -> Iterator[tuple[str, tuple[str, ...], str, str]]:
    for number in ("4", "A6"):
        for labels in paper.labels(number):
            yield number, labels, _system(labels[0]), "CASLIE" if labels[0] in SYSTEMS else ""
    for labels in paper.labels("6"):
        yield "6", labels, "CASLIE" + labels[1], labels[0]
    for labels in paper.labels("5"):
        if labels[1] == "Gen.":
            yield "5", labels, "CASLIE" + labels[0], "CASLIE"
    for (number, labels), (system, variant) in ANCHORS.items():
        yield number, labels, system, variant
    for number in BY_TASK.values():
        for labels in paper.labels(number):
            yield number, labels, _system(labels[0]), _variant(labels[1])


def _system(label: str) -> str:
    """The name by which all tables' names of a system are one."""
    return "ft-LLaVA" if label.startswith("ft-LLaVA") else label


def _variant(label: str) -> str:
    return "CASLIE" if label in OURS else "UIA" if label in UIA else label


def _primary(paper: Paper, place: Place) -> float:
    return paper.value(*place, measure(place.config.partition("_")[0]).primary)


def _check(paper: Paper, collected: dict[Cell, dict[str, float]], cell: Cell, there: Sequence[Place]) -> Finding:
    values = collected[cell]
    tables: dict[float, list[str]] = defaultdict(list)
    for number in paper.tables:
        if number in values:
            tables[values[number]].append(number)
    told = [f"{value:.3f} in {_listed(numbers)}" for value, numbers in tables.items()]
    proof = "; ".join(told) + "."
    blamed: tuple[Place, ...] = ()
    if len(tables) > 1:
        backed = _backed(paper, cell, list(tables))
        proof = "; ".join([*told, *backed.values()]) + "." + _also(collected, cell)
        blamed = tuple(one for one in there if _primary(paper, one) not in backed)
    printed = ", ".join(f"{value:.3f}" for value in tables)
    verdict = judged(len(tables) == 1)
    where = _listed([number for number in paper.tables if number in values])
    return Finding(where, f"{cell}: one number", printed, f"{len(tables)} numbers", verdict, proof, blamed)


def _listed(numbers: list[str]) -> str:
    word = "Table" if len(numbers) == 1 else "Tables"
    return f"{word} {', '.join(numbers)}"


def _also(collected: dict[Cell, dict[str, float]], cell: Cell) -> str:
    """Name the variants of the same system that have one of the numbers: where it may be copied from."""
    shared = {
        (other.variant, value)
        for other, values in collected.items()
        if (other.system, other.config) == (cell.system, cell.config) and other != cell
        for value in values.values()
        if value in collected[cell].values()
    }
    return "".join(f" {variant} has {value:.3f} too." for variant, value in sorted(shared))


def _backed(paper: Paper, cell: Cell, values: list[float]) -> dict[float, str]:
    """Say of each number that has whole counts behind it what they are, where there is one binary table."""
    number = BINARY.get(cell.config)
    if number is None:
        return {}
    labels = next(one for one in paper.labels(number) if (one[0], _variant(one[1])) == (cell.system, cell.variant))
    solved = solve(paper, cell.config)
    backed = {value: reconstruct({**solved.rows[labels], "f1": value}, solved.n_yes) for value in values}
    return {
        value: f"only {value:.3f} fits the rest of its row in Table {number}: {found[0].hits} hits, "
        f"{found[0].alarms} false alarms"
        for value, found in backed.items()
        if found
    }


def _law(paper: Paper, number: str, labels: tuple[str, ...], config: str) -> Finding:
    row, binary = paper.scores(number, labels, config), config in BINARY
    precision, recall, f1 = [row[name if binary else f"macro_{name}"] for name in ("precision", "recall", "f1")]
    low, high = _harmonic(precision - HALF, recall - HALF) - HALF, _harmonic(precision + HALF, recall + HALF) + HALF
    law = "F1 is 2PR / (P + R)" if binary else "macro F1 is at most 2PR / (P + R) of macro P and R"
    name = " ".join(filter(None, labels))
    proof = f"2PR / (P + R) of {precision:.3f} and {recall:.3f} is {_harmonic(precision, recall):.3f}."
    verdict = judged(f1 <= high and (f1 >= low or not binary))
    exact = f"{_harmonic(precision, recall):.3f}"
    blamed = (Place(number, labels, config),) if verdict is Verdict.WRONG else ()
    return Finding(f"Table {number}", f"{name}, {task_of(config)}: {law}", f"{f1:.3f}", exact, verdict, proof, blamed)


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other > 0 else 0.0
