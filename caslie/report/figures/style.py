"""The common look of the report's figures: narrow for a phone, told apart by every eye and in grey."""

import re
import unicodedata
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from mmecinstruct.looking.view import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 4.6  # inches: on a phone 360 pixels wide, 9 points are then 9 pixels
ROW = 0.19  # inches of a line of text

INK, FAINT, GRID = "#222222", "#767676", "#dddddd"
# Okabe and Ito (2008), but for yellow, which a thin line on white does not show.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9", "#000000", "#8C8C8C")
MARKERS = "osD^vPX*"

# Only the first is measured, since it comes with matplotlib; a phone that lacks it has one of the narrower others.
FONTS = ["DejaVu Sans", "Verdana", "Noto Sans", "Helvetica", "Arial"]
LOOK: dict[str, Any] = {
    "font.family": ["sans-serif"],
    "font.sans-serif": FONTS,
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 9,
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT,
    "axes.linewidth": 0.6,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": GRID,
    "grid.linewidth": 0.5,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "text.color": INK,
    "text.parse_math": False,  # a name with two dollars is no formula
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "svg.fonttype": "none",
    "svg.hashsalt": "caslie",
}
NOT_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Drawing:
    """An SVG that needs nothing else, and a sentence that tells its content to those who do not see it."""

    svg: str
    alt: str


@contextmanager
def look() -> Iterator[None]:
    """Draw and save in the report's look, whatever matplotlib is set to elsewhere."""
    from matplotlib import style

    with style.context(LOOK, after_reset=True), warnings.catch_warnings():
        # It is the browser that draws the texts, with fonts and rules of writing that matplotlib lacks.
        for told in (r"Glyph \d+ .*missing from", "Matplotlib currently does not support .* natively"):
            warnings.filterwarnings("ignore", told, UserWarning)
        yield


def canvas(height: float) -> "Figure":
    """An empty figure, `height` inches high."""
    from matplotlib.figure import Figure  # not pyplot, which keeps figures and looks for a screen

    return Figure(figsize=(WIDTH, height), layout="constrained")


def panels(n: int, height: float, above: float = 0.0) -> tuple["Figure", list["Axes"]]:
    """Small panels, two in a line, each `height` inches high; `above` is left for a key."""
    n_columns = min(n, 2)
    n_lines = -(-n // 2)
    figure = canvas(n_lines * height + above)
    axes = list(figure.subplots(n_lines, n_columns, squeeze=False).ravel())
    for axis in axes[n:]:
        axis.set_axis_off()
    return figure, axes[:n]


def drawing(figure: "Figure", alt: str) -> Drawing:
    """Save a figure: the same one has the same bytes, with any version's name and any day left out."""
    written = BytesIO()
    figure.savefig(written, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    text = written.getvalue().decode()
    return Drawing(text[text.index("<svg") :], alt)  # without the document type, which names an address


def blank(what: str) -> Drawing:
    """A drawing that says that there is nothing to draw."""
    with look():
        figure = canvas(2 * ROW)
        figure.text(0.02, 0.5, what, va="center", color=FAINT)
        return drawing(figure, what)


def tidy(text: str, most: int) -> str:
    """The text on one line, at most so many small letters wide, without what a font or a file would stumble over."""
    line = NOT_XML.sub("\ufffd", " ".join(printable(text).split()))
    if _width(line) <= most:
        return line
    while line and _width(line) > most - 1:
        line = line[:-1]
    return line.rstrip() + "…"


def colours(names: Sequence[str]) -> dict[str, str]:
    """A colour for each name, in their order."""
    return {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(dict.fromkeys(names))}


def markers(names: Sequence[str]) -> dict[str, str]:
    """A marker for each name, in their order."""
    return {name: MARKERS[i % len(MARKERS)] for i, name in enumerate(dict.fromkeys(names))}


def _width(text: str) -> float:
    """How wide a text is, roughly, in small letters."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1.4 if _is_broad(char) else 1 for char in text)


def _is_broad(char: str) -> bool:
    return char.isupper() or char in "mw@%"
