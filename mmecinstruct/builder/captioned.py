"""Captions, votes and verdicts become columns of a build (paper, 4.1 and 4.2); no row moves, no picture changes."""

import hashlib
import json
import logging
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from mmecinstruct.builder.build import Progress
from mmecinstruct.builder.card import write_card
from mmecinstruct.builder.features import CAPTION_COLUMNS, caption_columns, caption_features, features_of
from mmecinstruct.builder.folder import BATCH, TEXT_COLUMNS, Folder, readable, sample_of
from mmecinstruct.builder.manifest import read_manifest, write_json
from mmecinstruct.builder.row_checks import caption_counts, caption_problems
from mmecinstruct.builder.workspace import DECIDED, REPLACED, Workspace, refuse_precious
from mmecinstruct.errors import OutputError
from mmecinstruct.schema import Captioned, Sample

if TYPE_CHECKING:
    from datasets import Features

logger = logging.getLogger(__name__)

ABOUT = ("captioner", "context", "lineup", "judges")  # what the card tells of captions, votes and verdicts
BESIDE = ("leakage.json", "lineage.sqlite", "authors_captions.jsonl", DECIDED)


def write_captioned(
    folder: Folder,
    out: Path,
    captioned: Callable[[Sample], Captioned],
    about: Mapping[str, Any],
    progress: Progress = lambda what, done, total: None,
) -> None:
    """Write a build with captions, votes and verdicts as columns; older ones are replaced.

    Configs, splits, shards and row groups stay as they are, so that a Hub which has the build is sent little. OUT
    appears whole or not at all, may be the build itself, and is left alone if it is this already. A review of the
    build stays with the build: it is of rows without captions.

    Args:
        folder: the build.
        out: the folder to make.
        captioned: what a sample gets; asked once a row, in order.
        about: the captioner's identity, its context (`task`, `plain` or `none`), the lineup, and the judges in the
            order in which they were asked; `problems` by config and reason, if any; all of it goes into the manifest.
        progress: told what is being done, how much of it is done, of how much.

    Raises:
        OutputError: OUT cannot be used, or the build cannot be read.
        ValueError: what a sample gets does not fit the sample or the judges.
    """
    if missing := [name for name in ABOUT if name not in about]:
        raise ValueError(f"about: lacks {', '.join(missing)}")
    with Workspace(out, _digest([content_digest(folder), about])) as work:
        added = _Added(work.folder / "columns", list(about["judges"]))
        added.collect(folder, captioned, progress)
        manifest = _manifest(folder, about, added)
        if _is_there(work.out, manifest):
            shutil.rmtree(work.folder)
            return
        _write(folder, work.dataset, added, manifest, progress)
        work.publish()


def refuse_target(folder: Folder, out: Path) -> None:
    """Refuse an OUT that is something else than a build with captions; before any work is done for it.

    Raises:
        OutputError: it cannot be used.
    """
    if folder.out.resolve() in out.resolve().parents:
        raise OutputError(f"{out}: lies within the build {folder.out}; name another --out")
    refuse_precious(out)
    same = out.resolve() == folder.out.resolve()
    if out.is_dir() and any(out.iterdir()) and not same and "captions" not in read_manifest(out):
        raise OutputError(f"{out}: is a build without captions, which would be lost; name another --out or remove it")


def restore(out: Path) -> None:
    """Give OUT back, if a run was killed between taking the old one away and putting the new one there."""
    out = out.resolve()
    if not out.exists() and (out.with_name(f"{out.name}.partial") / REPLACED).is_dir():
        with Workspace(out, ""):
            logger.info("%s: restored", out)


@dataclass(slots=True)
class _Added:
    """The new columns of every split, on disk in Arrow's own format, with their counts and their digest."""

    folder: Path
    judges: list[str]
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    _hash: Any = field(default_factory=hashlib.sha256)

    @property
    def digest(self) -> str:
        """The sha256 of all columns."""
        sha256: str = self._hash.hexdigest()
        return sha256

    def collect(self, folder: Folder, captioned: Callable[[Sample], Captioned], progress: Progress) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        for config, split in _splits(folder):
            total = folder.manifest["configs"][config]["splits"][split]["rows"]
            with closing(self._file(config, split)) as file:
                for done, batch in self._batches(folder, config, split, captioned):
                    file.write_batch(batch)
                    progress(f"caption {config} {split}", done, total)

    def table(self, config: str, split: str) -> pa.Table:
        """The columns of a split, which stay on disk until they are read."""
        return pa.ipc.open_file(pa.memory_map(str(self._path(config, split)))).read_all()

    def _file(self, config: str, split: str) -> pa.ipc.RecordBatchFileWriter:
        return pa.ipc.new_file(str(self._path(config, split)), caption_features().arrow_schema)

    def _path(self, config: str, split: str) -> Path:
        return self.folder / f"{config}-{split}.arrow"

    def _batches(
        self, folder: Folder, config: str, split: str, captioned: Callable[[Sample], Captioned]
    ) -> Iterator[tuple[int, pa.RecordBatch]]:
        schema, rows, done = caption_features().arrow_schema, list[dict[str, Any]](), 0
        for row in folder.rows(config, split, TEXT_COLUMNS):
            rows.append(self._columns(config, row, captioned(sample_of(row, split))))
            if len(rows) == BATCH:
                done += len(rows)
                yield done, pa.RecordBatch.from_pylist(rows, schema)
                rows.clear()
        if rows:
            yield done + len(rows), pa.RecordBatch.from_pylist(rows, schema)

    def _columns(self, config: str, row: dict[str, Any], captioned: Captioned) -> dict[str, Any]:
        columns = caption_columns(captioned)
        if problems := list(caption_problems(columns, len(row["items"]), self.judges)):
            raise ValueError(f"{row['id']}: {problems[0]}")
        self.counts.setdefault(config, Counter()).update(caption_counts(columns))
        self._hash.update(json.dumps([row["id"], columns]).encode())
        return columns


