"""`caslie-push`: publish a build, an adapter or the metrics to a Hugging Face Hub."""

import inspect
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from caslie.errors import PushError
from mmecinstruct.terminal import print_json, progress_bars, run, say

if TYPE_CHECKING:
    from caslie.publish.artifact import Artifact
    from caslie.publish.plan import Plan, Wanted
    from caslie.publish.release import Released
    from caslie.publish.turns import Turn, Waiting

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

RepoArg = Annotated[str, typer.Argument(help="Where to, as user/name.", metavar="REPO")]
LicenseOption = Annotated[
    str | None, typer.Option("--license", "--licence", help="Under which licence, by the Hub's name for it.")
]


@dataclass(frozen=True, slots=True)
class Options:
    """What every push takes."""

    public: Annotated[bool, typer.Option("--public", help="Let everybody see it; else only its owners do.")] = False
    branch: Annotated[str, typer.Option(help="The branch that becomes the release.")] = "main"
    tag: Annotated[str | None, typer.Option(help="What the release is called; by default r1, r2, ...")] = None
    create_pr: Annotated[bool, typer.Option("--create-pr", help="Propose it as a pull request instead.")] = False
    message: Annotated[str | None, typer.Option(help="The message of the commit.")] = None
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would be done, and do nothing.")] = False
    rehearse: Annotated[
        bool, typer.Option("--rehearse", help="Do it all against a throw-away Hub on this machine.")
    ] = False
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False
    # A rehearsal leaves no trace.
    untouched: Annotated[bool, typer.Option("--leave-folder-as-it-is", hidden=True)] = False

    def wanted(self) -> "Wanted":
        """What is asked of the release itself."""
        from caslie.publish.plan import Wanted

        return Wanted(self.public, self.branch, self.tag, self.create_pr, self.message)


Artifacts = Sequence[tuple[str, "Artifact"]]


def main() -> NoReturn:
    """Run the command line; what the user can mend is one line, and exit code 1."""
    code: object = 0
    try:
        run(app)
    except SystemExit as end:
        code = end.code
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # whoever read it may be gone
            stream.flush()
    # Not by way of Python's own end: what reads ahead of a streamed row in threads would abort the process there.
    os._exit(code if isinstance(code, int) else int(code is not None))


def _pushes(find: Callable[..., Artifacts]) -> Callable[..., None]:
    """Make a command of a function that finds what to publish: its own parameters, then the options of every push."""
    own = inspect.signature(find).parameters

    def command(**given: Any) -> None:
        found = find(**{name: given.pop(name) for name in own})
        _push(found, Options(**given))

    keyword = inspect.Parameter.KEYWORD_ONLY
    shared = [
        inspect.Parameter(one.name, keyword, default=one.default, annotation=one.type) for one in fields(Options)
    ]
    mine = [one.replace(kind=keyword) for one in own.values()]
    command.__signature__ = inspect.Signature([*mine, *shared])  # type: ignore[attr-defined]
    command.__annotations__ = {one.name: one.annotation for one in (*mine, *shared)}
    command.__doc__ = find.__doc__
    return app.command(find.__name__.strip("_"))(command)


@app.callback()
def push() -> None:
    """Publish to a Hugging Face Hub: the one of HF_ENDPOINT, with the token of HF_TOKEN or `hf auth login`."""


@_pushes
def dataset(
    directory: Annotated[Path, typer.Argument(help="A built folder.", metavar="DIR")],
    repository: RepoArg,
    license: LicenseOption = None,
) -> Artifacts:
    """Publish a build: staged, loaded back row by row, then released in one commit and tagged."""
    from caslie.publish.dataset import DatasetBuild
    from caslie.publish.publication import decided

    return [(repository, DatasetBuild(directory, decided(directory, repository, license)))]


@_pushes
def model(
    run: Annotated[Path, typer.Argument(help="A run, or the folder of a trained adapter.", metavar="RUN")],
    repository: RepoArg,
    license: LicenseOption = None,
    dataset: Annotated[
        str | None, typer.Option(help="Where its dataset is on the Hub, if it was trained on a folder.")
    ] = None,
) -> Artifacts:
    """Publish an adapter: staged, loaded back and its logits compared, then released in one commit and tagged."""
    from caslie.publish.model import AdapterFolder
    from caslie.publish.publication import decided
    from caslie.training.origin import adapter_in

    directory = adapter_in(run)
    return [(repository, AdapterFolder(directory, decided(directory, repository, license), dataset))]


@_pushes
def metrics(repository: RepoArg) -> Artifacts:
    """Publish the measures as a Space, for `evaluate.load`."""
    from caslie.publish.metrics import MetricsSpace

    return [(repository, MetricsSpace(repository))]


@_pushes
def all_(
    run: Annotated[Path, typer.Argument(help="A folder of builds, adapters or runs.", metavar="RUN")],
    namespace: Annotated[str, typer.Argument(help="Whose they become: a user or an organisation.")],
    license: LicenseOption = None,
) -> Artifacts:
    """Publish all that a run made, each under its folder's name, and the metrics; the licence is the datasets'."""
    from caslie.publish.finding import artifacts_of

    return list(artifacts_of(run, namespace, license))


