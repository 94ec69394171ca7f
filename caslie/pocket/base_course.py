"""The course that a base takes: short drills first, then the same ones as long as the tasks' own prompts."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from caslie.fusion.prompts import Frame, frame
from caslie.pocket.base_drills import SHAPES
from caslie.pocket.base_lines import Line, draw_line
from caslie.pocket.base_marks import Fit, unmark
from caslie.pocket.base_shapes import Drill
from mmecinstruct.sample.chance import Chance
from mmecinstruct.schema import LETTERS

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

EASING = 0.35  # of the course; from then on nothing is shortened
# Drills of each shape in a batch, and lines of plain text: to find an option's letter is learnt last.
FIRST = {"told": 3, "classed": 5, "differing": 5, "matched": 10, "distant": 3, "fellow": 7}
LATER = {"told": 3, "classed": 6, "differing": 4, "matched": 16, "distant": 2, "fellow": 7}
N_LINES = {True: 40, False: 6}  # in the first half of the easing, and after
N_BATCH = sum(LATER.values()) + N_LINES[False]


@dataclass(frozen=True, slots=True)
class Spot:
    """A word by the place of its last token, whether it fits what stands before it, and the letter it stands under."""

    place: int
    fits: Fit
    letter: int | None = None


@dataclass(frozen=True, slots=True)
class Exercise:
    """A text in tokens, the places of the tokens that are to be written, how much each counts, and words to judge."""

    ids: tuple[int, ...]
    due: tuple[int, ...]
    weight: float
    spots: tuple[Spot, ...] = ()


@dataclass(frozen=True)
class Course:
    """What one base is taught, from worlds of its own. Any batch can be made at once, whatever came before."""

    tokenizer: "PreTrainedTokenizerFast"
    frame_name: str
    first_world: int
    n_steps: int

    def batch(self, step: int) -> list[Exercise]:
        """Return the exercises of a step."""
        chance = Chance(str(self.first_world + step)).at("base")
        ease = max(0.0, 1 - step / (EASING * self.n_steps))
        drills = [self.encode(drill) for drill in draw_drills(chance, ease)]
        return [*drills, *(self.read(draw_line(chance.at("line", number))) for number in range(N_LINES[ease > 0.5]))]

    def encode(self, drill: Drill) -> Exercise:
        """Turn a drill into tokens."""
        prompt, marks = unmark(self._frame.render(drill.instruction, drill.input, drill.options))
        encoding = self.tokenizer(prompt)
        ids = encoding["input_ids"]
        spots = self._spots(ids, [(encoding.char_to_token(place), fits) for place, fits in marks], drill.answer)
        answer = self._tokens(drill.answer)
        return Exercise((*ids, *answer, self._end), (len(ids), len(ids) + len(answer)), 0.5, spots)

    def read(self, line: Line) -> Exercise:
        """Turn plain text into tokens."""
        ids, due, places = self.tokenizer("")["input_ids"], list[int](), list[tuple[int, Fit]]()
        for turn in line:
            text, marks = unmark(turn.read)
            read = self.tokenizer(text, add_special_tokens=False)
            places += [(len(ids) + read.char_to_token(place), fits) for place, fits in marks]
            ids += read["input_ids"]
            written = self._tokens(turn.write)
            due += range(len(ids), len(ids) + len(written))
            ids += written
        ids.append(self._end)
        return Exercise(
            tuple(ids),
            tuple(due),
            (0.3 if not line[0].read else 1.5) / len(due),
            self._spots(ids, places, line[0].write),
        )

    def _spots(self, ids: list[int], places: list[tuple[int, Fit]], answer: str) -> tuple[Spot, ...]:
        """Where the answer is a letter, tell every marked word its own: it is the last one before."""
        letters = self._letters if answer in LETTERS else frozenset()
        return tuple(
            Spot(place, fits, next((i for i in ids[place::-1] if i in letters), None)) for place, fits in places
        )

    def _tokens(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids

    @cached_property
    def _end(self) -> int:
        end: int = self.tokenizer.eos_token_id
        return end

    @cached_property
    def _letters(self) -> frozenset[int]:
        return frozenset(self.tokenizer.convert_tokens_to_ids(list(LETTERS)))

    @cached_property
    def _frame(self) -> Frame:
        return frame(self.frame_name)


def draw_drills(chance: Chance, ease: float) -> Iterator[Drill]:
    """Yield the drills of a step, of each shape some."""
    for name, n in (FIRST if ease else LATER).items():
        yield from (SHAPES[name](chance.at(name, number), ease) for number in range(n))
