"""The commits of a repository: each with what it changed, and all before a revision."""

from dataclasses import dataclass
from itertools import islice

from caslie.localhub.pages.changed_files import ChangedFiles, changed_by
from caslie.localhub.pages.file_pages import Opening
from caslie.localhub.pages.snapshot import Listing, Snapshot
from caslie.localhub.storage.git import Commit

A_PAGE = 100


@dataclass(frozen=True, slots=True)
class CommitPage:
    """What the template shows of a commit."""

    snapshot: Snapshot
    commit: Commit
    changed: ChangedFiles
    listing: Listing


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A page of the commits; `number` counts the pages from 0."""

    snapshot: Snapshot
    commits: list[Commit]
    number: int
    has_more: bool


def commit_page(opening: Opening) -> CommitPage:
    """Read what a commit is."""
    snapshot = opening()
    commit = next(snapshot.git.history(snapshot.commit))
    return CommitPage(snapshot, commit, changed_by(snapshot.repo, commit.sha), snapshot.listing(""))


def history_page(opening: Opening, number: int) -> HistoryPage:
    """Read a page of the commits, newest first."""
    snapshot = opening()
    start = number * A_PAGE
    found = list(islice(snapshot.git.history(snapshot.commit), start, start + A_PAGE + 1))
    return HistoryPage(snapshot, found[:A_PAGE], number, len(found) > A_PAGE)
