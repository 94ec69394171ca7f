"""The measures as a folder of modules, which `evaluate.load` takes without a Hub."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from caslie.errors import PushError
from caslie.publish.metrics_space import metrics_folder


def write_metrics(directory: Path) -> Path:
    """Write the measures into a folder, all files or none; return where it is.

    Raises:
        PushError: it cannot be made, holds something else, or has a name that `evaluate` could not import.
    """
    out = directory.resolve()
    wanted = metrics_folder(out.name)
    try:
        held = _held(out, wanted)
        if held is None or (held and held != wanted.keys()):
            raise PushError(f"{directory}: is something else already; name a new or an empty folder")
        if not held or any((out / name).read_bytes() != content for name, content in wanted.items()):
            _replace(out, wanted)
    except OSError as error:
        raise PushError(f"{directory}: no folder can be made there ({error.strerror}); name another") from error
    return out


def _held(out: Path, wanted: Mapping[str, bytes]) -> set[str] | None:
    """Which of the files are there; None where anything else is, without a look at all of it."""
    if not out.exists():
        return set()
    if not out.is_dir():
        return None
    folders = {Path(name).parent.as_posix() for name in wanted}
    held = set()
    for path in out.rglob("*"):
        name = path.relative_to(out).as_posix()
        if name in wanted and path.is_file():
            held.add(name)
        elif name not in folders or path.is_symlink() or not path.is_dir():
            return None
    return held


def _replace(out: Path, files: Mapping[str, bytes]) -> None:
    """Put a folder in another one's place; a kill leaves the old one, the new one, or none."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as work:
        fresh = Path(work, "new")
        for name, content in files.items():
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if out.exists():
            out.rename(Path(work, "old"))
        fresh.rename(out)
