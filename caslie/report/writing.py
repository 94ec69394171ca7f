"""A report as files: a page, a Markdown text and JSON."""

import json
from pathlib import Path

from caslie.errors import StageError
from caslie.inference.writing import write_whole
from caslie.report.content import content
from caslie.report.markdown import render_markdown
from caslie.report.page import render_page
from caslie.report.schema import Report


def refuse_place(out: Path) -> None:
    """Refuse a place that no folder can be made in, before there is work to lose.

    Raises:
        StageError: it is such a place.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StageError(f"{out}: no folder can be made there ({error.strerror}); name another --out") from error


def write_report(report: Report, out: Path) -> tuple[Path, Path, Path]:
    """Write `report.html`, `report.md` and `report.json` into a folder, each whole or not at all."""
    page, text, data = (out / f"report.{ending}" for ending in ("html", "md", "json"))
    write_whole(page, [render_page(report)])
    write_whole(text, [render_markdown(report)])
    write_whole(data, [json.dumps(content(report), indent=1, ensure_ascii=False, allow_nan=False)])
    return page, text, data
