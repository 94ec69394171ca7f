"""Whether a build's files suit the dataset viewer, `load_dataset` and the Hub, told from Parquet's own metadata."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from mmecinstruct.builder.manifest import read_manifest

ROW_GROUP = 300_000_000  # "Rows from parquet row groups are too big to be read: ... (max=286.10 MiB)", the viewer
ROW = 2_000_000  # beyond it the viewer cuts cells short
FOLDER = 10_000  # files in one folder of a repository
SPLIT = re.compile(r"\w+(\.\w+)*")  # datasets.naming
BAD_IN_CONFIG = '<>:/\\|?*"'  # datasets refuses the config, and then every other one of the repository


@dataclass(frozen=True, slots=True)
class Layout:
    """What would break for a reader, and what would only be worse for one."""

    problems: tuple[str, ...]
    warnings: tuple[str, ...]


def check_layout(build: Path) -> Layout:
    """Check the names, folders and Parquet metadata of a build; no row is read.

    Raises:
        OutputError: the folder is no build.
    """
    configs = read_manifest(build)["configs"]
    problems = [*_name_problems(configs), *_folder_problems(build)]
    warnings = []
    for name in (file["path"] for file in _files(configs)):
        wrong, odd = _parquet(build, name)
        problems += wrong
        warnings += odd
    return Layout(tuple(problems), tuple(warnings))


def _files(configs: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for config in configs.values():
        for split in config["splits"].values():
            yield from split["files"]


def _name_problems(configs: dict[str, Any]) -> Iterator[str]:
    for config, about in configs.items():
        if not config.strip() or not config.isprintable():
            yield f"config {config!r}: a name must have characters that can be seen"
        elif config in (".", ".."):
            yield f"config {config!r}: is no name of a folder"
        elif config == "data":
            yield "config 'data': `datasets` refuses this name"
        elif bad := sorted(set(config) & set(BAD_IN_CONFIG)):
            yield f"config {config!r}: {' '.join(bad)} in its name keeps every config of the repository from loading"
        for split in about["splits"]:
            if not SPLIT.fullmatch(split):
                yield f"split {split!r} of {config}: a name must match {SPLIT.pattern}"


def _folder_problems(build: Path) -> Iterator[str]:
    paths = sorted(path for path in build.rglob("*") if path.is_file())
    for path in paths:
        if path.suffix == ".py":
            name = path.relative_to(build).as_posix()
            yield f"{name}: Python beside data is taken for a loading script, which `load_dataset` refuses"
    for folder, n in sorted(Counter(path.parent for path in paths).items()):
        if n > FOLDER:
            yield f"{folder.relative_to(build).as_posix()}: {n:,} files; the Hub takes at most {FOLDER:,} a folder"


def _parquet(build: Path, name: str) -> tuple[list[str], list[str]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        return [f"{name!r}: is not inside the build"], []
    try:
        metadata = pq.read_metadata(build / name)
    except (OSError, pa.ArrowException) as error:
        return [f"{name}: cannot be read as Parquet ({' '.join(str(error).split())})"], []
    groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    problems = [
        f"{name}: row group {i} has {_mib(one.total_byte_size)}; the viewer reads at most {_mib(ROW_GROUP)}"
        for i, one in enumerate(groups)
        if one.total_byte_size > ROW_GROUP
    ]
    mean = sum(one.total_byte_size for one in groups) / max(metadata.num_rows, 1)
    warnings = (
        [f"{name}: {_mib(mean)} a row; the viewer cuts rows of more than {_mib(ROW)} short"] if mean > ROW else []
    )
    return problems, warnings


def _mib(n: float) -> str:
    return f"{n / 2**20:.1f} MiB"
