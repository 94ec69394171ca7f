"""The fixed pieces of what bases read, found by rendering, so that each can become one token (a shortcut)."""

import json
from collections.abc import Iterable, Iterator

from caslie.fusion.prompts import frame
from caslie.pocket.tokens import Speech
from caslie.pocket.wording import BLURRED
from mmecinstruct.sample.categories import name_category
from mmecinstruct.sample.looks import ALL_KINDS, CATEGORIES, PATTERNS
from mmecinstruct.sample.reviews import ARRIVED, CLOSINGS, OCCASIONS
from mmecinstruct.sample.text import CHATTER, NAMING, QUESTIONS, TOLD, UNTOLD, USES
from mmecinstruct.schema import Item, Role, Sample
from mmecinstruct.tasks.clean import clean
from mmecinstruct.words import input_text, instruction, options

SLOT = "\ue000"  # no text holds this character


def base_phrases(speech: Speech, frame_name: str, instructions: Iterable[str]) -> tuple[str, ...]:
    """Return every piece that stands the same in many prompts: never a value, never an option's letter."""
    found = [*_frame(speech, frame_name), *instructions, *_shapes(), *_sentences()]
    return tuple(dict.fromkeys(found))


def _frame(speech: Speech, name: str) -> Iterator[str]:
    for lettered in ((), (SLOT,)):
        text = frame(name).render(SLOT, SLOT, lettered).replace(json.dumps([SLOT], ensure_ascii=False), SLOT)
        for token in (speech.bos, speech.eos, speech.pad, *speech.more):
            text = text.replace(token, SLOT)
        yield from _pieces(text)


def _shapes() -> Iterator[str]:
    """Yield the tasks' instructions, the JSON around their values, and the options that are always the same."""
    yield from ('["', '", "', '"]', "[]")
    for task, fields, roles in _TASKS:
        items = tuple(Item(role, "", SLOT, "", "") for role in roles)
        sample = Sample("", task, "ind", "train", fields, items, "")
        yield instruction(sample)
        for captions in (None, [SLOT] * len(items)):
            yield from (piece.lstrip(".)") for piece in _pieces(input_text(sample, captions)))
        if task != "sequential_recommendation":
            yield from (line[1:] for line in options(sample))
    yield from ('"}', ", pack of", "pack of", " made by", " labelled", ". (image: The picture shows", ".)")
    yield from (f": {name_category(kind, pattern)}" for kind in ALL_KINDS for pattern in PATTERNS)


_TASKS: tuple[tuple[str, dict[str, object], tuple[Role, ...]], ...] = (
    ("answerability_prediction", {"question": SLOT, "document": [SLOT, SLOT]}, ("product",)),
    ("category_classification", {"choices": []}, ("product",)),
    ("product_relation_prediction", {}, ("product", "product")),
    ("product_substitute_identification", {"query": SLOT}, ("product",)),
    ("multiclass_product_classification", {"query": SLOT}, ("product",)),
    ("sentiment_analysis", {"review": SLOT}, ("review",)),
    ("sequential_recommendation", {}, ("history",) * 9),
)


def _sentences() -> Iterator[str]:
    for text in (*QUESTIONS.values(), *UNTOLD):
        yield from _pieces(text.format(**dict.fromkeys(_NAMES, SLOT)))
    for text in map(clean, (*NAMING, *TOLD.values(), *ARRIVED.values(), *CHATTER, *CLOSINGS, "The picture shows")):
        first, *more = _pieces(json.dumps(text.format(**dict.fromkeys(_NAMES, SLOT)), ensure_ascii=False)[1:-1])
        yield from (first, f" {first}", *more)
    yield from (f" {text}" for text in (*OCCASIONS, *USES.values()))
    yield from (f". {name.replace('_', ' ').replace('and', '&')}." for name in CATEGORIES.values())
    yield from (BLURRED, f" {BLURRED}", "I ordered")


_NAMES = ("kinds", "colour", "number", "pattern", "word", "were")


def _pieces(text: str) -> Iterator[str]:
    # The space before a value stays with the value, so that a colour is the same token everywhere.
    for piece in text.split(SLOT):
        end = piece if piece.endswith("\n") else piece.rstrip(" ")
        if len(end) > 1 and not end.strip().isalpha():
            yield end
