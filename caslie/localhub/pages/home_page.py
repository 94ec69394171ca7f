"""The list of repositories, the last changed first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from caslie.localhub.errors import HubError
from caslie.localhub.storage.accounts import Caller
from caslie.localhub.storage.git import MAIN
from caslie.localhub.storage.hub import Hub
from caslie.localhub.storage.names import RepoType
from caslie.localhub.storage.repos import Repo


@dataclass(frozen=True, slots=True)
class Section:
    """The repositories of one type."""

    type: RepoType
    repos: list["Summary"]


@dataclass(frozen=True, slots=True)
class Summary:
    """A repository in the list; one whose `main` was taken away has no last change."""

    repo: Repo
    changed: datetime | None
    title: str


def home_page(hub: Hub, caller: Caller, types: Iterable[RepoType], namespace: str | None = None) -> list[Section]:
    """Read what the visitor may know of, everywhere or in a namespace; types without a repository are left out."""
    sections = (Section(type, _summaries(hub, type, caller, namespace)) for type in types)
    return [section for section in sections if section.repos]


def _summaries(hub: Hub, type: RepoType, caller: Caller, namespace: str | None) -> list[Summary]:
    found = [_summary(repo) for repo in hub.repos.list(type, caller) if namespace in (None, repo.id.namespace)]
    return sorted(found, key=lambda one: one.changed.timestamp() if one.changed else 0, reverse=True)


def _summary(repo: Repo) -> Summary:
    git = repo.git()
    try:
        last = next(git.history(git.commit_of(MAIN)))
    except HubError:
        return Summary(repo, None, "")
    return Summary(repo, last.when, last.title)
