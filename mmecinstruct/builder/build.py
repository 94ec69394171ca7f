"""The build: corpora in, a folder that `load_dataset` opens out. `build` is the main flow."""

import logging
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from mmecinstruct.builder.card import write_card
from mmecinstruct.builder.features import picture_features, row_of, sample_features
from mmecinstruct.builder.leakage import leakage
from mmecinstruct.builder.lineage import LineageWriter
from mmecinstruct.builder.manifest import Config, make_manifest, write_json
from mmecinstruct.builder.plan import Planned, find_files, fingerprint, plan
from mmecinstruct.builder.sampling import Source, open_pool, samples
from mmecinstruct.builder.seen import Seen
from mmecinstruct.builder.settle import refs_of
from mmecinstruct.builder.workspace import Workspace
from mmecinstruct.builder.writer import SplitWriter
from mmecinstruct.config import Recipe, Sizes
from mmecinstruct.errors import RecipeError, SourceError
from mmecinstruct.images import PictureStore
from mmecinstruct.schema import Split
from mmecinstruct.sources import Corpora, Found

logger = logging.getLogger(__name__)

SPLITS: tuple[Split, ...] = ("train", "validation", "test")
Progress = Callable[[str, int, int], None]  # what, how much is done, of how much


@dataclass(frozen=True, slots=True)
class Request:
    """What a user asks for, apart from the recipe. `images` are folders of pictures besides `sources/images`."""

    sources: Path
    out: Path
    tasks: tuple[str, ...] = ()
    limit: int | None = None
    workers: int = 1
    images: tuple[Path, ...] = ()
    progress: Progress = lambda what, done, total: None


def build(recipe: Recipe, request: Request) -> dict[str, Any]:
    """Build the dataset and return its manifest.

    The same corpora, recipe and templates give the same Parquet bytes, whatever `workers` is. A killed build, started
    again, goes on with the files it had read and the pictures it had. OUT appears whole or not at all.

    Raises:
        MmecError: the recipe, the corpora or OUT cannot be used.
    """
    if absent := [folder for folder in request.images if not folder.is_dir()]:
        raise SourceError(f"{absent[0]}: no such folder of pictures")
    recipe = _limited(recipe, request.limit)
    planned = plan(recipe, request.tasks)
    files = find_files(planned, request.sources)
    with Workspace(request.out, fingerprint(recipe, planned, files)) as work:
        try:
            with ExitStack() as stack:
                making = Making(recipe, request, work, stack)
                making.stage(files)
                making.collect(planned)
                manifest = making.report()
        except duckdb.OutOfMemoryException as error:
            raise RecipeError(
                f"recipe {recipe.name}: memory: {recipe.memory} is too little for these corpora"
            ) from error
        work.publish()
    return manifest


