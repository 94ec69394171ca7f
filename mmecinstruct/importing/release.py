"""The import: the authors' `dataset.json` in, a folder that `load_dataset` opens out. `import_release` is the flow.

The words are ours: the templates render every row again, and the manifest counts the rows that this does not change.
"""

import dataclasses
import hashlib
import logging
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from importlib.metadata import version
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from mmecinstruct import words
from mmecinstruct.builder.build import Progress, cache_folder
from mmecinstruct.builder.card import write_card
from mmecinstruct.builder.features import row_of, sample_features
from mmecinstruct.builder.leakage import leakage
from mmecinstruct.builder.manifest import Config, write_json
from mmecinstruct.builder.plan import FORMAT, LIBRARIES, fingerprint
from mmecinstruct.builder.seen import Seen
from mmecinstruct.builder.workspace import Workspace
from mmecinstruct.builder.writer import SplitWriter
from mmecinstruct.config import Recipe
from mmecinstruct.errors import ImportRefused
from mmecinstruct.images import Failure, FetchRules, Picture, PictureStore
from mmecinstruct.importing.account import Account
from mmecinstruct.importing.reading import records
from mmecinstruct.importing.rows import Told, settle, tell
from mmecinstruct.importing.staging import Place, Staged, reasons
from mmecinstruct.schema import Draft, Drop, Ref, Sample
from mmecinstruct.tasks import TASKS

logger = logging.getLogger(__name__)

_OFFLINE = FetchRules()
_SPLITS = ("train", "validation", "test")


def import_release(
    path: Path,
    out: Path,
    *,
    images: Sequence[Path] = (),
    rules: FetchRules = _OFFLINE,
    workers: int = 1,
    progress: Progress = lambda what, done, total: None,
) -> dict[str, Any]:
    """Make a dataset of the published file and return its manifest; OUT appears whole or not at all.

    Args:
        path: the file: one JSON array of objects, or one object a line.
        out: the folder to make.
        images: folders of pictures already at hand, `<image id>.<ext>`.
        rules: what may be fetched; nothing by default.
        workers: threads that decode pictures.
        progress: told what is being done, how much of it is done, of how much.

    Raises:
        ImportRefused: the file cannot become a dataset.
        OutputError: OUT cannot be used.
    """
    if not path.is_file():
        raise ImportRefused(f"{path}: no such file")
    recipe = Recipe("import", fetch=rules)
    with Workspace(out, _fingerprint(recipe, path)) as work:
        try:
            manifest = _import(path, recipe, work, images, workers, progress)
        except ImportRefused:
            shutil.rmtree(work.folder)
            raise
        work.publish()
    return manifest


def _import(
    path: Path, recipe: Recipe, work: Workspace, images: Sequence[Path], workers: int, progress: Progress
) -> dict[str, Any]:
    with ExitStack() as stack:
        staged = stage(path, work.folder / "rows.sqlite", progress, stack)
        pictures = cache_folder() / "pictures.sqlite"
        store = PictureStore(pictures, images_dirs=images, rules=recipe.fetch, box=recipe.box, workers=workers)
        importing = Importing(recipe, work, staged, stack.enter_context(store), progress, stack)
        importing.write(path.name)
        return importing.report(path)


def stage(path: Path, database: Path, progress: Progress, stack: ExitStack) -> Staged:
    """Read the whole file once; nothing is written to the dataset before all of it is understood."""
    staged = Staged(database)
    stack.callback(staged.close)
    size = path.stat().st_size
    with path.open("rb") as raw, TextIOWrapper(raw, encoding="utf-8-sig") as text:
        for record in records(text):
            staged.add(record)
            if staged.n % 1000 == 0:
                progress(f"read {path.name}", raw.tell(), size)
    staged.finish(str(path))
    progress(f"read {path.name}", size, size)
    return staged


