"""Pictures already at hand: `images/<image id>.<ext>` (or, where the address has no id, the name by its digest)."""

import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from mmecinstruct.images.outcome import Failure

_EXTENSIONS = ("jpg", "jpeg", "png", "webp", "gif")


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file as it was found; another size or time is another file."""

    path: Path
    size: int
    mtime_ns: int


def find_file(images_dirs: Sequence[Path], name: str) -> LocalFile | None:
    """Find the file of a picture name, in the first folder that has it; a name holds letters, digits, `+ - _`."""
    for path in _paths(images_dirs, name):
        try:
            found = path.stat()
        except OSError:
            continue
        if stat.S_ISREG(found.st_mode):  # a pipe would wait forever
            return LocalFile(path, found.st_size, found.st_mtime_ns)
    return None


def read_file(file: LocalFile, max_bytes: int) -> bytes | Failure:
    """Read a file that was found, unless it is too large or not ours to read."""
    if file.size > max_bytes:
        return Failure("too_large")
    try:
        return file.path.read_bytes()
    except OSError:
        return Failure("unreadable")


def _paths(images_dirs: Sequence[Path], name: str) -> Iterator[Path]:
    stems = dict.fromkeys((name, quote(name, safe="")))  # some downloaders keep the %2B of the address
    return (folder / f"{stem}.{ext}" for folder in images_dirs for stem in stems for ext in _EXTENSIONS)
