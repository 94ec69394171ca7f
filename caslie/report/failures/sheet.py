"""`failures.csv`: failures to label by hand in a spreadsheet, and the labels read back (paper, E.3)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path

from caslie.errors import StageError
from caslie.inference.writing import write_whole
from caslie.report.failures.cells import line_of, read_table
from caslie.report.failures.classes import class_named
from mmecinstruct.errors import UnknownNameError

SHEET = "failures.csv"


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A failure. `label` and `note` are a person's, empty until there are some; the rest is ours.

    Who would rather label without suggestions may empty that column too.
    """

    id: str
    config: str
    text: str
    target: str
    answer: str
    raw: str
    captions: str
    suggestion: str
    suggestion_reason: str
    label: str = ""
    note: str = ""


COLUMNS = tuple(one.name for one in fields(SheetRow))


def read_sheet(path: Path) -> tuple[SheetRow, ...]:
    """Read a sheet as it was written, or as a spreadsheet saved it again.

    Raises:
        StageError: it cannot be read, lacks a column, or has an id twice or a label that is none.
    """
    if not path.is_file():
        raise StageError(f"{path}: no such sheet; `caslie failures` writes one")
    found: dict[str, SheetRow] = {}
    for number, cells in read_table(path, COLUMNS):
        row = _row(cells, f"{path}:{number}")
        if row.id in found:
            raise StageError(f"{path}:{number}: {row.id!r} stands twice")
        found[row.id] = row
    return tuple(found.values())


def write_sheet(path: Path, rows: Iterable[SheetRow]) -> None:
    """Write a sheet whole or not at all; it begins with the mark by which spreadsheets know UTF-8."""
    write_whole(path, _lines(rows))


def _lines(rows: Iterable[SheetRow]) -> Iterator[str]:
    yield "\ufeff" + line_of(COLUMNS)
    for row in rows:
        yield line_of([getattr(row, name) for name in COLUMNS])


def _row(cells: dict[str, str], where: str) -> SheetRow:
    id, label = cells["id"].strip(), cells["label"].strip()
    if not id:
        raise StageError(f"{where}: a row without an id")
    try:
        label = class_named(label) if label else ""
        suggestion = class_named(cells["suggestion"]) if cells["suggestion"].strip() else ""
    except UnknownNameError as error:
        raise StageError(f"{where}: {id[:60]}: {error}") from error
    return SheetRow(**cells | {"id": id, "label": label, "suggestion": suggestion, "note": cells["note"].strip()})
