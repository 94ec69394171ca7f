"""The paper's tables with ours beside: each of our lines below the printed one that it stands beside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from caslie.metrics import measure
from caslie.paper.suspected import suspect
from caslie.paper.tables import Column, Row, Table, table
from caslie.report.pairing import Pairing
from caslie.report.schema import Cell, Line, ReportTable
from caslie.report.standing import BY_TASK, Standing
from caslie.report.systems import System

NUMBERS = ("4", "5", "6", "A3", "A4", *BY_TASK)
EVERYBODY = ("4", *BY_TASK)  # a system that stands beside nothing printed is at the end of these


@dataclass(frozen=True, slots=True)
class _Ours:
    """One of our lines: a system, or the several that are tuned on one task each, by config."""

    name: str
    beside: tuple[str, ...]
    by_config: Mapping[str, System]


def report_tables(
    systems: Sequence[System], standings: Mapping[str, Standing], pairing: Pairing
) -> tuple[ReportTable, ...]:
    """Make Tables 4, 5, 6, A3, A4 and A7 to A13; `standings` are by the names of systems."""
    return tuple(_table(table(number), _ours(number, systems, standings), pairing) for number in NUMBERS)


def _ours(number: str, systems: Sequence[System], standings: Mapping[str, Standing]) -> list[_Ours]:
    there = {column.config for column in table(number).columns}
    found: list[_Ours] = []
    specialists: list[tuple[tuple[str, ...], dict[str, System]]] = []
    for one in systems:
        beside, answered = standings[one.name], there & one.evaluated.keys()
        if number in beside and not one.is_generalist:
            _join(specialists, one, beside[number])
        elif number in beside or (number in EVERYBODY and answered):
            found.append(_Ours(one.name, beside.get(number, ()), dict.fromkeys(one.evaluated, one)))
    return found + [_Ours("task-specific", beside, by_config) for beside, by_config in specialists]


def _join(specialists: list[tuple[tuple[str, ...], dict[str, System]]], one: System, beside: tuple[str, ...]) -> None:
    """Add a system to the first line that lacks its tasks, or begin another one."""
    for labels, by_config in specialists:
        if labels == beside and not by_config.keys() & one.evaluated.keys():
            by_config |= dict.fromkeys(one.evaluated, one)
            return
    specialists.append((beside, dict.fromkeys(one.evaluated, one)))


def _table(printed: Table, ours: Sequence[_Ours], pairing: Pairing) -> ReportTable:
    best = {config: _best(ours, config, pairing) for config in dict.fromkeys(one.config for one in printed.columns)}
    lines: list[Line] = []
    for row in printed.rows:
        lines.append(_printed(printed, row))
        lines += [_line(one, printed, best) for one in ours if one.beside == row.labels]
    lines += [_line(one, printed, best) for one in ours if not one.beside]
    return ReportTable(printed.number, printed.caption, printed.heads, printed.columns, tuple(lines))


def _best(ours: Sequence[_Ours], config: str, pairing: Pairing) -> System | None:
    return pairing.best([one.by_config[config] for one in ours if config in one.by_config], config)


def _printed(printed: Table, row: Row) -> Line:
    cells = (
        None if value is None else Cell(value, doubt=suspect(printed.number, row.labels, column.config))
        for column, value in zip(printed.columns, row.values, strict=True)
    )
    return Line(row.labels, False, tuple(cells))


def _line(one: _Ours, printed: Table, best: Mapping[str, System | None]) -> Line:
    labels = (one.name, *[""] * (len(printed.heads) - 1))
    return Line(labels, True, tuple(_cell(one.by_config.get(head.config), head, best) for head in printed.columns))


def _cell(system: System | None, head: Column, best: Mapping[str, System | None]) -> Cell | None:
    if system is None:
        return None
    evaluated = system.evaluated[head.config]
    if head.metric == "n_failed":
        return Cell(float(evaluated.n_failed))
    found = evaluated.columns[head.metric]
    is_best = head.metric == measure(evaluated.task).primary and best[head.config] is system
    return Cell(found.value, found.low, found.high, is_best)
