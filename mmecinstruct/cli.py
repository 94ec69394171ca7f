"""The command line: `mmecinstruct build`, `show`, `why` and the rest. Heavy imports stay inside the commands."""

from pathlib import Path
from typing import Annotated

import typer

from mmecinstruct.errors import OutputError
from mmecinstruct.terminal import console, print_json, progress_bars, run, say

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Build, check and look at MMECInstruct, the multimodal e-commerce instruction dataset.",
)

OutArg = Annotated[Path, typer.Argument(help="A built folder.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]
SourcesOption = Annotated[Path, typer.Option("--sources", help="The folder of the corpora.")]
ImagesOption = Annotated[
    list[Path] | None, typer.Option("--images", help="Pictures at hand, by image id. Repeatable.")
]
WorkersOption = Annotated[int, typer.Option(min=1, help="Threads for queries and pictures; the result is the same.")]


def main() -> None:
    """Run the command line; what the user can mend is one line, and exit code 1."""
    run(app)


@app.command()
def build(
    recipe: Annotated[str, typer.Argument(help="A recipe file, or the name of a bundled one: paper, sample.")],
    sources: SourcesOption,
    out: Annotated[Path, typer.Option(help="The folder to make.")],
    task: Annotated[
        list[str] | None, typer.Option(help="Only this task (ap, cc, ... or its name). Repeatable.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many rows a split.")] = None,
    workers: WorkersOption = 1,
    images: ImagesOption = None,
    disjoint: Annotated[
        list[str] | None,
        typer.Option(help="Keep evaluation free of this unit of training: text, product, ... Repeatable."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Build the dataset: corpora in, a folder that `load_dataset` opens out."""
    from dataclasses import replace

    from mmecinstruct import builder
    from mmecinstruct.config import load_recipe
    from mmecinstruct.looking.printing import print_summary

    loaded = load_recipe(recipe)
    loaded = replace(loaded, disjoint=tuple(dict.fromkeys([*loaded.disjoint, *(disjoint or [])])))
    with progress_bars() as progress:
        request = builder.Request(
            sources=sources,
            out=out,
            tasks=tuple(task or ()),
            limit=limit,
            workers=workers,
            images=tuple(images or ()),
            progress=progress,
        )
        manifest = builder.build(loaded, request)
    if as_json:
        print_json(manifest)
        return
    print_summary(console(), manifest)
    say(f'{out} is ready: load_dataset("{out}", "{next(iter(manifest["configs"]))}")')
    say(f"next: mmecinstruct show {out} {next(iter(manifest['configs']))}")


@app.command()
def validate(out: OutArg, as_json: JsonOption = False) -> None:
    """Check a build: files, rows, prompts and pictures against the manifest."""
    from dataclasses import asdict

    from mmecinstruct.builder.folder import Folder
    from mmecinstruct.builder.validate import validate as find_problems

    folder = Folder(out)
    with progress_bars() as progress:
        problems = find_problems(folder, progress)
    if as_json:
        print_json([asdict(problem) for problem in problems])
    elif not problems:
        say(f"{out}: no problem found")
    if problems:
        lines = [" ".join(filter(None, (one.row or f"{one.config} {one.split}", one.problem))) for one in problems]
        raise OutputError("\n".join([f"{out} is not as it was built:", *map(str.strip, lines)]))


@app.command()
def stats(
    out: OutArg,
    png: Annotated[
        Path | None, typer.Option(help="Where to draw figure A1; by default OUT's name + .lengths.png.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Count and measure a build: the paper's tables A1 and A2 and its figure A1."""
    from mmecinstruct.builder.folder import Folder
    from mmecinstruct.looking import length_figure, print_statistics, statistics

    found = statistics(Folder(out))
    figure = length_figure(found, png or out.with_name(f"{out.name}.lengths.png"))
    if as_json:
        print_json(found)
        return
    print_statistics(console(), found)
    say(f"figure: {figure}")


@app.command()
def show(
    out: OutArg,
    config: Annotated[str, typer.Argument(help="A config, such as sr_ood.")],
    n: Annotated[int, typer.Option("-n", min=1, help="How many samples.")] = 1,
    split: Annotated[str | None, typer.Option(help="A split; by default the last.")] = None,
    png: Annotated[Path | None, typer.Option(help="Draw a contact sheet here.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show samples with every prompt that is made of them."""
    from mmecinstruct.builder.folder import Folder
    from mmecinstruct.looking import contact_sheet, print_shown, shown

    folder = Folder(out)
    samples = shown(folder, config, n, split)
    sheet = contact_sheet(folder, config, n, png, split) if png else None
    if as_json:
        print_json(samples)
        return
    print_shown(console(), samples)
    if sheet:
        say(f"contact sheet: {sheet}")


@app.command()
def why(
    out: OutArg,
    row_id: Annotated[str, typer.Argument(help="A row's id, such as sr_ood-test-0123456789ab.")],
    sources: Annotated[Path | None, typer.Option(help="The corpora's folder, if it has moved.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Tell from which lines a row, its options and its pictures came, and derive it again."""
    from dataclasses import asdict

    from mmecinstruct.builder.folder import Folder
    from mmecinstruct.builder.why import why as trace
    from mmecinstruct.looking.printing import print_why

    found = trace(Folder(out), row_id, sources)
    if as_json:
        print_json(asdict(found))
    else:
        print_why(console(), found)
    if found.differs:
        raise OutputError(f"{row_id}: its raw lines give something else now: {', '.join(found.differs)}")


@app.command()
def review(
    out: OutArg,
    html: Annotated[
        Path | None, typer.Option(help="Where to write the page; by default OUT's name + .review.html.")
    ] = None,
    n: Annotated[
        int, typer.Option("-n", min=1, help='Rows on the page: "1,000 randomly sampled instances" (3.3).')
    ] = 1000,
    seed: Annotated[int, typer.Option(help="Which rows are drawn.")] = 1,
    verdicts: Annotated[
        Path | None, typer.Option(help="Read the page's verdicts.json back into the manifest.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write a page to check rows by eye, or read its verdicts back."""
    from mmecinstruct.builder.folder import Folder
    from mmecinstruct.looking import read_verdicts, write_review

    folder = Folder(out)
    if verdicts:
        print_json(read_verdicts(folder, verdicts))
        return
    page = html or out.with_name(f"{out.name}.review.html")
    written = write_review(folder, page, n, seed)
    if as_json:
        print_json({"page": str(page), "rows": written})
    else:
        say(f"{page}: {written} rows. When done: mmecinstruct review {out} --verdicts verdicts.json")


@app.command("import")
def import_(
    release: Annotated[Path, typer.Argument(help="The authors' dataset.json.")],
    out: Annotated[Path, typer.Option(help="The folder to make.")],
    images: ImagesOption = None,
    fetch: Annotated[bool, typer.Option(help="Fetch pictures that are not at hand.")] = True,
    workers: WorkersOption = 1,
    as_json: JsonOption = False,
) -> None:
    """Turn the authors' published flat JSON into the same configs, with the pictures inside."""
    from mmecinstruct.images import FetchRules
    from mmecinstruct.importing import import_release
    from mmecinstruct.looking.printing import print_summary

    with progress_bars() as progress:
        manifest = import_release(
            release,
            out,
            images=tuple(images or ()),
            rules=FetchRules(enabled=fetch),
            workers=workers,
            progress=progress,
        )
    if as_json:
        print_json(manifest)
        return
    print_summary(console(), manifest)
    say(f"next: mmecinstruct validate {out}")


@app.command()
def sources(
    directory: Annotated[Path, typer.Argument(help="The folder of the corpora.")],
    recipe: Annotated[str, typer.Option(help="The recipe to be built.")] = "paper",
    as_json: JsonOption = False,
) -> None:
    """List, for each task, which corpus files are there, which are missing, and where those come from."""
    from mmecinstruct.config import load_recipe
    from mmecinstruct.looking.printing import print_sources
    from mmecinstruct.looking.survey import survey

    found = survey(load_recipe(recipe), directory)
    if as_json:
        print_json(found)
    else:
        print_sources(console(), found)


@app.command()
def tasks(as_json: JsonOption = False) -> None:
    """List the tasks."""
    from mmecinstruct.looking.printing import print_tasks
    from mmecinstruct.looking.survey import task_list

    found = task_list()
    if as_json:
        print_json(found)
    else:
        print_tasks(console(), found)


@app.command()
def sample(
    directory: Annotated[Path, typer.Argument(help="The folder to write.")],
    scale: Annotated[int, typer.Option(min=1, help="How many times the bundled size.")] = 1,
    seed: Annotated[int, typer.Option(help="Another seed is another world.")] = 1,
    workers: Annotated[int, typer.Option(min=1, help="Processes that draw; the result is the same.")] = 1,
) -> None:
    """Write sample corpora in the real layouts: a closed world of drawn products."""
    from mmecinstruct.sample import write_sample

    with progress_bars() as progress:
        write_sample(
            directory,
            scale=scale,
            seed=seed,
            workers=workers,
            progress=lambda done, total: progress("draw pictures", done, total),
        )
    say(f"next: mmecinstruct build sample --sources {directory} --out OUT")
