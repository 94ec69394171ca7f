"""Draws failures of a run into a sheet to label and a page to look at; labels that are there stay (paper, E.3)."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from caslie.errors import StageError
from caslie.evaluation import asked_of, predictions_in, refuse_other_captions, run_of
from caslie.report.failures.entry import Entry, entry_of
from caslie.report.failures.finding import Found, draw, find_failures, refuse_unknown
from caslie.report.failures.page import write_page
from caslie.report.failures.sheet import SHEET, SheetRow, read_sheet, write_sheet
from caslie.report.failures.tally import Tally, tally
from caslie.schema import Mode, Variant
from mmecinstruct.builder.folder import Folder

PAGE = "failures.html"
READING: tuple[Variant, ...] = ("caslie", "uia")

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Sampled:
    """What was drawn; `n_changed` labelled rows have another answer or other captions than when they were labelled."""

    sheet: Path
    page: Path
    n_asked: int
    n_failures: int
    unasked: Mapping[str, int]
    n_changed: int
    tally: Tally


def sample_failures(
    folder: Folder,
    run: Path,
    configs: Sequence[str] = (),
    *,
    n: int = 100,
    mode: Mode = "generate",
    progress: Progress | None = None,
) -> Sampled:
    """Draw `n` failures of RUN's predictions into RUN/failures.csv and RUN/failures.html.

    The same rows are drawn each time, in the same order, so that whoever labels the first of them labels a random
    sample. Rows that a person has labelled stay, drawn or not.

    Args:
        folder: the dataset that was predicted on.
        run: holds `predictions/`, or is such a folder itself.
        configs: draw from these alone; none mean all.
        n: how many rows; the paper looked at 100.
        mode: which answers count.
        progress: is told how many rows are read.

    Raises:
        MmecError: predictions, dataset and sheet do not fit each other; then nothing is written.
    """
    out = predictions_of(run)
    home = run_of(out)
    sheet = home / SHEET
    refuse_unknown(folder, configs)
    variant = _variant(folder, out)
    found = find_failures(folder, out, mode)
    saved = _content(sheet)
    labelled = {row.id: row for row in read_sheet(sheet) if row.label or row.note} if saved is not None else {}
    _refuse_lost(sheet, labelled, found)
    entries, drawn = [], draw(found, configs, n, labelled)
    for i, failure in enumerate(drawn):
        entries.append(_labelled(entry_of(folder, failure, variant), labelled))
        if progress:
            progress("draw failures", i + 1, len(drawn))
    rows = [entry.row for entry in entries]
    if _content(sheet) != saved:
        raise StageError(f"{sheet}: was saved by somebody meanwhile; run the same again")
    write_sheet(sheet, rows)
    write_page(home / PAGE, home.resolve().name, entries, len(found.failures), found.n_asked)
    n_changed = sum(_seen(row) != _seen(labelled[row.id]) for row in rows if row.id in labelled)
    return Sampled(sheet, home / PAGE, found.n_asked, len(found.failures), dict(found.unasked), n_changed, tally(rows))


def predictions_of(run: Path) -> Path:
    """The predictions of a run, or that a folder is.

    Raises:
        StageError: there are none.
    """
    out = predictions_in(run)
    if out is None:
        raise StageError(f"{run}: no predictions here; `caslie predict` makes them")
    return out


def _content(sheet: Path) -> bytes | None:
    return sheet.read_bytes() if sheet.exists() else None


def _variant(folder: Folder, out: Path) -> Variant:
    told = asked_of(out).variant or "caslie"
    for variant in READING:
        if variant == told and folder.captioned:
            refuse_other_captions(out, folder)
            return variant
    said = "were given without captions, and the classes of E.3 are about captions"
    raise StageError(f"{out}: these answers {said}; take a run that reads some")


def _refuse_lost(sheet: Path, labelled: Collection[str], found: Found) -> None:
    """Refuse to lose what a person wrote."""
    failed = {one.id for one in found.failures}
    if lost := [id for id in labelled if id not in failed]:
        told = (
            f"{len(lost)} labels or notes are on rows that are no failures of these predictions, the first {lost[0]}"
        )
        raise StageError(f"{sheet}: {told}; move the sheet elsewhere")


def _labelled(entry: Entry, labelled: Mapping[str, SheetRow]) -> Entry:
    old = labelled.get(entry.row.id)
    return replace(entry, row=replace(entry.row, label=old.label, note=old.note)) if old else entry


def _seen(row: SheetRow) -> tuple[list[str], list[str]]:
    """What a label is about, without what a spreadsheet does to white space."""
    return row.answer.split(), row.captions.split()
