"""The commands that train and measure the pocket models: `caslie pocket build`, `caslie pocket measure`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mmecinstruct.terminal import print_json, progress_bars, say

if TYPE_CHECKING:
    from caslie.pocket.judge_scores import PanelScore
    from caslie.pocket.measuring import Measured

app = typer.Typer(no_args_is_help=True, help="Tiny models of the real architectures that know the sample's world.")


@app.command()
def build(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Where they go; those that lie there are left alone.")],
    work: Annotated[Path | None, typer.Option(help="Where a stopped training is taken up: OUT.partial.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Trainings at a time, each on one core.")] = 2,
) -> None:
    """Train all pocket models from scratch."""
    from caslie.pocket.building import build_all

    with progress_bars() as progress:
        for name in build_all(work or out.with_name(f"{out.name}.partial"), out, workers, progress):
            say(f"trained {name}")
    say(f"next: caslie pocket measure {out}")


@app.command()
def measure(
    models: Annotated[Path | None, typer.Argument(metavar="[MODELS]", help="A folder of them: the package's.")] = None,
    n: Annotated[int, typer.Option("-n", min=1, help="Pictures to caption without context.")] = 2000,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Tell what the pocket models reach on worlds that they never saw."""
    from dataclasses import asdict

    from caslie.pocket.measuring import measure_all, packaged

    with progress_bars() as progress:
        found = measure_all(models or packaged(), n, progress)
    if as_json:
        print_json(asdict(found))
        return
    _tell(found)


def _tell(found: "Measured") -> None:
    seen = found.captioner
    say("captioner, without context: " + ", ".join(f"{name} {one.share:.3f}" for name, one in seen.attributes.items()))
    say(f"  whole captions {seen.exact.share:.3f} of {seen.exact.n:,}; blurred pictures told {seen.blurred.share:.3f}")
    say("  on a task's words: " + ", ".join(f"{task} {one.share:.3f}" for task, one in seen.tasks.items()))
    for name, panel in found.panels.items():
        _tell_panel(name, panel)
    for base in found.bases:
        shares = ", ".join(f"{shape} {one.share:.3f}" for shape, one in base.shapes.items())
        say(f"base {base.name}, drills: {shares}")


def _tell_panel(name: str, panel: "PanelScore") -> None:
    say(f"{name}, {panel.majority.overall.n:,} captions:")
    for judge in (*panel.judges, panel.majority):
        sorts = ", ".join(f"{sort} {one.share:.3f}" for sort, one in judge.sorts.items())
        say(f"  {judge.name} {judge.overall.share:.3f} ({sorts})")
    known = [one.error_correlation for one in panel.agreements if one.error_correlation is not None]
    gain = panel.majority.overall.share - panel.best.overall.share
    say(f"  majority against the best single judge {gain:+.3f}; errors correlate {min(known):.2f} to {max(known):.2f}")
