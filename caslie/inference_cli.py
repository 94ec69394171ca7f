"""The command that lets a model answer the test sets."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from mmecinstruct.terminal import print_json, progress_bars, say

if TYPE_CHECKING:
    from caslie.inference import Predicted

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
    out: Annotated[Path | None, typer.Option(help="Instead of RUN/predictions or predictions/MODEL/DATA.")] = None,
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

    opened = inference.open_model(model, data, base=base, prompt=prompt)
    wanted = inference.Wanted(
        tuple(config or ()), split, tuple(mode or inference.MODES), variant, tokens, batch, device, opened.dataset
    )
    with progress_bars() as progress:
        target = out or opened.out
        done = inference.predict(opened.checkpoint, opened.folder, target, wanted, progress, restart=restart)
    _tell(done, as_json)


def add_to(app: typer.Typer) -> None:
    """Make this command part of the command line."""
    app.command()(predict)


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
