"""What a judge hears of a lesson, and what a perfect judge would answer (paper, section 4.2).

A real captioner errs: it shows the wrong thing, says too much or too little. So a lesson is heard with several
captions, and one rule says which of them bear on the task.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from caslie.pocket.lessons import Lesson
from caslie.pocket.wording import describe
from mmecinstruct.sample.chance import Chance
from mmecinstruct.sample.looks import ALL_KINDS, ATTRIBUTES, Attribute, Look, Picture, draw_look
from mmecinstruct.sample.questions import ASKABLE
from mmecinstruct.sample.text import NUMBERS, TOLD, plural
from mmecinstruct.words import judge_prompt

ANSWERABILITY = "answerability_prediction"


@dataclass(frozen=True, slots=True)
class Mark:
    """What is true of one word of a caption; None where that is not asked of this word."""

    word: str
    fits: bool | None = None
    is_topic: bool | None = None
    is_told: bool | None = None


@dataclass(frozen=True, slots=True)
class Hearing:
    """A lesson with one caption of a picture, its own or another."""

    lesson: Lesson
    picture: Picture
    stated: tuple[Attribute, ...]

    @property
    def caption(self) -> str:
        """What the captioner said."""
        return describe(self.picture, self.stated)

    @property
    def prompt(self) -> str:
        """What the judge is asked."""
        return judge_prompt(self.lesson.sample, self.lesson.index, self.caption)

    @property
    def right(self) -> bool:
        """Whether the picture is legible and of a thing that the text speaks of."""
        return replace(self.lesson, picture=self.picture).right

    @property
    def useful(self) -> bool:
        """Whether the caption bears on the task."""
        return bears(self.lesson, self.picture, self.stated)

    def marks(self) -> Iterator[Mark]:
        """Yield what is true of each telling word of the caption, in the caption's order; nothing of a blurred one."""
        if self.picture.blurred:
            return
        look, topics, told = self.picture.look, topics_of(self.lesson), told_by(self.lesson)
        for name in ("count", "size", "colour", "pattern"):
            if name in self.stated:
                yield Mark(_say(look, name), is_topic=name in topics, is_told=name in told)
        is_one = "count" in self.stated and look.count == 1
        yield Mark(look.kind if is_one else plural(look.kind), fits=self.right)
        if "word" in self.stated:
            yield Mark(look.word, is_topic="word" in topics, is_told="word" in told)


def bears(lesson: Lesson, picture: Picture, stated: Collection[Attribute]) -> bool:
    """Say whether a caption that states these attributes of a picture bears on a lesson's task.

    It does if the picture is right and one of them is a topic that the judge's text does not tell.
    """
    new = set(stated) & set(topics_of(lesson)) - told_by(lesson)
    return replace(lesson, picture=picture).right and bool(new)


def topics_of(lesson: Lesson) -> tuple[Attribute, ...]:
    """Return what the task may be about as far as the judge's text shows: AP's shows no question, so all askable."""
    return ASKABLE if lesson.sample.task == ANSWERABILITY else lesson.topics


def told_by(lesson: Lesson) -> frozenset[str]:
    """Return what the judge's text tells: AP's is its document, which tells more than what the question asks."""
    if lesson.sample.task != ANSWERABILITY:
        return lesson.told
    document = " ".join(lesson.sample.fields["document"])
    return frozenset(name for name, words in TOLD.items() if words.partition("{")[0] in document)


def hearings(lesson: Lesson, chance: Chance) -> Iterator[Hearing]:
    """Yield a lesson with its own caption, and with those of other pictures and of other attributes."""
    yield Hearing(lesson, lesson.picture, lesson.topics)
    seen, other = _right(lesson, chance), _wrong(lesson, chance)
    some = tuple(chance.some(ATTRIBUTES, chance.whole(1, 3, "how many"), "some"))
    yield Hearing(lesson, seen, some)
    yield Hearing(lesson, other, lesson.topics)
    yield Hearing(lesson, chance.one([seen, other], "all of"), ATTRIBUTES)
    yield Hearing(lesson, chance.one([seen, other], "more of"), (*lesson.topics, chance.one(ATTRIBUTES, "more")))
    if chance.number("blurred") < 0.1:
        yield Hearing(lesson, replace(seen, blurred=True), lesson.topics)


def _right(lesson: Lesson, chance: Chance) -> Picture:
    return Picture("", draw_look(chance.at("right"), lesson.kinds or ALL_KINDS))


def _wrong(lesson: Lesson, chance: Chance) -> Picture:
    return Picture("", draw_look(chance.at("wrong"), set(ALL_KINDS) - lesson.kinds))


def _say(look: Look, name: str) -> str:
    return NUMBERS[look.count] if name == "count" else str(getattr(look, name))
