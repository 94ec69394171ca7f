"""The drills in what things have in common: two products, a query and a product, a history and what is offered."""

from dataclasses import replace

from caslie.pocket.base_marks import Fit, seal
from caslie.pocket.base_shapes import Drill, make_item, write_caption, write_drill, write_title_of
from mmecinstruct.sample.chance import Chance
from mmecinstruct.sample.judgements import write_query
from mmecinstruct.sample.looks import (
    ALL_KINDS,
    ATTRIBUTES,
    BRANDS,
    CATEGORIES,
    COLOURS,
    COMPLEMENTS,
    KINDS,
    Attribute,
    Look,
    change,
    copy_values,
    draw_look,
)
from mmecinstruct.sample.purchases import LOYALTY
from mmecinstruct.sample.text import plural
from mmecinstruct.schema import LETTERS, Domain, Item, Role

DIFFERENCE = "Say what differs: the kind, else the colour, or neither."
MATCH = "Say how much of what is asked is there: all, some, none, or a thing that goes with it."
FELLOW = "Write the letter of the thing with the brand and the colour of these."
DOMAINS: tuple[Domain, ...] = ("ind", "ood")


def differing(chance: Chance, ease: float) -> Drill:
    """Ask in what two products of one brand differ; what a title leaves open stands in the caption."""
    kinds = KINDS[chance.one(DOMAINS, "domain")]
    first = draw_look(chance.at(1), kinds)
    answer = chance.one(("kind", "colour", "neither"), "answer")
    others = [kind for kind in kinds if kind != first.kind] if answer == "kind" else [first.kind]
    second = replace(draw_look(chance.at(2), others), word=first.word)
    if answer == "neither":
        second = replace(second, colour=first.colour)
    elif answer == "colour":
        second = change(chance, replace(second, colour=first.colour), "colour")
    same = {"kind": first.kind == second.kind, "colour": first.colour == second.colour}
    looks = (first, second)
    is_open = [chance.number(f"open {n}") < 0.45 for n in (1, 2)]
    titles = []
    for n, look in enumerate(looks):
        stated = {"word", "count", "size"} | (set() if is_open[n] else {"kind", "colour", "pattern"})
        fits = same if n and not is_open[0] else {}
        titles.append(write_title_of(look, stated, chance.at("title", n), fits))
    captions = []
    for n, look in enumerate(looks):
        shown = is_open[n] or chance.number(f"shown {n}") < 0.25
        known = n == 1 or not is_open[1]  # of the other product, by what stands before
        captions.append(write_caption(look, ("colour", "pattern"), same if known else {}) if shown else None)
    return write_drill(DIFFERENCE, "product_relation_prediction", {}, [make_item(t) for t in titles], captions, answer)


def matched(chance: Chance, ease: float) -> Drill:
    """Ask how much of what a query wants a product has, by its title or its picture."""
    wanted = draw_look(chance.at("query"), ALL_KINDS)
    n_asked = 1 if ease > 0.5 else chance.whole(1, 2, "n asked")
    asked = tuple(chance.some(ATTRIBUTES, n_asked, "asked"))
    answer = chance.one(("all", "all", "all", "some", "some", "some", "some", "none", "none", "beside"), "answer")
    look = _answering(chance, wanted, asked, answer)
    hidden = set(chance.some(asked, chance.whole(0, n_asked, "n hidden"), "hidden"))
    lacking = answer == "some" and all(getattr(look, name) == getattr(wanted, name) for name in asked)
    if lacking:
        hidden |= {chance.one(asked, "lacking")}
    shown = not lacking and chance.number("shown") < (1 if hidden and answer == "all" else 0.35)
    stated = {"kind", "use", *asked, *chance.some(ATTRIBUTES, 2, "stated")} - hidden
    truths: dict[str, Fit] = {name: None for name in ATTRIBUTES}
    truths |= {name: getattr(look, name) == getattr(wanted, name) for name in ("kind", *asked)}
    item = make_item(write_title_of(look, stated, chance, truths))
    caption = write_caption(look, asked, truths) if shown else None
    fields = {"query": write_query(wanted, asked)}
    task = chance.one(("product_substitute_identification", "multiclass_product_classification"), "task")
    return write_drill(MATCH, task, fields, [item], [caption], answer)


def _answering(chance: Chance, wanted: Look, asked: tuple[Attribute, ...], answer: str) -> Look:
    if answer in ("none", "beside"):
        complement = COMPLEMENTS[wanted.kind]
        others = [kind for kind in ALL_KINDS if kind not in (wanted.kind, complement)]
        look = draw_look(chance, [complement] if answer == "beside" else others)
        return copy_values(look, wanted, asked) if chance.number("copied") < 0.4 else look
    look = copy_values(draw_look(chance, [wanted.kind]), wanted, asked)
    changed = answer == "some" and chance.number("changed") < 0.6
    return change(chance, look, chance.one(asked, "key")) if changed else look


def fellow(chance: Chance, ease: float) -> Drill:
    """Ask for the option that has the brand and the colour of everything in the history."""
    domain = chance.one(DOMAINS, "domain")
    word, colour = chance.one(BRANDS, "word"), chance.one(COLOURS, "colour")
    n_options = chance.whole(2, 4 if ease > 0.5 else 10, "n options") if ease else chance.one((6, 9, 13, 20), "some")
    n_past = chance.whole(1, 2, "n past") if ease else chance.whole(2, 6, "n past")
    place = chance.whole(0, n_options - 1, "place")
    items, captions = [], []
    for number in range(n_past + n_options):
        spot = chance.at("item", number)
        is_option = number >= n_past
        look = draw_look(spot, KINDS[domain])
        if not is_option or number == n_past + place:
            look = replace(look, word=word, colour=colour)
        else:
            look = _stranger(spot, look, word, colour)
        known = not is_option and number == 0
        sure = known or number == n_past + place
        item, caption = _offered(spot, look, domain, "option" if is_option else "history", (word, colour), sure)
        items.append(item)
        captions.append(caption)
    return write_drill(FELLOW, "sequential_recommendation", {}, items, captions, LETTERS[place])


def _stranger(chance: Chance, look: Look, word: str, colour: str) -> Look:
    """Return a look that differs in the brand or in the colour, often in one of them alone."""
    like = replace(look, word=word, colour=colour)
    both: tuple[Attribute, ...] = ("word", "colour")
    for name in chance.one(((both[0],), (both[1],), both, both, both), "stranger"):
        like = change(chance, like, name)
    return like


def _offered(
    chance: Chance, look: Look, domain: Domain, role: Role, loyalty: tuple[str, str], sure: bool
) -> tuple[Item, str | None]:
    hidden = chance.number("hidden") < 0.45
    stated = {"kind", "pattern", "count", "size"} if hidden else {"kind", "word", "colour", "pattern", "count"}
    both = (look.word, look.colour) == loyalty
    # A colour alone fits nothing: the word that fits is the brand, where both are right.
    fits: dict[str, Fit] = {"colour": None if look.colour == loyalty[1] else False} if role == "option" else {}
    title = write_title_of(look, stated, chance, fits)
    levels = f"{CATEGORIES[domain].replace('_', ' ').replace('and', '&')}. {plural(look.kind).capitalize()}"
    brand = "" if hidden else look.word + (seal(both) if role == "option" else "")
    shown = chance.number("shown") < (0.85 if hidden else 0.15) or (hidden and sure)
    caption = write_caption(look, LOYALTY, {**fits, "word": both} if fits else {}) if shown else None
    return Item(role, "", title, levels, brand), caption
