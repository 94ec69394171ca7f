"""Contents that are too large for git: each stored once, under its sha256, whole or not at all."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from caslie.localhub.errors import bad_request


class Objects:
    """A folder of files named by their sha256; `unfinished` is on the same disk and is emptied at each start."""

    def __init__(self, root: Path, unfinished: Path) -> None:
        self._root = root
        self._unfinished = unfinished

    def path(self, sha256: str) -> Path:
        """Where a content lies, or would lie."""
        return self._root / sha256[:2] / sha256[2:4] / sha256

    def size(self, sha256: str) -> int | None:
        """How large a content is; None where there is none."""
        try:
            return self.path(sha256).stat().st_size
        except FileNotFoundError:
            return None

    @contextmanager
    def receive(self, sha256: str) -> Iterator["Incoming"]:
        """Take a content piece by piece; it is there once the block ends, if it is what its name says."""
        with unfinished_file(self._unfinished) as file:
            incoming = Incoming(file)
            yield incoming
            if incoming.sha256 != sha256:
                raise bad_request(f"the content sent is {incoming.sha256}, not {sha256}")
            keep(file, self.path(sha256))


class Incoming:
    """What has come of a content so far."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.n_bytes = 0

    def write(self, piece: bytes) -> None:
        """Take the next piece."""
        self._file.write(piece)
        self._digest.update(piece)
        self.n_bytes += len(piece)

    @property
    def sha256(self) -> str:
        """The name of what has come."""
        return self._digest.hexdigest()


@contextmanager
def unfinished_file(folder: Path) -> Iterator[IO[bytes]]:
    """A file to write, gone when the block ends unless `keep` gave it a name."""
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        try:
            yield file.file
        finally:
            Path(file.name).unlink(missing_ok=True)


def keep(file: IO[bytes], path: Path) -> None:
    """Give a written file its final name, with its bytes on disk before its name is."""
    file.flush()
    os.fsync(file.fileno())
    path.parent.mkdir(parents=True, exist_ok=True)
    Path(file.name).rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def write_whole(path: Path, content: bytes, unfinished: Path) -> None:
    """Write a small file, whole or not at all."""
    with unfinished_file(unfinished) as file:
        file.write(content)
        keep(file, path)
