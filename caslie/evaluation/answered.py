"""The rows of a test set beside the answers to them, joined by id and never by place."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from reprlib import repr as shortened
from typing import Literal

from caslie.errors import StageError
from caslie.evaluation.outcomes import Agreement
from caslie.evaluation.reading import AGAIN, read_predictions
from caslie.fusion.weaving import answers
from caslie.inference.answers import authors, parse
from caslie.schema import Prediction
from mmecinstruct.builder.folder import Folder, sample_of
from mmecinstruct.schema import Sample

# How written answers are read: by the documented grammar of `caslie.inference.answers`, or as the authors' code does.
Parser = Literal["grammar", "authors"]


@dataclass(frozen=True, slots=True)
class Answered:
    """The answers to a split, in its order; `left_out` are rows whose own label is none of their options."""

    references: tuple[str, ...]
    predictions: tuple[Prediction, ...]
    left_out: tuple[str, ...]

    @property
    def labels(self) -> list[str | None]:
        """What was read, None where nothing could be."""
        return [one.label for one in self.predictions]

    @property
    def problems(self) -> dict[str, int]:
        """Why rows were never asked, and how many."""
        return dict(sorted(Counter(one.problem for one in self.predictions if one.problem).items()))


def answered(folder: Folder, config: str, split: str, path: Path, parser: Parser = "grammar") -> Answered:
    """Join a file of predictions to the split it answers.

    Raises:
        StageError: an answer to another row, one the row does not allow, or rows without an answer.
        UnknownNameError: there is no such split.
    """
    samples = {row["id"]: sample_of(row, split) for row in folder.rows(config, split)}
    predictions = read_predictions(path)
    for line, one in enumerate(predictions, start=1):
        _check(one, samples, f"{path}:{line}", f"{config} {split}")
    by_id = {one.id: one for one in predictions}
    if missing := [id for id in samples if id not in by_id]:
        told = f"no answer to {len(missing)} of {len(samples)} rows of {config} {split}, the first {missing[0]!r}"
        raise StageError(f"{path}: {told}; {AGAIN}")
    usable = [sample for sample in samples.values() if sample.target in answers(sample)]
    if not usable:
        raise StageError(f"{path}: no row of {config} {split} has a label among its options; rebuild the dataset")
    ids, labels = {sample.id for sample in usable}, {sample.target for sample in samples.values()}
    given = [by_id[sample.id] for sample in usable]
    if parser == "authors":
        given = [replace(one, label=authors(one.raw, labels)) if one.mode == "generate" else one for one in given]
    return Answered(
        references=tuple(sample.target for sample in usable),
        predictions=tuple(given),
        left_out=tuple(id for id in samples if id not in ids),
    )


def agreement(one: Answered, other: Answered) -> Agreement | None:
    """Compare two modes on the rows that both were asked; what cannot be read agrees with nothing."""
    both = zip(one.predictions, other.predictions, strict=True)
    asked = [(a.label, b.label) for a, b in both if not a.problem and not b.problem]
    same = sum(label == other_label is not None for label, other_label in asked)
    return Agreement(same / len(asked), len(asked)) if asked else None


def _check(one: Prediction, samples: Mapping[str, Sample], where: str, split: str) -> None:
    if one.id not in samples:
        raise StageError(f"{where}: {shortened(one.id)} is no row of {split}; give the dataset it is of: --data")
    allowed = answers(samples[one.id])
    given = set(one.scores or {}) | ({one.label} if one.label is not None else set())
    if strange := sorted(given - set(allowed)):
        raise StageError(f"{where}: {shortened(strange[0])} is no answer of {one.id}: {', '.join(allowed)}; {AGAIN}")
    # What was written is kept, so that predicting again only reads it again.
    if one.mode == "generate" and one.label != (meant := parse(one.raw, allowed, samples[one.id].options)):
        told = f"{shortened(one.raw)} reads as {meant}, not as {one.label}"
        raise StageError(f"{where}: {told}; {AGAIN}")
