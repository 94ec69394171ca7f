"""A report as files: a page, a Markdown text and JSON."""

import json
from pathlib import Path

from caslie.inference.writing import write_whole
from caslie.report.content import content
from caslie.report.markdown import render_markdown
from caslie.report.page import render_page
from caslie.report.schema import Report


def write_report(report: Report, out: Path) -> tuple[Path, Path, Path]:
    """Write `report.html`, `report.md` and `report.json` into a folder, each whole or not at all."""
    out.mkdir(parents=True, exist_ok=True)
    page, text, data = (out / f"report.{ending}" for ending in ("html", "md", "json"))
    write_whole(page, [render_page(report)])
    write_whole(text, [render_markdown(report)])
    write_whole(data, [json.dumps(content(report), indent=1, ensure_ascii=False, allow_nan=False)])
    return page, text, data
