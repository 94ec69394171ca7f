"""The commands that caption and judge, and that show what came of it."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mmecinstruct.terminal import console, print_json, progress_bars, say

if TYPE_CHECKING:
    from caslie.asking import Asked
    from caslie.recipe import Recipe
    from caslie.stages import Done

Name = Annotated[str, typer.Argument(metavar="RECIPE", help="A recipe's path, or the name of one of the package.")]
Dataset = Annotated[str | None, typer.Option(help="A built folder or a Hub dataset, instead of the recipe's.")]
Run = Annotated[Path | None, typer.Option(help="Where answers are kept, instead of the recipe's folder.")]
Eyes = Annotated[str | None, typer.Option("--captioner", help="A captioner of the recipe, instead of its usual one.")]
Lineup = Annotated[str | None, typer.Option(help="A lineup of the recipe, or uia: no judge, use all.")]
Restart = Annotated[bool, typer.Option(help="Throw these models' answers away and ask anew.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]


def caption(
    recipe: Name,
    dataset: Dataset = None,
    run: Run = None,
    captioner: Eyes = None,
    restart: Restart = False,
    as_json: AsJson = False,
) -> None:
    """Caption every picture with a model, conditioned on its sample's text (EC3); go on where a run was stopped."""
    from caslie import stages

    chosen = cooked(recipe, dataset, run, captioner)
    with progress_bars() as progress:
        done = stages.caption_all(chosen, progress, restart=restart)
    _tell(done, as_json, f"caslie judge {recipe}")


def judge(
    recipe: Name,
    dataset: Dataset = None,
    run: Run = None,
    captioner: Eyes = None,
    lineup: Lineup = None,
    out: Annotated[Path | None, typer.Option(help="Where the dataset with its captions goes: RUN/dataset.")] = None,
    every_vote: Annotated[bool, typer.Option(help="Ask every judge, also where the majority is certain.")] = False,
    restart: Restart = False,
    as_json: AsJson = False,
) -> None:
    """Let several models vote whether each caption helps (CQE), and write the dataset with captions and verdicts."""
    from caslie import stages

    chosen = cooked(recipe, dataset, run, captioner, lineup)
    chosen = replace(chosen, early_stop=chosen.early_stop and not every_vote)
    target = out or chosen.run_dir / "dataset"
    with progress_bars() as progress:
        done = stages.judge_all(chosen, target, progress, restart=restart)
    _tell(done, as_json, f"caslie captions {target}")


def estimate(
    recipe: Name,
    dataset: Dataset = None,
    run: Run = None,
    captioner: Eyes = None,
    lineup: Lineup = None,
    trial: Annotated[int, typer.Option(min=0, help="Ask each model so many questions first, to measure.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Tell what captioning and judging will take: calls, tokens, bytes, hours and money."""
    from dataclasses import asdict

    from caslie.estimate import estimate as expect

    expected = expect(cooked(recipe, dataset, run, captioner, lineup), trial)
    if as_json:
        print_json([asdict(one) for one in expected])
        return
    for one in expected:
        hours = f"{one.hours:,.2f} hours" if one.hours is not None else "hours unknown: state a rate, or --trial 64"
        tokens = "measured" if one.measured else "assumed: measure with --trial 64"
        say(
            f"{one.model}: {one.calls:,} calls, {one.tokens_in:,} tokens read, {one.tokens_out:,} written ({tokens}),"
            f" {one.picture_bytes:,} bytes of pictures, {hours}, ${one.dollars:,.2f}"
        )
    say(f"next: caslie caption {recipe}")


def captions(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A dataset with captions, as `caslie judge` writes it.")],
    html: Annotated[Path | None, typer.Option(help="Where the page goes: OUT.captions.html.")] = None,
    rows: Annotated[int, typer.Option("-n", min=1, help="Rows of each config on the page.")] = 40,
    truth: Annotated[Path | None, typer.Option(help="The sample's corpora: tell what was rightly kept.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show captions beside their pictures in an HTML page, and how many were kept (Table 4)."""
    from dataclasses import asdict

    from caslie import showing
    from caslie.datasets import open_dataset

    folder = open_dataset(str(out))
    rates = showing.use_rates(folder)
    against = showing.against_truth(folder, truth) if truth else ()
    page = html or out.with_name(f"{out.name}.captions.html")
    with progress_bars() as progress:
        showing.write_page(folder, page, per_config=rows, progress=progress)
    if as_json:
        print_json({"page": str(page), "rates": [*map(asdict, rates)], "truth": [*map(asdict, against)]})
        return
    showing.print_use_rates(console(), rates)
    if against:
        showing.print_truth(console(), against)
    say(f"look at {page}")


def similarity(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A dataset with captions, as `caslie judge` writes it.")],
    model: Annotated[str | None, typer.Option(help="A sentence-transformers model: a Hub name or a folder.")] = None,
    as_json: AsJson = False,
) -> None:
    """Tell how much captions repeat the texts they stand beside (Table A5)."""
    from dataclasses import asdict

    from caslie import showing
    from caslie.datasets import open_dataset

    found = showing.similarity(open_dataset(str(out)), model)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    showing.print_similarity(console(), found)


def injection(
    recipe: Name,
    dataset: Dataset = None,
    run: Run = None,
    captioner: Eyes = None,
    lineup: Lineup = None,
    n: Annotated[int, typer.Option("-n", min=1, help="Captions to try, chosen by hash.")] = 100,
    as_json: AsJson = False,
) -> None:
    """Tell how often judges change their vote when a text or a caption tells them to."""
    from dataclasses import asdict

    from caslie import showing, stages

    found = stages.inject(cooked(recipe, dataset, run, captioner, lineup), n)
    if as_json:
        print_json([asdict(one) | {"rate": one.rate} for one in found])
        return
    showing.print_flips(console(), found)


def add_to(app: typer.Typer) -> None:
    """Make these commands part of the command line."""
    for command in (estimate, caption, judge, captions, similarity, injection):
        app.command()(command)


def cooked(
    name: str, dataset: str | None, run: Path | None, captioner: str | None, lineup: str | None = None
) -> "Recipe":
    """Load a recipe, and put the options of the command line over it."""
    from caslie.recipe import load_recipe

    recipe = load_recipe(name)
    return replace(
        recipe,
        dataset=dataset or recipe.dataset,
        run=str(run) if run else recipe.run,
        captioner=captioner or recipe.captioner,
        lineup=lineup or recipe.lineup,
    )


def _tell(done: "Done", as_json: bool, next_command: str) -> None:
    from caslie.asking import records

    if as_json:
        print_json({"models": records(done.asked), "problems": done.problems})
        return
    for name, asked in done.asked.items():
        say(_line(name, asked))
    if done.problems:
        say("without: " + ", ".join(f"{problem} {n}" for problem, n in done.problems.items()))
    if n := sum(asked.passing for asked in done.asked.values()):
        say(f"{n:,} questions have no answer yet: run this again, with a larger budget if that ended it")
        return
    say(f"next: {next_command}")


def _line(name: str, asked: "Asked") -> str:
    speed = f" in {asked.seconds:.1f} s, {asked.calls / asked.seconds:,.0f} a second" if asked.seconds else ""
    return (
        f"{name}: {asked.calls:,} calls{speed}; {asked.wishes:,} questions, {asked.distinct:,} of them distinct;"
        f" {asked.n_in:,} tokens read, {asked.n_out:,} written"
    )
