"""The captions that judges keep, by config, beside the printed row "caption used" (paper, Table 4)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from caslie.report.figures.rows import THICK, base, empty_line, intervals, lines, names, number, printed_marks
from caslie.report.figures.style import COLOURS, Drawing, blank, drawing, look, tidy
from caslie.showing import UseRate

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_use_rates(rates: Sequence[UseRate]) -> Drawing:
    """Draw the share of kept captions on a line for each split, with its interval after Wilson."""
    if not rates:
        return blank("No captions to count.")
    with look():
        figure, axis = lines(len(rates), "share of captions kept, with its 95 % interval")
        names(axis, range(len(rates)), [f"{one.config} {one.split}" for one in rates])
        base(axis, 0, len(rates) - 1)
        _draw(axis, rates)
        printed_marks(axis, [(one.printed, place) for place, one in enumerate(rates) if one.printed is not None])
        return drawing(figure, f"Captions kept by the judges: {'; '.join(map(_told, rates))}.")


def _draw(axis: "Axes", rates: Sequence[UseRate]) -> None:
    known = {place: one for place, one in enumerate(rates) if one.rate is not None}
    axis.barh(list(known), [one.rate or 0.0 for one in known.values()], THICK, color=COLOURS[5])
    intervals(axis, list(known), [one.low for one in known.values()], [one.high for one in known.values()])
    for place, one in enumerate(rates):
        if one.rate is None:
            empty_line(axis, place, "no captions")
        else:
            number(axis, place, f"{one.rate:.1%} of {one.captioned:,}")


def _told(one: UseRate) -> str:
    name = f"{tidy(one.config, 40)} {tidy(one.split, 40)}"
    if one.rate is None:
        return f"{name} has no captions"
    printed = f", printed {one.printed:.1%}" if one.printed is not None else ""
    return f"{name} {one.rate:.1%} of {one.captioned:,} ({one.low:.1%} to {one.high:.1%}{printed})"
