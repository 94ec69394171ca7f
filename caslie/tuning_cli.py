"""The commands that fuse, show what was fused, and train."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from caslie.stages_cli import AsJson, Dataset, Eyes, Lineup, Name, Run, cooked
from mmecinstruct.terminal import print_json, progress_bars, say

if TYPE_CHECKING:
    from caslie.fusion import Example, Fused
    from caslie.recipe import Recipe

Variant = Annotated[
    Literal["caslie", "text", "uia"] | None, typer.Option(help="Show kept captions, none, or all; else the recipe's.")
]


def fuse(
    recipe: Name,
    dataset: Dataset = None,
    run: Run = None,
    captioner: Eyes = None,
    lineup: Lineup = None,
    variant: Variant = None,
    as_json: AsJson = False,
) -> None:
    """Turn samples and their kept captions into prompts with answers, in files: RUN/fused."""
    from caslie.fusion import fuse_all

    tuned = chosen(recipe, dataset, run, captioner, lineup, variant)
    with progress_bars() as progress:
        fused = fuse_all(tuned, progress)
    if as_json:
        print_json(asdict(fused))
        return
    _tell_fused(fused, tuned.run_dir / "fused")
    say(f"next: caslie train {recipe}")


def show(
    recipe: Name,
    id: Annotated[str | None, typer.Argument(metavar="[ID]", help="The row with this id.")] = None,
    run: Run = None,
    split: Annotated[Literal["train", "validation", "test"], typer.Option(help="Of this split.")] = "train",
    config: Annotated[str | None, typer.Option(help="Of this config only.")] = None,
    n: Annotated[int, typer.Option("-n", min=1, help="So many rows.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Show fused rows as the model reads them, and what had to be cut."""
    from itertools import islice

    from caslie.fusion import find_examples

    found = find_examples(cooked(recipe, None, run, None), split, id=id, config=config)
    for example in islice(found, n):
        print_json(asdict(example)) if as_json else _show(example)


def train(
    recipe: Name,
    flags: Annotated[list[str] | None, typer.Argument(metavar="[-- TRL FLAGS]", help="Over the recipe's own.")] = None,
    dataset: Dataset = None,
    run: Run = None,
    captioner: Eyes = None,
    lineup: Lineup = None,
    variant: Variant = None,
    restart: Annotated[bool, typer.Option(help="Throw the adapter and its checkpoints away, and begin anew.")] = False,
    as_json: AsJson = False,
) -> None:
    """Tune the base on the fused rows by LoRA, with TRL's SFTTrainer; go on where a run was stopped."""
    from caslie.training import is_main_process, train_all, with_flags

    tuned = with_flags(chosen(recipe, dataset, run, captioner, lineup, variant), flags or [])
    with progress_bars() as progress:
        trained = train_all(tuned, progress, restart=restart)
    if not is_main_process():
        return
    if as_json:
        print_json(asdict(trained))
        return
    say(
        f"{trained.adapter}: {trained.rows:,} rows, {trained.steps:,} steps in this run;"
        f" best after epoch {trained.best_epoch:g}, validation loss {trained.validation_loss:.4f}"
    )
    say(f"look at {tuned.run_dir / 'training' / 'curves.png'}")
    say(f"next: caslie predict {recipe}")


def add_to(app: typer.Typer) -> None:
    """Make these commands part of the command line."""
    for command in (fuse, show, train):
        app.command()(command)


def chosen(
    name: str, dataset: str | None, run: Path | None, captioner: str | None, lineup: str | None, variant: str | None
) -> "Recipe":
    """Load a recipe, and put the options of the command line over it."""
    recipe = cooked(name, dataset, run, captioner, lineup)
    return replace(recipe, variant=variant or recipe.variant)  # type: ignore[arg-type]


def _tell_fused(fused: "Fused", out: Path) -> None:
    for split, configs in fused.counts.items():
        for config, one in configs.items():
            cuts = [
                f"{n:,} of their {what} cut in {rows:,} rows"
                for n, rows, what in (
                    (one.history_cut, one.rows_with_history_cut, "history"),
                    (one.captions_cut, one.rows_with_captions_cut, "captions"),
                )
                if n
            ]
            left_out = [f"{n:,} left out: {reason}" for reason, n in one.refused.items()]
            told = "; ".join(
                [f"{one.rows:,} rows, {one.captions:,} captions, longest {one.longest:,}", *cuts, *left_out]
            )
            say(f"{split} {config}: {told}")
    say(f"look at {out}")


def _show(example: "Example") -> None:
    cuts = f"history cut {example.cut_history}, captions cut {example.cut_captions}"
    problem = f", left out: {example.problem}" if example.problem else ""
    say(f"# {example.id}: {example.n_tokens:,} tokens, {example.n_captions} captions, {cuts}{problem}")
    say(f"{example.prompt}{example.answer}\n")
