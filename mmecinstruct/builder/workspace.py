"""The folder a build works in, beside its output.

Resumed by the same build, thrown away by another, renamed at the end.
"""

import fcntl
import json
import shutil
from pathlib import Path
from typing import Self

from mmecinstruct.builder.manifest import read_manifest
from mmecinstruct.errors import OutputError

STAMP = "build.json"


class Workspace:
    """`OUT.partial`. What is in it belongs to the build with this fingerprint; OUT appears whole or not at all."""

    def __init__(self, out: Path, fingerprint: str) -> None:
        if out.exists() and not _is_ours(out):
            raise OutputError(f"{out}: exists and is no build of mmecinstruct; name another --out or remove it")
        self.out = out
        self.folder = out.with_name(out.name + ".partial")
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        self.folder.mkdir(exist_ok=True)
        self._lock()
        if self._stamp() != fingerprint:
            self._clear()
            (self.folder / STAMP).write_text(json.dumps({"fingerprint": fingerprint}))
        self.dataset = self.folder / "dataset"
        shutil.rmtree(self.dataset, ignore_errors=True)
        self.dataset.mkdir()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._locked.close()

    def publish(self) -> None:
        """Put the finished dataset in the place of OUT."""
        old = self.out.with_name(self.out.name + ".old")
        shutil.rmtree(old, ignore_errors=True)
        if self.out.exists():
            self.out.rename(old)
        self.dataset.rename(self.out)
        shutil.rmtree(old, ignore_errors=True)
        shutil.rmtree(self.folder)
        self._locked.close()

    def _lock(self) -> None:
        self._locked = (self.folder / "lock").open("w")
        try:
            fcntl.flock(self._locked, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._locked.close()
            raise OutputError(f"{self.out}: another build is writing it") from error

    def _stamp(self) -> str:
        try:
            stamp: str = json.loads((self.folder / STAMP).read_text())["fingerprint"]
        except (OSError, ValueError, KeyError, TypeError):
            return ""
        return stamp

    def _clear(self) -> None:
        for path in self.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != "lock":
                path.unlink()


def _is_ours(out: Path) -> bool:
    """Tell whether OUT may go: a build or an empty folder. Other things have a `manifest.json` of their own too."""
    if not out.is_dir():
        return False
    try:
        read_manifest(out)
    except OutputError:
        return not any(out.iterdir())
    return True
