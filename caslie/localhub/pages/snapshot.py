"""A repository at one of its commits, wherever the bytes of its files lie."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from caslie.localhub.pages.errors import Unshowable
from caslie.localhub.storage.git import Commit, Entry, GitRepo
from caslie.localhub.storage.objects import Objects
from caslie.localhub.storage.repos import Repo

MOST_FILES = 1_000


@dataclass(frozen=True, slots=True)
class Listed:
    """A file or folder in a list, and the commit that last changed it."""

    entry: Entry
    commit: Commit

    @property
    def name(self) -> str:
        """What it is called in its folder."""
        return self.entry.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Listing:
    """What is in a folder, or the start of it and how many more there are."""

    files: list[Listed]
    n_more: int


class Snapshot:
    """What the pages read; it belongs to the thread that made it, as its git half does."""

    def __init__(self, repo: Repo, objects: Objects, revision: str) -> None:
        self.repo = repo
        self.revision = revision
        self.git: GitRepo = repo.git()
        self.commit = self.git.commit_of(revision)
        self._objects = objects

    @cached_property
    def files(self) -> dict[str, Entry]:
        """All files, by path."""
        found = self.git.entries(self.commit, recursive=True)
        return {entry.path: entry for entry in found if not entry.is_folder}

    def listing(self, folder: str) -> Listing:
        """What is in a folder: folders first."""
        found = sorted(self.git.entries(self.commit, folder), key=lambda entry: (not entry.is_folder, entry.path))
        shown = found[:MOST_FILES]  # before their commits are looked for, which is long where files are many
        commits = self.git.last_commits(self.commit, (entry.path for entry in shown))
        return Listing([Listed(entry, commits[entry.path]) for entry in shown], len(found) - len(shown))

    def start_of(self, entry: Entry, n_bytes: int) -> bytes:
        """The first bytes of a file.

        Raises:
            Unshowable: its content is not there.
        """
        where = self.where(entry)
        if isinstance(where, bytes):
            return where[:n_bytes]
        with where.open("rb") as file:
            return file.read(n_bytes)

    def where(self, entry: Entry) -> Path | bytes:
        """The file that holds a content, or the content if git holds it.

        Raises:
            Unshowable: its content is not there.
        """
        if entry.lfs is None:
            return self.git.read(entry)
        path = self._objects.path(entry.lfs.sha256)
        if not path.is_file():
            raise Unshowable(f"the content of {entry.path} is not on this Hub")
        return path

    def address(self, kind: str, path: str = "") -> str:
        """The path of a page (`tree`, `blob`) or of the bytes (`resolve`) of a file or folder."""
        return address(self.repo.id.page, kind, self.revision, path)


def address(page: str, kind: str, revision: str, path: str = "") -> str:
    """The path of a page about a file or folder of a repository, given the path of the repository's own."""
    return f"{page}/{kind}/{quote(revision, safe='')}" + (f"/{quote(path)}" if path else "")
