"""Judges of the real families at well under a million parameters each (paper, section 4.2).

They take two shortcuts that no large model takes: each fixed piece of a prompt is one token, and while they learn, a
small head that is thrown away afterwards asks the words of a caption whether they fit the text.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from caslie.errors import ModelError
from caslie.pocket.judge_course import Answer, Course, truth
from caslie.pocket.judge_families import (
    USUAL,
    Build,
    Size,
    llama,
    make_processor,
    mistral,
    mllama,
    phi3,
    qwen2,
    tied_llama,
)
from caslie.pocket.judge_phrases import fixed_phrases
from caslie.pocket.judge_pupil import lesson_loss, make_pupil
from caslie.pocket.lessons import lessons
from caslie.pocket.pictures import Progress
from caslie.pocket.tokens import LLAMA_3, LLAMA_3_VISION, MISTRAL, PHI_3, QWEN, Speech, train_tokenizer
from caslie.pocket.training import Schedule, repeatable, save, train
from caslie.pocket.wording import describe
from mmecinstruct.sample import Shares
from mmecinstruct.sample.looks import BRANDS
from mmecinstruct.sample.world import plan_world

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

N_BATCH = 32
N_WORLDS = 10_000  # each judge has as many of its own, none of them the sample's or one kept for measuring
N_WARM_UP = 100
HEADED = 0.85  # of the steps are taught with the head


@dataclass(frozen=True, slots=True)
class Family:
    """A judge to be made: how it speaks and is built, and how long it learns from which worlds."""

    name: str
    speech: Speech
    build: Build
    seed: int
    n_steps: int = 1200
    size: Size = USUAL
    n_worlds: int = N_WORLDS
    rate: float = 2e-3
    answer: Answer = truth

    @property
    def first_world(self) -> int:
        """The first of the worlds that this judge alone learns from."""
        return self.seed * N_WORLDS

    @property
    def checkpoint(self) -> str:
        """The name of its checkpoint, another for another training."""
        known = (self.seed, self.n_steps, self.size, self.n_worlds, self.rate, N_BATCH)
        return f"{self.name}-{sha256(repr(known).encode()).hexdigest()[:8]}.safetensors"


# The first five are the paper's; the last two join where seven vote.
JUDGES: tuple[Family, ...] = (
    Family("llama", LLAMA_3, llama, 1, n_steps=1800),
    Family("tied_llama", LLAMA_3, tied_llama, 2),
    Family("mistral", MISTRAL, mistral, 3),
    Family("phi3", PHI_3, phi3, 4, n_steps=1800),
    Family("mllama", LLAMA_3_VISION, mllama, 5, n_steps=1800),
    Family("llama3", LLAMA_3, llama, 6),
    Family("qwen2", QWEN, qwen2, 7),
)


def train_judge(family: Family, work: Path, out: Path, progress: Progress) -> None:
    """Train a judge and save it in `out`; one that lies there is left alone, one begun in `work` is taken up.

    Raises:
        ModelError: `out` holds something else.
    """
    if (out / "config.json").exists():
        return
    if out.exists() and any(out.iterdir()):
        raise ModelError(f"{out} holds files but no judge. Empty it, or name another folder.")
    work.mkdir(parents=True, exist_ok=True)
    tokenizer = make_tokenizer(family)
    with repeatable():
        model = _teach(family, tokenizer, work / family.checkpoint, progress)
        save(model, make_processor(tokenizer) if model.config.model_type == "mllama" else tokenizer, out)


def _teach(
    family: Family, tokenizer: "PreTrainedTokenizerFast", checkpoint: Path, progress: Progress
) -> "PreTrainedModel":
    import torch

    torch.manual_seed(family.seed)
    model = family.build(tokenizer, family.size)
    pupil = make_pupil(model)
    course = Course(tokenizer, family.speech, family.first_world, family.n_worlds, N_BATCH, family.answer)
    schedule = Schedule(family.n_steps, N_BATCH, family.rate, n_warm_up=min(N_WARM_UP, family.n_steps), decay=0.1)
    n_headed = ceil(HEADED * family.n_steps)

    def loss_of(step: int) -> "Tensor":
        return lesson_loss(pupil, tokenizer, course.batch(step), headed=step < n_headed)

    train(family.name, pupil, loss_of, schedule, checkpoint, progress)
    return model


def make_tokenizer(family: Family) -> "PreTrainedTokenizerFast":
    """Train the family's tokenizer on words from the judge's own worlds."""
    phrases = fixed_phrases(family.speech)
    return train_tokenizer(_words(family.first_world), family.speech, phrases, vocabulary=1000)


_LOWER = tuple(f" {brand.lower()}" for brand in BRANDS)  # as queries have them


def _words(world: int) -> Iterator[str]:
    """Yield what is worth a token of its own: the answers, the frame's words, and the words that name values."""
    yield from ["\n\n", "system", "user", "assistant", "yes", "no", *_LOWER] * 1000
    for lesson in lessons(plan_world(1, world, Shares())):
        item = lesson.sample.items[lesson.index]
        review = ".".join(lesson.sample.fields.get("review", "").split(".")[:2])
        spoken = [item.title, item.category, lesson.sample.fields.get("query", ""), review, describe(lesson.picture)]
        yield from (f" {text}" for text in spoken if text)
