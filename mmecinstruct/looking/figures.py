"""Figure A1: how long the inputs of each task are."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = 4
BAR, MARK, INK = "#0072B2", "#D55E00", "#333333"  # of Okabe and Ito, told apart by every eye


def length_figure(stats: dict[str, Any], path: Path) -> Path:
    """Draw Figure A1 from what `statistics` gave: one histogram a task; the ending of `path` says the format."""
    # Not pyplot, which keeps figures and looks for a screen.
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    lengths = stats["lengths"]
    n_rows = -(-len(lengths) // COLUMNS)
    with rc_context({"font.family": "DejaVu Sans", "font.size": 8, "svg.hashsalt": "mmecinstruct"}):
        figure = Figure(figsize=(10, 2.5 * n_rows + 0.3), layout="constrained")
        axes = figure.subplots(n_rows, COLUMNS, squeeze=False).ravel()
        for axis, (name, one) in zip(axes, lengths.items(), strict=False):
            _panel(axis, name, one)
        for axis in axes[len(lengths) :]:
            axis.set_axis_off()
        figure.supxlabel("words of the input", fontsize=9, color=INK)
        figure.supylabel("samples", fontsize=9, color=INK)
        partial = path.with_name(f".{path.name}.partial")
        figure.savefig(partial, format=path.suffix.lstrip(".") or "png", dpi=200)
    return partial.rename(path)


def _panel(axis: "Axes", name: str, one: dict[str, Any]) -> None:
    histogram = one["histogram"]
    # A bin of the words 10 to 12 is drawn from 9.5 to 12.5.
    lefts = [histogram["start"] - 0.5 + histogram["width"] * i for i in range(len(histogram["counts"]))]
    axis.bar(lefts, histogram["counts"], histogram["width"], align="edge", color=BAR, edgecolor="white", linewidth=0.3)
    axis.axvline(one["median"], color=MARK, linewidth=1.2, linestyle=(0, (4, 2)))
    axis.set_title("\n".join(_heading(name, one)), fontsize=7.5, loc="left", color=INK, linespacing=1.4)
    axis.locator_params(axis="both", nbins=5, integer=True)
    axis.spines[["top", "right"]].set_visible(False)
    axis.spines[["left", "bottom"]].set_color("#999999")
    axis.tick_params(color="#999999", labelcolor=INK, length=3)


def _heading(name: str, one: dict[str, Any]) -> list[str]:
    lines = [
        f"{one['abbr'].upper()}: {name.replace('_', ' ')}",
        f"n = {one['rows']:,}, median {one['median']:,}, max {one['max']:,}",
    ]
    return [*lines, f"longest {one['left_out']:,} not drawn"] if one["left_out"] else lines
