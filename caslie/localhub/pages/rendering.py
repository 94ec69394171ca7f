"""The pages' templates: every value they print is escaped and still, whatever it holds."""

from datetime import datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from caslie.localhub.pages.snapshot import address
from caslie.localhub.pages.text import still

TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, **values: object) -> str:
    """Fill a template of the pages."""
    return _environment().get_template(f"{template}.html.jinja").render(values)


@cache
def stylesheet() -> str:
    """How all pages look."""
    return (TEMPLATES / "style.css").read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalized,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"n_bytes": _n_bytes, "when": _when}
    made.globals["address"] = address
    return made


def _finalized(value: object) -> str:
    return value if isinstance(value, Markup) else still(str(value))


def _n_bytes(n: int) -> str:
    if n < 1000:
        return f"{n} B"
    size, units = n / 1000, iter(("kB", "MB", "GB"))
    unit = next(units)
    while size >= 1000 and unit != "GB":
        size, unit = size / 1000, next(units)
    return f"{size:.1f} {unit}"


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
