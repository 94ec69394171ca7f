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
REPLACED = "replaced"
DECIDED = "publication.json"  # where and under which licence it is published: the owner's word, not the build's
OURS = (
    *("README.md", "authors_captions.jsonl", "data", "leakage.json", "lineage.sqlite", "manifest.json"),
    *("LICENSE", "figures", DECIDED),  # what `caslie-push` adds
)


class Workspace:
    """`OUT.partial`. What is in it belongs to the build with this fingerprint; OUT appears whole or not at all.

    Raises:
        OutputError: OUT or OUT.partial holds something that is not a build's, or a review, which a build would end.
    """

    def __init__(self, out: Path, fingerprint: str) -> None:
        self.out = out.resolve()  # where OUT is a link, what it leads to is the folder
        self.folder = self.out.with_name(self.out.name + ".partial")
        refuse_precious(self.out)
        _refuse_foreign(self.folder, STAMP)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock()
        self._restore()
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
        if self.out.exists():
            if (self.out / DECIDED).is_file():
                shutil.copy2(self.out / DECIDED, self.dataset)
            self.out.rename(self.folder / REPLACED)
        self.dataset.rename(self.out)
        shutil.rmtree(self.folder)
        self._locked.close()

    def _restore(self) -> None:
        """Give OUT back, if a run was killed between taking the old one away and putting the new one there.

        If the new one is there, what is left of the old one is no longer needed.
        """
        if not self.out.exists() and (self.folder / REPLACED).is_dir():
            (self.folder / REPLACED).rename(self.out)
        shutil.rmtree(self.folder / REPLACED, ignore_errors=True)

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


def _refuse_foreign(folder: Path, mark: str) -> None:
    """Only a folder that a build made, or an empty one, may be emptied."""
    if folder.exists() and not (folder.is_dir() and ((folder / mark).is_file() or not any(folder.iterdir()))):
        raise OutputError(f"{folder}: exists and is no build of mmecinstruct; name another --out or remove it")


def refuse_precious(out: Path) -> None:
    """OUT is replaced if all of it is a build's, which can be made again; other files and verdicts cannot."""
    _refuse_foreign(out, "manifest.json")
    if not out.exists() or not any(out.iterdir()):
        return
    try:
        manifest = read_manifest(out)
    except OutputError as error:
        raise OutputError(f"{out}: exists and is no build of mmecinstruct; name another --out or remove it") from error
    strangers = sorted(path.name for path in out.iterdir() if path.name not in OURS)
    if strangers:
        raise OutputError(f"{out}: holds {strangers[0]}, which no build made; name another --out or move it away")
    if "review" in manifest:
        raise OutputError(f"{out}: holds the verdicts of a review; name another --out or move it away")
