"""Reliability of option scores: how often answers of each confidence are right; the paper has no such figure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from caslie.evaluation.calibration import Calibration
from caslie.report.figures.style import COLOURS, FAINT, Drawing, blank, canvas, drawing, look, tidy
from mmecinstruct.looking.verdicts import wilson

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINE, BAR = COLOURS[0], "#bbbbbb"
TITLE = 26  # letters
HEIGHT, LARGE = 3.1, 4.6  # inches of a curve with its histogram


@dataclass(frozen=True, slots=True)
class Reliability:
    """A calibration with what it is of: a system, a config."""

    title: str
    found: Calibration


def draw_reliability(panels: Sequence[Reliability]) -> Drawing:
    """Draw for each a curve of right answers by confidence, and below it how many rows have which confidence."""
    if not panels:
        return blank("No scored answers to draw.")
    n_columns, n_lines = min(len(panels), 2), -(-len(panels) // 2)
    with look():
        figure = canvas(n_lines * (HEIGHT if n_columns > 1 else LARGE))
        axes = figure.subplots(2 * n_lines, n_columns, squeeze=False, height_ratios=[3, 1] * n_lines)
        for place in range(n_columns * n_lines):
            line, column = divmod(place, n_columns)
            curve, histogram = axes[2 * line][column], axes[2 * line + 1][column]
            if place < len(panels):
                _curve(curve, panels[place])
                _histogram(histogram, panels[place].found)
                histogram.set_xlabel("confidence, 0 to 1")
            else:
                curve.set_axis_off()
                histogram.set_axis_off()
            if not column:
                curve.set_ylabel("share right, 0 to 1")
                histogram.set_ylabel("rows")
        return drawing(figure, " ".join(map(_told, panels)))


def _curve(axis: "Axes", panel: Reliability) -> None:
    bins = panel.found.bins
    axis.set_title(f"{tidy(panel.title, TITLE)}\n{_numbers(panel.found)}\nn = {panel.found.n:,}", size=8.5)
    axis.set_xlim(0, 1)
    axis.set_xticks((0, 0.5, 1))
    axis.set_ylim(0, 1)
    axis.tick_params(labelbottom=False)
    axis.grid()
    axis.plot([0, 1], [0, 1], color=FAINT, linewidth=0.8, linestyle=(0, (4, 3)))
    for one in bins:
        axis.plot([one.confidence] * 2, wilson(one.right, one.n), color=LINE, linewidth=0.8, clip_on=False)
    across, down = [one.confidence for one in bins], [one.share for one in bins]
    axis.plot(across, down, color=LINE, marker="o", markersize=4, linewidth=1.1, clip_on=False)


def _histogram(axis: "Axes", found: Calibration) -> None:
    step = 1 / len(found.histogram)
    lefts = [step * place for place in range(len(found.histogram))]
    axis.bar(lefts, found.histogram, step, align="edge", color=BAR, edgecolor="white", linewidth=0.5)
    axis.set_xlim(0, 1)
    axis.set_xticks((0, 0.5, 1))
    axis.locator_params(axis="y", nbins=2, integer=True)


def _numbers(found: Calibration) -> str:
    return f"ECE {found.ece:.3f}, Brier {found.brier:.3f}"


def _told(panel: Reliability) -> str:
    found = panel.found
    confidence = sum(one.confidence * one.n for one in found.bins) / found.n
    right = sum(one.right for one in found.bins) / found.n
    left_out = f", {found.left_out:,} without scores" if found.left_out else ""
    sure = f"mean confidence {confidence:.3f}, right {right:.3f} of {found.n:,} rows{left_out}"
    return f"{tidy(panel.title, 60)}: {_numbers(found)}; {sure}."
