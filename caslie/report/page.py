"""The report as one HTML page that needs nothing else: no script, no font, nothing that is fetched."""

import base64
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from caslie.report.figures import Drawing
from caslie.report.schema import Report
from caslie.report.words import title, told
from caslie.report.words.cases import answers, option
from caslie.report.words.numbers import clean, clipped, test_set
from mmecinstruct.looking.pages import csp_hash, environment

HERE = Path(__file__).parent


def render_page(report: Report) -> str:
    """Write a report as HTML."""
    head, sections = told(report)
    style = (HERE / "report.css").read_text(encoding="utf-8")
    page = _template().render(
        title=title(report), head=head, sections=sections, style=style, style_hash=csp_hash(style)
    )
    return str(page)


@cache
def _template() -> Any:
    pages = environment(HERE)
    pages.finalize = _printable
    pages.filters.update(answers=answers, clip=clipped, data_uri=_data_uri, option=option, test_set=test_set)
    return pages.get_template("report.html.jinja")


def _printable(value: object) -> object:
    """Make a text harmless before it is escaped; what is markup already is ours."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return value if value.isascii() and value.isprintable() else clean(value)


def _data_uri(drawing: Drawing) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(drawing.svg.encode()).decode()
