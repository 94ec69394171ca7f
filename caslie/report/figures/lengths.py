"""Figure A1: how long the inputs of each task are, in words (paper, A.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from caslie.report.figures.style import COLOURS, INK, ROW, Drawing, blank, drawing, look, panels, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

BAR = COLOURS[5]  # bright, so that the median is seen on it in grey too
TITLE = 12  # letters
HEIGHT = 1.8  # inches


@dataclass(frozen=True, slots=True)
class Lengths:
    """The lengths of a task's inputs. Bins are `width` words wide, from `start` on; `left_out` long ones are in none.

    Median and longest are of all rows.
    """

    abbr: str
    task: str
    rows: int
    median: int
    longest: int
    left_out: int
    start: int
    width: int
    counts: tuple[int, ...]


def lengths_of(statistics: Mapping[str, Any]) -> tuple[Lengths, ...]:
    """Take the lengths from what `mmecinstruct.looking.statistics` gave."""
    return tuple(
        Lengths(
            abbr=one["abbr"].upper(),
            task=name.replace("_", " "),
            rows=one["rows"],
            median=one["median"],
            longest=one["max"],
            left_out=one["left_out"],
            start=one["histogram"]["start"],
            width=one["histogram"]["width"],
            counts=tuple(one["histogram"]["counts"]),
        )
        for name, one in statistics["lengths"].items()
    )


def draw_lengths(tasks: Sequence[Lengths]) -> Drawing:
    """Draw a histogram for each task, with its median."""
    if not tasks:
        return blank("No lengths to draw.")
    with look():
        figure, axes = panels(len(tasks), HEIGHT, above=ROW)
        for axis, one in zip(axes, tasks, strict=True):
            median = _panel(axis, one)
        figure.legend([median], ["median"], loc="outside upper left")
        figure.supxlabel("words of the input", fontsize=9)
        figure.supylabel("samples", fontsize=9)
        return drawing(figure, f"Words of the inputs by task: {'; '.join(map(_told, tasks))}.")


def _panel(axis: "Axes", one: Lengths) -> "Line2D":
    # A bin of the words 10 to 12 is drawn from 9.5 to 12.5.
    lefts = [one.start - 0.5 + one.width * place for place in range(len(one.counts))]
    axis.bar(lefts, one.counts, one.width, align="edge", color=BAR, edgecolor="white", linewidth=0.3)
    median = axis.axvline(one.median, color=INK, linewidth=1.3, linestyle=(0, (4, 2)))
    told = [f"{tidy(one.abbr, TITLE)}, n = {one.rows:,}", f"median {one.median:,}, longest {one.longest:,}"]
    told += [f"longest {one.left_out:,} not drawn"] if one.left_out else []
    axis.set_title("\n".join(told), size=8.5, weight="normal")
    axis.locator_params(axis="both", nbins=5, integer=True)
    return median


def _told(one: Lengths) -> str:
    left_out = f", the longest {one.left_out:,} not drawn" if one.left_out else ""
    found = f"median {one.median:,}, longest {one.longest:,} of {one.rows:,} inputs"
    return f"{tidy(one.task, 40)} ({tidy(one.abbr, TITLE)}) {found}{left_out}"
