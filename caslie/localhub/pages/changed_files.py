"""Which files a commit or a pull request changed."""

from dataclasses import dataclass
from itertools import islice

import pygit2

from caslie.localhub.pages.snapshot import MOST_FILES
from caslie.localhub.storage.repos import Repo

_HOW = {"A": "added", "D": "deleted"}


@dataclass(frozen=True, slots=True)
class Changed:
    """A file, and what became of it."""

    path: str
    how: str


@dataclass(frozen=True, slots=True)
class ChangedFiles:
    """The changed files by path, or the first of them and how many more there are."""

    files: list[Changed]
    n_more: int


def changed_by(repo: Repo, sha: str) -> ChangedFiles:
    """What a commit changed; the first one added all that was there."""
    git = pygit2.Repository(str(repo.path))
    parents = git[sha].peel(pygit2.Commit).parent_ids
    if parents:
        return changed_between(repo, str(parents[0]), sha)
    return _listed(git[sha].peel(pygit2.Tree).diff_to_tree(swap=True))


def changed_between(repo: Repo, before: str, after: str) -> ChangedFiles:
    """What is another file at one commit than at an earlier one."""
    git = pygit2.Repository(str(repo.path))
    return _listed(git[before].peel(pygit2.Tree).diff_to_tree(git[after].peel(pygit2.Tree)))


def _listed(diff: pygit2.Diff) -> ChangedFiles:
    deltas = islice(diff.deltas, MOST_FILES)
    files = [Changed(delta.new_file.path, _HOW.get(delta.status_char(), "changed")) for delta in deltas]
    return ChangedFiles(files, len(diff) - len(files))
