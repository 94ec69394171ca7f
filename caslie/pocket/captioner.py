"""Trains the pocket captioner, a LLaVA that is asked in the paper's own words (section 4.1, Appendix B)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from caslie.captioning import PLAIN
from caslie.pocket.lessons import Lesson, lessons
from caslie.pocket.pictures import Progress, draw_pictures, imagine
from caslie.pocket.shapes import TRAINED, Captioner, Shape, llava
from caslie.pocket.tokens import LLAVA, train_tokenizer
from caslie.pocket.training import Schedule, repeatable, save, train
from caslie.pocket.vision import look_at, train_tower
from caslie.pocket.wording import describe
from mmecinstruct import words
from mmecinstruct.sample.chance import Chance
from mmecinstruct.sample.looks import ATTRIBUTES, Attribute, Picture, Shares
from mmecinstruct.sample.reviews import ARRIVED, CLOSINGS
from mmecinstruct.sample.text import QUESTIONS, UNTOLD
from mmecinstruct.sample.world import plan_world
from mmecinstruct.schema import Item, Sample
from mmecinstruct.tasks import TASKS
from mmecinstruct.tasks.clean import clean

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

FIRST_WORLD = 1000  # those below are for the sample and for measuring
CONTEXT_FREE_SHARE = 0.2
WEIGHTS = {"product_substitute_identification": 3, "multiclass_product_classification": 3}  # any topics, by the query
OWN_SHARE = 0.5  # of the lessons' prompts; with any other picture, title and query mislead
UNREADABLE = "\x00"
TURNS = ("USER:", "ASSISTANT:")  # of the chat template

TOWER = Schedule(n_steps=1500, n_batch=64, rate=1e-3)
SPEECH = Schedule(n_steps=1700, n_batch=64, rate=2e-3, decay=0.01)


@dataclass(frozen=True, slots=True)
class Budget:
    """How much is drawn and learnt. At first every prompt is context-free, or the printed word is not found."""

    n_worlds: int = 40
    n_drawn_worlds: int = 10
    n_pictures: int = 24_000
    tower: Schedule = TOWER
    speech: Schedule = SPEECH
    n_context_free: int = 350
    shape: Shape = TRAINED


@dataclass(frozen=True, slots=True)
class Exercise:
    """A prompt as tokens, what it asks about, and the row of the picture it came with, if that can be seen."""

    prompt: list[int]
    topics: Sequence[Attribute]
    own: int | None = None


@dataclass(frozen=True, slots=True)
class School:
    """All that the captioner learns from: the pictures, what the tower sees of them, and exercises of each task."""

    pictures: Sequence[Picture]
    seen: "Tensor"
    free: Exercise
    of_tasks: Sequence[Sequence[Exercise]]
    n_context_free: int

    def draw(self, n: int, step: int, seed: int) -> Iterator[tuple[Exercise, int]]:
        """Yield the exercises of a step, each with the row of a picture."""
        rng = np.random.default_rng([seed, step])
        share = 1.0 if step < self.n_context_free else CONTEXT_FREE_SHARE
        for _ in range(n):
            row = int(rng.integers(len(self.pictures)))
            if rng.random() < share:
                yield self.free, row
                continue
            of_task = self.of_tasks[int(rng.integers(len(self.of_tasks)))]
            exercise = of_task[int(rng.integers(len(of_task)))]
            yield exercise, exercise.own if exercise.own is not None and rng.random() < OWN_SHARE else row


def train_captioner(work: Path, out: Path, seed: int, budget: Budget, progress: Progress) -> None:
    """Train the captioner and save it in half precision with its processor; a killed run goes on where it was.

    The same arguments give the same bytes on the same machine: all lengths are in steps, and one thread adds up.
    """
    folder = work / sha256(repr((seed, budget)).encode()).hexdigest()[:16]
    with repeatable():
        taught = _lessons(budget.n_worlds)
        chance = Chance(f"pictures of seed {seed}")
        pictures = _pictures(_lessons(budget.n_drawn_worlds), budget.n_pictures, chance)
        pixels = draw_pictures(folder / "pictures", pictures, chance, budget.shape.side, 1, progress)
        tower = train_tower(folder / "tower.safetensors", pictures, pixels, budget.shape, budget.tower, seed, progress)
        learner = llava(learn_words(taught), seed, budget.shape)
        learner.model.model.vision_tower.load_state_dict(tower.state_dict())
        school = enrol(learner, taught, pictures, look_at(tower, pixels), budget.n_context_free)
        teach(folder / "speech.safetensors", learner, school, budget.speech, seed, progress)
        save(learner.model, learner.processor, out)


def teach(path: Path, learner: Captioner, school: School, schedule: Schedule, seed: int, progress: Progress) -> None:
    """Teach all but the tower to answer."""
    model, tokenizer = learner.model, learner.processor.tokenizer
    model.model.vision_tower.requires_grad_(False)

    def loss_of(step: int) -> "Tensor":
        exercises, rows = zip(*school.draw(schedule.n_batch, step, seed), strict=True)
        captions = [
            " " + describe(school.pictures[row], exercise.topics) + tokenizer.eos_token
            for exercise, row in zip(exercises, rows, strict=True)
        ]
        answers = tokenizer(captions)["input_ids"]
        prompts = [exercise.prompt for exercise in exercises]
        return loss_on_answers(model, school.seen[list(rows)], prompts, answers)

    train("captioner", model, loss_of, schedule, path, progress)


def learn_words(taught: Sequence[Lesson]) -> "PreTrainedTokenizerFast":
    """Train the tokenizer on some of the prompts and their answers."""
    some = taught[:: max(1, len(taught) // 3000)]
    texts = [words.caption_prompt(lesson.sample, lesson.index) for lesson in some]
    answers = [f" {describe(lesson.picture)}" for lesson in some]
    return train_tokenizer([*texts, *answers], LLAVA, [*TURNS, *phrases()])


def enrol(
    learner: Captioner, taught: Sequence[Lesson], pictures: Sequence[Picture], seen: "Tensor", n_context_free: int
) -> School:
    """Turn lessons into exercises in the learner's own tokens."""
    rows = {picture.id: row for row, picture in enumerate(pictures)}
    n_seen = seen.shape[1]
    of_tasks: dict[str, list[Exercise]] = {}
    for lesson in taught:
        prompt = _tokens(learner, words.caption_prompt(lesson.sample, lesson.index), n_seen)
        exercise = Exercise(prompt, lesson.topics, rows.get(lesson.picture.id))
        of_tasks.setdefault(lesson.sample.task, []).append(exercise)
    free = Exercise(_tokens(learner, PLAIN, n_seen), ATTRIBUTES)
    weighed = [exercises for task, exercises in of_tasks.items() for _ in range(WEIGHTS.get(task, 1))]
    return School(pictures, seen, free, weighed, n_context_free)


