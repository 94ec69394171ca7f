"""The rows of lm-evaluation-harness: the prompts of `caslie predict` for the very model that the harness asks."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from caslie.datasets import open_dataset
from caslie.errors import StageError
from caslie.fusion import Weaver, fuse_split, refuse_uncaptioned
from caslie.inference import Checkpoint, find_checkpoint
from caslie.schema import Variant
from mmecinstruct.builder.folder import Folder
from mmecinstruct.errors import UnknownNameError

if TYPE_CHECKING:
    from datasets import Dataset

SPLIT = "test"
VARIANTS: tuple[Variant, ...] = get_args(Variant)


def documents(
    config: str,
    dataset: str | None = None,
    pretrained: str | None = None,
    peft: str | None = None,
    revision: str | None = None,
    prompt: str | None = None,
    variant: str | None = None,
    **_others: object,
) -> "dict[str, Dataset]":
    """Make the rows of a task.

    The harness hands over its `--model_args` and then what `--metadata` adds: `dataset` always, `prompt` and `variant`
    to ask in other words than the model's own, and `pretrained` and `peft` for a model behind an API.

    Raises:
        MmecError: the dataset or the model is not named, or cannot be had.
    """
    from datasets import Dataset, Features, List, Value

    if dataset is None:
        raise StageError("on which data? Name a Hub dataset or a built folder: --metadata dataset=user/mmecinstruct")
    if pretrained is None:
        raise StageError("in which model's words? Name it too: --metadata pretrained=user/base peft=user/adapter")
    shown, folder = _variant(variant), open_dataset(dataset)
    checkpoint = _checkpoint(pretrained, peft, revision, prompt)
    text = Value("string")
    features = Features(
        {"id": text, "task": text, "prompt": text, "answer": text, "answers": List(text)}
        | {"options": List(text), "problem": text}
    )
    found = list(_rows(folder, config, checkpoint, shown))
    if not found:
        raise StageError(f"{dataset}: no row of {config} {SPLIT} has a label among its options; rebuild the dataset")
    return {SPLIT: Dataset.from_list(found, features)}


def _rows(folder: Folder, config: str, checkpoint: Checkpoint, told: Variant | None) -> Iterator[dict[str, object]]:
    variant = told or checkpoint.variant or ("caslie" if folder.captioned else "text")
    refuse_uncaptioned(folder, variant, "RECIPE")
    weaver = Weaver(checkpoint.reader, variant, checkpoint.budget)
    lines = folder.rows(config, SPLIT, ("options",))
    for example, row in zip(fuse_split(folder, config, SPLIT, weaver), lines, strict=True):
        if example.problem == "label_outside_options":  # nobody can answer it; `caslie evaluate` leaves it out too
            continue
        yield {
            "id": example.id,
            "task": example.task,
            "prompt": example.prompt,
            "answer": example.answer,
            "answers": list(example.answers),
            "options": row["options"],
            "problem": example.problem,
        }


def _variant(name: str | None) -> Variant | None:
    for variant in VARIANTS:
        if variant == name:
            return variant
    if name is not None:
        raise UnknownNameError("variant", name, VARIANTS)
    return None


@cache  # a group asks once a task, and weights in a folder are told by a hash of them
def _checkpoint(pretrained: str, peft: str | None, revision: str | None, prompt: str | None) -> Checkpoint:
    base = _at(pretrained, revision)
    if peft is None:
        return find_checkpoint(base, prompt=prompt)
    return find_checkpoint(_at(peft, revision), base=f"transformers/{base}", prompt=prompt)


def _at(name: str, revision: str | None) -> str:
    """A model by the name we have for it; the harness takes a revision for the base and its adapter alike."""
    if Path(name).is_dir():
        return str(Path(name).absolute())
    return f"{name}@{revision}" if revision else name
