"""Scores in domain against those out of domain, a point for each task (paper, section 6.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from caslie.evaluation.outcomes import Interval
from caslie.report.figures.style import FAINT, ROW, Drawing, blank, colours, drawing, look, markers, panels, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NAME = 22  # letters of a title
KEY = 14
N_KEYS = 5  # in a line
SMALL, LARGE = 2.3, 4.4  # inches


@dataclass(frozen=True, slots=True)
class Point:
    """A system's scores on the two test sets of a task."""

    task: str
    system: str
    ind: Interval
    ood: Interval


def draw_domains(points: Sequence[Point]) -> Drawing:
    """Draw a panel for each system: what lies below the diagonal is lower out of domain."""
    if not points:
        return blank("No task with scores in both domains.")
    systems = list(dict.fromkeys(point.system for point in points))
    with look():
        figure, axes = panels(len(systems), SMALL if len(systems) > 1 else LARGE, above=2 * ROW)
        tasks = [point.task for point in points]
        colour, marker = colours(tasks), markers(tasks)
        for axis, system in zip(axes, systems, strict=True):
            _panel(axis, tidy(system, NAME))
            for point in points:
                if point.system == system:
                    _draw(axis, point, colour[point.task], marker[point.task], list(colour).index(point.task))
        _key(figure, colour, marker)
        figure.supxlabel("score in domain (IND)", fontsize=9)
        figure.supylabel("score out of domain (OOD)", fontsize=9)
        return drawing(figure, _alt(points))


def _panel(axis: "Axes", title: str) -> None:
    axis.set_title(title)
    axis.set_xlim(0, 1)
    axis.set_ylim(0, 1)
    axis.set_aspect("equal")
    axis.set_xticks((0, 0.5, 1))
    axis.set_yticks((0, 0.5, 1))
    axis.grid()
    axis.plot([0, 1], [0, 1], color=FAINT, linewidth=0.8, linestyle=(0, (4, 3)))


def _draw(axis: "Axes", point: Point, colour: str, marker: str, rank: int) -> None:
    """Draw a point and its intervals; a later one is smaller, so that it hides none."""
    across, down = point.ind, point.ood
    axis.plot([across.low, across.high], [down.value] * 2, color=colour, linewidth=0.8, clip_on=False)
    axis.plot([across.value] * 2, [down.low, down.high], color=colour, linewidth=0.8, clip_on=False)
    axis.plot(
        across.value,
        down.value,
        marker,
        color=colour,
        mec="white",
        mew=0.6,
        ms=max(6, 10 - 0.7 * rank),
        clip_on=False,
        zorder=5 + rank,
    )


def _key(figure: "Figure", colour: dict[str, str], marker: dict[str, str]) -> None:
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], color=colour[task], marker=marker[task], linestyle="", markersize=6) for task in colour]
    told = [tidy(task, KEY) for task in colour]
    columns = N_KEYS if max(map(len, told)) < 6 else 2
    spacing = {"handletextpad": 0.2, "columnspacing": 1.2}
    figure.legend(handles, told, loc="outside upper left", ncols=min(len(told), columns), **spacing)


def _alt(points: Sequence[Point]) -> str:
    n_below = sum(point.ood.value < point.ind.value for point in points)
    told = "; ".join(
        f"{tidy(point.system, 40)} {tidy(point.task, 40)} {point.ind.value:.3f} against {point.ood.value:.3f}"
        for point in points
    )
    worse = f"lower out of domain in {n_below} of {len(points)}"
    return f"Scores in domain against out of domain, {worse}: {told}."
