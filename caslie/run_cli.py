"""The command that does all of it."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from caslie.stages_cli import AsJson, Dataset, Eyes, Lineup, Name, Run
from caslie.tuning_cli import Variant, chosen
from mmecinstruct.terminal import console, print_json, progress_bars, say

if TYPE_CHECKING:
    from caslie.running import Step


def run(
    recipe: Name,
    dataset: Dataset = None,
    run: Run = None,
    captioner: Eyes = None,
    lineup: Lineup = None,
    variant: Variant = None,
    as_json: AsJson = False,
) -> None:
    """Caption, judge, fuse, train, predict and evaluate; what is done is not done again."""
    from caslie import evaluation
    from caslie.running import run_all

    cooked = chosen(recipe, dataset, run, captioner, lineup, variant)
    steps: list[Step] = []
    with progress_bars() as progress:
        evaluated = run_all(cooked, progress, steps.append if as_json else _tell)
    if as_json:
        scores = {one.config: {name: asdict(found) for name, found in one.columns.items()} for one in evaluated}
        print_json({"steps": [asdict(step) for step in steps], "scores": scores})
        return
    evaluation.print_evaluated(console(), evaluated)
    say(f"next: caslie-push model {cooked.run_dir} user/{cooked.name}")


def add_to(app: typer.Typer) -> None:
    """Make this command part of the command line."""
    app.command()(run)


def _tell(step: "Step") -> None:
    say(f"{step.stage}: {step.told}: {step.place}")
