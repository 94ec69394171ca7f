"""The stage that trains: TRL's SFTTrainer on fused rows, from the last checkpoint on (paper, 4.3 and App. D)."""

import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from enum import Enum
from functools import partial
from pathlib import Path
from shutil import disk_usage
from time import monotonic
from typing import TYPE_CHECKING, Any

from caslie.backends.transformers.identity import weights_of
from caslie.effort import Effort, note
from caslie.errors import StageError
from caslie.fusion import Reader, frame, open_reader, read_examples, read_fused, reader_of
from caslie.fusion.source import open_source
from caslie.recipe import Recipe
from caslie.training.adapter import FOLDER, save_adapter, training_record
from caslie.training.belonging import ABOUT, about, alone, clear, refuse_other
from caslie.training.checkpoints import last_whole
from caslie.training.curves import LOG, PICTURE, draw
from caslie.training.model import hub_name, load_base, lora_config, refuse_missing_targets
from caslie.training.rows import refuse_damaged, rows
from caslie.training.settings import CHECKPOINTS, TRAINING, settings
from mmecinstruct.builder.manifest import write_json
from mmecinstruct.errors import RecipeError

if TYPE_CHECKING:
    from trl import SFTConfig, SFTTrainer

Progress = Callable[[str, int, int], None]

