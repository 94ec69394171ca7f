"""The dataset builder behind `load_dataset("mmecinstruct", config)`: it builds from the corpora, or from the sample.

The corpora are those of `data_dir=`, else of `MMECINSTRUCT_SOURCES`; with neither, the bundled sample is written and
built, with a warning. What is built stays in `~/.cache/mmecinstruct/builds`.
"""

import fcntl
import hashlib
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
from datasets import load
from datasets.builder import Key
from datasets.data_files import DataFilesDict

from mmecinstruct.builder import Request, build
from mmecinstruct.builder.build import cache_folder
from mmecinstruct.builder.features import sample_features
from mmecinstruct.builder.folder import Folder
from mmecinstruct.builder.plan import FORMAT, fingerprint, plan
from mmecinstruct.config import Recipe, load_recipe
from mmecinstruct.errors import SourceError
from mmecinstruct.sample import write_sample
from mmecinstruct.sources import find
from mmecinstruct.tasks import TASKS

logger = logging.getLogger(__name__)

VERSION = datasets.Version("1.0.0")
SAMPLE_ONLY = (
    "mmecinstruct: no corpora are configured, so this is the small bundled sample of drawn products, not MMECInstruct."
    " For the real one, put the corpora in a folder (`mmecinstruct sources DIR` says which, and from where) and pass"
    " data_dir=DIR, or set MMECINSTRUCT_SOURCES."
)


@dataclass
class MmecConfig(datasets.BuilderConfig):  # type: ignore[misc]
    """One config.

    `recipe` names or points to the recipe; by default the paper's, or the sample's for sample corpora.
    """

    recipe: str | None = None

    def create_config_id(self, config_kwargs: dict[str, Any], custom_features: datasets.Features | None = None) -> str:
        """Name the cache; a recipe counts by what it says, not by its path."""
        given = dict(config_kwargs)
        if given.get("recipe"):
            given["recipe"] = load_recipe(given["recipe"]).digest()
        name: str = super().create_config_id(given, custom_features)
        return name


def _configs() -> list[MmecConfig]:
    names = [
        f"{task.abbr}_{domain}"
        for domain in ("ind", "ood")
        for task in TASKS.values()
        if domain == "ind" or task.has_ood
    ]
    # Data files that are empty but not None: `datasets` then asks for none.
    return [
        MmecConfig(name=name, version=VERSION, data_files=DataFilesDict()) for name in ["all_ind", "all_ood", *names]
    ]


class Mmecinstruct(datasets.ArrowBasedBuilder):  # type: ignore[misc]
    """MMECInstruct, built when it is first asked for."""

    VERSION = VERSION
    BUILDER_CONFIG_CLASS = MmecConfig
    BUILDER_CONFIGS = _configs()
    DEFAULT_CONFIG_NAME = "all_ind"

    def _info(self) -> datasets.DatasetInfo:
        return datasets.DatasetInfo(
            description="MMECInstruct: multimodal e-commerce instructions (arXiv:2410.17337).",
            features=sample_features(with_pictures=True),
        )

    def _split_generators(self, dl_manager: object) -> list[datasets.SplitGenerator]:
        sources = sources_folder(self.config.data_dir)
        recipe = recipe_for(sources, self.config.recipe)
        abbr, _, domain = self.config.name.partition("_")
        tasks = () if abbr == "all" else (abbr,)
        folder = Folder(built(recipe, sources, tasks))
        configs = [
            name for name in folder.configs if abbr in ("all", name.partition("_")[0]) and name.endswith(domain)
        ]
        splits = dict.fromkeys(split for config in configs for split in folder.splits(config))
        if not splits:
            raise SourceError(
                f"{sources}: no row for {self.config.name}; {folder.out / 'manifest.json'} says what was dropped"
            )
        return [
            datasets.SplitGenerator(
                name=split,
                gen_kwargs={
                    "groups": [
                        (str(path), group)
                        for config in configs
                        if split in folder.splits(config)
                        for path in folder.files(config, split)
                        for group in range(pq.ParquetFile(path).num_row_groups)
                    ]
                },
            )
            for split in splits
        ]

    def _generate_tables(self, groups: list[tuple[str, int]]) -> Iterator[tuple[Key, pa.Table]]:
        for number, (path, group) in enumerate(groups):
            yield Key(number, 0), pq.ParquetFile(path).read_row_group(group)


def dataset_module(data_dir: str | None) -> load.DatasetModule:
    """What `datasets` needs to know of the builder.

    The hash names the cache, so it changes with anything that matters.
    """
    sources = sources_folder(data_dir)
    if not data_dir and "MMECINSTRUCT_SOURCES" not in os.environ:
        logger.warning(SAMPLE_ONLY)
    recipe = recipe_for(sources, None)
    planned = plan(recipe)
    files, _ = find(sources, [need for one in planned for need in one.needs()])
    return load.DatasetModule(
        __name__,
        _short(fingerprint(recipe, planned, files, [_pictures_digest(sources)])),
        {"dataset_name": "mmecinstruct"},
        builder_configs_parameters=load.BuilderConfigsParameters(
            builder_configs=Mmecinstruct.BUILDER_CONFIGS, default_config_name=Mmecinstruct.DEFAULT_CONFIG_NAME
        ),
    )


def sources_folder(data_dir: str | None) -> Path:
    """The corpora that are configured, else the sample's, written on first use."""
    named = data_dir or os.environ.get("MMECINSTRUCT_SOURCES")
    if named:
        return Path(named)
    sample = cache_folder() / f"sample-{FORMAT}"
    with _alone():
        if not (sample / "sample.json").is_file():
            write_sample(sample)
    return sample


def recipe_for(sources: Path, name: str | None) -> Recipe:
    """The recipe asked for, else the one that suits the corpora.

    Pictures go into the rows, as `load_dataset` shows them.
    """
    usual = "sample" if (sources / "sample.json").is_file() else "paper"
    return replace(load_recipe(name or os.environ.get("MMECINSTRUCT_RECIPE") or usual), pictures="inline")


def built(recipe: Recipe, sources: Path, tasks: tuple[str, ...]) -> Path:
    """The built folder for these, built now if it is not there."""
    planned = plan(recipe, tasks)
    files, _ = find(sources, [need for one in planned for need in one.needs()])
    stamp = _short(fingerprint(recipe, planned, files, [_pictures_digest(sources)]))
    out = cache_folder() / "builds" / f"{recipe.name}-{'-'.join(tasks) or 'all'}-{stamp}"
    with _alone():
        if not (out / "manifest.json").is_file():
            build(recipe, Request(sources, out, tasks, workers=os.cpu_count() or 1))
    return out


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process at a time write what all of them want; the others wait and find it there."""
    cache_folder().mkdir(parents=True, exist_ok=True)
    with (cache_folder() / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _pictures_digest(sources: Path) -> str:
    """A hash of the pictures at hand by name, size and time: changed ones are to give changed rows."""
    folder = sources / "images"
    files = sorted((one.name, one.stat()) for one in os.scandir(folder)) if folder.is_dir() else []
    return hashlib.sha256(repr([(name, stat.st_size, stat.st_mtime_ns) for name, stat in files]).encode()).hexdigest()


def _short(digest: str) -> str:
    return hashlib.sha256(digest.encode()).hexdigest()[:16]
