"""Training and validation loss by step, for several runs (paper, appendix D)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from caslie.errors import StageError
from caslie.report.figures.style import FAINT, ROW, Drawing, blank, canvas, colours, drawing, look, markers, tidy
from caslie.training.curves import read_log

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NAME = 46  # letters
HEIGHT = 4.2  # inches of both panels
FEW = 10  # points that all have a marker
OFTEN = 0.15  # of the panel's diagonal lies between two markers of a line with many points


@dataclass(frozen=True, slots=True)
class Loss:
    """The loss that was logged at a step; no number where training broke down."""

    step: int
    value: float


@dataclass(frozen=True, slots=True)
class Losses:
    """A run by its name, and what its log tells."""

    run: str
    training: tuple[Loss, ...]
    validation: tuple[Loss, ...]

    @property
    def broken(self) -> int:
        """How many losses are no numbers."""
        return sum(not math.isfinite(one.value) for one in self.training + self.validation)


def losses_of(run: str, path: Path) -> Losses:
    """Read the losses from `RUN/training/log.jsonl`; a last line that was cut short is left out.

    Raises:
        StageError: there is no such log, or a line of it is none of a training's.
    """
    try:
        lines = read_log(path)
    except ValueError as error:
        raise StageError(f"{path}: no log of a training: {' '.join(str(error).split())}") from error
    if not lines:
        raise StageError(f"{path}: missing or empty; run `caslie train`")
    for number, line in enumerate(lines, start=1):
        _check(line, f"{path}:{number}")
    return Losses(run, _column(lines, "loss"), _column(lines, "eval_loss"))


def draw_losses(runs: Sequence[Losses]) -> Drawing:
    """Draw the training loss above and the validation loss below, a line for each run."""
    if not any(run.training or run.validation for run in runs):
        return blank("No losses to draw.")
    with look():
        figure = canvas(HEIGHT + len(runs) * ROW)
        above, below = figure.subplots(2, 1, sharex=True)
        colour, marker = colours([run.run for run in runs]), markers([run.run for run in runs])
        for run in runs:
            style = {"color": colour[run.run], "marker": marker[run.run]}
            _line(above, run.training, style | {"markevery": OFTEN if len(run.training) > FEW else None})
            _line(below, run.validation, style)
        _panel(above, "Training")
        _panel(below, "Validation")
        below.set_xlabel("step")
        below.set_xlim(left=0)
        below.locator_params(axis="x", integer=True)
        figure.align_ylabels()
        _key(figure, colour, marker)
        return drawing(figure, "Loss by step. " + " ".join(map(_told, runs)))


def _check(line: object, where: str) -> None:
    if not isinstance(line, dict) or type(line.get("step")) is not int:
        raise StageError(f"{where}: no line of a training's log")
    if not all(isinstance(line.get(key, 0.0), int | float) for key in ("loss", "eval_loss")):
        raise StageError(f"{where}: no line of a training's log")


def _column(lines: Sequence[dict[str, Any]], key: str) -> tuple[Loss, ...]:
    return tuple(Loss(line["step"], float(line[key])) for line in lines if key in line)


def _line(axis: "Axes", losses: Sequence[Loss], style: dict[str, Any]) -> None:
    points = [(one.step, one.value) for one in losses if math.isfinite(one.value)]
    if points:
        axis.plot(*zip(*points, strict=True), linewidth=1.1, markersize=4, **style)


def _panel(axis: "Axes", title: str) -> None:
    axis.set_title(title)
    axis.set_ylabel("loss, nats per token")
    axis.set_ylim(bottom=0)
    if not axis.lines:
        axis.text(0.5, 0.5, "not logged", transform=axis.transAxes, ha="center", color=FAINT)
    axis.grid(axis="y")


def _key(figure: "Figure", colour: dict[str, str], marker: dict[str, str]) -> None:
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], color=colour[run], marker=marker[run], markersize=4, linewidth=1.1) for run in colour]
    figure.legend(handles, [tidy(run, NAME) for run in colour], loc="outside upper left")


def _told(run: Losses) -> str:
    told = []
    for kind, losses in (("training", run.training), ("validation", run.validation)):
        points = [one for one in losses if math.isfinite(one.value)]
        if points:
            told.append(f"{kind} from {points[0].value:.3f} to {points[-1].value:.3f}")
            if kind == "validation":
                best = min(points, key=lambda one: one.value)
                told[-1] += f", lowest {best.value:.3f} at step {best.step}"
    broken = [f"losses that are no numbers: {run.broken}"] if run.broken else []
    return f"{tidy(run.run, 60)}: {'; '.join([*told, *broken]) or 'nothing was logged'}."
