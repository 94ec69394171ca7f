"""What can be published: its kind, its files, and how it is loaded back from a Hub and compared."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, Protocol

RepoType = Literal["dataset", "model", "space"]

# A file on disk, or its bytes.
Content = Path | bytes

PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Published:
    """A commit on a Hub, to load from. The token is not here: the clients find it where they always do."""

    repository: str
    commit: str
    changed: frozenset[str]


class Artifact(Protocol):
    """A dataset, an adapter or the metrics, ready to be published."""

    @property
    def repo_type(self) -> RepoType:
        """The kind of repository it belongs in."""

    @property
    def space_sdk(self) -> str | None:
        """What a Space runs on; None for what is no Space."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What its owner should know before it is published."""

    def files(self) -> Mapping[str, Content]:
        """All that is published, by path in the repository; written to disk by `settle` first."""

    def owns(self, path: str) -> bool:
        """Tell whether a file of an earlier release is ours to take away; what people added by hand is not."""

    def settle(self) -> None:
        """Write the card and the decisions into the folder, so that it is what is published."""

    def fetch(self) -> None:
        """Get what `load_back` needs besides, as far as it can be had: a throw-away Hub has none of it."""

    def load_back(self, published: Published, progress: Callable[[str, int, int], None]) -> str:
        """Load a commit with the real client, compare it with what is here, and say what was compared.

        Raises:
            PushError: something differs, or does not load.
        """


@dataclass(frozen=True, slots=True)
class Digest:
    """What a Hub knows of a content: its size, its sha256 (LFS files), and its name in git (small files)."""

    size: int
    sha256: str
    git: str


def digest(content: Content) -> Digest:
    """Read a content once, in pieces; a file that has not changed since is not read again."""
    if isinstance(content, bytes):
        return _digest(len(content), [content])
    stat = content.stat()
    return _digest_of_file(content, stat.st_size, stat.st_mtime_ns, stat.st_ino)


@cache
def _digest_of_file(path: Path, size: int, mtime: int, inode: int) -> Digest:
    with path.open("rb") as file:
        return _digest(size, iter(lambda: file.read(PIECE), b""))


def _digest(size: int, pieces: Iterable[bytes]) -> Digest:
    # git names a blob by SHA-1; nothing here relies on it being hard to forge
    sha256, git = hashlib.sha256(), hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
    for piece in pieces:
        sha256.update(piece)
        git.update(piece)
    return Digest(size, sha256.hexdigest(), git.hexdigest())
