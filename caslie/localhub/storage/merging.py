"""What a pull request changes, and how its changes come onto `main`: as one commit, or not at all."""

import pygit2

from caslie.localhub.errors import conflict
from caslie.localhub.storage.git import MAIN, Changes, Entry, GitRepo
from caslie.localhub.storage.repos import Repo

LARGEST_DIFF = 1 << 20

Files = dict[str, Entry]


def merge(git: GitRepo, base: str, ref: str, author: str, message: str) -> str:
    """Add the changes between `base` and `ref` to `main`; a path that changed on both sides is a conflict."""
    main = git.commit_of(MAIN)
    before, ours, theirs = (_files(git, commit) for commit in (base, main, git.commit_of(ref)))
    clashes = _clashes(before, ours, theirs)
    if clashes:
        raise conflict(f"{', '.join(clashes[:5])} changed on {MAIN} too: this pull request cannot be merged")
    changed = sorted(_changed(before, theirs))
    changes = Changes(
        deleted_files=tuple(path for path in changed if path not in theirs and path in ours),
        files=tuple((path, git.read(theirs[path])) for path in changed if path in theirs),
    )
    return git.commit(f"refs/heads/{MAIN}", main, changes, author, message)


def conflicts(git: GitRepo, base: str, ref: str) -> list[str]:
    """The files that stand between a pull request and `main`."""
    return _clashes(*(_files(git, commit) for commit in (base, git.commit_of(MAIN), git.commit_of(ref))))


def diff(repo: Repo, base: str, ref: str) -> str:
    """What a pull request changes, as `git diff` tells it; what is beyond a megabyte is counted."""
    git = pygit2.Repository(str(repo.path))
    text, n_left_out = "", 0
    for patch in git.diff(pygit2.Oid(hex=base), git.references[ref].peel(pygit2.Commit)):
        piece = (patch.text if patch else None) or ""
        if len(text) + len(piece) > LARGEST_DIFF:
            n_left_out += 1
        else:
            text += piece
    return text + (f"({n_left_out} more files)\n" if n_left_out else "")


def _files(git: GitRepo, commit: str) -> Files:
    return {entry.path: entry for entry in git.entries(commit, recursive=True) if not entry.is_folder}


def _changed(before: Files, after: Files) -> set[str]:
    return {path for path in before.keys() | after.keys() if _oid(before, path) != _oid(after, path)}


def _clashes(before: Files, ours: Files, theirs: Files) -> list[str]:
    both = _changed(before, ours) & _changed(before, theirs)
    return sorted(path for path in both if _oid(ours, path) != _oid(theirs, path))


def _oid(files: Files, path: str) -> str | None:
    return files[path].oid if path in files else None