def _splits(folder: Folder) -> Iterator[tuple[str, str]]:
    return ((config, split) for config in folder.configs for split in folder.splits(config))


def content_digest(folder: Folder) -> str:
    """Hash the rows and pictures of a build as it was without captions, which a captioned one remembers."""
    if folder.captioned:
        source: str = folder.manifest["captions"]["source"]
        return source
    return _digest([file["sha256"] for file in _files(folder.manifest)])


def _files(manifest: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for config in manifest["configs"].values():
        for split in config["splits"].values():
            yield from split["files"]


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _manifest(folder: Folder, about: Mapping[str, Any], added: _Added) -> dict[str, Any]:
    """The build's own, with what is known of its captions; sizes and hashes of the files are still the old ones."""
    captions = {
        **about,
        "configs": {config: dict(counts) for config, counts in added.counts.items()},
        "lineage": (folder.out / "lineage.sqlite").is_file(),
        "source": content_digest(folder),
        "columns": added.digest,
    }
    kept = {name: value for name, value in folder.manifest.items() if name not in ("captions", "review")}
    # As it will be read back: a tuple of judges is a list there.
    made: dict[str, Any] = json.loads(json.dumps(kept | {"captions": captions}))
    return made


def _is_there(out: Path, manifest: dict[str, Any]) -> bool:
    """Tell whether OUT holds these rows and captions already, however its Parquet was packed."""
    try:
        there = read_manifest(out)
    except OutputError:
        return False
    paths = {out / file["path"]: file["bytes"] for file in _files(there)}
    whole = all(path.is_file() and path.stat().st_size == n_bytes for path, n_bytes in paths.items())
    return whole and _told(there) == _told(manifest)


def _told(manifest: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in manifest.items() if name not in ("configs", "review")}


def _write(folder: Folder, dataset: Path, added: _Added, manifest: dict[str, Any], progress: Progress) -> None:
    for config, split in _splits(folder):
        about, columns, at = manifest["configs"][config]["splits"][split], added.table(config, split), 0
        about["num_bytes"] = 0
        for file in about["files"]:
            of_file, at = columns.slice(at, file["rows"]), at + file["rows"]
            _write_shard(folder.out, dataset, file, of_file, features_of(manifest, config), about)
            progress(f"write {config} {split}", at, about["rows"])
    if "pictures" in folder.manifest["configs"]:
        for path in folder.files("pictures", "train"):
            _copy(path, dataset / path.relative_to(folder.out))
    for name in BESIDE:
        if (folder.out / name).is_file():
            _copy(folder.out / name, dataset / name)
    write_json(dataset / "manifest.json", manifest)
    write_card(dataset, manifest)


def _write_shard(
    source: Path,
    dataset: Path,
    file: dict[str, Any],
    columns: pa.Table,
    features: "Features",
    about: dict[str, Any],
) -> None:
    """Write a shard in the row groups it has, and note its size: a Hub's Xet then finds all but the new columns."""
    from datasets.arrow_writer import ParquetWriter

    path, at = dataset / file["path"], 0
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = ParquetWriter(features=features, path=str(path))
    old = [name for name in features if name not in CAPTION_COLUMNS]
    with readable(source / file["path"]) as shard:
        for group in range(shard.num_row_groups):
            read = shard.read_row_group(group, columns=old)
            new = columns.slice(at, read.num_rows)
            at += read.num_rows
            table = pa.table([*read.columns, *new.columns], schema=features.arrow_schema)
            writer.write_table(table, writer_batch_size=table.num_rows)
            about["num_bytes"] += table.nbytes
    writer.finalize()
    with path.open("rb") as content:
        file["sha256"] = hashlib.file_digest(content, "sha256").hexdigest()
    file["bytes"] = path.stat().st_size


def _copy(path: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, to)
