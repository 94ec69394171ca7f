"""TRL's own arguments from a recipe and the command line, checked by name and type before anything is loaded."""

import dataclasses
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import yaml

from caslie.recipe import Recipe
from mmecinstruct.errors import RecipeError

if TYPE_CHECKING:
    from trl import SFTConfig

TRAINING = "training"
CHECKPOINTS = "checkpoints"
MEASURED = ("loss", "mean_token_accuracy", "entropy")  # by TRL, at each evaluation
# What the recipe says elsewhere, or what would train something else than the paper's model.
OURS = {
    "output_dir": "the run's folder has them; see --run",
    "gradient_accumulation_steps": "it follows from `batch`, per_device_train_batch_size and the number of devices",
    "loss_type": "LoRA on lm_head needs nll",
    "completion_only_loss": "the loss is on the answer alone",
    "push_to_hub": "`caslie-push model` publishes",
    "hub_token": "`caslie-push` reads HF_TOKEN",
    "resume_from_checkpoint": "a killed run always goes on",
    "trust_remote_code": "code of a repository is never run",
    "dataset_text_field": "rows are prompts with answers",
    "model_init_kwargs": "see `base`",
}


def settings(recipe: Recipe, n_processes: int) -> "SFTConfig":
    """Make TRL's configuration: `batch` rows a step on any number of devices.

    Raises:
        RecipeError: a name is unknown or not to be set, or a value does not fit.
    """
    from trl import SFTConfig

    given = fitted(recipe.train)
    per_device, n_steps = _split_batch(recipe, given, n_processes)
    bound = {
        "output_dir": str(recipe.run_dir / TRAINING / CHECKPOINTS),
        "loss_type": "nll",
        "per_device_train_batch_size": per_device,
        "gradient_accumulation_steps": n_steps,
        # Rows fit already; TRL would cut answers off, and takes no limit where rows are laid end to end.
        "max_length": None if given.get("padding_free") and not given.get("packing") else recipe.budget,
    }
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "`gradient_checkpointing` is deprecated")  # TRL 1.14 knows no other name
            args = SFTConfig(**_device_defaults() | given | bound)
    except (ValueError, TypeError, ImportError) as error:
        raise RecipeError(f"train: {' '.join(str(error).split())}") from error
    _refuse_useless(args)
    return args


def is_main_process() -> bool:
    """Whether this process speaks for all that train together."""
    return os.environ.get("RANK", "0") == "0"


def with_flags(recipe: Recipe, flags: Sequence[str]) -> Recipe:
    """Put TRL's flags of the command line, `--learning_rate 2e-4`, over what the recipe says.

    Raises:
        RecipeError: something else stands there.
    """
    return dataclasses.replace(recipe, train={**recipe.train, **dict(_flags(flags))})


def _flags(flags: Sequence[str]) -> Iterator[tuple[str, Any]]:
    left = list(flags)
    while left:
        name, equals, value = left.pop(0).partition("=")
        if not name.startswith("--") or len(name) < 3:
            raise RecipeError(f"{name}: after `--` come TRL's flags, such as --learning_rate 2e-4")
        if not equals:
            value = left.pop(0) if left and not left[0].startswith("--") else "true"
        try:
            yield name[2:].replace("-", "_"), yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise RecipeError(f"{name}: {value!r} is no value") from error


def fitted(train: Mapping[str, Any]) -> dict[str, Any]:
    """Check TRL's arguments by name, and make each value of its type.

    Raises:
        RecipeError: a name is unknown or not to be set, or a value does not fit.
    """
    from trl import SFTConfig

    hints = get_type_hints(SFTConfig)
    known = [one.name for one in dataclasses.fields(SFTConfig) if one.init]
    fitted = {}
    for name, value in train.items():
        if name in OURS:
            raise RecipeError(f"train: {name} is not to be set: {OURS[name]}")
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise RecipeError(f"train: unknown {name!r}.{hint} TRL's SFTConfig has {len(known)} names")
        fitted[name] = _fit(name, value, hints[name])
    return fitted


def _fit(name: str, value: Any, hint: Any) -> Any:
    """Take 1e-4, which is a text to YAML, as the number it is; refuse a text where a number is due."""
    kinds = [kind for kind in (get_args(hint) or (hint,)) if isinstance(kind, type)]
    if isinstance(value, bool) and not {bool, int, float} & set(kinds):
        value = "yes" if value else "no"  # which YAML takes for true and false: eval_strategy: no
    if isinstance(value, str) and str not in kinds and float in kinds:
        try:
            return float(value)
        except ValueError as error:
            raise RecipeError(f"train: {name}: expected a number, found {value!r}") from error
    plain = set(kinds) & {bool, int, float}
    if plain and not set(kinds) - plain - {type(None)} and not _is_one_of(plain, value):
        wanted = " or ".join(sorted(kind.__name__ for kind in plain))
        raise RecipeError(f"train: {name}: expected {wanted}, found {value!r}")
    return value


def _is_one_of(kinds: set[type], value: object) -> bool:
    if isinstance(value, (bool, float)):
        return type(value) in kinds
    return value is None or (isinstance(value, int) and bool(kinds & {int, float}))


def _split_batch(recipe: Recipe, given: Mapping[str, Any], n_processes: int) -> tuple[int, int]:
    """How many rows a device takes at once, and how often before a step."""
    each, left = divmod(recipe.batch, n_processes)
    wanted = given.get("per_device_train_batch_size")
    per_device = max((n for n in range(1, 9) if each and each % n == 0), default=1) if wanted is None else wanted
    if left or not each or per_device < 1 or each % per_device:
        raise RecipeError(
            f"batch: {recipe.batch} rows a step cannot be made of {per_device} at once on each of {n_processes}"
            " devices; change batch or per_device_train_batch_size"
        )
    return per_device, each // per_device


def _refuse_useless(args: "SFTConfig") -> None:
    """Refuse what TRL takes and cannot train with, or would trip over after the first epoch."""
    least = {"learning_rate": args.learning_rate, "logging_steps": args.logging_steps, "save_steps": args.save_steps}
    for name, value in least.items():
        if not value > 0:
            raise RecipeError(f"train: {name} must be more than 0, not {value}")
    if args.save_steps != int(args.save_steps):
        raise RecipeError(f"train: save_steps must be a whole number of steps, not {args.save_steps}")
    if not (args.num_train_epochs > 0 or args.max_steps > 0):
        raise RecipeError(f"train: num_train_epochs must be more than 0, not {args.num_train_epochs}")
    metric = args.metric_for_best_model
    if metric is not None and metric.removeprefix("eval_") not in MEASURED:
        near = get_close_matches(metric, [f"eval_{name}" for name in MEASURED], n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise RecipeError(f"train: metric_for_best_model: {metric!r} is not measured.{hint}")


def _device_defaults() -> dict[str, Any]:
    """What depends on the machine; a recipe may say otherwise."""
    import torch

    if not torch.cuda.is_available():
        return {"use_cpu": True, "bf16": False, "gradient_checkpointing": False, "report_to": "none"}
    fine = torch.cuda.is_bf16_supported()
    return {"bf16": fine, "fp16": not fine, "report_to": "none"}
