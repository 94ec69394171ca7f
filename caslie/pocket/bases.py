"""The language models that uniM3's adapters are tuned on, of the real families at a million parameters (paper, 4.3).

They know the sample world's words and what its tasks are made of, but no task: that is what LoRA teaches. They are
taught short drills before long ones, and take shortcuts that no large model takes:

- each fixed piece of a prompt is one token, the tasks' own instructions too, which they never read while they learn;
- the forms of a word begin with embeddings that are alike, and half of the heads begin by looking for likes;
- the drills have the tasks' shapes, and say in other words what the answers are made of;
- a small head that is thrown away afterwards asks their words whether they fit what stands before.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from caslie.errors import ModelError
from caslie.pocket.base_beginnings import begin
from caslie.pocket.base_course import N_BATCH, Course
from caslie.pocket.base_drills import INSTRUCTIONS
from caslie.pocket.base_lines import draw_line
from caslie.pocket.base_marks import unmark
from caslie.pocket.base_phrases import base_phrases
from caslie.pocket.base_pupil import drill_loss, make_pupil
from caslie.pocket.judge_families import Build, Size, llama, mistral, tied_llama
from caslie.pocket.pictures import Progress
from caslie.pocket.tokens import LLAMA_2, LLAMA_3, MISTRAL, Speech, train_tokenizer
from caslie.pocket.training import Schedule, repeatable, save, train
from mmecinstruct.sample.chance import Chance
from mmecinstruct.sample.looks import ALL_KINDS, BRANDS, COLOURS, PATTERNS, SIZES
from mmecinstruct.sample.text import NUMBERS, plural
from mmecinstruct.schema import LETTERS

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

N_WORLDS = 10_000  # each base has as many of its own, none of them the sample's or a judge's
FIRST_WORLD = 200_000
HEADED = 0.85  # of the steps are taught with the head
N_WARM_UP = 100
DEEP = Size(layers=4)  # a layer more than judges have: letters are copied from what was found to fit


@dataclass(frozen=True, slots=True)
class Base:
    """A base to be made: how it speaks and is built, the frame its prompts stand in, and how long it learns."""

    name: str
    speech: Speech
    frame: str
    build: Build
    seed: int
    n_steps: int = 1600
    size: Size = DEEP
    rate: float = 3e-3

    @property
    def first_world(self) -> int:
        """The first of the worlds that this base alone learns from."""
        return FIRST_WORLD + self.seed * N_WORLDS

    @property
    def checkpoint(self) -> str:
        """The name of its checkpoint, another for another training."""
        known = (self.seed, self.n_steps, self.size, self.rate)
        return f"{self.name}-{sha256(repr(known).encode()).hexdigest()[:8]}.safetensors"


BASES: tuple[Base, ...] = (
    Base("llama2", LLAMA_2, "alpaca", llama, 0),
    Base("mistral", MISTRAL, "mistral", mistral, 1),
    Base("tied_llama", LLAMA_3, "alpaca", tied_llama, 2),
)


def train_base(base: Base, work: Path, out: Path, progress: Progress) -> None:
    """Train a base and save it in `out`; one that lies there is left alone, one begun in `work` is taken up.

    Raises:
        ModelError: `out` holds something else.
    """
    if (out / "config.json").exists():
        return
    if out.exists() and any(out.iterdir()):
        raise ModelError(f"{out} holds files but no base. Empty it, or name another folder.")
    work.mkdir(parents=True, exist_ok=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    tokenizer = make_tokenizer(base)
    with repeatable():
        save(_teach(base, tokenizer, work / base.checkpoint, progress), tokenizer, out)


def _teach(
    base: Base, tokenizer: "PreTrainedTokenizerFast", checkpoint: Path, progress: Progress
) -> "PreTrainedModel":
    import torch

    torch.manual_seed(base.seed)
    model = base.build(tokenizer, base.size)
    begin(model, tokenizer)
    pupil = make_pupil(model)
    course = Course(tokenizer, base.frame, base.first_world, base.n_steps)
    schedule = Schedule(base.n_steps, N_BATCH, base.rate, n_warm_up=min(N_WARM_UP, base.n_steps), decay=0.1)
    n_headed = ceil(HEADED * base.n_steps)
    pad = tokenizer.convert_tokens_to_ids(base.speech.pad)

    def loss_of(step: int) -> "Tensor":
        return drill_loss(pupil, pad, course.batch(step), headed=step < n_headed)

    train(base.name, pupil, loss_of, schedule, checkpoint, progress)
    return model


def make_tokenizer(base: Base) -> "PreTrainedTokenizerFast":
    """Train the base's tokenizer; like the real ones, it begins every text with the token for that."""
    from tokenizers.processors import TemplateProcessing

    speech = base.speech
    phrases = base_phrases(speech, base.frame, INSTRUCTIONS)
    tokenizer = train_tokenizer(_words(base.first_world), speech, phrases, vocabulary=700)
    begin = [(speech.bos, tokenizer.convert_tokens_to_ids(speech.bos))]
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(single=f"{speech.bos} $A", special_tokens=begin)
    return tokenizer


def _words(world: int) -> Iterator[str]:
    """Yield what is worth a token of its own: the answers, the words that name values, and what lines are made of."""
    values = [*COLOURS, *PATTERNS, *SIZES]
    for word in (*values, *BRANDS, *ALL_KINDS, *map(plural, ALL_KINDS)):
        yield from [word.capitalize(), f" {word}", f" {word.capitalize()}", f" {word.lower()}"] * 200
    yield from ["yes", "no", "all", "some", "none", "beside", "kind", "colour", "neither", " gift set"] * 1000
    yield from [form for number in NUMBERS for form in (number, f" {number}")] * 1000
    yield from [*LETTERS, "same", "other", " none"] * 1000
    for number in range(300):
        line = draw_line(Chance(str(world)).at("words", number))
        yield unmark("".join(turn.read + turn.write for turn in line)).text
