"""Which model answers: a trained recipe's adapter, anybody's adapter, or a full model; local or on a Hub."""

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jinja2 import TemplateError

from caslie.backends import Model
from caslie.backends.transformers.identity import Weights, find_weights, weights_of
from caslie.errors import ModelError, StageError
from caslie.fusion import Frame, Reader, open_reader
from caslie.inference.fetching import ADAPTER, PROMPT, Files, adapter_config, adapter_files, is_folder, model_files
from caslie.inference.frames import choose_frame
from caslie.recipe import BUDGET, Recipe
from caslie.records import TRAINING, read_training
from caslie.schema import Training, Variant
from caslie.training.adapter import FOLDER
from caslie.training.origin import base_of
from mmecinstruct.errors import UnknownNameError

ROOM = 100  # tokens left for the answer; the authors' code allows as many
TOKENIZER = "tokenizer_config.json"
ENGINES = ("transformers/", "pocket/")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model that answers, not loaded yet: a base, with or without an adapter, and how its prompts are worded.

    `variant` is what it was tuned on, None where nobody says; `budget` is the most tokens of a prompt with its answer;
    `model` says how its base is run.
    """

    name: str
    model: Model
    base: Weights
    adapter: Files | None
    reader: Reader
    variant: Variant | None
    budget: int

    @property
    def identity(self) -> str:
        """Exactly which weights these are."""
        return f"{self.base.name} + {self.adapter.name}" if self.adapter else self.base.name


def trained_checkpoint(recipe: Recipe, *, base: str | None = None, prompt: str | None = None) -> Checkpoint:
    """Find the adapter that a recipe's training left, and its base where the recipe has it.

    Raises:
        MmecError: there is none yet, or it cannot be used.
    """
    folder = recipe.run_dir / FOLDER
    if not (folder / ADAPTER).is_file():
        raise StageError(f"{folder}: nothing is trained yet; first run `caslie train {recipe.name}`")
    files = adapter_files(str(folder.absolute()))
    if files is None or not (folder / TRAINING).is_file():
        raise ModelError(f"{folder}: holds no {TRAINING}; train again with `caslie train {recipe.name}`")
    training = read_training(folder)
    weights = base_of(training, base) if base else _base_of(recipe, training)
    return replace(_adapted(recipe.name, files, training, weights, prompt), model=recipe.tuned.model)


def find_checkpoint(name: str, *, base: str | None = None, prompt: str | None = None) -> Checkpoint:
    """Find an adapter or a full model: a folder, `user/name[@revision]`, or a recipe's `transformers/` or `pocket/`.

    Args:
        name: the model.
        base: the weights that an adapter is for, as a recipe names a model, where its own records do not tell.
        prompt: the frame of its prompts, instead of its own.

    Raises:
        MmecError: there is none, or it cannot be used.
    """
    if files := None if name.startswith(ENGINES) else adapter_files(name):
        training = _training(files)
        weights = _base(name, training, adapter_config(name, files.folder), base)
        return _adapted(name, files, training, weights, prompt)
    if base is not None:
        raise ModelError(f"{name}: is a full model and stands on no other; leave --base out")
    weights = weights_of(name) if name.startswith(ENGINES) else _full(name)
    files = model_files(weights)
    training = _training(files)
    reader = _reader(weights, choose_frame(prompt, files, name))
    return _checkpoint(name, weights, None, reader, training)


def _full(name: str) -> Weights:
    return find_weights(str(Path(name).expanduser().absolute()) if is_folder(name) else name)


def _adapted(name: str, files: Files, training: Training | None, weights: Weights, prompt: str | None) -> Checkpoint:
    if training and not (files.folder / PROMPT).is_file():
        raise ModelError(f"{name}: its {PROMPT} is missing, so nobody knows how it was asked; train or fetch it again")
    speaks = Weights(str(files.folder), None, name) if (files.folder / TOKENIZER).is_file() else weights
    reader = _reader(speaks, choose_frame(prompt, files, name))
    return _checkpoint(name, weights, files, reader, training)


def _checkpoint(
    name: str, weights: Weights, adapter: Files | None, reader: Reader, training: Training | None
) -> Checkpoint:
    variant = training.variant if training else None
    return Checkpoint(name, Model(weights.name), weights, adapter, reader, variant, _budget(training, weights))


def _reader(weights: Weights, frame: Frame) -> Reader:
    """The tokenizer in its frame, tried once: a chat template may refuse what it is given."""
    reader = open_reader(weights, frame)
    try:
        reader.prompt("?", "?", [])
    except (TemplateError, TypeError, ValueError, LookupError, ArithmeticError, RecursionError, MemoryError) as error:
        raise ModelError(f"{weights.name}: its chat template fails ({' '.join(str(error).split())})") from error
    return reader


def _base_of(recipe: Recipe, training: Training) -> Weights:
    """The recipe's base; where that is a Hub's or another by now, the commit that the adapter was trained from.

    A base that lies here is taken from here also when a push has found its commit: its name stays, and that of every
    answer with it, and no Hub is asked.
    """
    uri = recipe.tuned.model.uri
    if training.base_revision is None:
        return base_of(training, uri)
    engine, _, place = uri.partition("/")
    if engine == "pocket" or place.startswith((".", "/", "~")):
        with suppress(ModelError, UnknownNameError):
            return base_of(training, uri)
    return base_of(training, None)


def _base(name: str, training: Training | None, config: dict[str, Any], told: str | None) -> Weights:
    """The base: as the records of the training say, else as the user does, else as PEFT's own records."""
    if training:
        return base_of(training, told)
    if told is not None:
        return weights_of(told)
    place, revision = config.get("base_model_name_or_path"), config.get("revision")
    if not isinstance(place, str) or not place or place.startswith((".", "/", "~")):
        told = f"{name}: names no base on a Hub ({place!r})"
        raise ModelError(f"{told}; tell `caslie predict` its weights: --base transformers/org/name")
    return find_weights(f"{place}@{revision}" if isinstance(revision, str) and revision else place)


def _training(files: Files) -> Training | None:
    return read_training(files.folder) if (files.folder / TRAINING).is_file() else None


def _budget(training: Training | None, weights: Weights) -> int:
    """The budget of the training; for others the recipes' usual one, if the model holds as much."""
    if training:
        found = training.hyperparameters.get("max_length")
        return found if isinstance(found, int) else BUDGET
    config = weights.config()
    text = config.get("text_config")
    about = text if isinstance(text, dict) else config
    held = about.get("max_position_embeddings", about.get("n_positions"))
    return min(BUDGET, held - ROOM) if isinstance(held, int) and held > ROOM else BUDGET
