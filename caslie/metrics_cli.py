"""The command that writes the measures as modules of `evaluate` (paper, Table 2)."""

from pathlib import Path
from typing import Annotated

import typer

from mmecinstruct.terminal import say


def metrics(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to; a new or an empty folder.")],
) -> None:
    """Write the measures into a folder for `evaluate.load`, without a Hub; `caslie-push metrics` publishes them."""
    from caslie.publish.metrics_folder import write_metrics

    out = write_metrics(folder)
    shown = folder if folder.name == out.name else out  # evaluate finds no module in `.`
    say(f"{shown} holds the measures of every task, all as one module and each as its own")
    say(f'next: evaluate.load("{shown}", "sr") or evaluate.load("{shown}/sr")')


def add_to(app: typer.Typer) -> None:
    """Make the command part of the command line."""
    app.command()(metrics)
