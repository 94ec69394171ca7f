"""The command that draws failures to label, and counts the labels."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mmecinstruct.terminal import console, print_json, progress_bars, say

if TYPE_CHECKING:
    from caslie.report.failures import Sampled

Run = Annotated[Path, typer.Argument(metavar="RUN", help="A run, or a folder of predictions.")]


def failures(
    run: Run,
    data: Annotated[
        str | None, typer.Option(help="A folder or a Hub dataset, instead of the one predicted on.")
    ] = None,
    n: Annotated[int, typer.Option("-n", min=1, help="Failures to draw, by hash; the paper took 100.")] = 100,
    mode: Annotated[str, typer.Option(help="Which answers count: generate or score.")] = "generate",
    config: Annotated[list[str] | None, typer.Option(help="Draw from this config alone; may be repeated.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Draw failures to label by hand, with a page to look at them, and count the labels (E.3); labels stay."""
    from dataclasses import asdict

    from caslie.evaluation import open_asked
    from caslie.evaluation.reading import mode_named
    from caslie.report.failures import predictions_of, sample_failures

    named = mode_named(mode)
    folder, _ = open_asked(predictions_of(run), data)
    with progress_bars() as progress:
        sampled = sample_failures(folder, run, config or (), n=n, mode=named, progress=progress)
    if as_json:
        print_json(asdict(sampled))
        return
    _tell(sampled)


def add_to(app: typer.Typer) -> None:
    """Make this command part of the command line."""
    app.command()(failures)


def _tell(sampled: "Sampled") -> None:
    from caslie.report.failures import print_tally

    drawn = sampled.tally.n_labelled + sampled.tally.n_unlabelled
    say(f"{sampled.n_failures:,} of {sampled.n_asked:,} answers are wrong or could not be read; {drawn:,} are drawn")
    if sampled.unasked:
        say("never asked, so not among them: " + ", ".join(f"{why} {n:,}" for why, n in sampled.unasked.items()))
    print_tally(console(), sampled.tally)
    if sampled.n_changed:
        say(f"{sampled.n_changed:,} labelled rows have another answer or other captions now: look at them again")
    say(f"label {sampled.sheet}, looking at {sampled.page}")
