"""The command that scores what was predicted, and predicts it first where a model is named."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from mmecinstruct.terminal import console, print_json, progress_bars, say

if TYPE_CHECKING:
    from caslie.evaluation import Compared, Evaluated, Parser
    from caslie.schema import Mode
    from mmecinstruct.builder.folder import Folder

Subject = Annotated[
    str,
    typer.Argument(
        metavar="MODEL|PREDICTIONS",
        help="A recipe that was trained, a model's folder or name on a Hub, a run, or what `caslie predict` wrote.",
    ),
]


def evaluate(
    subject: Subject,
    data: Annotated[
        str | None, typer.Option(help="A folder or a Hub dataset, instead of the one predicted on.")
    ] = None,
    config: Annotated[list[str] | None, typer.Option(help="Only this config; may be repeated.")] = None,
    mode: Annotated[str, typer.Option(help="Which answers count: generate or score.")] = "generate",
    against: Annotated[
        str | None, typer.Option(metavar="OTHER", help="A model or predictions, compared on the same rows.")
    ] = None,
    parser: Annotated[
        Literal["grammar", "authors"], typer.Option(help="Read written answers by our grammar, or as the authors do.")
    ] = "grammar",
    seed: Annotated[int, typer.Option(min=0, help="Of the intervals' random draws.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Score predictions by the paper's measures, with 95 % intervals; write scores.json, for a run's card too."""
    from caslie import evaluation
    from caslie.evaluation.reading import mode_named

    named, configs = mode_named(mode), tuple(config or ())
    mine = _found(subject, data, configs)
    evaluated = evaluation.evaluate(mine.folder, mine.out, configs, mode=named, seed=seed, parser=parser)
    compared: tuple[Compared, ...] = ()
    if against:
        other = _found(against, data or mine.data, configs)
        compared = evaluation.compare(mine.folder, mine.out, other.out, configs, mode=named, seed=seed, parser=parser)
    if as_json:
        print_json(_content(mine, evaluated, compared))
        _write(mine, evaluated, named, configs, parser)
        return
    evaluation.print_evaluated(console(), evaluated)
    if against:
        evaluation.print_compared(console(), compared, against)
        left = [one.config for one in evaluated if one.config not in {two.config for two in compared}]
        if left:
            say(f"not compared, since {against} does not answer them: {', '.join(left)}")
    for line in _write(mine, evaluated, named, configs, parser):
        say(line)
    say(f"next: caslie report {mine.out}")


def add_to(app: typer.Typer) -> None:
    """Make this command part of the command line."""
    app.command()(evaluate)


@dataclass(frozen=True, slots=True)
class _Found:
    """Predictions, and the dataset that they answer with the name it was opened by."""

    out: Path
    folder: "Folder"
    data: str


def _found(name: str, data: str | None, configs: tuple[str, ...]) -> _Found:
    """Find predictions; where a model is named, let it answer what it has not answered yet."""
    from caslie import evaluation, inference

    if place := evaluation.predictions_in(Path(name)):
        return _Found(place, *evaluation.open_asked(place, data))
    opened = inference.open_model(name, data)
    wanted = inference.Wanted(configs, dataset=opened.dataset)
    anew = inference.is_of_another(opened.out, opened.checkpoint.identity, opened.folder)
    with progress_bars() as progress:
        inference.predict(opened.checkpoint, opened.folder, opened.out, wanted, progress, restart=anew)
    return _Found(opened.out, opened.folder, opened.name)


def _write(
    mine: _Found, evaluated: "tuple[Evaluated, ...]", mode: "Mode", configs: tuple[str, ...], parser: "Parser"
) -> list[str]:
    """Write the scores beside the predictions, and for the card of the run that they are of; tell what was written."""
    from caslie import evaluation
    from caslie.records import SCORES, write_scores

    if parser != "grammar":
        return [f"read by the rule of {parser}; {SCORES} is left as it is"]
    if configs:
        return [f"not of all configs; {SCORES} is left as it is"]
    scores = evaluation.scores_of(evaluated, mine.folder, mine.data)
    write_scores(mine.out, scores)
    told = [f"{mine.out / SCORES} is written"]
    if found := evaluation.beside(mine.out, mode):
        if found.reason:
            return [*told, f"{found.adapter / SCORES} is left as it is: {found.reason}"]
        write_scores(found.adapter, scores)
        told.append(f"{found.adapter / SCORES} is written, for its card")
    return told


def _content(mine: _Found, evaluated: "tuple[Evaluated, ...]", compared: "tuple[Compared, ...]") -> dict[str, Any]:
    from caslie.evaluation import means

    results = [asdict(one) | {"coverage": one.coverage} for one in evaluated]
    told = {"predictions": str(mine.out), "results": results, "means": [asdict(one) for one in means(evaluated)]}
    return told | ({"against": [asdict(one) for one in compared]} if compared else {})
