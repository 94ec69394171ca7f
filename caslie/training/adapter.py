"""What a training leaves for others: the adapter alone, with all that is needed to use it and to know what it is."""

import re
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any

import yaml

from caslie.backends.transformers.identity import Weights
from caslie.datasets import ON_A_HUB
from caslie.fusion import Reader
from caslie.recipe import Recipe
from caslie.record_checks import is_private
from caslie.records import RECIPE, write_training
from caslie.schema import Lora, Revision, Training
from mmecinstruct.builder.captioned import content_digest
from mmecinstruct.builder.folder import Folder

if TYPE_CHECKING:
    from peft import PeftModel

FOLDER = "adapter"
FOLDER_URI = re.compile(r"(?P<engine>[a-z]+)/(/|~|\.\.?/)(.*/)?(?P<name>[^/]*)/*")
LIBRARIES = ("accelerate", "datasets", "mmecinstruct", "peft", "torch", "transformers", "trl")


def save_adapter(model: "PeftModel", reader: Reader, recipe: Recipe, training: Training, out: Path) -> None:
    """Write an adapter's folder; it appears whole or not at all.

    PEFT would put the base's own head beside the adapter that tunes it, and the path of a base that lay in a folder.
    """
    work = out.with_name(f"{out.name}.partial")
    rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    config = model.peft_config[model.active_adapter]
    config.base_model_name_or_path, config.revision = training.base_model, training.base_revision
    config.target_modules = sorted(config.target_modules)  # PEFT keeps a set, in another order each time
    model.save_pretrained(work, save_embedding_layers=False)
    (work / "README.md").unlink(missing_ok=True)  # PEFT's; ours is rendered when it is published
    reader.tokenizer.save_pretrained(work)
    (work / "prompt.jinja").write_text(reader.frame.source, encoding="utf-8")
    (work / RECIPE).write_text(_recipe_yaml(recipe), encoding="utf-8")
    write_training(work, training)
    for path in work.iterdir():
        path.chmod(0o644)  # safetensors lets nobody else read its files
    rmtree(out, ignore_errors=True)
    work.rename(out)


def training_record(
    recipe: Recipe,
    folder: Folder,
    weights: Weights,
    base_model: str,
    hyperparameters: Mapping[str, Any],
    rows: int,
    best: tuple[float, float],
) -> Training:
    """Tell what an adapter was trained from; `best` is the epoch it is of, and the validation loss there."""
    named = ON_A_HUB.fullmatch(recipe.dataset) if folder.commit else None
    return Training(
        base_model=base_model,
        base_revision=weights.revision,
        base_digest="" if weights.revision else weights.name.partition("@")[2],
        dataset=Revision(named["repository"], folder.commit) if named and folder.commit else None,
        dataset_digest=content_digest(folder),
        captions_digest=folder.manifest["captions"]["columns"] if recipe.variant != "text" else "",
        configs=tuple(
            config
            for config in folder.configs
            if "train" in folder.splits(config) and recipe.learns(folder.manifest["configs"][config]["task"])
        ),
        recipe=recipe.name,
        variant=recipe.variant,
        hyperparameters={name: value for name, value in hyperparameters.items() if not is_private(name, value)},
        lora=Lora(recipe.lora.r, recipe.lora.alpha, recipe.lora.targets),
        rows=rows,
        best_epoch=best[0],
        validation_loss=best[1],
        libraries={name: version(name) for name in LIBRARIES},
    )


def _recipe_yaml(recipe: Recipe) -> str:
    """The recipe as it was run, but for the folders of this machine."""
    told = {name: value for name, value in asdict(recipe).items() if name not in ("run", "answers")}
    if Path(recipe.dataset).is_dir():
        told["dataset"] = Path(recipe.dataset).resolve().name
    text: str = yaml.safe_dump({name: _plain(value) for name, value in told.items()}, sort_keys=False)
    return text


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items() if not is_private(str(name), one)}
    if isinstance(value, str) and (found := FOLDER_URI.fullmatch(value)):
        return f"{found['engine']}/./{found['name']}"
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value
