"""The stage that evaluates: what was predicted, held against the rows (paper, section 6)."""

from collections.abc import Sequence
from pathlib import Path

from caslie.evaluation.answered import Parser, agreement
from caslie.evaluation.drawing import DRAWS
from caslie.evaluation.intervals import columns
from caslie.evaluation.outcomes import Evaluated, Interval
from caslie.evaluation.outs import Out, open_out, other_mode
from caslie.metrics import measure
from caslie.schema import Mode, Revision, Score, Scores
from mmecinstruct.builder.captioned import content_digest
from mmecinstruct.builder.folder import Folder

SEED = 1
HOW: dict[Mode, str] = {"generate": "greedy generation, parsed", "score": "the likeliest of the allowed answers"}


def evaluate(
    folder: Folder,
    out: Path,
    configs: Sequence[str] = (),
    *,
    mode: Mode = "generate",
    seed: int = SEED,
    parser: Parser = "grammar",
) -> tuple[Evaluated, ...]:
    """Score the predictions in OUT, config by config in the dataset's order; all that are there unless some are named.

    Raises:
        MmecError: predictions are missing, damaged, or of other rows; then nothing is scored.
    """
    opened = open_out(folder, out)
    return tuple(_evaluated(opened, config, mode, seed, parser) for config in opened.configs(mode, configs))


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
            f" Bayesian bootstrap over rows, {DRAWS:,} draws, seed {first.seed}"
        ),
        results=tuple(score for one in evaluated for score in _scores(one)),
        digest=content_digest(folder),
    )


def seed_of(seed: int, config: str) -> tuple[int, ...]:
    """The seed of a config's draws: the same whichever others are evaluated beside it."""
    return seed, *config.encode()


def _evaluated(out: Out, config: str, mode: Mode, seed: int, parser: Parser) -> Evaluated:
    about, mine = out.folder.manifest["configs"][config], out.need(config, mode, parser)
    other = out.answered(config, other_mode(mode), parser)
    found = columns(about["task"], mine.references, mine.labels, seed_of(seed, config))
    return Evaluated(
        config=config,
        task=about["task"],
        domain=about["domain"],
        split=out.split,
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
