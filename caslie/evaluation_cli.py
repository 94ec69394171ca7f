"""The command that scores what was predicted."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mmecinstruct.terminal import console, print_json, say

if TYPE_CHECKING:
    from caslie.evaluation import Evaluated
    from caslie.schema import Mode

Predictions = Annotated[Path, typer.Argument(metavar="PREDICTIONS", help="A folder that `caslie predict` wrote.")]


def evaluate(
    predictions: Predictions,
    data: Annotated[
        str | None, typer.Option(help="A folder or a Hub dataset, instead of the one predicted on.")
    ] = None,
    config: Annotated[list[str] | None, typer.Option(help="Only this config; may be repeated.")] = None,
    mode: Annotated[str, typer.Option(help="Which answers count: generate or score.")] = "generate",
    seed: Annotated[int, typer.Option(min=0, help="Of the intervals' random draws.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Score predictions by the paper's measures, with 95 % intervals; write scores.json, for a run's card too."""
    from caslie import evaluation
    from caslie.datasets import open_dataset
    from caslie.records import SCORES, write_scores

    source, named = evaluation.asked_of(predictions).dataset, _mode(mode)
    folder = open_dataset(data) if data else open_dataset(source.name.partition("@")[0], source.commit)
    evaluated = evaluation.evaluate(folder, predictions, config or (), mode=named, seed=seed)
    scores = evaluation.scores_of(evaluated, folder, data or source.name)
    found = evaluation.beside(predictions, named, config or ())
    write_scores(predictions, scores)
    if found and not found.reason:
        write_scores(found.adapter, scores)
    if as_json:
        print_json(_content(evaluated))
        return
    evaluation.print_evaluated(console(), evaluated)
    say(f"{predictions / SCORES} is written")
    if found:
        kept = f"{found.adapter / SCORES} is left as it is: {found.reason}"
        say(kept if found.reason else f"{found.adapter / SCORES} is written, for its card")


def add_to(app: typer.Typer) -> None:
    """Make this command part of the command line."""
    app.command()(evaluate)


def _mode(name: str) -> "Mode":
    from caslie.evaluation.reading import MODES
    from mmecinstruct.errors import UnknownNameError

    for mode in MODES:
        if mode == name:
            return mode
    raise UnknownNameError("mode", name, MODES)


def _content(evaluated: "tuple[Evaluated, ...]") -> dict[str, object]:
    from dataclasses import asdict

    from caslie.evaluation import means

    results = [asdict(one) | {"coverage": one.coverage} for one in evaluated]
    return {"results": results, "means": [asdict(one) for one in means(evaluated)]}
