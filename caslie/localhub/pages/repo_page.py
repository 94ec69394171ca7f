"""All that the page of a repository shows, read in one go."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TypeVar

from markupsafe import Markup

from caslie.localhub.errors import HubError
from caslie.localhub.pages.card import README, Badge, Card, badges, read_card
from caslie.localhub.pages.configs import Split, chosen, splits_of
from caslie.localhub.pages.errors import Unshowable
from caslie.localhub.pages.markup import markup
from caslie.localhub.pages.rows import Rows, first_rows
from caslie.localhub.pages.scores import FOLDER, Score, measured_scores, stated_scores
from caslie.localhub.pages.snapshot import Listing, Snapshot
from caslie.localhub.pages.text import words
from caslie.localhub.storage.accounts import Caller
from caslie.localhub.storage.git import MAIN, Commit
from caslie.localhub.storage.hub import Hub
from caslie.localhub.storage.names import RepoId, RepoType, repo_id
from caslie.localhub.storage.repos import Repo

T = TypeVar("T")

N_COMMITS = 10


@dataclass(frozen=True, slots=True)
class Viewer:
    """A dataset's rows, and the ways to others."""

    splits: list[Split]
    chosen: Split
    rows: Rows


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """Scores, and the file that states them."""

    path: str
    scores: list[Score]
    problem: str


@dataclass(frozen=True, slots=True)
class Related:
    """Another repository that the card names; `page` is empty unless this Hub has it."""

    label: str
    name: str
    page: str


@dataclass(frozen=True, slots=True)
class References:
    """The names of a repository's revisions."""

    branches: dict[str, str]
    tags: dict[str, str]
    pull_requests: dict[str, str]


@dataclass(frozen=True, slots=True)
class RepoPage:
    """What the template shows; a problem is the reason why a part of it cannot be shown."""

    repo: Repo
    revision: str
    badges: list[Badge]
    card: Markup
    card_problem: str
    is_cut: bool
    viewer: Viewer | None
    viewer_problem: str
    tables: list[ScoreTable]
    related: list[Related]
    listing: Listing
    commits: list[Commit]
    n_commits: int
    references: References
    load: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a visitor asks to see, and who they are."""

    caller: Caller
    origin: str
    config: str
    split: str


def repo_page(hub: Hub, repo: Repo, wanted: Wanted) -> RepoPage:
    """Read what the page shows of the branch `main`; what is broken is told in its place."""
    snapshot = Snapshot(repo, hub.objects, MAIN)
    card, card_problem = _tried(lambda: read_card(snapshot))
    card = card or Card({}, "")
    viewer, viewer_problem = _tried(lambda: _viewer(snapshot, card, wanted))
    return RepoPage(
        repo=repo,
        revision=MAIN,
        badges=badges(repo.settings, repo.id.type, card.header),
        card=markup(card.body, repo.id.page, MAIN),
        card_problem=card_problem or card.problem,
        is_cut=card.is_cut,
        viewer=viewer,
        viewer_problem=viewer_problem,
        tables=_tables(snapshot, card),
        related=_related(hub, card, wanted.caller),
        listing=snapshot.listing(""),
        commits=list(islice(snapshot.git.history(snapshot.commit), N_COMMITS)),
        n_commits=sum(1 for _ in snapshot.git.history(snapshot.commit)),
        references=_references(snapshot),
        load=_load(repo.id, wanted.origin, card, viewer),
    )


def _tried(read: Callable[[], T]) -> tuple[T | None, str]:
    """What could be read, or the reason why nothing could."""
    try:
        return read(), ""
    except Unshowable as problem:
        return None, str(problem)


def _viewer(snapshot: Snapshot, card: Card, wanted: Wanted) -> Viewer | None:
    if snapshot.repo.id.type is not RepoType.DATASET:
        return None
    try:
        snapshot.repo.must_admit(wanted.caller)
    except HubError as refusal:
        raise Unshowable(refusal.message) from refusal
    splits = splits_of(card.header, snapshot.files)
    split = chosen(splits, wanted.config, wanted.split)
    return Viewer(splits, split, first_rows(snapshot, snapshot.files[split.paths[0]]))


def _tables(snapshot: Snapshot, card: Card) -> list[ScoreTable]:
    if snapshot.repo.id.type is not RepoType.MODEL:
        return []
    files = [entry for path, entry in snapshot.files.items() if path.startswith(FOLDER) and path.endswith(".yaml")]
    tables = [_table(README, lambda: stated_scores(card.header))]
    tables += [_table(entry.path, partial(measured_scores, snapshot, entry)) for entry in files]
    return [table for table in tables if table.scores or table.problem]


def _table(path: str, read: Callable[[], list[Score]]) -> ScoreTable:
    scores, problem = _tried(read)
    return ScoreTable(path, scores or [], problem)


def _related(hub: Hub, card: Card, caller: Caller) -> list[Related]:
    named = [("base model", RepoType.MODEL, name) for name in words(card.header.get("base_model"))]
    named += [("dataset", RepoType.DATASET, name) for name in words(card.header.get("datasets"))]
    return [Related(label, name, _page(hub, type, name, caller)) for label, type, name in named[:20]]


def _page(hub: Hub, type: RepoType, name: str, caller: Caller) -> str:
    try:
        return hub.repos.find(repo_id(type, *name.partition("/")[::2]), caller).id.page
    except HubError:
        return ""


def _references(snapshot: Snapshot) -> References:
    refs = snapshot.git.refs
    return References(refs("refs/heads/"), refs("refs/tags/"), refs("refs/pr/"))


def _load(repo: RepoId, origin: str, card: Card, viewer: Viewer | None) -> str:
    """The lines that load a repository elsewhere."""
    name = json.dumps(str(repo))
    lines = [f"export HF_ENDPOINT={origin}"]
    if viewer:
        split = viewer.chosen
        asked = f"{name}, {json.dumps(split.config)}, split={json.dumps(split.name)}"
        lines += ["python", ">>> from datasets import load_dataset", f">>> rows = load_dataset({asked})"]
    elif card.header.get("library_name") == "peft":
        lines += ["python", ">>> from peft import AutoPeftModelForCausalLM"]
        lines += [f">>> model = AutoPeftModelForCausalLM.from_pretrained({name})"]
    elif repo.type is RepoType.SPACE and "evaluate" in words(card.header.get("tags")):
        lines += ["python", ">>> import evaluate", f">>> metric = evaluate.load({name})"]
    else:
        kind = "" if repo.type is RepoType.MODEL else f" --repo-type {repo.type}"
        lines += [f"hf download {repo}{kind}"]
    return "\n".join(lines)
