"""A build as an artifact: its Parquet and its card go to a dataset repository, and every row is compared again."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from caslie.errors import PushError
from caslie.publish.artifact import Content, Published, RepoType, digest
from caslie.publish.dataset_card import render_dataset_card
from caslie.publish.folders import differing, write_files
from caslie.publish.layout import check_layout
from caslie.publish.publication import Publication, write_publication
from mmecinstruct.builder.folder import Folder

if TYPE_CHECKING:
    from datasets import Features, IterableDataset

# Beside the shards and the card. Where the rows were read on this machine (lineage.sqlite) is nobody else's business.
BESIDE = ("manifest.json", "leakage.json", "authors_captions.jsonl")
OURS = ("README.md", "LICENSE", "data/*", "figures/*", *BESIDE)


class DatasetBuild:
    """What `mmecinstruct build` or `import` made.

    Raises:
        OutputError: the folder is no build.
        PushError: its layout would break for those who load it.
    """

    repo_type: RepoType = "dataset"
    space_sdk = None

    def __init__(self, directory: Path, publication: Publication) -> None:
        self.directory = directory
        self.publication = publication
        if not directory.is_dir():
            raise PushError(f"{directory}: no such folder; `mmecinstruct build` makes one")
        self.folder = Folder(directory)
        with _sound(directory):
            layout = check_layout(directory)
        if layout.problems:
            raise PushError(f"{directory}: {layout.problems[0]}")
        self.notes = layout.warnings

    @cached_property
    def card(self) -> dict[str, bytes]:
        """The files of the card, rendered."""
        with _sound(self.directory):
            return render_dataset_card(self.directory, self.publication)

    def files(self) -> Mapping[str, Content]:
        """The shards the manifest names, the card, and what tells of the build."""
        there = [name for name in BESIDE if (self.directory / name).is_file()]
        if changed := self._changed_shards():
            raise PushError(f"{self.directory}: {changed[0]}; `mmecinstruct validate` tells what else is wrong")
        paths = {path: self.directory / path for path in (*there, *self._shards())}
        here = self.directory.resolve()
        if links := [path for path, file in paths.items() if file.resolve() != here / path]:
            raise PushError(f"{self.directory / links[0]}: leads out of the build; put the file itself there")
        return paths | self.card

    def _shards(self) -> dict[str, str]:
        """The sha256 of each shard, as the build noted it."""
        configs = self.folder.manifest["configs"].values()
        splits = [split for config in configs for split in config["splits"].values()]
        return {file["path"]: file["sha256"] for split in splits for file in split["files"]}

    def _changed_shards(self) -> list[str]:
        """What is wrong with the shards that are not as they were built."""
        here = {path: self.directory / path for path in self._shards()}
        gone = [f"{path} is gone" for path, file in here.items() if not file.is_file()]
        return gone or [
            f"{path} is not the one of manifest.json"
            for path, sha256 in self._shards().items()
            if digest(here[path]).sha256 != sha256
        ]

    def owns(self, path: str) -> bool:
        """Tell whether a file is of an earlier release."""
        return any(fnmatchcase(path, pattern) for pattern in OURS)

    def settle(self) -> None:
        """Write the card and the decisions into the build."""
        write_files(self.directory, self.card)
        write_publication(self.directory, self.publication)

    def disagreements(self) -> list[str]:
        """What the card tells otherwise than the files, and the shards that are not those of the manifest."""
        stale = [f"{name} differs" for name in differing(self.directory, self.card)]
        return [*stale, *self._changed_shards()]

    def fetch(self) -> None:
        """Nothing else is needed."""

    def load_back(self, published: Published, progress: Callable[[str, int, int], None]) -> str:
        """Stream every config with `datasets`: all rows and pictures of what was sent, the first row of the rest."""
        n_rows = n_pictures = 0
        for config, splits in self.folder.manifest["configs"].items():
            for split, about in splits["splits"].items():
                sent = any(path.startswith(f"data/{config}/{split}-") for path in published.changed)
                for n, row in enumerate(self._equal_rows(published, config, split, sent), 1):
                    progress(f"loading back {config} {split}", n, about["rows"])
                    n_rows += 1
                    n_pictures += len(row.get("images", ()))
        self._load_groups(published)
        return f"{n_rows} rows and {n_pictures} pictures loaded back with datasets, equal"

    def _equal_rows(self, published: Published, config: str, split: str, whole: bool) -> Iterator[dict[str, Any]]:
        """Yield the rows that are the same there as here; the first that is not ends the release."""
        features = _features(self.folder.files(config, split)[0])
        remote = _stream(published, config, split)
        if remote.features != features:
            raise PushError(f"{config} {split}: the features on the Hub are not those of the build")
        here = self.folder.rows(config, split, list(features))
        for n, (local, loaded) in enumerate(zip_longest(here, _read(remote, f"{config} {split}")), 1):
            if local is None or local != loaded:
                raise PushError(f"{config} {split}, row {n}: {_difference(local, loaded)} differs on the Hub")
            yield local
            if not whole:
                return

    def _load_groups(self, published: Published) -> None:
        """The configs over all tasks lead to the same files: that they load is enough."""
        from datasets import get_dataset_config_names, get_dataset_split_names

        where = {"path": published.repository, "revision": published.commit}
        for config in get_dataset_config_names(**where):
            if config not in self.folder.manifest["configs"]:
                for split in get_dataset_split_names(**where, config_name=config):
                    next(iter(_stream(published, config, split)))


@contextmanager
def _sound(directory: Path) -> Iterator[None]:
    """Tell of a build whose notes were changed by hand, and of a disk that does not take its card."""
    try:
        yield
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        what = f"{type(error).__name__}: {error}"
        raise PushError(f"{directory}: manifest.json or leakage.json is not as a build wrote it ({what})") from error
    except OSError as error:
        raise PushError(f"{directory}: its card cannot be made ({error})") from error


def _stream(published: Published, config: str, split: str) -> "IterableDataset":
    from datasets import load_dataset
    from datasets.exceptions import DatasetsError
    from pyarrow.dataset import ParquetFragmentScanOptions

    # Else pyarrow fetches all of a shard before its first row, and keeps it.
    options = ParquetFragmentScanOptions(pre_buffer=False)
    where = {"path": published.repository, "name": config, "split": split, "revision": published.commit}
    try:
        return load_dataset(**where, streaming=True, fragment_scan_options=options)
    except (DatasetsError, ValueError, RuntimeError) as error:  # RuntimeError: a file named as a loading script
        raise PushError(f"{config}: what was sent does not load back: {error}") from error


def _read(rows: "IterableDataset", what: str) -> Iterator[dict[str, Any]]:
    """Yield the rows with their pictures as bytes; what is no Parquet any more is told."""
    import pyarrow as pa
    from huggingface_hub.errors import HfHubHTTPError

    n = 0
    try:
        for row in rows.decode(False):
            n += 1
            yield row
    except (HfHubHTTPError, ConnectionError, TimeoutError):
        raise
    except (pa.ArrowException, OSError) as error:
        reason = " ".join(str(error).split())
        raise PushError(f"{what}, row {n + 1}: cannot be read from the Hub: {reason}") from error


def _features(path: Path) -> "Features":
    import pyarrow.parquet as pq
    from datasets import Features

    return Features.from_arrow_schema(pq.read_schema(path))


def _difference(here: dict[str, Any] | None, there: dict[str, Any] | None) -> str:
    if here is None or there is None:
        return "the number of rows"
    return f"the column {next(name for name in here if here[name] != there.get(name))!r}"
