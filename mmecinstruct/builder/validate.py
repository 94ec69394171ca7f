"""Checking a built folder against its own manifest: files, columns, words, answers and pictures."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from mmecinstruct.builder.build import Progress
from mmecinstruct.builder.card import card_header
from mmecinstruct.builder.features import features_of
from mmecinstruct.builder.folder import BATCH, Folder
from mmecinstruct.builder.row_checks import RowChecks

MOST = 50  # problems told one by one

_BROKEN = (OSError, pa.ArrowException, UnicodeDecodeError)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a folder that is not as it was built; `row` is an id, or empty where it is about a file."""

    config: str
    split: str
    row: str
    problem: str


def validate(folder: Folder, progress: Progress = lambda what, done, total: None) -> list[Problem]:
    """Read all of a folder and return what is wrong with it: nothing, for a folder that is as it was built.

    The first problems are told one by one, the rest as one last problem with their number.
    """
    checking = _Checking(folder, RowChecks(folder.manifest))
    checking.folder_itself()
    splits = [(config, split) for config in _pictures_first(folder) for split in folder.splits(config)]
    for i, (config, split) in enumerate(splits):
        progress("check rows", i, len(splits))
        checking.split(config, split)
    progress("check rows", len(splits), len(splits))
    checking.caption_counts()
    return checking.problems()


@dataclass(slots=True)
class _Checking:
    """A check under way: the problems so far."""

    folder: Folder
    rows: RowChecks
    found: list[Problem] = field(default_factory=list)
    n: int = 0

    def add(self, problem: str, config: str = "", split: str = "", row: str = "") -> None:
        self.n += 1
        if len(self.found) < MOST:
            self.found.append(Problem(config, split, row, problem))

    def problems(self) -> list[Problem]:
        more = self.n - len(self.found)
        return [*self.found, *([Problem("", "", "", f"{more:,} more problems")] if more else [])]

    def folder_itself(self) -> None:
        for problem in (*_absent(self.folder), *_strangers(self.folder), *_card_problems(self.folder)):
            self.add(problem)

    def split(self, config: str, split: str) -> None:
        expected = self.folder.manifest["configs"][config]["splits"][split]
        n_rows = sum(file["rows"] for file in expected["files"])
        if n_rows != expected["rows"]:
            self.add(f"the manifest counts {expected['rows']:,} rows, its files {n_rows:,}", config, split)
        for file in expected["files"]:
            for problem in _file_problems(self.folder.out / file["path"], file):
                self.add(f"{file['path']}: {problem}", config, split)
            try:
                self._rows(config, split, self.folder.out / file["path"], file["rows"])
            except _BROKEN as error:
                self.add(f"{file['path']}: cannot be read: {' '.join(str(error).split())}", config, split)

    def caption_counts(self) -> None:
        for config in self.folder.configs if self.folder.captioned else ():
            told, there = self.folder.manifest["captions"]["configs"].get(config), self.rows.counts(config)
            if told != there:
                self.add(f"the manifest counts {_counts(told)}, its rows {_counts(there)}", config)

    def _rows(self, config: str, split: str, path: Path, n_rows: int) -> None:
        with pq.ParquetFile(path) as table:
            if problem := self._schema_problem(config, table.schema_arrow):
                self.add(f"{path.name}: {problem}", config, split)
                return
            if table.metadata.num_rows != n_rows:
                self.add(f"{path.name}: {table.metadata.num_rows:,} rows, not {n_rows:,}", config, split)
            place = 0
            for batch in table.iter_batches(BATCH):
                for row in batch.to_pylist():
                    self._row(config, split, row, place)
                    place += 1

    def _row(self, config: str, split: str, row: dict[str, Any], place: int) -> None:
        name = str(row.get("id") or row.get("picture") or f"row {place}")
        for problem in self.rows.problems(config, split, row):
            self.add(problem, config, split, name)

    def _schema_problem(self, config: str, schema: pa.Schema) -> str:
        features = features_of(self.folder.manifest, config)
        if schema.equals(features.arrow_schema):
            return ""
        wanted = {one.name: one.type for one in features.arrow_schema}
        there = {one.name: one.type for one in schema}
        odd = [name for name in dict.fromkeys((*wanted, *there)) if wanted.get(name) != there.get(name)]
        return f"columns that are missing, unknown or of another type: {', '.join(odd) or 'another order'}"


def _pictures_first(folder: Folder) -> list[str]:
    return sorted(folder.manifest["configs"], key=lambda name: name != "pictures")


def _absent(folder: Folder) -> Iterator[str]:
    """What a build writes beside the data; only one from corpora knows lines, and what is on a Hub leaves them out."""
    known_lines = "release" not in folder.manifest and folder.manifest.get("captions", {}).get("lineage", True)
    names = ["leakage.json", "lineage.sqlite"] if known_lines else ["leakage.json"]
    return (f"{name}: is not there" for name in names if not (folder.out / name).is_file())


def _strangers(folder: Folder) -> Iterator[str]:
    known = {folder.out / file["path"] for _, _, file in _files(folder)}
    for path in sorted((folder.out / "data").rglob("*")):
        if path.is_file() and path not in known:
            yield f"{path.relative_to(folder.out)}: not in the manifest, though load_dataset may read it"


def _files(folder: Folder) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for config in folder.manifest["configs"]:
        for split, about in folder.manifest["configs"][config]["splits"].items():
            yield from ((config, split, file) for file in about["files"])


def _file_problems(path: Path, file: dict[str, Any]) -> Iterator[str]:
    try:
        with path.open("rb") as content:
            sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    except OSError:
        return  # reading it says so, too
    if sha256 != file["sha256"]:
        yield f"sha256 {sha256}, not {file['sha256']} as built"


def _card_problems(folder: Folder) -> Iterator[str]:
    """The header of README.md decides what load_dataset opens; it must say what the manifest says."""
    try:
        text = (folder.out / "README.md").read_text(encoding="utf-8")
        header = yaml.safe_load(text.partition("---\n")[2].partition("\n---")[0])
    except (OSError, ValueError, yaml.YAMLError) as error:
        yield f"README.md: cannot be read: {' '.join(str(error).split())}"
        return
    wanted = yaml.safe_load(card_header(folder.manifest))
    for key in ("configs", "dataset_info"):
        there = _by_config(header.get(key) if isinstance(header, dict) else None)
        for name, one in _by_config(wanted[key]).items():
            if name not in there:
                yield f"README.md: {key} has no {name}"
            elif there[name] != one:
                yield f"README.md: {key} of {name} is not as the manifest has it"
        for name in sorted(set(there) - set(_by_config(wanted[key]))):
            yield f"README.md: {key} has {name}, which the manifest has not"


def _by_config(listed: object) -> dict[str, Any]:
    """The entries of a header by config; a list of one may stand without the list."""
    entries = listed if isinstance(listed, list) else [listed]
    return {str(one["config_name"]): one for one in entries if isinstance(one, dict) and "config_name" in one}


def _counts(counts: dict[str, int] | None) -> str:
    return ", ".join(f"{name} {n}" for name, n in (counts or {}).items()) or "nothing"