class Importing:
    """An import under way: what has been written so far, and what became of each row."""

    def __init__(
        self,
        recipe: Recipe,
        work: Workspace,
        staged: Staged,
        store: PictureStore,
        progress: Progress,
        stack: ExitStack,
    ) -> None:
        self.recipe = recipe
        self.out = work.dataset
        self.staged = staged
        self.store = store
        self.progress = progress
        self.seen = Seen(work.folder / "seen.sqlite")
        stack.callback(self.seen.db.close)  # a refusal comes before `report`
        self.account = stack.enter_context(Account(self.out))
        self.configs = {place.config: Config(place.config, place.task, place.domain) for place in staged.places()}

    def write(self, file: str) -> None:
        """Write every split of every config, all training first: what it holds cannot be tested (paper, 3.3)."""
        for split in _SPLITS:
            for place in self.staged.places():
                if place.split == split:
                    self._write(place, file)

    def report(self, path: Path) -> dict[str, Any]:
        """Write what is known of the rows: leaks, manifest, card."""
        if not any(config.splits for config in self.configs.values()):
            raise ImportRefused(f"{path}: no row can be used: {reasons(self.account.counts())}")
        leaks = leakage(self.out, self.seen, list(self.configs))
        self.seen.close()
        manifest = self._manifest(path, leaks)
        write_json(self.out / "leakage.json", leaks)
        write_json(self.out / "manifest.json", manifest)
        write_card(self.out, manifest)
        return manifest

    def _write(self, place: Place, file: str) -> None:
        writer = SplitWriter(self.out, place.config, place.split, sample_features(True))
        done, total = 0, self.staged.count(place)
        for block in self.staged.slices(place):
            told = [tell(place.task, record, Ref(file, digest[:16])) for record, digest in block]
            for row, n_bytes in self._rows(place, told):
                writer.add(row, n_bytes)
            done += len(block)
            self.progress(f"{place.config} {place.split}", done, total)
        self.configs[place.config].add(place.split, writer)
        logger.info("%s %s: %d rows of %d", place.config, place.split, writer.rows, total)

    def _rows(self, place: Place, block: Sequence[Told | Drop]) -> Iterator[tuple[dict[str, Any], int]]:
        """Yield the rows of a slice; its pictures are obtained together."""
        pictures = self._pictures([told for told in block if isinstance(told, Told)])
        for told in block:
            settled = told if isinstance(told, Drop) else self._settled(place, told, pictures)
            if isinstance(settled, Drop):
                self.account.drop(place, settled.reason)
                continue
            sample, text = settled
            row, images = row_of(sample, text), [self.store.read(item.picture) for item in sample.items]
            row["images"] = [{"bytes": image, "path": None} for image in images]
            yield row, len(text) + 200 * len(images) + sum(map(len, images))

    def _settled(
        self, place: Place, told: Told, pictures: Mapping[str, Picture | Failure]
    ) -> tuple[Sample, str] | Drop:
        sample = settle(told, place, [pictures[address] for address in told.addresses])
        if isinstance(sample, Drop):
            return sample
        text = words.input_text(sample)
        draft = Draft(told.key, sample.fields, (), sample.target, (told.ref,), query=told.shown.query)
        if reason := self.seen.reject(sample, text, draft):
            return Drop(reason)
        self.account.keep(place, sample, told, text)
        return sample, text

    def _pictures(self, block: Sequence[Told]) -> dict[str, Picture | Failure]:
        addresses = list(dict.fromkeys(address for told in block for address in told.addresses))
        return dict(zip(addresses, self.store.obtain([[one] for one in addresses]), strict=True))

    def _manifest(self, path: Path, leaks: dict[str, Any]) -> dict[str, Any]:
        """As a build's, with `release`; the one corpus is the file."""
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        skipped = dict(sorted(self.staged.skipped.items()))
        configs = [one for one in self.configs.values() if one.splits]
        return {
            "format": FORMAT,
            "recipe": dataclasses.asdict(self.recipe),
            "configs": {one.name: {"task": one.task, "domain": one.domain, "splits": one.splits} for one in configs},
            "dropped": self.account.drops(),
            "skipped": {path.name: skipped} if skipped else {},
            "corpora": [{"file": path.name, "table": "release", "lines": self.staged.n, "sha256": sha256}],
            "pictures": {"failed": self.store.failures()},
            "leakage": leaks["summary"],
            "templates": {task: words.template_digest(task) for task in dict.fromkeys(one.task for one in configs)},
            "libraries": {name: version(name) for name in LIBRARIES},
            "release": self.account.about(),
        }


def _fingerprint(recipe: Recipe, path: Path) -> str:
    stat = path.stat()
    templates = [words.template_digest(task) for task in TASKS]
    return fingerprint(recipe, [], [], [path.name, str(stat.st_size), str(stat.st_mtime_ns), *templates])
