"""How well a captioner reads the drawings of worlds that it never saw, asked as any model is (paper, section 4.1)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from caslie.backends import Backend, Engine, Question
from caslie.captioning import PLAIN
from caslie.pocket.judge_scores import Accuracy
from caslie.pocket.lessons import Lesson
from caslie.pocket.pictures import imagine
from caslie.pocket.wording import BLURRED, describe
from mmecinstruct.sample.chance import Chance
from mmecinstruct.sample.drawing import draw_jpeg
from mmecinstruct.sample.looks import ALL_KINDS, VALUES, Picture
from mmecinstruct.sample.text import NUMBERS, plural
from mmecinstruct.words import caption_prompt

TOKENS = 32
BATCH = 64


@dataclass(frozen=True, slots=True)
class CaptionScore:
    """Captions without context: each attribute, blurred pictures told as such, and whole captions word for word.

    `tasks` are whole captions on the words of each task, of pictures that belong to them.
    """

    attributes: dict[str, Accuracy]
    blurred: Accuracy
    exact: Accuracy
    tasks: dict[str, Accuracy]


def measure_captioner(engine: Engine, n: int, given: Sequence[Lesson]) -> CaptionScore:
    """Ask about `n` drawn pictures without context, and about the pictures of some lessons on their words."""
    chance = Chance("held out")
    pictures = imagine(n, chance)
    with engine.open() as backend:
        free = _ask(backend, [Question(PLAIN, draw_jpeg(picture, chance)) for picture in pictures])
        asked = [Question(caption_prompt(one.sample, one.index), draw_jpeg(one.picture, chance)) for one in given]
        bound = _ask(backend, asked)
    legible = [(picture, text) for picture, text in zip(pictures, free, strict=True) if not picture.blurred]
    told = [text == BLURRED for picture, text in zip(pictures, free, strict=True) if picture.blurred]
    return CaptionScore(
        attributes={name: _accuracy(_says(*one, name) for one in legible) for name in ("kind", *VALUES)},
        blurred=_accuracy(told),
        exact=_accuracy(text == describe(picture) for picture, text in legible),
        tasks=_by_task(given, bound),
    )


def _ask(backend: Backend, questions: Sequence[Question]) -> list[str]:
    parts = [questions[start : start + BATCH] for start in range(0, len(questions), BATCH)]
    return [reply.text for part in parts for reply in backend.write(part, TOKENS)]


def _says(picture: Picture, text: str, attribute: str) -> bool:
    """Whether a caption names the right value of an attribute, and no other one."""
    words = set(text.rstrip(".").split())
    if attribute == "kind":
        named = {kind for kind in ALL_KINDS if {kind, plural(kind)} & words}
        return named == {picture.look.kind}
    values = {NUMBERS[value] if attribute == "count" else value for value in VALUES[attribute]}  # type: ignore[index]
    right = getattr(picture.look, attribute)
    return values & words == {NUMBERS[right] if attribute == "count" else right}


def _by_task(given: Sequence[Lesson], texts: Sequence[str]) -> dict[str, Accuracy]:
    right: dict[str, list[bool]] = {}
    for lesson, text in zip(given, texts, strict=True):
        right.setdefault(lesson.sample.task, []).append(text == describe(lesson.picture, lesson.topics))
    return {task: _accuracy(some) for task, some in right.items()}


def _accuracy(right: Iterator[bool] | Sequence[bool]) -> Accuracy:
    answers = list(right)
    return Accuracy(len(answers), sum(answers))
