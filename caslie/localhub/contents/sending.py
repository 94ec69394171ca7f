"""Who may send contents to a repository: who may write in it, and who proposes a change by a pull request."""

import re

from caslie.localhub.errors import not_logged_in
from caslie.localhub.storage.accounts import Caller
from caslie.localhub.storage.discussion_records import read_discussion
from caslie.localhub.storage.repos import Repo

PULL_REQUEST = re.compile(r"refs/pr/(\d{1,9})")


def must_send(caller: Caller, repo: Repo) -> str:
    """Refuse who may not even propose a change; the others are told apart by `must_commit`."""
    if caller.name is None:
        raise not_logged_in()
    repo.must_admit(caller)
    # With the right reason: a token that may only read says so, whatever the namespace.
    caller.must_write(caller.name)
    return caller.name


def must_commit(caller: Caller, repo: Repo, revision: str, create_pr: bool) -> str:
    """Refuse who may not commit there: a pull request takes commits from its author too."""
    if create_pr or _is_author(caller, repo, revision):
        return must_send(caller, repo)
    caller.must_write(repo.id.namespace)
    return must_send(caller, repo)


def reference(revision: str) -> str:
    """The full name of what a commit moves."""
    if PULL_REQUEST.fullmatch(revision):
        return revision
    return f"refs/heads/{revision.removeprefix('refs/heads/')}"


def _is_author(caller: Caller, repo: Repo, revision: str) -> bool:
    found = PULL_REQUEST.fullmatch(revision)
    return found is not None and read_discussion(repo, int(found[1])).author == caller.name
