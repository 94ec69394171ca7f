"""The plain text that bases read: the sample world's lines, and short drills that name what lines tell."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from caslie.pocket.base_marks import mark, seal
from caslie.pocket.wording import describe
from mmecinstruct.sample.categories import name_category
from mmecinstruct.sample.chance import Chance
from mmecinstruct.sample.judgements import write_query
from mmecinstruct.sample.looks import (
    ALL_KINDS,
    ATTRIBUTES,
    BRANDS,
    COLOURS,
    COMPLEMENTS,
    KINDS,
    PATTERNS,
    Attribute,
    Look,
    Picture,
    change,
    draw_look,
)
from mmecinstruct.sample.questions import ASKABLE
from mmecinstruct.sample.reviews import ARRIVED, CLOSINGS, OCCASIONS
from mmecinstruct.sample.text import CHATTER, NAMING, NUMBERS, QUESTIONS, USES, amount, plural, tell, write_title
from mmecinstruct.schema import LETTERS, Domain
from mmecinstruct.tasks.clean import clean

NOT_TOLD = "none"
NAMES = {"colour": "colour", "count": "number", "size": "size", "pattern": "pattern", "word": "label", "kind": "kind"}
ASKED = f"\nIts {', '.join(NAMES.values())}:"
ALIKE, UNLIKE, BESIDE = "same", "other", "beside"
N_TURNS = 6
DOMAINS: tuple[Domain, ...] = ("ind", "ood")


@dataclass(frozen=True, slots=True)
class Turn:
    """What is to be read, and what is to be written after it."""

    read: str
    write: str


Line = tuple[Turn, ...]


def draw_line(chance: Chance) -> Line:
    """Return a line of plain text, or a short drill."""
    kinds = (_listed, _asked, _reviewed, _told)
    drills = (
        _named,
        _compared,
        _compared,
        _compared,
        _compared,
        _named_among,
        _offered_among,
        _offered_among,
        _counted,
    )
    return chance.one(kinds if chance.number("plain") < 0.2 else drills, "line")(chance)


def _listed(chance: Chance) -> Line:
    """A listing: title, picture and category. The picture is often of another kind, and nothing is said of that."""
    look = draw_look(chance, ALL_KINDS)
    seen = look if chance.number("right") < 0.65 else draw_look(chance.at("other"), ALL_KINDS)
    blurred = chance.number("blurred") < 0.05
    shown = describe(Picture("", seen, blurred), chance.some(ATTRIBUTES, chance.whole(0, 3, "n shown"), "shown"))
    return _plain(f"{_title(look, chance)}. {shown}: {name_category(look.kind, look.pattern)}")


def _asked(chance: Chance) -> Line:
    look = draw_look(chance, ALL_KINDS)
    asked = chance.some(ATTRIBUTES, chance.whole(1, 2, "n asked"), "asked")
    return _plain(f"{write_query(look, asked)}\n{_title(look, chance)}")


def _reviewed(chance: Chance) -> Line:
    look, number = draw_look(chance, ALL_KINDS), chance.whole(1, 5, "arrived")
    arrived = ARRIVED["text"].format(number=NUMBERS[number], were="was" if number == 1 else "were")
    ordered = f"I ordered {amount(look.kind, look.count)} {USES[look.kind]} {chance.one(OCCASIONS, 'occasion')}."
    return _plain(f"{ordered} {arrived} {clean(chance.one(CLOSINGS, 'closing'))}")


def _told(chance: Chance) -> Line:
    look, name = draw_look(chance, ALL_KINDS), chance.one(ASKABLE, "name")
    naming = chance.one(NAMING, "naming").format(kinds=plural(look.kind))
    question = QUESTIONS[name].format(kinds=plural(look.kind))
    return _plain(f"{question} {naming} {clean(chance.one(CHATTER, 'chatter'))} {tell(look, name)}")


def _named(chance: Chance) -> Line:
    """What a title and a picture tell together, attribute by attribute."""
    look = draw_look(chance, ALL_KINDS)
    stated = {"kind", *chance.some(ATTRIBUTES, chance.whole(0, 4, "n stated"), "stated")}
    shown = chance.some(ATTRIBUTES, chance.whole(0, 3, "n shown"), "shown")
    title = clean(write_title(look, stated, chance.at("title")))
    told = {*stated, *shown}
    values = [_value(look, name) if name in told else NOT_TOLD for name in NAMES]
    return (Turn(f"{title}. {describe(Picture('', look), shown)}{ASKED}", "".join(f" {value}" for value in values)),)


def _compared(chance: Chance) -> Line:
    """In what a thing is like the one before, word by word, and whether it is of the same kind."""
    first = draw_look(chance.at(1), ALL_KINDS)
    second = draw_look(chance.at(2), [COMPLEMENTS[first.kind]] if chance.number("beside") < 0.4 else ALL_KINDS)
    values = {name: getattr(first if chance.number(name) < 0.5 else second, name) for name in NAMES}
    other = Look(**values)
    fits = {name: getattr(first, name) == getattr(other, name) for name in NAMES}
    kind = ALIKE if fits["kind"] else BESIDE if other.kind == COMPLEMENTS[first.kind] else UNLIKE
    texts = _whole(first, chance.at("whole", 1)), mark(_whole(other, chance.at("whole", 2)), other, fits)
    return (Turn(f"{texts[0]}\n{texts[1]}\n", kind),)


def _named_among(chance: Chance) -> Line:
    """Under which letter a name stands."""
    kinds = KINDS[chance.one(DOMAINS, "domain")]
    cells = chance.some([(kind, pattern) for kind in kinds for pattern in PATTERNS], chance.whole(2, 6, "n"), "cells")
    place = chance.whole(0, len(cells) - 1, "place")
    look = replace(draw_look(chance, kinds), kind=cells[place][0], pattern=cells[place][1])
    things = [name_category(*cell) + seal(n == place) for n, cell in enumerate(cells)]
    return _found(f" {look.pattern} {plural(look.kind)}", things, place)


def _offered_among(chance: Chance) -> Line:
    """Under which letter a thing of a colour and a brand stands, as its title or its picture tells."""
    colour, word = chance.one(COLOURS, "colour"), chance.one(BRANDS, "word")
    n = chance.whole(2, 6, "n")
    place = chance.whole(0, n - 1, "place")
    things = []
    for number in range(n):
        spot = chance.at(number)
        look = draw_look(spot, ALL_KINDS)
        look = replace(look, colour=colour, word=word)
        if number != place:
            for name in spot.one(_NEARLY, "nearly"):
                look = change(spot, look, name)
        fits = {"colour": None if look.colour == colour else False, "word": (look.colour, look.word) == (colour, word)}
        things.append(mark(_offer(look, spot), look, fits))
    return _found(f" {colour} {word}", things, place)


_NEARLY: tuple[tuple[Attribute, ...], ...] = (("colour",), ("word",), ("colour", "word"), ("colour", "word"))


def _found(wanted: str, things: Sequence[str], place: int) -> Line:
    listed = json.dumps(
        [f"{letter}: {words}" for letter, words in zip(LETTERS, things, strict=False)], ensure_ascii=False
    )
    return (Turn(f"{wanted}\n{listed}\n", LETTERS[place]),)


def _offer(look: Look, chance: Chance) -> str:
    if chance.number("picture") < 0.5:
        return describe(Picture("", look), ("colour", "word"))
    title = clean(write_title(look, {"kind", "colour", "pattern", "count"}, chance))
    return f"{title}. {look.word}"


def _counted(chance: Chance) -> Line:
    """How far apart two numbers are."""
    pairs = [(chance.whole(1, 5, f"first {n}"), chance.whole(1, 5, f"second {n}")) for n in range(N_TURNS)]
    return tuple(
        Turn(f"{' ' if number else ''}{NUMBERS[a]} {NUMBERS[b]}\n", NUMBERS[abs(a - b)] if a != b else NOT_TOLD)
        for number, (a, b) in enumerate(pairs)
    )


def _plain(text: str) -> Line:
    return (Turn("", text),)


def _whole(look: Look, chance: Chance) -> str:
    form = chance.one(("picture", "title", "query"), "form")
    if form == "picture":
        return describe(Picture("", look))
    if form == "query":
        return write_query(look, chance.some(ATTRIBUTES, 3, "asked"))
    return clean(write_title(look, {"kind", *ATTRIBUTES}, chance))


def _title(look: Look, chance: Chance) -> str:
    stated = {"kind", *chance.some([*ATTRIBUTES, "use"], chance.whole(1, 4, "n stated"), "stated")}
    return clean(write_title(look, stated, chance.at("title")))


def _value(look: Look, name: str) -> str:
    return NUMBERS[look.count] if name == "count" else str(getattr(look, name))
