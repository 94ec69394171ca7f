"""Which answers are given to which: confusion matrices with a column for answers that failed (paper, E.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from caslie.report.figures.style import INK, Drawing, blank, drawing, look, panels, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FAILED = "failed"
SHADE = "#0072B2"
DARK = 0.55  # the share from which a text must be white
TITLE, CLASS = 26, 9  # letters
TURNED = 4  # letters, from which names across are turned
HEIGHT = 2.3  # inches, with five classes


@dataclass(frozen=True, slots=True)
class Matrix:
    """How often each class was answered to each: references down, predictions across, the last column failed ones."""

    title: str
    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


def draw_confusion(matrices: Sequence[Matrix]) -> Drawing:
    """Draw matrices side by side: each cell has its count, and is as dark as its share of the reference's rows."""
    if not matrices:
        return blank("No confusion matrix to draw.")
    with look():
        figure, axes = panels(len(matrices), HEIGHT)
        for axis, matrix in zip(axes, matrices, strict=True):
            _panel(axis, matrix)
        figure.supxlabel("answer of the model; shade: share of the right answer's rows", fontsize=9)
        figure.supylabel("right answer", fontsize=9)
        return drawing(figure, " ".join(map(_told, matrices)))


def _panel(axis: "Axes", matrix: Matrix) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    shares = [[n / max(1, sum(row)) for n in row] for row in matrix.counts]
    shade = LinearSegmentedColormap.from_list("shade", ["white", SHADE])
    axis.pcolormesh(shares, cmap=shade, vmin=0, vmax=1, edgecolors="#bbbbbb", linewidth=0.5)
    axis.axvline(len(matrix.classes), color=INK, linewidth=1.4)  # beyond it nothing was answered
    axis.set_title(tidy(matrix.title, TITLE))
    axis.invert_yaxis()
    axis.spines[:].set_visible(False)
    axis.tick_params(length=0)
    _names(axis, [tidy(name, CLASS) for name in matrix.classes])
    size = 8.5 if max(map(max, matrix.counts)) < 1000 else 7
    for y, row in enumerate(matrix.counts):
        for x, n in enumerate(row):
            colour = "white" if shares[y][x] > DARK else INK
            axis.text(x + 0.5, y + 0.5, str(n), ha="center", va="center_baseline", color=colour, size=size)


def _names(axis: "Axes", classes: list[str]) -> None:
    places = [place + 0.5 for place in range(len(classes) + 1)]
    axis.set_xticks(places, [*classes, FAILED])
    if max(map(len, classes)) >= TURNED:
        axis.tick_params(axis="x", labelrotation=90)
    axis.set_yticks(places[:-1], classes)


def _told(matrix: Matrix) -> str:
    n = sum(map(sum, matrix.counts))
    right = sum(row[place] for place, row in enumerate(matrix.counts))
    failed = sum(row[-1] for row in matrix.counts)
    each = ", ".join(
        f"{tidy(name, 20)} {row[place]} of {sum(row)}"
        for place, (name, row) in enumerate(zip(matrix.classes, matrix.counts, strict=True))
    )
    return f"{tidy(matrix.title, 60)}: {right} of {n} right, {failed} failed; by right answer: {each}."
