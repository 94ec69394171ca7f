"""What figures of many lines share: names on the left, shares across, numbers on the right."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from caslie.report.figures.style import FAINT, INK, ROW, canvas, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NAME = 20  # letters
HEADING = 44
EDGES = 0.9  # inches for both scales
THICK = 0.72  # of a line
MANY = 20  # lines, from which the scale stands above them too


def lines(n: float, xlabel: str) -> tuple["Figure", "Axes"]:
    """A figure of `n` lines from the top, across it a scale from 0 to 1."""
    figure = canvas(n * ROW + EDGES)
    axis = figure.subplots()
    axis.set_xlim(0, 1)
    axis.set_ylim(n - 0.5, -0.5)
    axis.set_xlabel(xlabel)
    axis.grid(axis="x")
    axis.spines[:].set_visible(False)
    axis.tick_params(length=0, top=n > MANY, labeltop=n > MANY)
    return figure, axis


def names(axis: "Axes", places: Sequence[float], told: Sequence[str]) -> None:
    """Write a name beside each line."""
    axis.set_yticks(places, [tidy(name, NAME) for name in told])


def heading(axis: "Axes", place: float, text: str) -> None:
    """Write a heading over lines, from the left edge of the figure on."""
    written = axis.annotate(
        tidy(text, HEADING), (0.01, place), xycoords=("figure fraction", "data"), va="center", weight="bold"
    )
    written.set_in_layout(False)


def base(axis: "Axes", first: float, last: float) -> None:
    """Draw where the bars of some lines begin."""
    axis.plot([0, 0], [first - 0.5, last + 0.5], color=FAINT, linewidth=0.8, clip_on=False, zorder=3)


def number(axis: "Axes", place: float, text: str) -> None:
    """Write a number behind a line."""
    across = axis.get_yaxis_transform()  # 1 is the right edge of the scale
    written = axis.annotate(text, (1, place), xycoords=across, xytext=(7, 0), textcoords="offset points", size=8.5)
    written.set_verticalalignment("center_baseline")


def intervals(axis: "Axes", places: Sequence[float], low: Sequence[float], high: Sequence[float]) -> None:
    """Draw an interval on each line; a white edge parts it from a dark bar."""
    for colour, width in (("white", 2.6), (INK, 1.0)):
        axis.hlines(places, low, high, color=colour, linewidth=width, clip_on=False)


def printed_marks(axis: "Axes", marks: Sequence[tuple[float, float]]) -> None:
    """Mark what the paper prints, at (value, line), and say so."""
    if not marks:
        return
    across, down = zip(*marks, strict=True)
    drawn = axis.plot(across, down, "D", color=INK, markerfacecolor="white", markersize=4.5, clip_on=False, zorder=5)
    axis.figure.legend(drawn, ["printed in the paper"], loc="outside upper left", labelcolor=INK)


def empty_line(axis: "Axes", place: float, text: str) -> None:
    """Say on a line why nothing is drawn there."""
    axis.text(0.01, place, text, va="center", color=FAINT, size=8.5)
