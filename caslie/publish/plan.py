"""What a push would do, file by file, before anything is sent."""

import difflib
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from caslie.errors import PushError
from caslie.publish.artifact import Artifact, Content, Digest, digest
from caslie.publish.remote import Remote, RemoteFile

Change = Literal["new", "changed", "same", "removed", "kept"]
CARD = "README.md"
KEPT_BY_THE_HUB = ".gitattributes"
PUBLISHED = "public from now on"
# What git and the Hub both take; `refs/...` and what looks like a commit stand for something else.
REFERENCE = re.compile(
    r"(?!HEAD$|refs/|[0-9a-f]{40}$|.*(\.\.|//|\.lock(/|$)))[A-Za-z0-9]([A-Za-z0-9._/-]{0,98}[A-Za-z0-9_-])?"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the owner asks for, besides the artifact and the repository.

    Raises:
        PushError: a name that no branch or tag can have; or a pull request, and something that none does.
    """

    public: bool = False
    branch: str = "main"
    tag: str | None = None
    create_pr: bool = False
    message: str | None = None

    def __post_init__(self) -> None:
        """Refuse what the Hub would refuse when half is done, and what would be left out in silence."""
        for option, name in (("--branch", self.branch), ("--tag", self.tag)):
            if name is not None and not REFERENCE.fullmatch(name):
                raise PushError(f"{option} {name!r}: letters, digits and inner . _ / -, and neither HEAD nor a commit")
        if self.tag == self.branch:
            raise PushError(f"--tag {self.tag}: there is a branch of that name, which the tag would hide")
        if self.create_pr and (self.public or self.tag or self.branch != "main"):
            raise PushError("a pull request proposes a change to main: leave out --branch, --tag and --public")


@dataclass(frozen=True, slots=True)
class File:
    """One file, and what would become of it; `kept` is a file that people added on the Hub."""

    path: str
    bytes: int
    change: Change


@dataclass(frozen=True, slots=True)
class Plan:
    """A release as it would be made; `base` is the commit it was planned on, None where there is no repository.

    A branch that is not there yet begins at `main`.
    """

    repository: str
    repo_type: str
    endpoint: str
    branch: str
    base: str | None
    new_branch: bool
    visibility: str
    files: tuple[File, ...]
    card: str
    notes: tuple[str, ...]
    digests: Mapping[str, Digest]

    @property
    def content(self) -> str:
        """A name of the release that its files give it."""
        whole = "".join(f"{path}\0{one.sha256}\0" for path, one in self.digests.items())
        return hashlib.sha256(whole.encode()).hexdigest()[:12]

    def paths(self, *changes: Change) -> list[str]:
        """The files to which one of these happens."""
        return [file.path for file in self.files if file.change in changes]

    @property
    def bytes_to_send(self) -> int:
        """At most so many: what the Hub has of a changed file is not sent again."""
        return sum(file.bytes for file in self.files if file.change in ("new", "changed"))

    @property
    def nothing_to_send(self) -> bool:
        """Tell whether the Hub has this release already."""
        return not self.paths("new", "changed", "removed")

    @property
    def nothing_to_do(self) -> bool:
        """Tell whether the Hub is as asked already, but for a tag."""
        return self.nothing_to_send and not self.new_branch and self.visibility != PUBLISHED

    def as_json(self) -> dict[str, Any]:
        """The plan for a machine."""
        names = ("repository", "repo_type", "endpoint", "branch", "new_branch", "base", "visibility")
        files = [{"path": file.path, "bytes": file.bytes, "change": file.change} for file in self.files]
        return {name: getattr(self, name) for name in names} | {
            "files": files,
            "bytes": sum(file.bytes for file in self.files if file.change not in ("removed", "kept")),
            "bytes_to_send": self.bytes_to_send,
            "card": self.card,
            "notes": list(self.notes),
        }


def make_plan(artifact: Artifact, remote: Remote, wanted: Wanted) -> Plan:
    """Compare what is here with what is there. Asks the Hub, changes nothing.

    Raises:
        PushError: the Hub would refuse it, or the tag names another commit.
    """
    remote.check_rights(only_pull_request=wanted.create_pr)
    remote.check_type()
    contents = artifact.files()
    digests = {path: digest(content) for path, content in sorted(contents.items())}
    there = remote.exists()
    if wanted.create_pr and not there:
        raise PushError(
            f"{remote.repository}: there is nothing to propose a change to; publish it without --create-pr"
        )
    head = remote.head(wanted.branch) if there else None
    base = head or (remote.head("main") if there else None)
    listed = remote.files(base) if base else {}
    plan = Plan(
        repository=remote.repository,
        repo_type=artifact.repo_type,
        endpoint=remote.endpoint,
        branch=wanted.branch,
        base=base,
        new_branch=head is None and wanted.branch != "main",
        visibility=_visibility(remote, there, wanted),
        files=tuple(_files(artifact, digests, listed)),
        card=_card_changes(contents, remote.card(base) if base else ""),
        notes=artifact.notes,
        digests=digests,
    )
    if wanted.tag and there:
        _check_tag(wanted.tag, remote.tags(), plan)
    return plan


def _visibility(remote: Remote, there: bool, wanted: Wanted) -> str:
    if not there:
        return "public" if wanted.public else "private"
    if not remote.is_private():
        return "public, as it is"
    return PUBLISHED if wanted.public else "private, as it is"


def _files(artifact: Artifact, digests: Mapping[str, Digest], listed: Mapping[str, RemoteFile]) -> Iterator[File]:
    for path, one in digests.items():
        before = listed.get(path)
        change: Change = "new" if before is None else "same" if before.holds(one) else "changed"
        yield File(path, one.size, change)
    for path, other in sorted(listed.items()):
        if path not in digests and path != KEPT_BY_THE_HUB:
            yield File(path, other.size, "removed" if artifact.owns(path) else "kept")


def _card_changes(contents: Mapping[str, Content], before: str) -> str:
    """The card's changes as a unified diff, which shows control characters of a foreign card as they are spelled."""
    card = contents.get(CARD, b"")
    after = (card if isinstance(card, bytes) else card.read_bytes()).decode("utf-8")
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), "on the Hub", "to publish", lineterm="", n=1)
    return "\n".join("".join(c if c.isprintable() else repr(c)[1:-1] for c in line) for line in lines)


def _check_tag(name: str, tags: Mapping[str, str], plan: Plan) -> None:
    at = tags.get(name)
    if at and not (plan.nothing_to_send and at == plan.base):
        raise PushError(f"the tag {name} of {plan.repository} names {at[:7]} already; choose another --tag")
