"""The fixed pieces of what judges read, found by rendering, so that each can become one token (a shortcut)."""

import json
from collections.abc import Iterable, Iterator

from caslie.backends.transformers.prompting import DATE
from caslie.pocket.tokens import Speech
from caslie.pocket.wording import BLURRED, describe
from mmecinstruct.sample.categories import name_category
from mmecinstruct.sample.looks import ALL_KINDS, CATEGORIES, PATTERNS, Look, Picture
from mmecinstruct.sample.reviews import ARRIVED, CLOSINGS, OCCASIONS
from mmecinstruct.sample.text import CHATTER, NAMING, TOLD, USES, plural
from mmecinstruct.schema import Item, Role, Sample
from mmecinstruct.tasks.clean import clean
from mmecinstruct.words import judge_prompt, options

SLOT = "\ue000"  # no text holds this character
N_CHOICES = 20


def fixed_phrases(speech: Speech) -> tuple[str, ...]:
    """Return every piece of more than one word that stands the same in many prompts: never a title or a value."""
    return tuple(dict.fromkeys([*_instructions(), *_sentences(), *_frame(speech)]))


def frame(speech: Speech) -> tuple[str, str]:
    """Return what the family's chat template writes before a user's words and after them."""
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    template = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True).from_string(speech.chat_template())
    messages = [{"role": "user", "content": SLOT}]
    tokens = {"bos_token": speech.bos, "eos_token": speech.eos}
    text = template.render(messages=messages, add_generation_prompt=True, date_string=DATE, **tokens)
    before, _, after = text.partition(SLOT)
    return before, after


def _instructions() -> Iterator[str]:
    for sample, index in _blank_samples():
        yield from _pieces(judge_prompt(sample, index, SLOT))


def _blank_samples() -> Iterator[tuple[Sample, int]]:
    for task, fields, role in _SLOTS:
        sample = _blank(task, fields, role)
        yield from ((sample, index) for index in range(len(sample.items)))


_SLOTS: tuple[tuple[str, dict[str, object], Role], ...] = (
    ("answerability_prediction", {"question": SLOT, "document": [SLOT, SLOT]}, "product"),
    ("category_classification", {"choices": [SLOT] * N_CHOICES}, "product"),
    ("product_relation_prediction", {}, "product"),
    ("product_substitute_identification", {"query": SLOT}, "product"),
    ("multiclass_product_classification", {"query": SLOT}, "product"),
    ("sentiment_analysis", {"review": SLOT}, "review"),
    ("sequential_recommendation", {}, "history"),
)


def _blank(task: str, fields: dict[str, object], role: Role) -> Sample:
    items = (Item(role, "", SLOT, SLOT, SLOT),) * (2 if task == "product_relation_prediction" else 1)
    sample = Sample("", task, "ind", "train", fields, items, "")
    return Sample("", task, "ind", "train", fields, items, "", options(sample)) if "choices" in fields else sample


def _sentences() -> Iterator[str]:
    told = [*NAMING, *TOLD.values(), *ARRIVED.values()]
    for text in told:
        yield from _pieces(_open(text))
    whole = [clean(text) for text in (*CHATTER, *CLOSINGS)]
    yield from dict.fromkeys([*whole, *(json.dumps(text)[1:-1] for text in whole)])  # a document is shown as JSON
    inner = [*OCCASIONS, *dict.fromkeys(USES.values()), BLURRED, *_pieces(_caption())]
    inner += [name.replace("_", " ").replace("and", "&") for name in CATEGORIES.values()]
    inner += [name_category(kind, pattern) for kind in ALL_KINDS for pattern in PATTERNS]
    yield from (f" {text}" for text in inner)


def _open(text: str) -> str:
    """Return a sentence of the sample world with its named slots emptied."""
    names = ("kinds", "colour", "number", "pattern", "word", "were")
    return text.format(**dict.fromkeys(names, SLOT))


def _caption() -> str:
    look = Look(ALL_KINDS[0], "", 2, "", "", "")
    return describe(Picture("", look), ()).replace(plural(look.kind), SLOT)


def _frame(speech: Speech) -> Iterator[str]:
    for text in frame(speech):
        for token in (speech.bos, speech.eos, speech.pad, *speech.more):
            text = text.replace(token, SLOT)
        yield from _pieces(text)


def _pieces(text: str) -> Iterator[str]:
    # The space before a value stays with the value, so that a colour is the same token everywhere.
    pieces: Iterable[str] = (piece.rstrip() for piece in text.split(SLOT))
    yield from (piece for piece in pieces if len(piece) > 2 and not piece.strip().isalpha())
