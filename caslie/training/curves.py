"""The log of a training, a line for each of TRL's, and the picture of its curves."""

import json
from pathlib import Path
from typing import Any

LOG = "log.jsonl"
PICTURE = "curves.png"


def read_log(path: Path) -> list[dict[str, Any]]:
    """The lines of a log; what a kill cut short is left out."""
    if not path.exists():
        return []
    whole = path.read_text(encoding="utf-8").rpartition("\n")[0]
    return [json.loads(line) for line in whole.splitlines()]


def draw(log: Path, picture: Path) -> None:
    """Draw loss and learning rate over the steps."""
    from matplotlib.figure import Figure

    lines = read_log(log)
    figure = Figure(figsize=(7, 5), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    for key, label in (("loss", "training"), ("eval_loss", "validation")):
        points = [(line["step"], line[key]) for line in lines if key in line]
        above.plot(*zip(*points, strict=True), label=label, marker="o" if key == "eval_loss" else "") if points else 0
    above.set_ylabel("loss of the answer's tokens")
    above.legend()
    rates = [(line["step"], line["learning_rate"]) for line in lines if "learning_rate" in line]
    if rates:
        below.plot(*zip(*rates, strict=True))
    below.set_ylabel("learning rate")
    below.set_xlabel("step")
    partial = picture.with_suffix(".partial")
    figure.savefig(partial, format="png", dpi=150)
    partial.replace(picture)
