"""The course that a judge takes: drawn worlds without end, half of what is heard useful, every task as often."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from caslie.pocket.hearing import Hearing, hearings
from caslie.pocket.judge_phrases import frame
from caslie.pocket.lessons import Lesson, lessons
from caslie.pocket.tokens import Speech
from mmecinstruct.sample import Shares
from mmecinstruct.sample.chance import Chance
from mmecinstruct.sample.world import plan_world

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

N_HEARD = 96  # lessons of each task in a world; no task has fewer
N_EACH = 23  # of each task: useless captions of right pictures, and of wrong ones; of useful captions, twice as many

Answer = Callable[[Hearing], bool]


@dataclass(frozen=True, slots=True)
class Spot:
    """A word of a caption, by the place of its last token, and what is true of it; None where that is not asked."""

    place: int
    truths: tuple[bool | None, bool | None, bool | None]


@dataclass(frozen=True, slots=True)
class Exercise:
    """A prompt in tokens, with its answer."""

    ids: tuple[int, ...]
    answer: bool
    spots: tuple[Spot, ...]


@dataclass(frozen=True)
class Course:
    """What one judge is taught, from worlds of its own. Any batch can be made at once, whatever came before."""

    tokenizer: "PreTrainedTokenizerFast"
    speech: Speech
    first_world: int
    n_worlds: int
    n_batch: int
    answer: Answer

    @cached_property
    def _around(self) -> tuple[str, str]:
        return frame(self.speech)

    def batch(self, step: int) -> list[Exercise]:
        """Return the exercises of a step."""
        number, turn = divmod(step, self.per_world)
        heard = draw_hearings(self.first_world + number % self.n_worlds, number // self.n_worlds)
        return [self.encode(each) for each in heard[turn * self.n_batch : (turn + 1) * self.n_batch]]

    @property
    def per_world(self) -> int:
        """How many batches a world gives."""
        return len(draw_hearings(self.first_world)) // self.n_batch

    def encode(self, heard: Hearing) -> Exercise:
        """Turn what is heard into tokens."""
        before, after = self._around
        text = before + heard.prompt + after
        encoding = self.tokenizer(text, add_special_tokens=False)
        end = text.rindex(heard.caption)
        spots = []
        for mark in heard.marks():
            end = text.index(f" {mark.word}", end) + 1 + len(mark.word)
            spots.append(Spot(encoding.char_to_token(end - 1), (mark.fits, mark.is_topic, mark.is_told)))
        return Exercise(tuple(encoding["input_ids"]), self.answer(heard), tuple(spots))


def truth(heard: Hearing) -> bool:
    """Answer as a perfect judge does."""
    return heard.useful


@lru_cache(maxsize=2)
def draw_hearings(world: int, visit: int = 0) -> tuple[Hearing, ...]:
    """Return a world's hearings in a chosen order; on another visit they are others."""
    chance = Chance(f"hearings {world} {visit}")
    chosen: list[Hearing] = []
    for task, some in groupby(lessons(plan_world(1, world, Shares())), lambda lesson: lesson.sample.task):
        chosen += _balance(list(some), chance.at(task))
    return tuple(chance.order(chosen, "all"))


def _balance(given: Sequence[Lesson], chance: Chance) -> Iterator[Hearing]:
    """Yield as many useful captions as others, and of those as many of right pictures as of wrong or blurred ones."""
    some = chance.some(given, N_HEARD, "lessons")
    heard = [each for number, lesson in enumerate(some) for each in hearings(lesson, chance.at(number))]
    shuffled = chance.order(heard, "hearings")
    yield from [each for each in shuffled if each.useful][: 2 * N_EACH]
    yield from [each for each in shuffled if each.right and not each.useful][:N_EACH]
    yield from [each for each in shuffled if not each.right][:N_EACH]
