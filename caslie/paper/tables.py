"""The printed tables as data, number by number (paper, Tables 3 to 6, A2 to A13).

`printed/*.yaml` holds them. Labels and heads are as printed, with uniM³ and EC³ written uniM3 and EC3; the label of a
row that has no variant is empty. What a column *is* stands in `metric`, since some heads are proved wrong. Two rows
below Table 4 are about other things than its columns, so they are tables of their own: "4 (imprv over best)" and
"4 (caption used)". "E.3" is a list in the text. Percentages are read as shares.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

import yaml

from mmecinstruct.errors import UnknownNameError

FILES = ("overall.yaml", "dataset.yaml", "by_task.yaml")
KEYS = {"number", "caption", "unit", "heads", "columns", "rows"}
DIVISORS = {"share": 1, "percent": 100, "count": 1}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its config, its head as printed, and what its numbers are, as `caslie.metrics` names columns."""

    config: str
    printed: str
    metric: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its labels as printed, and its numbers in the order of the columns, None where nothing is printed."""

    labels: tuple[str, ...]
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: shares lie between 0 and 1, and `n_failed` and `n_samples` are counts. `heads` say what labels are."""

    number: str
    caption: str
    heads: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    def row(self, labels: tuple[str, ...]) -> Row:
        """Look up a row.

        Raises:
            UnknownNameError: the table has no such row.
        """
        for row in self.rows:
            if row.labels == labels:
                return row
        known = [" ".join(row.labels) for row in self.rows]
        raise UnknownNameError(f"row of Table {self.number}", " ".join(labels), known)

    def value(self, labels: tuple[str, ...], config: str, metric: str) -> float | None:
        """Look up a number, None where the paper prints none.

        Raises:
            UnknownNameError: the table has no such row or column.
        """
        row = self.row(labels)
        for column, value in zip(self.columns, row.values, strict=True):
            if (column.config, column.metric) == (config, metric):
                return value
        known = [f"{column.config} {column.metric}" for column in self.columns]
        raise UnknownNameError(f"column of Table {self.number}", f"{config} {metric}", known)


def table(number: str) -> Table:
    """Look up a table by its number as printed, "4", "A7", or as people write it, "a7", "Table A7".

    Raises:
        UnknownNameError: it is not among those held.
    """
    for one in printed_tables().values():
        if _plain(one.number) == _plain(number):
            return one
    raise UnknownNameError("table", number, numbers())


def numbers() -> tuple[str, ...]:
    """Name the tables, in the order of the paper."""
    return tuple(printed_tables())


@cache
def printed_tables() -> Mapping[str, Table]:
    """Read all tables, in the order of the paper."""
    folder = Path(__file__).parent / "printed"
    found = [one for name in FILES for one in read_tables((folder / name).read_text(encoding="utf-8"))]
    return MappingProxyType({one.number: one for one in sorted(found, key=lambda one: _order(one.number))})


def read_tables(text: str) -> tuple[Table, ...]:
    """Read tables from YAML; what is not as it should be is a ValueError that says where."""
    return tuple(_table(one) for one in yaml.safe_load(text))


def _plain(number: str) -> str:
    return re.sub(r"[\s,()]", "", number).lower().removeprefix("table")


def _order(number: str) -> tuple[str, int, str]:
    plain, _, part = number.partition(" ")
    return plain.rstrip("0123456789."), int("".join(filter(str.isdecimal, plain))), part


def _table(one: object) -> Table:
    if not isinstance(one, dict) or set(one) != KEYS:
        raise ValueError(f"a table must have {', '.join(sorted(KEYS))}: {str(one)[:80]}")
    if one["unit"] not in DIVISORS:
        raise ValueError(f"Table {one['number']}: unknown unit {one['unit']!r}")
    heads, columns = tuple(one["heads"]), tuple(_column(one["number"], names) for names in one["columns"])
    divisor = DIVISORS[one["unit"]]
    rows = tuple(_row(one["number"], cells, len(heads), len(columns), divisor) for cells in one["rows"])
    for what, names in (("row", [row.labels for row in rows]), ("column", [(c.config, c.metric) for c in columns])):
        if len(set(names)) < len(names):
            raise ValueError(f"Table {one['number']}: a {what} stands there twice")
    return Table(one["number"], one["caption"], heads, columns, rows)


def _column(number: str, names: object) -> Column:
    if not isinstance(names, list) or len(names) != 3 or not all(isinstance(name, str) for name in names):
        raise ValueError(f"Table {number}: a column is its config, its head and its metric, not {names}")
    return Column(*names)


def _row(number: str, cells: list[object], n_labels: int, n_values: int, divisor: int) -> Row:
    labels = tuple(cell for cell in cells[:n_labels] if isinstance(cell, str))
    values = tuple(
        None if cell is None else round(cell / divisor, 6)
        for cell in cells[n_labels:]
        if cell is None or (isinstance(cell, int | float) and not isinstance(cell, bool))
    )
    if (len(labels), len(values), len(cells)) != (n_labels, n_values, n_labels + n_values):
        raise ValueError(f"Table {number}: a row is {n_labels} labels and {n_values} numbers, not {cells}")
    return Row(labels, values)
