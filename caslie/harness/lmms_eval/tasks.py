"""What the YAML of lmms-eval refers to: rows with their pictures, the words beside them, and how an answer is scored.

The model looks at the pictures itself, in the order of the items, so no caption is shown; its own chat template goes
around the words.
"""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from caslie.errors import StageError
from caslie.fusion import frame
from caslie.fusion.weaving import YES_NO
from caslie.harness.scoring import (
    Asked,
    Scored,
    accuracy,
    f1,
    macro_f1,
    macro_precision,
    macro_recall,
    n_failed,
    precision,
    primary,
    recall,
    recall_at_1,
    scored,
    strict_primary,
)

if TYPE_CHECKING:
    from datasets import Dataset
    from PIL.Image import Image

__all__ = [
    "accuracy",
    "f1",
    "macro_f1",
    "macro_precision",
    "macro_recall",
    "n_failed",
    "pictures",
    "precision",
    "primary",
    "recall",
    "recall_at_1",
    "rows",
    "score_text",
    "strict_primary",
    "words",
]

VARIABLE = "MMECINSTRUCT_DATASET"


def __getattr__(name: str) -> str:
    """Let YAML name the dataset by `tasks.dataset_path`: it cannot read the environment itself."""
    if name == "dataset_path":
        return _dataset()
    raise AttributeError(name)


def rows(split: "Dataset") -> "Dataset":
    """The rows that have a right answer, with their pictures, also where those are a config of their own."""
    answered = [
        place
        for place, (answer, options) in enumerate(zip(split["output"], split["options"], strict=True))
        if answer in _answers(options)
    ]
    usable = split.select(answered)
    if "images" in usable.features:
        return usable
    from datasets import load_dataset

    from mmecinstruct.shared import Pictures

    return usable.with_transform(Pictures(load_dataset(_dataset(), "pictures", split="train")).add)


def pictures(doc: Mapping[str, Any]) -> list["Image"]:
    """The pictures of a row."""
    return [image.convert("RGB") for image in doc["images"]]


def words(doc: Mapping[str, Any]) -> str:
    """What a row asks."""
    return frame("chat").render(doc["instruction"], doc["input"], doc["options"])


def score_text(doc: Mapping[str, Any], results: Sequence[str]) -> dict[str, Scored]:
    """Score what was written of a row."""
    asked = Asked(doc["task"], doc["output"], _answers(doc["options"]), doc["options"])
    return scored(asked, results[0])


def _dataset() -> str:
    if named := os.environ.get(VARIABLE):
        return named
    raise StageError(f"on which data? Name a Hub dataset or a built folder: {VARIABLE}=user/mmecinstruct")


def _answers(options: Sequence[str]) -> tuple[str, ...]:
    return tuple(line.partition(":")[0] for line in options) or YES_NO
