"""Which answers of a run are failures, wrong or unreadable, and which of them are looked at (paper, E.3)."""

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from pathlib import Path

from caslie.errors import StageError
from caslie.evaluation.answered import Parser, answered
from caslie.evaluation.provenance import split_of
from caslie.schema import Mode, Prediction
from mmecinstruct.builder.folder import Folder
from mmecinstruct.errors import UnknownNameError


@dataclass(frozen=True, slots=True)
class Failure:
    """An answer that is wrong, or could not be read."""

    id: str
    config: str
    target: str
    prediction: Prediction


@dataclass(frozen=True, slots=True)
class Found:
    """All failures of a run, in the dataset's order; rows that were never asked are counted, and are none."""

    failures: tuple[Failure, ...]
    n_asked: int
    unasked: Counter[str]


def find_failures(folder: Folder, out: Path, mode: Mode, parser: Parser = "grammar") -> Found:
    """Find what the predictions in OUT get wrong, in every config that there are some of.

    Raises:
        MmecError: there are none, or they are damaged or of other rows.
    """
    split, failures, n_asked, unasked = split_of(out, folder), [], 0, Counter[str]()
    configs = [config for config in folder.configs if _file(out, config, mode).is_file()]
    if not configs:
        raise StageError(f"{out}: holds no predictions of mode {mode}; first run `caslie predict --mode {mode}`")
    for config in configs:
        given = answered(folder, config, split, _file(out, config, mode), parser)
        for target, one in zip(given.references, given.predictions, strict=True):
            n_asked += not one.problem
            unasked.update([one.problem] if one.problem else [])
            if not one.problem and one.label != target:
                failures.append(Failure(one.id, config, target, one))
    return Found(tuple(failures), n_asked, unasked)


def draw(found: Found, configs: Sequence[str], n: int, besides: Collection[str] = ()) -> tuple[Failure, ...]:
    """Draw `n` failures by hash, of these configs where some are named, in the order of their hashes.

    A larger `n` draws the same ones and more.

    Args:
        found: all of them.
        configs: none mean all.
        n: how many, where there are so many.
        besides: ids that are to be among them, drawn or not.
    """
    mine = [one.id for one in found.failures if not configs or one.config in configs]
    drawn = {*nsmallest(n, mine, key=_hash), *besides}
    return tuple(sorted((one for one in found.failures if one.id in drawn), key=lambda one: _hash(one.id)))


def refuse_unknown(folder: Folder, configs: Sequence[str]) -> None:
    """Refuse a config that the dataset has not.

    Raises:
        UnknownNameError: it names the nearest.
    """
    if unknown := [config for config in configs if config not in folder.configs]:
        raise UnknownNameError("config", unknown[0], folder.configs)


def _file(out: Path, config: str, mode: Mode) -> Path:
    return out / f"{config}.{mode}.jsonl"


def _hash(id: str) -> str:
    return hashlib.sha256(f"failures|{id}".encode()).hexdigest()
