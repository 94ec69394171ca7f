"""What tuning is tried on: small real bases, a small captioned build, and recipes over both."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from mmecinstruct.builder import Request, build
from mmecinstruct.builder.captioned import write_captioned
from mmecinstruct.builder.folder import Folder
from mmecinstruct.config import load_recipe
from tests.mmecinstruct.captioning import ABOUT, captioned

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

TRAIN = {
    "learning_rate": 5e-3,
    "lr_scheduler_type": "cosine",
    "warmup_steps": 0.05,
    "num_train_epochs": 2,
    "max_length": 1400,
    "eval_strategy": "epoch",
    "save_strategy": "epoch",
    "load_best_model_at_end": True,
    "metric_for_best_model": "eval_loss",
    "per_device_train_batch_size": 4,
    "train_sampling_strategy": "batch_rebalance",
    "save_steps": 2,
    "logging_steps": 1,
}


def captioned_build(corpora: Path, out: Path, limit: int = 8) -> Path:
    """Build three tasks of the sample, with captions, votes and verdicts that follow from the ids."""
    build(load_recipe("sample"), Request(corpora, out / "plain", tasks=("ap", "prp", "sr"), limit=limit))
    write_captioned(Folder(out / "plain"), out / "captioned", captioned, ABOUT)
    return out / "captioned"


def tokenizer(folder: Folder) -> "PreTrainedTokenizerFast":
    """Train a Llama-3 tokenizer on what a build says."""
    from caslie.pocket.tokens import LLAMA_3, train_tokenizer

    return train_tokenizer(_texts(folder), LLAMA_3, vocabulary=900)


def save_base(out: Path, words: "PreTrainedTokenizerFast", tied: bool = True) -> Path:
    """Save a base of 32 numbers' width, a tied Llama or a Mistral."""
    import torch

    from caslie.pocket.judge_families import Size, mistral, tied_llama

    torch.manual_seed(1)
    make = tied_llama if tied else mistral
    make(words, Size(width=32, layers=2, heads=2)).save_pretrained(out)
    words.save_pretrained(out)
    return out


def cook_in(tmp_path: Path, dataset: Path, base: Path) -> Callable[..., Path]:
    """Write recipes whose values are the usual ones but for those that are given."""

    def cook(name: str = "tuned", train: dict[str, Any] | None = None, **values: Any) -> Path:
        usual = {
            "name": name,
            "dataset": str(dataset),
            # Who captioned the build, and, for builds without captions, a captioner that needs no weights.
            "captioners": {"seer": {"model": {"uri": ABOUT["captioner"]}}, "echo": {"model": {"uri": "echo/mixed"}}},
            "captioner": "seer" if dataset.name == "captioned" and "dataset" not in values else "echo",
            "judges": {"a": {"uri": "echo/hash"}},
            "lineups": {"mv3": ["a"]},
            "lineup": "mv3",
            "run": str(tmp_path / "runs" / name),
            "base": {"model": {"uri": f"transformers/{base}"}, "name": "me/caslie-pocket-base-s"},
            "batch": 8,
            "lora": {"dropout": 0.0},
            "train": TRAIN | (train or {}),
        }
        path = tmp_path / f"{name}.yaml"
        path.write_text(yaml.safe_dump(usual | values))
        return path

    return cook


def _texts(folder: Folder) -> Iterable[str]:
    for config in folder.configs:
        for row in folder.rows(config, "test"):
            yield from (row["input"], row["instruction"], *row["options"], "yes", "no")
