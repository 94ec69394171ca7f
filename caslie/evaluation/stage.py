"""The stage that evaluates: what was predicted, held against the rows (paper, section 6)."""

from collections.abc import Sequence
from pathlib import Path

from caslie.errors import StageError
from caslie.evaluation.answered import Answered, agreement, answered
from caslie.evaluation.intervals import DRAWS, columns
from caslie.evaluation.outcomes import Evaluated, Interval
from caslie.evaluation.provenance import split_of
from caslie.evaluation.reading import MODES, mode_of
from caslie.metrics import measure
from caslie.schema import Mode, Revision, Score, Scores
from mmecinstruct.builder.captioned import content_digest
from mmecinstruct.builder.folder import Folder
from mmecinstruct.errors import UnknownNameError

SEED = 1
HOW: dict[Mode, str] = {"generate": "greedy generation, parsed", "score": "the likeliest of the allowed answers"}

Files = dict[tuple[str, Mode], Path]


def evaluate(
    folder: Folder,
    out: Path,
    configs: Sequence[str] = (),
    *,
    mode: Mode = "generate",
    seed: int = SEED,
) -> tuple[Evaluated, ...]:
    """Score the predictions in OUT, config by config in the dataset's order; all that are there unless some are named.

    Raises:
        MmecError: predictions are missing, damaged, or of other rows; then nothing is scored.
    """
    split, files = split_of(out, folder), _files(folder, out)
    wanted = _wanted(folder, out, configs, files, mode)
    read = {
        key: answered(folder, key[0], split, files[key])
        for config in wanted
        for one in MODES
        if (key := (config, one)) in files
    }
    return tuple(_evaluated(folder, config, split, mode, seed, read) for config in wanted)


def scores_of(evaluated: Sequence[Evaluated], folder: Folder, name: str) -> Scores:
    """What `scores.json` beside an adapter says of these; all of them are of one mode.

    Args:
        evaluated: what `evaluate` found.
        folder: the dataset it was measured on.
        name: what that was opened by; where it is on a Hub, scores name it there.
    """
    first = evaluated[0]
    return Scores(
        dataset=Revision(name.partition("@")[0], folder.commit) if folder.commit else None,
        method=(
            f"{HOW[first.mode]}; failed answers are left out, under strict_ they count as wrong;"
            f" percentile bootstrap over rows, {DRAWS:,} draws, seed {first.seed}"
        ),
        results=tuple(score for one in evaluated for score in _scores(one)),
        digest=content_digest(folder),
    )


def _files(folder: Folder, out: Path) -> Files:
    """The files of predictions; one that belongs to no config of the dataset is refused."""
    files: Files = {}
    for path in sorted(out.glob("*.jsonl")):
        mode = mode_of(path)
        config = path.name.removesuffix(f".{mode}.jsonl")
        if config not in folder.configs:
            raise StageError(f"{path}: {UnknownNameError('config', config, folder.configs)}; move it elsewhere")
        files[config, mode] = path
    return files


def _wanted(folder: Folder, out: Path, configs: Sequence[str], files: Files, mode: Mode) -> list[str]:
    if unknown := [config for config in configs if config not in folder.configs]:
        raise UnknownNameError("config", unknown[0], folder.configs)
    there = [config for config in folder.configs if (config, mode) in files]
    if not there:
        others = sorted({one for _, one in files})
        hint = f", or look at --mode {others[0]}" if others else ""
        raise StageError(f"{out}: holds no predictions of mode {mode}; first run `caslie predict --mode {mode}`{hint}")
    if lacking := [config for config in configs if config not in there]:
        raise StageError(f"{out}: no {mode} predictions for {lacking[0]}; run `caslie predict --config {lacking[0]}`")
    return [config for config in there if not configs or config in configs]


def _evaluated(
    folder: Folder, config: str, split: str, mode: Mode, seed: int, read: dict[tuple[str, Mode], Answered]
) -> Evaluated:
    about, mine = folder.manifest["configs"][config], read[config, mode]
    other = read.get((config, next(one for one in MODES if one != mode)))
    found = columns(about["task"], mine.references, mine.labels, (seed, *config.encode()))
    return Evaluated(
        config=config,
        task=about["task"],
        domain=about["domain"],
        split=split,
        mode=mode,
        seed=seed,
        primary=measure(about["task"]).primary,
        columns=found.excluded,
        strict=found.wrong,
        n=len(mine.references),
        n_failed=found.n_failed,
        problems=mine.problems,
        left_out=mine.left_out,
        agreement=agreement(mine, other) if other else None,
    )


def _scores(one: Evaluated) -> list[Score]:
    """The primary column, the same with failed rows counted wrong, then the others."""
    others = {name: found for name, found in one.columns.items() if name != one.primary}
    strict = {f"strict_{one.primary}": one.strict[one.primary]}
    told = {one.primary: one.columns[one.primary]} | strict | others
    return [_score(one, name, found) for name, found in told.items()]


def _score(one: Evaluated, metric: str, found: Interval) -> Score:
    return Score(
        one.task, one.config, one.split, metric, found.value, found.low, found.high, n=one.n, failed=one.n_failed
    )
