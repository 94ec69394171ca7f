"""The command that reports runs as a page, a Markdown text and JSON."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from mmecinstruct.terminal import print_json, progress_bars, say

Runs = Annotated[
    list[Path],
    typer.Argument(metavar="RUN...", help="Runs, or folders of predictions, that answer the same rows."),
]


def report(
    runs: Runs,
    out: Annotated[Path, typer.Option(help="The folder to write report.html, report.md and report.json into.")] = Path(
        "report"
    ),
    data: Annotated[
        str | None, typer.Option(help="A folder or a Hub dataset, instead of the one predicted on.")
    ] = None,
    mode: Annotated[
        Literal["generate", "score"], typer.Option(help="Which answers count: in words, or by scores.")
    ] = "generate",
    parser: Annotated[
        Literal["grammar", "authors"], typer.Option(help="Read written answers by our grammar, or as the authors do.")
    ] = "grammar",
    cases: Annotated[int, typer.Option(min=0, help="How many case studies to show.")] = 12,
    model: Annotated[
        str | None, typer.Option(help="A sentence-transformers model, to compare captions with titles (Table A5).")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the intervals' random draws.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print where the files are as JSON.")] = False,
) -> None:
    """Report runs: the paper's tables with ours beside, paired tests, figures, cases, errors, costs (6, C, E)."""
    from caslie.report.stage import Wanted, make_report
    from caslie.report.writing import refuse_place, write_report

    refuse_place(out)
    wanted = Wanted(data, mode, parser, seed, cases, model)
    with progress_bars() as progress:
        page, text, content = write_report(make_report(runs, wanted, progress), out)
    if as_json:
        print_json({"page": str(page), "markdown": str(text), "json": str(content)})
        return
    say(f"look at {page}; {text.name} and {content.name} lie beside it")


def add_to(app: typer.Typer) -> None:
    """Make this command part of the command line."""
    app.command()(report)
