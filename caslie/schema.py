"""What the stages leave beside an adapter: how it was trained and what was measured (paper, sections 4.3 and 6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

# What the model reads of the pictures (Table 6): kept captions, none (uniM3), or every caption ("use it always").
Variant = Literal["caslie", "text", "uia"]


@dataclass(frozen=True, slots=True)
class Revision:
    """A dataset on a Hub, and the commit of it."""

    repository: str
    revision: str


@dataclass(frozen=True, slots=True)
class Score:
    """One measured number between 0 and 1, with its 95 % interval.

    `n` rows were asked; `failed` of their answers could not be parsed.
    """

    task: str
    config: str
    split: str
    metric: str
    value: float
    low: float
    high: float
    n: int
    failed: int


@dataclass(frozen=True, slots=True)
class Scores:
    """`scores.json`: all that was measured of one adapter; `method` says how the intervals were made.

    A dataset that lay in a folder has no commit yet, but a digest of its contents.
    """

    dataset: Revision | None
    method: str
    results: tuple[Score, ...]
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Lora:
    """The shape of the adapter."""

    r: int
    alpha: float
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Training:
    """`training.json`: what an adapter was trained from, and how.

    `base_model` is a Hub name and `base_revision` its commit, so that others can load the adapter. A base or a dataset
    that lay in a folder has no commit yet, but a digest of its contents: pushing looks for the commit that has the
    same. `hyperparameters` have TRL's own names.
    """

    base_model: str
    base_revision: str | None
    dataset: Revision | None
    configs: tuple[str, ...]
    recipe: str
    variant: Variant
    hyperparameters: Mapping[str, Any]
    lora: Lora
    rows: int
    best_epoch: float
    validation_loss: float
    libraries: Mapping[str, str]
    base_digest: str = ""
    dataset_digest: str = ""
    captions_digest: str = ""


@dataclass(frozen=True, slots=True)
class Caption:
    """What a captioner made of one picture: a text, or the reason why there is none."""

    text: str | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Vote:
    """One judge's answer about one caption: useful or not, None where it abstained.

    `margin` is the log odds of yes against no, None where the answer was written; `raw` is what was written.
    """

    judge: str
    useful: bool | None
    margin: float | None = None
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a caption is kept, None while votes are missing; and the votes that tell."""

    keep: bool | None
    votes: tuple[Vote, ...] = ()


Mode = Literal["generate", "score"]


@dataclass(frozen=True, slots=True)
class Prediction:
    """One answer to one sample (a line of `<config>.<mode>.jsonl`).

    `prompt` is the sha256 of the prompt. A generated answer has `raw`, what was written, and `label`, what it was read
    as, None where it cannot be read. A scored one has `scores`, the log probability of each answer that the sample
    allows, and the best of them as its label. `problem` says why nothing was asked.
    """

    id: str
    prompt: str
    mode: Mode
    label: str | None
    raw: str = ""
    scores: Mapping[str, float] | None = None
    problem: str = ""
