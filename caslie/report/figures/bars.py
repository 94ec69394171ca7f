"""Scores of all systems side by side, with 95 % intervals and what the paper prints (paper, Table 4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from caslie.report.figures.rows import THICK, base, heading, intervals, lines, names, number, printed_marks
from caslie.report.figures.style import Drawing, blank, colours, drawing, look, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GAP = 0.4  # lines between two groups


@dataclass(frozen=True, slots=True)
class Bar:
    """The score of a system with its 95 % interval, and what the paper prints for it."""

    system: str
    value: float
    low: float
    high: float
    printed: float | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """The systems on one config."""

    config: str
    measure: str
    bars: tuple[Bar, ...]


def draw_bars(groups: Sequence[Group]) -> Drawing:
    """Draw scores between 0 and 1: a heading for each config, under it a bar for each system."""
    shown = [group for group in groups if group.bars]
    if not shown:
        return blank("No scores to draw.")
    with look():
        n_lines = sum(len(group.bars) + 1 + GAP for group in shown) - GAP
        figure, axis = lines(n_lines, "score, with its 95 % interval")
        places = _headings(axis, shown)
        _draw(axis, [bar for group in shown for bar in group.bars], places)
        return drawing(figure, _alt(shown))


def _headings(axis: "Axes", groups: Sequence[Group]) -> list[float]:
    """Write a heading over each group, and tell where its bars go."""
    places: list[float] = []
    top = 0.0
    for group in groups:
        heading(axis, top, f"{group.config}  {group.measure}")
        base(axis, top + 1, top + len(group.bars))
        places += [top + place for place in range(1, len(group.bars) + 1)]
        top += len(group.bars) + 1 + GAP
    return places


def _draw(axis: "Axes", bars: Sequence[Bar], places: Sequence[float]) -> None:
    colour = colours([bar.system for bar in bars])
    axis.barh(places, [bar.value for bar in bars], THICK, color=[colour[bar.system] for bar in bars])
    intervals(axis, places, [bar.low for bar in bars], [bar.high for bar in bars])
    names(axis, places, [bar.system for bar in bars])
    for bar, place in zip(bars, places, strict=True):
        number(axis, place, f"{bar.value:.3f}")
    both = zip(bars, places, strict=True)
    printed_marks(axis, [(bar.printed, place) for bar, place in both if bar.printed is not None])


def _alt(groups: Sequence[Group]) -> str:
    systems = dict.fromkeys(tidy(bar.system, 40) for group in groups for bar in group.bars)
    told = "; ".join(_highest(group) for group in groups)
    return f"Scores of {', '.join(systems)}, with 95 % intervals. The highest value by config: {told}."


def _highest(group: Group) -> str:
    best = max(group.bars, key=lambda bar: bar.value)
    found = f"{best.value:.3f} ({best.low:.3f} to {best.high:.3f})"
    printed = f", printed {best.printed:.3f}" if best.printed is not None else ""
    return f"{tidy(group.config, 40)} {tidy(group.measure, 40)}: {tidy(best.system, 40)} {found}{printed}"