class Making:
    """A build under way: the open databases, and what has been written so far."""

    def __init__(self, recipe: Recipe, request: Request, work: Workspace, stack: ExitStack) -> None:
        self.recipe = recipe
        self.request = request
        self.out = work.dataset
        self.corpora = stack.enter_context(Corpora(work.folder / "corpora.duckdb", request.workers, recipe.memory))
        self.store = stack.enter_context(
            PictureStore(
                cache_folder() / "pictures.sqlite",
                images_dirs=(*request.images, request.sources / "images"),
                rules=recipe.fetch,
                box=recipe.box,
                workers=request.workers,
            )
        )
        self.seen = Seen(work.folder / "seen.sqlite", recipe.disjoint)
        self.lineage = LineageWriter(self.out / "lineage.sqlite", request.sources)
        self.sources: list[Source] = []
        self.configs: dict[str, Config] = {}

    def stage(self, files: Sequence[Found]) -> None:
        """Read the corpus files into DuckDB."""
        for i, found in enumerate(files):
            self.request.progress(f"read {found.path.name}", i, len(files))
            self.corpora.stage(self.request.sources, found)
        self.request.progress("read corpora", len(files), len(files))
        self.corpora.catalogue()

    def collect(self, planned: Sequence[Planned]) -> None:
        """Write every split of every task.

        All training comes first, since no later split may repeat it (paper, 3.3).
        """
        seed = self.recipe.seed
        self.sources = [
            open_pool(self.corpora, one.task, one.options, domain, seed) for one in planned for domain in one.domains
        ]
        self.configs = {one.config: Config(one.config, one.task.name, one.domain) for one in self.sources}
        for split in SPLITS:
            for source in self.sources:
                if source.domain == "ind" or split == "test":
                    self._write(source, split, size_of(self.recipe.sizes, source, split))
        if not any(config.splits for config in self.configs.values()):
            raise SourceError(f"{self.request.sources}: no sample passed the checks: {_reasons(self.sources)}")
        if self.recipe.pictures == "shared":
            self._write_pictures()

    def report(self) -> dict[str, Any]:
        """Write what is known of the rows: leaks, manifest, card, lineage."""
        self.request.progress("look for leaks", 0, 1)
        leaks = leakage(self.out, self.seen, list(self.configs))
        self.seen.close()
        self.lineage.close(self.corpora)
        manifest = make_manifest(
            self.recipe, self.corpora, self.store, self.sources, list(self.configs.values()), leaks
        )
        write_json(self.out / "leakage.json", leaks)
        write_json(self.out / "manifest.json", manifest)
        write_card(self.out, manifest)
        self.request.progress("look for leaks", 1, 1)
        return manifest

    def _write(self, source: Source, split: Split, n: int) -> None:
        inline = self.recipe.pictures == "inline"
        writer = SplitWriter(self.out, source.config, split, sample_features(inline))
        for row, n_bytes in self._rows(source, split, n, inline):
            writer.add(row, n_bytes)
            self.request.progress(f"{source.config} {split}", writer.rows, n)
        self.configs[source.config].add(split, writer)
        self.request.progress(f"{source.config} {split}", writer.rows, writer.rows)
        logger.info(
            "%s %s: %d rows, dropped %s", source.config, split, writer.rows, dict(source.dropped.get(split, {}))
        )

    def _rows(self, source: Source, split: Split, n: int, inline: bool) -> Iterator[tuple[dict[str, Any], int]]:
        for one in samples(self.corpora, source, split, n, self.store, self.seen, self.recipe.seed):
            row = row_of(one.sample, one.input)
            n_bytes = len(one.input) + 200 * len(one.sample.items)
            if inline:
                pictures = [self.store.read(item.picture) for item in one.sample.items]
                row["images"] = [{"bytes": picture, "path": None} for picture in pictures]
                n_bytes += sum(map(len, pictures))
            self.lineage.add(source.config, one, refs_of(one.sample), self.corpora)
            yield row, n_bytes

    def _write_pictures(self) -> None:
        """The config `pictures`: every picture that a row shows, once."""
        writer = SplitWriter(self.out, "pictures", "train", picture_features())
        for sha256 in self.seen.pictures():
            picture = self.store.read(sha256)
            writer.add({"picture": sha256, "image": {"bytes": picture, "path": None}}, len(picture) + 100)
        self.configs["pictures"] = Config("pictures", "", "")
        self.configs["pictures"].add("train", writer)


def size_of(sizes: Sizes, source: Source, split: Split) -> int:
    """The most samples of a split."""
    return {
        "train": sizes.train,
        "validation": sizes.validation,
        "test": sizes.ood if source.domain == "ood" else sizes.test,
    }[split]


def cache_folder() -> Path:
    """Where a user's builds share what they fetched, so that no picture is fetched twice: `MMECINSTRUCT_CACHE`."""
    return Path(os.environ.get("MMECINSTRUCT_CACHE") or Path.home() / ".cache" / "mmecinstruct")


def _limited(recipe: Recipe, limit: int | None) -> Recipe:
    """The recipe with no split larger than `limit`."""
    if limit is None:
        return recipe
    sizes = recipe.sizes
    return replace(
        recipe,
        sizes=Sizes(
            min(limit, sizes.train), min(limit, sizes.validation), min(limit, sizes.test), min(limit, sizes.ood)
        ),
    )


def _reasons(sources: Sequence[Source]) -> str:
    counts = sum((one.counts() for one in sources), Counter())
    return (
        ", ".join(f"{reason} {n}" for reason, n in counts.most_common()) or "the corpora have no row for these tasks"
    )
