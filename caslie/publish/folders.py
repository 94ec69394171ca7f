"""A folder with its card: what both a build and an adapter are, once they are to be published."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from caslie.errors import PushError


def write_files(directory: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a folder, each whole or not at all; one that is the same already is left alone."""
    try:
        for name, content in files.items():
            path = directory / name
            if not (path.is_file() and path.read_bytes() == content):
                _write(path, content)
    except OSError as error:
        raise PushError(f"{directory}: the card cannot be written ({error})") from error


def differing(directory: Path, files: Mapping[str, bytes]) -> list[str]:
    """Those files that a folder lacks, or holds with another content."""
    return [
        name
        for name, content in sorted(files.items())
        if not (directory / name).is_file() or (directory / name).read_bytes() != content
    ]


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own: two pushers may write at once.
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.chmod(file.name, 0o644)
            os.replace(file.name, path)
        finally:
            Path(file.name).unlink(missing_ok=True)
