"""Two folders of predictions on the same rows, config by config."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from caslie.errors import StageError
from caslie.evaluation.answered import Parser
from caslie.evaluation.outs import Out, open_out
from caslie.evaluation.pairs import Pair, pair
from caslie.evaluation.stage import SEED, seed_of
from caslie.metrics import measure
from caslie.schema import Mode
from mmecinstruct.builder.folder import Folder


@dataclass(frozen=True, slots=True)
class Compared:
    """Two systems on one config; `primary` is the column whose difference is told."""

    config: str
    task: str
    primary: str
    pair: Pair


def compare(
    folder: Folder,
    mine: Path,
    other: Path,
    configs: Sequence[str] = (),
    *,
    mode: Mode = "generate",
    seed: int = SEED,
    parser: Parser = "grammar",
) -> tuple[Compared, ...]:
    """Compare the predictions in MINE with those in OTHER: on the configs that are named, else on all that both have.

    Raises:
        MmecError: predictions are missing, damaged, or of other rows, or the two have no config in common.
    """
    outs = open_out(folder, mine), open_out(folder, other)
    if outs[0].split != outs[1].split:
        raise StageError(f"{other}: answers the split {outs[1].split}, not {outs[0].split} as {mine}; predict again")
    there = [out.configs(mode, configs) for out in outs]
    shared = [config for config in there[0] if config in there[1]]
    if not shared:
        raise StageError(f"{other}: answers none of the configs of {mine}: {', '.join(there[0])}; predict one of them")
    return tuple(_compared(outs, config, mode, seed, parser) for config in shared)


def _compared(outs: tuple[Out, Out], config: str, mode: Mode, seed: int, parser: Parser) -> Compared:
    task = outs[0].folder.manifest["configs"][config]["task"]
    mine, other = (out.need(config, mode, parser) for out in outs)
    found = pair(task, mine.references, mine.labels, other.labels, seed_of(seed, config))
    return Compared(config, task, measure(task).primary, found)
