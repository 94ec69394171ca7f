"""A model and the data that it is to answer, by the names that users give them."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from caslie.datasets import open_dataset
from caslie.errors import StageError
from caslie.fusion.source import open_source
from caslie.inference.checkpoints import Checkpoint, find_checkpoint, trained_checkpoint
from caslie.inference.fetching import is_folder
from caslie.recipe import Recipe, load_recipe
from mmecinstruct.builder.folder import Folder
from mmecinstruct.config import recipes_folder

PREDICTIONS = "predictions"


@dataclass(frozen=True, slots=True)
class Opened:
    """A checkpoint, the data with the name it was opened by, and where predictions go if nobody says.

    `dataset` is the data's name on a Hub, None where it is a folder.
    """

    checkpoint: Checkpoint
    folder: Folder
    name: str
    out: Path

    @property
    def dataset(self) -> str | None:
        """The data's name on a Hub."""
        return self.name.partition("@")[0] if self.folder.commit else None


def open_model(model: str, data: str | None, *, base: str | None = None, prompt: str | None = None) -> Opened:
    """Open a recipe's adapter on its own data, or any model on the data that is named.

    Raises:
        MmecError: one of them cannot be had, or no data is named for a model that has none.
    """
    if recipe := _recipe(model):
        checkpoint = trained_checkpoint(recipe, base=base, prompt=prompt)
        if data is None:
            return Opened(checkpoint, open_source(recipe), recipe.dataset, recipe.run_dir / PREDICTIONS)
        return Opened(checkpoint, open_dataset(data), data, Path(PREDICTIONS, recipe.name, _folder(data)))
    if data is None:
        raise StageError(f"{model}: on which data? Name a built folder or a Hub dataset: --data")
    checkpoint = find_checkpoint(model, base=base, prompt=prompt)
    return Opened(checkpoint, open_dataset(data), data, Path(PREDICTIONS, _folder(model), _folder(data)))


def _folder(name: str) -> str:
    """A folder's name for what has this name: a Hub's as in its cache, a folder's with a hash of where it is.

    No two have the same one, since a Hub allows no `--` in a name.
    """
    if not is_folder(name):
        return name.replace("/", "--")
    place = Path(name).expanduser().resolve()
    return f"{place.name}-{hashlib.sha256(os.fsencode(place)).hexdigest()[:8]}"


def _recipe(name: str) -> Recipe | None:
    """The recipe of this name; a model's has a slash, a recipe's path ends in .yaml."""
    is_recipe = name.endswith((".yaml", ".yml")) or "/" not in name or (recipes_folder() / f"{name}.yaml").is_file()
    return load_recipe(name) if is_recipe and not Path(name).is_dir() else None
