"""A dataset's configs and splits, and the Parquet files of each: as its card says, else as its files are named."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import islice

from caslie.localhub.pages.errors import Unshowable
from caslie.localhub.pages.text import words

DEFAULT = "default"
MOST_SPLITS = 500
MOST_PATTERNS = 100
_ORDER = ("train", "validation", "test")
_SPLIT = re.compile(rf"(?:^|[/_.-])({'|'.join(_ORDER)})(?:[/_.-]|$)")


@dataclass(frozen=True, slots=True)
class Split:
    """A part of a config: its files, of which the first is shown."""

    config: str
    name: str
    paths: tuple[str, ...]


def splits_of(header: Mapping[object, object], files: Iterable[str]) -> list[Split]:
    """All splits of all configs that have a Parquet file.

    Raises:
        Unshowable: there is none.
    """
    parquet = [path for path in files if path.endswith(".parquet")]
    stated = islice(_stated(header["configs"], parquet), MOST_SPLITS) if "configs" in header else _guessed(parquet)
    found = [split for split in stated if split.paths]
    if not found:
        raise Unshowable("no config names a Parquet file that is there; rows of other kinds of files are not shown")
    return found


def chosen(splits: list[Split], config: str, name: str) -> Split:
    """The split that was asked for, or the nearest to it that there is."""
    in_config = [split for split in splits if split.config == config] or splits
    of_first = [split for split in in_config if split.config == in_config[0].config]
    return next((split for split in of_first if split.name == name), of_first[0])


def _stated(configs: object, parquet: list[str]) -> Iterator[Split]:
    for config in configs if isinstance(configs, list) else []:
        if isinstance(config, dict):
            name = _word(config.get("config_name"), DEFAULT)
            for split, patterns in _patterns(config.get("data_files")):
                yield Split(name, split, tuple(path for path in parquet if _fits(path, patterns)))


def _fits(path: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(path, pattern) for pattern in patterns[:MOST_PATTERNS])


def _patterns(data_files: object) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield splits and their patterns from any of the shapes that `datasets` reads."""
    if isinstance(data_files, dict):
        yield from ((_word(split, "train"), words(paths)) for split, paths in data_files.items())
    elif isinstance(data_files, list) and any(isinstance(one, dict) for one in data_files):
        for one in data_files:
            if isinstance(one, dict):
                yield _word(one.get("split"), "train"), words(one.get("path"))
    else:
        yield "train", words(data_files)


def _word(value: object, otherwise: str) -> str:
    return next(iter(words(value)), otherwise)


def _guessed(parquet: list[str]) -> list[Split]:
    paths: defaultdict[str, list[str]] = defaultdict(list)
    for path in parquet:
        found = _SPLIT.search(path)
        paths[found[1] if found else "train"].append(path)
    return [Split(DEFAULT, split, tuple(paths[split])) for split in _ORDER if split in paths]
