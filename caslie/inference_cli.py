"""The command that lets a model answer the test sets."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from mmecinstruct.terminal import print_json, progress_bars, say

if TYPE_CHECKING:
    from caslie.inference import Checkpoint, Predicted
    from caslie.recipe import Recipe
    from mmecinstruct.builder.folder import Folder

Who = Annotated[
    str, typer.Argument(metavar="RECIPE|MODEL", help="A recipe that was trained, a folder, or user/name on a Hub.")
]
Data = Annotated[str | None, typer.Option(help="A built folder or a Hub dataset; else the recipe's.")]
Config = Annotated[list[str] | None, typer.Option(help="A config to answer, such as sr_ood; else all.")]
Modes = Annotated[list[str] | None, typer.Option(help="generate: in words; score: by the options' scores; else both.")]
Shown = Annotated[
    Literal["caslie", "text", "uia"] | None, typer.Option(help="Show kept captions, none, or all; else the model's.")
]


def predict(
    model: Who,
    data: Data = None,
    config: Config = None,
    split: Annotated[str, typer.Option(help="The split to answer.")] = "test",
    mode: Modes = None,
    out: Annotated[Path | None, typer.Option(help="Where predictions go: RUN/predictions.")] = None,
    prompt: Annotated[str | None, typer.Option(help="alpaca, mistral or chat, instead of the model's own.")] = None,
    variant: Shown = None,
    base: Annotated[str | None, typer.Option(help="An adapter's base: transformers/org/name or pocket/name.")] = None,
    batch: Annotated[int | None, typer.Option(min=1, help="Prompts at once, instead of what fits the memory.")] = None,
    tokens: Annotated[int, typer.Option(min=1, help="Most new tokens; the authors' code allows 100.")] = 16,
    device: Annotated[str | None, typer.Option(help="auto, cpu or cuda, instead of the recipe's.")] = None,
    restart: Annotated[bool, typer.Option(help="Throw the predictions and this model's answers away.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Let a model answer the test sets, in words and by scoring the options; go on where a run was stopped."""
    from caslie import inference

    checkpoint, folder, dataset, target = _found(model, data, base, prompt)
    wanted = inference.Wanted(
        tuple(config or ()), split, tuple(mode or inference.MODES), variant, tokens, batch, device, dataset
    )
    with progress_bars() as progress:
        done = inference.predict(checkpoint, folder, out or target, wanted, progress, restart=restart)
    _tell(done, as_json)


def add_to(app: typer.Typer) -> None:
    """Make this command part of the command line."""
    app.command()(predict)


def _found(
    model: str, data: str | None, base: str | None, prompt: str | None
) -> "tuple[Checkpoint, Folder, str | None, Path]":
    """The checkpoint, the data and its name, and where the predictions go if nobody says."""
    from caslie import inference
    from caslie.datasets import open_dataset
    from caslie.errors import StageError
    from caslie.fusion.source import open_source

    if recipe := _recipe(model):
        checkpoint = inference.trained_checkpoint(recipe, base=base, prompt=prompt)
        folder = open_dataset(data) if data else open_source(recipe)
        return checkpoint, folder, _name(folder, data or recipe.dataset), recipe.run_dir / "predictions"
    if data is None:
        raise StageError(f"{model}: on which data? Name a built folder or a Hub dataset: --data")
    checkpoint = inference.find_checkpoint(model, base=base, prompt=prompt)
    folder = open_dataset(data)
    place = Path("predictions") / model.strip("./~").replace("/", "--")
    return checkpoint, folder, _name(folder, data), place


def _name(folder: "Folder", name: str) -> str | None:
    return name.partition("@")[0] if folder.commit else None


def _recipe(name: str) -> "Recipe | None":
    """The recipe of this name; a model's has a slash, a recipe's path ends in .yaml."""
    from caslie.recipe import load_recipe
    from mmecinstruct.config import recipes_folder

    is_recipe = name.endswith((".yaml", ".yml")) or "/" not in name or (recipes_folder() / f"{name}.yaml").is_file()
    return load_recipe(name) if is_recipe and not Path(name).is_dir() else None


def _tell(done: "Predicted", as_json: bool) -> None:
    if as_json:
        counts = {config: {mode: asdict(one) for mode, one in modes.items()} for config, modes in done.counts.items()}
        print_json({"out": str(done.out), "variant": done.variant, "prompt": done.frame, "counts": counts})
        return
    say(f"prompts: {done.frame}, variant: {done.variant}")
    for config, modes in done.counts.items():
        for mode, one in modes.items():
            problems = "".join(f", {reason} {n:,}" for reason, n in one.problems.items())
            say(f"{config} {mode}: {one.rows:,} rows, {one.asked:,} asked, {one.failed:,} without a label{problems}")
    say(f"next: caslie evaluate {done.out}")
