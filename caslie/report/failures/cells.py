"""CSV that a spreadsheet opens: cells that are no formulas, and tables as spreadsheets save them again."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

from caslie.errors import StageError

MOST = 32_767  # characters; no more go into a cell of a spreadsheet
SEPARATORS = ",;\t"
# A line of a cell counts too, and what follows a semicolon: where that is the separator, a cell begins there.
BEGINS, SIGN = r"(^|[\n;])(\s*)", r"(?=[=+\-@\uff1d\uff0b\uff0d\uff20])"
FORMULA, GUARDED = re.compile(BEGINS + SIGN), re.compile(f"{BEGINS}'{SIGN}")


def line_of(cells: Sequence[str]) -> str:
    """A line of CSV; a cell that a spreadsheet would take for a formula gets a `'`."""
    buffer = io.StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="").writerow(
        FORMULA.sub(r"\1\2'", cell.replace("\t", " ")) for cell in cells
    )
    return buffer.getvalue()


def read_table(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the lines of a CSV with a head, each by its number; columns in any order, separated as its head is.

    Raises:
        StageError: it cannot be read, or has other columns.
    """
    lines = _lines(path)
    _, head = next(lines, (0, []))
    names = [name.strip().casefold() for name in head]
    _check(path, names, columns)
    for number, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        named = list(zip_longest(names, cells, fillvalue=""))
        if stray := [cell for name, cell in named if not name and cell.strip()]:
            raise StageError(f"{path}:{number}: {stray[0][:60]!r} stands in no column; put it into `note`")
        row = dict(named)
        yield number, {name: GUARDED.sub(r"\1\2", row[name]) for name in columns}


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines, each by the number of its last one in the file."""
    text = _text(path)
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=max(SEPARATORS, key=head.count))
    try:
        for cells in reader:
            if (longest := max(map(len, cells), default=0)) > MOST:
                raise StageError(f"{path}:{reader.line_num}: a cell of {longest:,} characters, at most {MOST:,}")
            yield reader.line_num, cells
    except csv.Error as error:
        raise StageError(f"{path}:{reader.line_num}: no CSV that can be read ({error})") from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise StageError(f"{path}: not UTF-8; save it as `CSV UTF-8`") from error


def _check(path: Path, names: Sequence[str], columns: Sequence[str]) -> None:
    if missing := [name for name in columns if name not in names]:
        raise StageError(f"{path}: lacks the column {missing[0]}; expected {', '.join(columns)}")
    if twice := [name for name in columns if names.count(name) > 1]:
        raise StageError(f"{path}: has the column {twice[0]} twice")
    if others := [name for name in names if name and name not in columns]:
        raise StageError(f"{path}: has the column {others[0][:60]!r}, which would be lost; put it into `note`")