@app.command()
def card(
    directory: Annotated[Path, typer.Argument(help="A build or an adapter.", metavar="DIR")],
    repository: Annotated[
        str | None, typer.Option("--repo", help="Where it is or will be published; by default where it was.")
    ] = None,
    license: LicenseOption = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail where it is not up to date.")] = False,
) -> None:
    """Write the card of a build or an adapter, or check that it tells what the files beside it tell."""
    from caslie.publish.finding import artifact_in
    from caslie.publish.publication import decided

    artifact = artifact_in(directory, decided(directory, repository, license))
    if not check:
        artifact.settle()
        return say(f"{directory / 'README.md'} is written; next: caslie-push card --check {directory}")
    if problems := artifact.disagreements():
        raise PushError(f"{directory} is not what its card tells: " + "; ".join(problems))
    return say(f"{directory}: the card and the files agree")


def _push(found: Artifacts, options: Options) -> None:
    from huggingface_hub import HfApi
    from huggingface_hub.utils.tqdm import disable_progress_bars

    from caslie.publish.patience import greet, told_plainly
    from caslie.publish.telling import released_json
    from caslie.publish.turns import plan_all, plan_waiting

    if not sys.stderr.isatty():
        disable_progress_bars()
    if options.rehearse:
        return _rehearse(found, options)
    # The clients find the token themselves: HF_TOKEN, or where `hf auth login` left it.
    wanted, api = options.wanted(), HfApi()
    greet(api.endpoint)
    with told_plainly(api.endpoint):
        turns, waiting = plan_all(found, api, wanted)
        _show([turn.plan for turn in turns], waiting, options)
        if options.dry_run:
            return None
        _ask([turn.plan for turn in turns], waiting, options)
        outcomes = list(_releases(turns, len(found), options))
        commits = {turn.plan.repository: one.commit for turn, one in zip(turns, outcomes, strict=True)}
        later = list(plan_waiting(waiting, commits, wanted))
        _show([turn.plan for turn in later], [], options)
        outcomes += _releases(later, len(found), options)
    if options.as_json:
        both = zip([*turns, *later], outcomes, strict=True)
        print_json(_one_or_all([released_json(turn.plan, outcome) for turn, outcome in both]))
    return None


def _releases(turns: Sequence["Turn"], n_all: int, options: Options) -> Iterator["Released"]:
    """Release one after the other, and tell of each: where one of several fails, those before it are out."""
    from caslie.publish.telling import released_lines

    for turn in turns:
        try:
            outcome = _release(turn, options)
        except PushError as error:
            if n_all == 1:
                raise
            raise PushError(f"{turn.plan.repository}: {error}") from error
        if not options.as_json:
            for line in released_lines(turn.plan, outcome):
                say(line)
        yield outcome


def _show(plans: Sequence["Plan"], waiting: Sequence["Waiting"], options: Options) -> None:
    from caslie.publish.telling import plan_lines

    if options.as_json:
        if options.dry_run:
            later = [{"repository": one.remote.repository, "waits_for": one.follows} for one in waiting]
            print_json(_one_or_all([*(plan.as_json() for plan in plans), *later]))
        return
    for plan in plans:
        for line in plan_lines(plan):
            say(line)
    for one in waiting:
        say(f"{one.remote.repository} (model): planned once {one.follows} is released, whose commit it will name")


def _ask(plans: Sequence["Plan"], waiting: Sequence["Waiting"], options: Options) -> None:
    if options.yes or (all(plan.nothing_to_do for plan in plans) and not waiting):
        return
    if options.as_json or not sys.stdin.isatty():
        raise PushError("nobody is there to be asked: look at the plan with --dry-run, then add --yes")
    typer.confirm("Publish this?", abort=True)


def _release(turn: "Turn", options: Options) -> "Released":
    from caslie.publish.release import release

    if not options.untouched:
        turn.artifact.settle()
    with progress_bars() as progress:
        return release(turn.artifact, turn.remote, turn.plan, options.wanted(), progress)


def _rehearse(found: Artifacts, options: Options) -> None:
    from caslie.publish.model import AdapterFolder
    from caslie.publish.rehearsal import rehearse
    from caslie.publish.settling import for_a_rehearsal

    if options.create_pr:
        raise PushError("a throw-away Hub holds nothing to propose a change to: rehearse without --create-pr")
    for _, artifact in found:
        artifact.fetch()
    adapters = [artifact for _, artifact in found if isinstance(artifact, AdapterFolder)]
    known = for_a_rehearsal({one.directory: one.commits() for one in adapters})
    arguments = [one for one in sys.argv[1:] if one != "--rehearse"]
    rehearse([*arguments, "--yes", "--leave-folder-as-it-is"], found[0][0].partition("/")[0], known)
    if not options.as_json:
        say("that was a rehearsal on a Hub that is gone again: nothing was published, and no rights were checked")


def _one_or_all(content: list[dict[str, Any]]) -> object:
    return content[0] if len(content) == 1 else content


if __name__ == "__main__":
    main()
