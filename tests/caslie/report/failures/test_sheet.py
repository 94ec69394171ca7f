"""The sheet: written for spreadsheets, and read as they save it again."""

import csv
import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from caslie.errors import StageError
from caslie.report.failures.sheet import COLUMNS, SheetRow, read_sheet, write_sheet

ROOT = Path(__file__).parents[4]
HOSTILE = "=cmd|' /C calc'!A0"
ROW = SheetRow(
    id="ap_ind-test-1",
    config="ap_ind",
    text='question: "Is it, or; not?"\n- no',
    target="yes",
    answer="no",
    raw=HOSTILE,
    captions="product: kept: Größe 5 🙂",
    suggestion="hard cases",
    suggestion_reason="no other rule fits",
    label="context conflict",
    note="+1, @home;=A1\n-2",
)
OTHER = replace(ROW, id="ap_ind-test-2", label="", note="")

Change = Callable[[str], str]


def saved_again(path: Path, *, delimiter: str = ",", end: str = "\r\n", order: int = 1) -> None:
    """Save a sheet as a spreadsheet does."""
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, lineterminator=end).writerows([row[::order] for row in rows])
    path.write_bytes(buffer.getvalue().encode("utf-8-sig"))


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "failures.csv"
    write_sheet(path, [ROW, OTHER])
    return path


def test_what_is_written_is_read(sheet: Path) -> None:
    assert read_sheet(sheet) == (ROW, OTHER)


def test_the_same_rows_make_the_same_bytes(sheet: Path) -> None:
    before = sheet.read_bytes()
    write_sheet(sheet, read_sheet(sheet))
    assert sheet.read_bytes() == before
    assert before.startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("order", [1, -1])
def test_a_sheet_that_a_spreadsheet_saved_again_is_the_same(sheet: Path, delimiter: str, order: int) -> None:
    saved_again(sheet, delimiter=delimiter, order=order)
    assert read_sheet(sheet) == (ROW, OTHER)


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t=", " =", "\n=", "\uff1d"])
def test_no_cell_begins_as_a_formula(tmp_path: Path, sign: str) -> None:
    path = tmp_path / "failures.csv"
    write_sheet(path, [replace(ROW, raw=f"{sign}1+1", note=f"a;{sign}1")])
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    for cell in (rows[0]["raw"], rows[0]["note"].partition(";")[2]):
        assert cell.lstrip().startswith("'")
    assert read_sheet(path)[0].raw == f"{sign}1+1".replace("\t", " ")


def test_no_cell_begins_as_a_formula_where_semicolons_separate(sheet: Path) -> None:
    cells = [cell for line in sheet.read_text(encoding="utf-8-sig").splitlines() for cell in line.split(";")]
    assert not [cell for cell in cells if cell.lstrip(' "').startswith(("=", "+", "-", "@"))]


def test_labels_are_read_in_any_case_and_kept_in_one(sheet: Path) -> None:
    write_sheet(sheet, [replace(ROW, label=" Hard_CASES "), replace(OTHER, label="1")])
    assert [row.label for row in read_sheet(sheet)] == ["hard cases", "attribute missing"]


def test_suggestions_may_be_emptied_and_lines_left_blank(sheet: Path) -> None:
    write_sheet(sheet, [replace(ROW, suggestion="")])
    sheet.write_text(sheet.read_text(encoding="utf-8") + ",,,\n\n", encoding="utf-8")
    assert [row.suggestion for row in read_sheet(sheet)] == [""]


def test_cells_at_the_end_of_a_line_may_be_missing(sheet: Path) -> None:
    text = sheet.read_text(encoding="utf-8")
    sheet.write_text(text.removesuffix(',"",""\n') + "\n", encoding="utf-8")
    assert read_sheet(sheet) == (ROW, OTHER)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda text: text.replace('"label"', '"labels"'), "lacks the column label; expected id, config"),
        (lambda text: text.replace('"note"', '"note","who"'), "has the column 'who', which would be lost"),
        (lambda text: text.replace('"note"', '"note","ID"'), "has the column id twice"),
        (lambda text: text.replace("ap_ind-test-2", "ap_ind-test-1"), ":6: 'ap_ind-test-1' stands twice"),
        (
            lambda text: text.replace('"context conflict"', '"contextconflict"'),
            "test-1: Unknown label 'contextconflict'. Did you mean",
        ),
        (lambda text: text.replace('"ap_ind-test-2"', '""'), ":6: a row without an id"),
        (lambda text: text.replace('"no other rule fits"', '"' + "a" * 1_000_000 + '"'), "field larger|a cell of"),
        (lambda text: text.replace('"no other rule fits"', '"' + "a" * 40_000 + '"'), "a cell of 40,000 characters"),
        (lambda text: text.removesuffix('"\n'), "no CSV that can be read"),
        (lambda text: text + ",,,,,,,,,,,seen by Ann\n", "'seen by Ann' stands in no column; put it into `note`"),
        (lambda text: "", "lacks the column id"),
        (lambda text: "no table", "lacks the column id"),
    ],
)
def test_a_sheet_that_lost_its_shape_is_refused(sheet: Path, change: Change, told: str) -> None:
    sheet.write_text(change(sheet.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(StageError, match=told) as refused:
        read_sheet(sheet)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_another_encoding_is_refused_with_what_to_do(sheet: Path, encoding: str) -> None:
    text = sheet.read_text(encoding="utf-8-sig").replace("🙂", "")
    sheet.write_bytes(text.encode(encoding))
    with pytest.raises(StageError, match="not UTF-8; save it as `CSV UTF-8`"):
        read_sheet(sheet)


def test_no_sheet_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="no such sheet; `caslie failures` writes one"):
        read_sheet(tmp_path / "failures.csv")


def test_a_writer_that_is_killed_leaves_the_old_sheet(sheet: Path) -> None:
    before = sheet.read_bytes()
    script = (
        "import os, signal, sys\n"
        "from dataclasses import replace\n"
        "from pathlib import Path\n"
        "from caslie.report.failures.sheet import SheetRow, write_sheet\n"
        "def rows():\n"
        f"    for i in range(10_000):\n        yield SheetRow(str(i), *['a' * 100] * {len(COLUMNS) - 1})\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "write_sheet(Path(sys.argv[1]), rows())\n"
    )
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    ran = subprocess.run([sys.executable, "-c", script, str(sheet)], env=env, capture_output=True, timeout=60)
    assert ran.returncode == -signal.SIGKILL
    assert len(list(sheet.parent.iterdir())) == 2, "it was killed while it wrote"
    assert sheet.read_bytes() == before
    write_sheet(sheet, [OTHER])
    assert read_sheet(sheet) == (OTHER,)
    assert list(sheet.parent.iterdir()) == [sheet]