FULL = ("No space left", "quota exceeded", "File too large")
LEAST_FREE = 2**20  # bytes; a disk with less is full
KNOWN = (
    "Model has `tie_word_embeddings=True`",  # `caslie merge` unties first
    ".*gradient_checkpointing` is deprecated",  # TRL 1.14 knows no other name
)


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of a training; `steps` counts those of this run, none where the adapter was there."""

    adapter: Path
    steps: int
    rows: int
    best_epoch: float
    validation_loss: float


def train_all(recipe: Recipe, progress: Progress, *, restart: bool = False) -> Trained:
    """Tune the recipe's base on its fused rows, unless that is done; a killed training goes on.

    Raises:
        MmecError: rows, base or arguments cannot be used, or the disk is full.
    """
    from caslie.records import read_training

    args = check(recipe)
    fused = read_fused(recipe)
    home, out = recipe.run_dir / TRAINING, recipe.run_dir / FOLDER
    with alone(home) if args.should_save else nullcontext():
        with args.main_process_first(local=False):
            if restart and args.should_save:
                clear(home, out)
            told = about(recipe, fused.about)
            refuse_other(home, out, told)
            resume = last_whole(home / CHECKPOINTS)
        if (out / "training.json").is_file():
            done = read_training(out)
            return Trained(out, 0, done.rows, done.best_epoch, done.validation_loss)
        return _train(recipe, args, told, resume, progress)


def check(recipe: Recipe) -> "SFTConfig":
    """Check all that can be known of a training before there are rows.

    Raises:
        MmecError: the base, its name, its frame or TRL's arguments cannot be used.
    """
    base = recipe.tuned
    weights = weights_of(base.model.uri)
    hub_name(base, weights)
    open_reader(weights, frame(base.prompt))
    return settings(recipe, _n_processes())


def _train(
    recipe: Recipe, args: "SFTConfig", told: dict[str, Any], resume: Path | None, progress: Progress
) -> Trained:
    reader, weights = reader_of(recipe), weights_of(recipe.tuned.model.uri)
    name = hub_name(recipe.tuned, weights)
    home = recipe.run_dir / TRAINING
    with quiet(), _room(home):
        trainer = make_trainer(recipe, reader, args, progress)
        write_json(home / ABOUT, told)  # not before: what cannot begin binds nobody
        began = monotonic()
        trainer.train(resume_from_checkpoint=str(resume) if resume else None)
        seconds, best = monotonic() - began, _best(trainer)
    n_rows = sum(1 for _ in read_examples(recipe, "train"))
    steps = trainer.state.global_step - (int(resume.name.partition("-")[2]) if resume else 0)
    if args.should_save:
        draw(home / LOG, home / PICTURE)
        record = training_record(recipe, open_source(recipe), weights, name, _told(args, recipe), n_rows, best)
        save_adapter(trainer.accelerator.unwrap_model(trainer.model), reader, recipe, record, recipe.run_dir / FOLDER)
        note(recipe.run_dir, [Effort("train", recipe.tuned.model.uri, steps, _n_tokens(trainer), 0, seconds)])
    return Trained(recipe.run_dir / FOLDER, steps, n_rows, *best)


def make_trainer(recipe: Recipe, reader: Reader, args: "SFTConfig", progress: Progress) -> "SFTTrainer":
    """Make TRL's trainer, with every row checked as it will be trained on.

    Raises:
        MmecError: the base cannot be had, or rows would lose their answers.
    """
    from transformers import PrinterCallback, ProgressCallback, set_seed
    from trl import SFTTrainer

    from caslie.training.watching import Watching

    weights = weights_of(recipe.tuned.model.uri)
    learnt = rows(read_examples(recipe, "train"), reader)
    held_out = rows(read_examples(recipe, "validation"), reader)
    model = load_base(recipe.tuned, weights)
    refuse_missing_targets(model, recipe.lora, weights.name)
    set_seed(args.seed)  # the adapter's first numbers are drawn before TRL sets it
    try:
        trainer = SFTTrainer(
            model=model,
            args=args,
            train_dataset=learnt,
            eval_dataset=held_out,
            processing_class=reader.tokenizer,
            peft_config=lora_config(recipe.lora),
            callbacks=[Watching(recipe.run_dir / TRAINING / LOG, progress)],
        )
    except (ValueError, ImportError, TypeError) as error:
        raise RecipeError(f"train: TRL refuses it: {' '.join(str(error).split())}") from error
    # Else each checkpoint would hold the base's whole head, since the adapter tunes it.
    trainer.model.save_pretrained = partial(trainer.model.save_pretrained, save_embedding_layers=False)
    trainer.remove_callback(PrinterCallback)
    trainer.remove_callback(ProgressCallback)
    if not args.packing:  # what is packed has no ids, and is checked before
        refuse_damaged(trainer.train_dataset, reader)
    return trainer


def _told(args: "SFTConfig", recipe: Recipe) -> dict[str, Any]:
    """The hyper-parameters for the record: what the recipe says, as TRL took it, and what followed from it."""
    followed = ("per_device_train_batch_size", "gradient_accumulation_steps", "bf16", "seed", "optim")
    taken = {name: getattr(args, name) for name in (*recipe.train, *followed)}
    plain = {name: value.value if isinstance(value, Enum) else value for name, value in taken.items()}
    return {"batch": recipe.batch, **plain, "max_length": recipe.budget}


def _n_tokens(trainer: "SFTTrainer") -> int:
    """How many tokens were trained on, as TRL counts them."""
    return int(max((line.get("num_tokens", 0) for line in trainer.state.log_history), default=0))


def _best(trainer: "SFTTrainer") -> tuple[float, float]:
    """The epoch that the model is of, and its validation loss."""
    for line in trainer.state.log_history:
        if "eval_loss" in line and line["step"] == trainer.state.best_global_step:
            return float(line["epoch"]), float(line["eval_loss"])
    return float(trainer.state.epoch), float(trainer.evaluate()["eval_loss"])


@contextmanager
def _room(home: Path) -> Iterator[None]:
    """Tell a full disk in one line; whoever wrote on it has an error of his own."""
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, RuntimeError, SafetensorError) as error:
        if not any(words in str(error) for words in FULL) and disk_usage(home).free > LEAST_FREE:
            raise
        raise StageError(
            f"{home}: the disk is full; make room and run this again: it goes on from the last whole checkpoint"
        ) from error


@contextmanager
def quiet() -> Iterator[None]:
    """Draw no bars for what takes a second, and leave out warnings of what is known and meant."""
    from datasets import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars
    from transformers.utils import logging

    was_quiet, verbosity = are_progress_bars_disabled(), logging.get_verbosity()
    disable_progress_bars()
    logging.set_verbosity_error()
    try:
        with warnings.catch_warnings():
            for known in KNOWN:
                warnings.filterwarnings("ignore", known)
            yield
    finally:
        logging.set_verbosity(verbosity)
        if not was_quiet:
            enable_progress_bars()


def _n_processes() -> int:
    """How many processes train together, as `accelerate launch` and `torchrun` say it."""
    return int(os.environ.get("WORLD_SIZE", "1"))
