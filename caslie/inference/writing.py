"""Writes files whole or not at all, and says which one a full disk had no room for."""

import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from caslie.errors import StageError

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def write_whole(path: Path, lines: Iterable[str]) -> None:
    """Write a file's lines, all of them or none.

    Raises:
        StageError: the disk is full.
    """
    partial = path.with_name(f"{path.name}.partial")
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with partial.open("w", encoding="utf-8", errors="backslashreplace") as file:
                file.writelines(f"{line}\n" for line in lines)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Name the file that is being written where the disk is full; the system names it with other errors alone.

    Raises:
        StageError: the disk is full.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise StageError(f"{path}: cannot be written ({error.strerror}); make room, and run the same again") from error
