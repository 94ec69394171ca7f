"""The command that makes one model of an adapter and its base."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from mmecinstruct.terminal import print_json, progress_bars, say


def merge(
    directory: Annotated[Path, typer.Argument(metavar="RUN|ADAPTER", help="A run, or the folder of an adapter.")],
    out: Annotated[Path, typer.Option(help="Where the model goes; a new or an empty folder.")],
    base: Annotated[
        str | None, typer.Option(help="Where its base is, if not on a Hub: transformers/./folder or pocket/name.")
    ] = None,
    dtype: Annotated[
        Literal["float32", "bfloat16", "float16"],
        typer.Option(help="The numbers it is saved in; what the narrower ones cost is told."),
    ] = "float32",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Merge an adapter into its base, for those who need one file; refused unless it answers as the two do."""
    from caslie.training.merging import LIMIT
    from caslie.training.merging import merge as make

    with progress_bars() as progress:
        merged = make(directory, out, base=base, dtype=dtype, progress=progress)
    if as_json:
        print_json(asdict(merged))
        return
    say(f"{merged.base}{', its head untied,' if merged.untied else ''} and its adapter are one model in {out}")
    say(f"of the spread of {merged.n_logits:,} logits (at most {LIMIT:g} is allowed):")
    say(f"  live against merged    {merged.merged:.1e}")
    say(f"  live against reloaded  {merged.reloaded:.1e}")
    say(f"  rounded to {dtype:<11} {merged.rounded:.1e}")
    say(f'next: AutoModelForCausalLM.from_pretrained("{out}")')


def add_to(app: typer.Typer) -> None:
    """Make the command part of the command line."""
    app.command()(merge)
