"""Discussions in the words of the Hub's API."""

import html
from collections.abc import Iterator
from itertools import takewhile

from caslie.localhub.dates import stamp
from caslie.localhub.storage.discussion_records import Discussion, Event
from caslie.localhub.storage.git import MAIN, Commit
from caslie.localhub.storage.merging import conflicts, diff
from caslie.localhub.storage.names import RepoId
from caslie.localhub.storage.repos import Repo


def overview(id: RepoId, one: Discussion) -> dict[str, object]:
    """A discussion as a list of them shows it."""
    return {
        "num": one.num,
        "title": one.title,
        "author": {"name": one.author, "type": "user"},
        "createdAt": one.created,
        "status": one.status,
        "isPullRequest": one.base is not None,
        "numComments": sum(event.kind == "comment" for event in one.events),
        "repo": {"name": str(id), "type": id.type},
        "repoOwner": {"name": id.namespace},
    }


def details(repo: Repo, one: Discussion, with_diff: bool) -> dict[str, object]:
    """A discussion with all its events; a pull request with its commits among them."""
    events = [event_answer(event) for event in one.events]
    answer = overview(repo.id, one)
    if one.base is not None:
        events += [_commit_event(commit) for commit in _commits(repo, one.base, one.ref)]
        answer |= _changes(repo, one, one.base, with_diff)
    return answer | {"events": sorted(events, key=lambda event: str(event["createdAt"]))}


def event_answer(event: Event) -> dict[str, object]:
    """One event."""
    data: dict[str, object] = {"status": event.text}
    if event.kind == "title-change":
        data = {"from": event.earlier[0], "to": event.text}
    elif event.kind == "comment":
        data = _comment(event)
    return {
        "id": event.id,
        "type": event.kind,
        "author": {"name": event.author},
        "createdAt": event.when,
        "data": data,
    }


def _comment(event: Event) -> dict[str, object]:
    return {
        "edited": event.edited is not None,
        "hidden": event.hidden,
        "numEdits": len(event.earlier),
        "latest": _version(event.text) | {"updatedAt": event.edited or event.when, "author": {"name": event.author}},
        "history": [_version(text) for text in event.earlier],
    }


def _version(text: str) -> dict[str, object]:
    return {"raw": text, "html": f"<p>{html.escape(text)}</p>"}


def _changes(repo: Repo, one: Discussion, base: str, with_diff: bool) -> dict[str, object]:
    pending = one.status in ("draft", "open")
    return {
        "changes": {"base": f"refs/heads/{MAIN}"} | ({"mergeCommitId": one.merged_as} if one.merged_as else {}),
        "filesWithConflicts": conflicts(repo.git(), base, one.ref) if pending else [],
        "diff": diff(repo, base, one.ref) if with_diff else None,
    }


def _commits(repo: Repo, base: str, ref: str) -> Iterator[Commit]:
    git = repo.git()
    return takewhile(lambda commit: commit.sha != base, git.history(git.commit_of(ref)))


def _commit_event(commit: Commit) -> dict[str, object]:
    return {
        "id": commit.sha[:24],
        "type": "commit",
        "author": {"name": commit.author},
        "createdAt": stamp(commit.when),
        "data": {"subject": commit.title, "oid": commit.sha},
    }
