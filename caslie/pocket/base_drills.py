"""What bases are drilled in: the shapes of the seven tasks under other instructions, with answers in other words.

No drill has a task's own instruction, and no picture in a drill is wrong: whether a caption is to be believed is for
the judges to say (paper, section 4.2). `ease` is 1 where a course begins and 0 where prompts are as long as a task's.
"""

from collections.abc import Callable
from dataclasses import replace

from caslie.pocket.base_likes import DIFFERENCE, FELLOW, MATCH, differing, fellow, matched
from caslie.pocket.base_marks import mark, seal
from caslie.pocket.base_shapes import Drill, make_item, write_caption, write_drill, write_title_of
from mmecinstruct.sample.categories import BESIDE, name_category
from mmecinstruct.sample.chance import Chance
from mmecinstruct.sample.looks import ALL_KINDS, COUNTS, KINDS, PATTERNS, Attribute, draw_look
from mmecinstruct.sample.questions import ASKABLE
from mmecinstruct.sample.reviews import ARRIVED, CLOSINGS, OCCASIONS
from mmecinstruct.sample.text import (
    CHATTER,
    NAMING,
    NUMBERS,
    QUESTIONS,
    UNTOLD,
    USES,
    amount,
    join_sentences,
    plural,
    tell,
)
from mmecinstruct.schema import LETTERS, Domain
from mmecinstruct.tasks.clean import clean

TOLD = "Say whether the text or the picture tells what is asked."
CLASS = "Write the letter of the name that fits."
DISTANCE = "Say how many too few or too many there were."
INSTRUCTIONS = (TOLD, CLASS, DIFFERENCE, MATCH, DISTANCE, FELLOW)
DOMAINS: tuple[Domain, ...] = ("ind", "ood")


def told(chance: Chance, ease: float) -> Drill:
    """Ask whether a document or a caption tells what a question asks, or something nobody tells."""
    look = draw_look(chance, ALL_KINDS)
    topic: Attribute | None = None if chance.number("untold") < 0.15 else chance.one(ASKABLE, "topic")
    where = chance.one(("text", "picture", "nowhere"), "where") if topic else "nowhere"
    wording = QUESTIONS[topic] if topic else chance.one(UNTOLD, "question")
    others = [name for name in ASKABLE if name != topic and chance.number(f"tells {name}") < 0.35]
    shown: tuple[Attribute, ...] | None = (topic,) if topic and where == "picture" else None
    if where != "picture" and chance.number("shown") < 0.4:
        others_shown = [name for name in ASKABLE if name != topic]
        shown = tuple(chance.some(others_shown, chance.whole(0, 1, "n shown"), "shown"))
    fits: dict[str, bool] = {name: name == topic for name in ASKABLE}
    tells = [*others, topic] if topic and where == "text" else others
    sentences = [*chance.some(CHATTER, chance.whole(0, 2 if ease else 5, "chatter"), "chatter")]
    sentences.append(chance.one(NAMING, "naming").format(kinds=plural(look.kind)))
    sentences += [mark(tell(look, name), look, {name: fits[name]}) for name in tells]
    sentences = chance.order([clean(text) for text in sentences], "sentences")
    document = [" ".join(sentences[i : i + 2]) for i in range(0, len(sentences), 2)]
    fields = {"question": wording.format(kinds=plural(look.kind)), "document": document}
    caption = None if shown is None else write_caption(look, shown, fits)
    answer = "yes" if where != "nowhere" else "no"
    return write_drill(TOLD, "answerability_prediction", fields, [make_item()], [caption], answer)


def classed(chance: Chance, ease: float) -> Drill:
    """Ask for the option that names the pattern and the kind."""
    kinds = KINDS[chance.one(DOMAINS, "domain")]
    look = draw_look(chance, kinds)
    stated = {"kind", *chance.some(BESIDE, 3, "stated")}
    where = chance.one(("text", "picture", "both"), "where")
    stated |= {"pattern"} if where != "picture" else set()
    caption = write_caption(look, ("pattern",), {}) if where != "text" else None
    cells = [(kind, pattern) for kind in kinds for pattern in PATTERNS]
    truth = (look.kind, look.pattern)
    n = 20 if ease == 0 else chance.whole(2, 5 if ease > 0.5 else 12, "n")
    some = [truth, *[cell for cell in chance.order(cells, "cells") if cell != truth][: n - 1]]
    choices = chance.order(some, "order")
    named = [name_category(*cell) + seal(cell == truth) for cell in choices]
    item = make_item(write_title_of(look, stated, chance, {}))
    answer = LETTERS[choices.index(truth)]
    return write_drill(CLASS, "category_classification", {"choices": named}, [item], [caption], answer)


def distant(chance: Chance, ease: float) -> Drill:
    """Ask by how many an order went wrong, as the review or its picture tells."""
    missed = chance.whole(0, 4, "missed")
    look = replace(draw_look(chance, ALL_KINDS), count=chance.one(_apart(missed), "ordered"))
    arrived = chance.one([n for n in COUNTS if abs(n - look.count) == missed], "arrived")
    got = replace(look, count=arrived)
    in_text = chance.number("in text") < 0.45
    words = ARRIVED["text" if in_text else "picture"].format(
        number=NUMBERS[arrived], were="was" if arrived == 1 else "were"
    )
    fits = {"count": not missed}
    sentences = [
        f"I ordered {amount(look.kind, look.count)} {USES[look.kind]} {chance.one(OCCASIONS, 'occasion')}.",
        mark(words, got, fits) if in_text else words,
        *chance.some(CLOSINGS, 2, "closings"),
    ]
    shown = not in_text or chance.number("shown") < 0.3
    fields = {"review": clean(join_sentences(sentences, chance))}
    caption = write_caption(got, ("count",), fits) if shown else None
    answer = NUMBERS[missed] if missed else "none"
    return write_drill(DISTANCE, "sentiment_analysis", fields, [make_item(role="review")], [caption], answer)


def _apart(missed: int) -> list[int]:
    return [n for n in COUNTS if n - missed in COUNTS or n + missed in COUNTS]


SHAPES: dict[str, Callable[[Chance, float], Drill]] = {
    "told": told,
    "classed": classed,
    "differing": differing,
    "matched": matched,
    "distant": distant,
    "fellow": fellow,
}
