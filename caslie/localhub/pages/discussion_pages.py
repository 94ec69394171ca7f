"""The discussions of a repository: what was said, and what a pull request changes."""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from caslie.localhub.errors import HubError
from caslie.localhub.pages.changed_files import ChangedFiles, changed_between
from caslie.localhub.storage.discussion_records import Discussion, Event, read_discussion, read_discussions
from caslie.localhub.storage.repos import Repo

A_PAGE = 50
MOST_EVENTS = 200


@dataclass(frozen=True, slots=True)
class Said:
    """Something somebody said or did; only what they said has a text."""

    author: str
    when: datetime
    did: str
    text: str


@dataclass(frozen=True, slots=True)
class DiscussionPage:
    """What the template shows of a discussion; only a pull request changes files."""

    repo: Repo
    discussion: Discussion
    events: list[Said]
    n_more_events: int
    changed: ChangedFiles | None


@dataclass(frozen=True, slots=True)
class DiscussionsPage:
    """A page of the discussions; `number` counts the pages from 0."""

    repo: Repo
    discussions: list[Discussion]
    number: int
    has_more: bool


def discussion_page(repo: Repo, num: int) -> DiscussionPage:
    """Read one discussion."""
    found = read_discussion(repo, num)
    events = [_said(event) for event in found.events[:MOST_EVENTS]]
    return DiscussionPage(repo, found, events, len(found.events) - len(events), _changed(repo, found))


def discussions_page(repo: Repo, number: int) -> DiscussionsPage:
    """Read a page of the discussions, newest first."""
    start = number * A_PAGE
    found = list(islice(read_discussions(repo), start, start + A_PAGE + 1))
    return DiscussionsPage(repo, found[:A_PAGE], number, len(found) > A_PAGE)


def _said(event: Event) -> Said:
    when = datetime.fromisoformat(event.when)
    if event.kind == "comment":
        return Said(event.author, when, "hid what they said" if event.hidden else "said", event.text)
    did = "called it" if event.kind == "title-change" else "changed its status to"
    return Said(event.author, when, f"{did} {event.text}", "")


def _changed(repo: Repo, found: Discussion) -> ChangedFiles | None:
    if found.base is None:
        return None
    try:
        return changed_between(repo, found.base, repo.git().commit_of(found.ref))
    except HubError:  # its reference was taken away
        return None