def phrases() -> list[str]:
    """Return what never changes in the prompts: pieces of the templates and of the sample's questions and reviews."""
    fixed = [piece for task in TASKS for piece in _fixed(task).split(UNREADABLE)]
    spoken = [text.partition("{kinds}")[0] for text in (*QUESTIONS.values(), *UNTOLD)]
    written = [clean(text) for text in (ARRIVED["picture"], *CLOSINGS)]
    pieces = [piece.strip() for piece in (PLAIN, *fixed, *spoken, *written)]
    return [piece for piece in dict.fromkeys(pieces) if len(piece.split()) > 1]


def _fixed(task: str) -> str:
    fields = dict.fromkeys(("question", "query", "review"), UNREADABLE) | {"choices": [UNREADABLE]}
    item = Item("product", "", UNREADABLE)
    return words.caption_prompt(Sample("", task, "ind", "train", fields, (item, item), ""), 0)


def _lessons(n_worlds: int) -> list[Lesson]:
    worlds = (plan_world(1, FIRST_WORLD + number, Shares()) for number in range(n_worlds))
    return [lesson for world in worlds for lesson in lessons(world)]


def _pictures(taught: Sequence[Lesson], n: int, chance: Chance) -> list[Picture]:
    own = list({lesson.picture.id: lesson.picture for lesson in taught if not lesson.picture.fault}.values())[:n]
    return own + imagine(n - len(own), chance)


def _tokens(learner: Captioner, prompt: str, n_seen: int) -> list[int]:
    """Return a prompt as the processor makes it, with a place for each token of the picture."""
    content = [{"type": "image"}, {"type": "text", "text": prompt}]
    text = learner.processor.apply_chat_template([{"role": "user", "content": content}], add_generation_prompt=True)
    places = text.replace("<image>", "<image>" * n_seen)
    tokens: list[int] = learner.processor.tokenizer(places)["input_ids"]
    return tokens


def loss_on_answers(
    model: "PreTrainedModel", seen: "Tensor", prompts: Sequence[list[int]], answers: Sequence[list[int]]
) -> "Tensor":
    """Return the loss on the answers alone, from what the tower has seen of the pictures."""
    import torch
    from torch.nn.functional import cross_entropy
    from torch.nn.utils.rnn import pad_sequence

    # As nothing looks ahead, padding on the right needs no mask.
    lines = [torch.tensor(prompt + answer) for prompt, answer in zip(prompts, answers, strict=True)]
    ids = pad_sequence(lines, batch_first=True)
    places = (ids == model.config.image_token_index).unsqueeze(-1)
    features = model.model.multi_modal_projector(seen)
    embedded = model.get_input_embeddings()(ids).masked_scatter(places, features)
    hidden = model.model.language_model(inputs_embeds=embedded, use_cache=False).last_hidden_state
    answered = torch.zeros_like(ids, dtype=torch.bool)
    for row, (prompt, answer) in enumerate(zip(prompts, answers, strict=True)):
        answered[row, len(prompt) : len(prompt) + len(answer)] = True
    before = answered.roll(-1, dims=1)
    return cross_entropy(model.lm_head(hidden[before]), ids[answered])
