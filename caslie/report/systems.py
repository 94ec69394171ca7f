"""The systems of a report: runs, or folders of predictions, that answer the same rows."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from caslie.errors import StageError
from caslie.evaluation import (
    Asked,
    Evaluated,
    Out,
    Parser,
    asked_of,
    evaluate,
    open_asked,
    open_out,
    predictions_in,
    refuse_other_captions,
    run_of,
)
from caslie.inference.fetching import Files, adapter_files, cached_adapter
from caslie.recipe import Recipe, load_recipe
from caslie.records import RECIPE, TRAINING, read_training
from caslie.schema import Mode, Training
from caslie.training.adapter import FOLDER
from mmecinstruct.builder.captioned import content_digest
from mmecinstruct.errors import RecipeError


@dataclass(frozen=True, slots=True)
class System:
    """What answered: its predictions with their scores by config, and the records of how it was made, if it has any.

    `run` is the folder that its predictions lie in.
    """

    name: str
    run: Path
    out: Out
    asked: Asked
    evaluated: Mapping[str, Evaluated]
    recipe: Recipe | None
    training: Training | None

    @property
    def is_generalist(self) -> bool:
        """Whether one model answers all tasks; those of Table 5 are tuned on one."""
        return not (self.recipe and self.recipe.tasks)

    @property
    def as_made(self) -> Recipe | None:
        """The recipe, where the model was asked on the captions that it was tuned on."""
        return self.recipe if self.recipe and self.recipe.variant == self.asked.variant else None


def open_systems(
    places: Sequence[Path], data: str | None, mode: Mode, parser: Parser, seed: int
) -> tuple[System, ...]:
    """Open and score them, in the order given.

    Args:
        places: runs or folders of predictions.
        data: a dataset, instead of those that were predicted on.
        mode: which answers count.
        parser: how written answers are read.
        seed: of the intervals.

    Raises:
        MmecError: predictions are missing or damaged, or answer other rows than those of the first place.
    """
    named = zip(_names(places), places, strict=True)
    systems = tuple(_open(name, place, data, mode, parser, seed) for name, place in named)
    first = systems[0]
    for one in systems[1:]:
        if content_digest(one.out.folder) != content_digest(first.out.folder) or one.out.split != first.out.split:
            raise StageError(f"{one.out.path}: answers other rows than {first.out.path}; report each by itself")
    return systems


def _open(name: str, place: Path, data: str | None, mode: Mode, parser: Parser, seed: int) -> System:
    path = predictions_in(place)
    if path is None:
        raise StageError(f"{place}: no predictions here; `caslie evaluate MODEL` or `caslie predict` makes them")
    asked, (folder, _) = asked_of(path), open_asked(path, data)
    refuse_other_captions(path, folder)
    evaluated = evaluate(folder, path, mode=mode, seed=seed, parser=parser)
    files = _adapter(path, asked)
    return System(
        name=name,
        run=run_of(path),
        out=open_out(folder, path),
        asked=asked,
        evaluated={one.config: one for one in evaluated},
        recipe=_recipe(files) if files else None,
        training=read_training(files.folder) if files and (files.folder / TRAINING).is_file() else None,
    )


def _adapter(path: Path, asked: Asked) -> Files | None:
    """The files of the adapter that answered: beside its predictions, or of a Hub; None where it is somewhere else."""
    if asked.adapter is None:
        return None
    beside = run_of(path) / FOLDER
    if beside.is_dir():
        files = adapter_files(str(beside))
        return files if files and files.name == asked.adapter else None
    return cached_adapter(asked.adapter)


def _recipe(files: Files) -> Recipe | None:
    """What the adapter was made by; None where it does not tell, or a stranger or another version does, otherwise."""
    if not (files.folder / RECIPE).is_file():
        return None
    with suppress(RecipeError):
        return load_recipe(str(files.folder / RECIPE))
    return None


def _names(places: Sequence[Path]) -> list[str]:
    """Short names: of a run its folder's, with as many folders above as it takes to tell them apart."""
    parts = [[part for part in place.resolve().parts if part != "predictions"] for place in places]
    for n in range(1, max(map(len, parts)) + 1):
        names = ["/".join(one[-n:]) for one in parts]
        if len(set(names)) == len(names):
            return names
    raise StageError(f"{places[0]}: named twice; name each run once")
