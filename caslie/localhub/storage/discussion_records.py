"""What was said of a repository and what was proposed for it: one JSON file each, inside the bare repository."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal

from caslie.localhub.dates import now
from caslie.localhub.errors import HubError
from caslie.localhub.storage.objects import write_whole
from caslie.localhub.storage.repos import Repo

Status = Literal["draft", "open", "closed", "merged"]
Kind = Literal["comment", "status-change", "title-change"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something somebody did: `text` is the comment, the new status or the new title, `earlier` what stood before."""

    id: str
    kind: Kind
    author: str
    when: str
    text: str
    earlier: tuple[str, ...] = ()
    edited: str | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Discussion:
    """A discussion; a pull request is one with the commit of `main` that it starts from as its `base`."""

    num: int
    title: str
    author: str
    created: str
    status: Status
    base: str | None
    events: tuple[Event, ...]
    merged_as: str | None = None

    @property
    def ref(self) -> str:
        """The reference of a pull request, which its commits are on."""
        return f"refs/pr/{self.num}"


def event(kind: Kind, author: str, text: str, *earlier: str) -> Event:
    """Note what somebody does now."""
    return Event(secrets.token_hex(12), kind, author, now(), text, earlier)


def read_discussion(repo: Repo, num: int) -> Discussion:
    """One discussion by its number."""
    try:
        return _discussion(json.loads(_path(repo, num).read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise HubError(HTTPStatus.NOT_FOUND, f"{repo.id} has no discussion {num}") from error


def read_discussions(repo: Repo) -> Iterator[Discussion]:
    """Yield all discussions, newest first."""
    for num in range(last_number(repo), 0, -1):
        yield read_discussion(repo, num)


def last_number(repo: Repo) -> int:
    """The number of the newest discussion; 0 where there is none."""
    return max((int(path.stem) for path in (repo.path / "discussions").glob("*.json")), default=0)


def write_discussion(repo: Repo, discussion: Discussion) -> None:
    """Keep a discussion as it is now; what a killed server left half written has no number and is not read."""
    path = _path(repo, discussion.num)
    path.parent.mkdir(exist_ok=True)
    write_whole(path, json.dumps(asdict(discussion), indent=1).encode(), path.parent)


def _path(repo: Repo, num: int) -> Path:
    return repo.path / "discussions" / f"{num}.json"


def _discussion(content: dict[str, Any]) -> Discussion:
    events = tuple(Event(**(one | {"earlier": tuple(one["earlier"])})) for one in content["events"])
    return Discussion(**(content | {"events": events}))
