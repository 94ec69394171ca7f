"""The page to label failures from: pictures, captions, votes, what was right and what was answered (paper, E.3)."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import caslie.showing
from caslie.inference.writing import write_whole
from caslie.report.failures.classes import classes
from caslie.report.failures.entry import Entry
from caslie.report.failures.sheet import SHEET
from mmecinstruct.looking.pages import csp_hash, environment
from mmecinstruct.looking.view import printable

HERE = Path(__file__).parent
SHOWING = Path(caslie.showing.__file__).parent  # the page of captions, whose look and filters this one has


def write_page(path: Path, run: str, entries: Sequence[Entry], n_failures: int, n_asked: int) -> None:
    """Write failures as one HTML page that needs nothing else, in the order of the sheet."""
    style, script = _part(SHOWING / "captions.css") + _part(HERE / "failures.css"), _part(SHOWING / "captions.js")
    text = _template().render(
        run=run,
        sheet=SHEET,
        entries=entries,
        n_items=sum(len(entry.case.shown.cards) for entry in entries),
        tasks=list(dict.fromkeys(entry.case.task for entry in entries)),
        classes=classes(),
        n_failures=n_failures,
        n_asked=n_asked,
        style=style,
        script=script,
        style_hash=csp_hash(style),
        script_hash=csp_hash(script),
    )
    write_whole(path, [text])


def _part(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def _template() -> Any:
    pages = environment(HERE)
    pages.filters.update(printable=printable)
    return pages.get_template("failures.html.jinja")
