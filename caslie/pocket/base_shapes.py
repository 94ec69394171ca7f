"""What a drill is made of: a task's shape around drawn words, and marks on those that fit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from caslie.pocket.base_marks import Fit, mark
from caslie.pocket.wording import describe
from mmecinstruct.sample.chance import Chance
from mmecinstruct.sample.looks import Attribute, Look, Picture
from mmecinstruct.sample.text import write_title
from mmecinstruct.schema import Item, Role, Sample
from mmecinstruct.tasks.clean import clean
from mmecinstruct.words import input_text, options


@dataclass(frozen=True, slots=True)
class Drill:
    """An instruction with an input in the shape of a task, marks inside, and the answer."""

    instruction: str
    input: str
    options: tuple[str, ...]
    answer: str


def write_drill(
    instruction: str,
    task: str,
    fields: Mapping[str, object],
    items: Sequence[Item],
    captions: Sequence[str | None],
    answer: str,
) -> Drill:
    """Give the instruction the input and the options that a sample of the task would have."""
    sample = Sample("", task, "ind", "train", fields, tuple(items), "")
    return Drill(instruction, input_text(sample, captions), options(sample, captions), answer)


def make_item(title: str = "", role: Role = "product") -> Item:
    """Return an item of which nothing but the title is shown."""
    return Item(role, "", title)


def write_title_of(look: Look, stated: set[str], chance: Chance, fits: Mapping[str, Fit]) -> str:
    """Return a title with marks."""
    return mark(clean(write_title(look, stated, chance.at("title"))), look, fits)


def write_caption(look: Look, topics: Sequence[Attribute], fits: Mapping[str, Fit]) -> str:
    """Return a caption with marks on the kind and on the topics."""
    known = {name: truth for name, truth in fits.items() if name in (*topics, "kind")}
    return mark(describe(Picture("", look), topics), look, known)
