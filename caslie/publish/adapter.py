"""An adapter's folder: checked, and reduced to the files that may be published."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from caslie.errors import PushError
from caslie.publish.artifact import Content
from caslie.publish.tensors import Tensor, read_tensors
from caslie.record_checks import SECRET, check_repository
from caslie.records import RECIPE, SCORES, TRAINING, load_json, read_scores, read_training
from caslie.schema import Revision, Scores, Training

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"
PROMPT = "prompt.jinja"
REQUIRED = (CONFIG, WEIGHTS, TRAINING, RECIPE, PROMPT)
OPTIONAL = (
    *(SCORES, "chat_template.jinja", "tokenizer.json", "tokenizer_config.json", "tokenizer.model", "vocab.json"),
    *("merges.txt", "special_tokens_map.json", "added_tokens.json", "LICENSE", "LICENSE.txt"),
)
RENDERED = (
    "README.md",
    ".eval_results",
    "NOTICE",
    "publication.json",
)  # made anew for each release, or for nobody else


@dataclass(frozen=True, slots=True)
class Adapter:
    """A folder that holds a trained adapter; the words in it are checked, its weights are never loaded.

    `changed` are files that will be published otherwise than they are in the folder, since commits were found.
    """

    directory: Path
    training: Training
    scores: Scores | None
    tensors: tuple[Tensor, ...]
    dropout: float
    prompt: str
    changed: Mapping[str, bytes] = field(default_factory=dict)

    def files(self) -> list[Path]:
        """The files to publish, by name; the card comes on top."""
        return _files(self.directory)

    def contents(self) -> dict[str, Content]:
        """What is published of each file."""
        return {path.name: self.changed.get(path.name, path) for path in self.files()}

    def left_out(self) -> list[str]:
        """What lies in the folder and is not published: optimizer states, checkpoints, pickles, anything unknown."""
        known = (*REQUIRED, *OPTIONAL, *RENDERED)
        return sorted(path.name for path in self.directory.iterdir() if path.name not in known)


def read_adapter(directory: Path) -> Adapter:
    """Read an adapter's folder.

    Raises:
        PushError: the first thing in it that must not be published, or without which nobody could load it.
    """
    if not directory.is_dir():
        raise PushError(f"{directory}: no such folder; give the folder of a trained adapter")
    if missing := [name for name in REQUIRED if not (directory / name).exists()]:
        raise PushError(f"{directory}: no adapter of caslie: {', '.join(missing)} missing; training writes them")
    for path in _files(directory):
        _check_file(path)
    training, config, scores = read_training(directory), _config(directory / CONFIG), read_scores(directory)
    _check_config(directory / CONFIG, config, training)
    return Adapter(
        directory=directory,
        training=training,
        scores=scores,
        tensors=_lora_tensors(directory / WEIGHTS),
        dropout=_dropout(directory / CONFIG, config),
        prompt=_text(directory / PROMPT),
    )


def trained_on(training: Training) -> Revision:
    """The dataset that an adapter was trained on, for others to look it up.

    Raises:
        PushError: it was a folder.
    """
    if training.dataset is None:
        raise PushError(
            f"{TRAINING}: trained on a folder; push that dataset, then caslie-push model ... --dataset user/name"
        )
    return training.dataset


def measured_on(scores: Scores) -> Revision:
    """The dataset that scores are of, for others to look it up.

    Raises:
        PushError: it was a folder.
    """
    if scores.dataset is None:
        raise PushError(
            f"{SCORES} was measured on a folder; push that dataset, then caslie-push model ... --dataset user/name"
        )
    return scores.dataset


def _files(directory: Path) -> list[Path]:
    return [path for name in sorted((*REQUIRED, *OPTIONAL)) if (path := directory / name).exists()]


def _config(path: Path) -> dict[str, Any]:
    config = load_json(path)
    if not isinstance(config, dict) or config.get("peft_type") != "LORA" or config.get("task_type") != "CAUSAL_LM":
        raise PushError(f"{path}: not the configuration of a LoRA adapter for a causal language model")
    return config


def _check_config(path: Path, config: dict[str, Any], training: Training) -> None:
    """Hold PEFT's own configuration against the record of the training: the two must be of one run."""
    check_repository(str(config.get("base_model_name_or_path")), f"{path}: base_model_name_or_path")
    said: dict[str, object] = {
        "base_model_name_or_path": training.base_model,
        "r": training.lora.r,
        "lora_alpha": training.lora.alpha,
    }
    # PEFT leaves it out where the base was loaded from its main branch.
    if config.get("revision") and training.base_revision:
        said["revision"] = training.base_revision
    for key, expected in said.items():
        if config.get(key) != expected:
            raise PushError(f"{path}: {key} is {config.get(key)!r}, but {TRAINING} says {expected!r}")
    found = config.get("target_modules")
    targets = [found] if isinstance(found, str) else found
    if not isinstance(targets, list) or set(map(str, targets)) != set(training.lora.targets):
        raise PushError(f"{path}: target_modules are {found!r}, but {TRAINING} says {sorted(training.lora.targets)}")


def _dropout(path: Path, config: dict[str, Any]) -> float:
    dropout = config.get("lora_dropout", 0)
    if isinstance(dropout, bool) or not isinstance(dropout, int | float) or not 0 <= dropout < 1:
        raise PushError(f"{path}: lora_dropout must be a number from 0 to 1, not {dropout!r}")
    return float(dropout)


def _lora_tensors(path: Path) -> tuple[Tensor, ...]:
    tensors = read_tensors(path)
    if not any(".lora_A." in one.name for one in tensors):
        raise PushError(f"{path}: holds no LoRA weights; give the folder that `save_pretrained` of the adapter wrote")
    return tensors


def _text(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PushError(f"{path}: no text ({error})") from error
    if strange := [char for char in text if not char.isprintable() and char not in "\n\t\u00a0"]:
        raise PushError(f"{path}: holds the invisible character {strange[0]!r}; take it out")
    return text


def _check_file(path: Path) -> None:
    """Refuse a link, which could lead to anything, and a text that holds a token."""
    if path.is_symlink() or not path.is_file():
        raise PushError(f"{path}: a link or a folder; publish the file itself")
    if path.name != WEIGHTS and SECRET.search(path.read_text(encoding="utf-8", errors="replace")):
        raise PushError(f"{path}: holds what looks like a Hub token; take it out, and revoke it")
