"""Shopping queries and judged products, for the two tasks that read ESCI.

E: the title or the right picture confirms all that is asked. S: the kind alone is right. C: a kind that goes with it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from mmecinstruct.sample.catalogue import Catalogue, Product, draw_editions, right_picture, wrong_picture
from mmecinstruct.sample.chance import Chance
from mmecinstruct.sample.looks import (
    ALL_KINDS,
    ATTRIBUTES,
    BAITED,
    COMPLEMENTS,
    Attribute,
    Evidence,
    Look,
    Picture,
    Shares,
    change,
    copy_values,
    draw_look,
)
from mmecinstruct.sample.text import NUMBERS, USES, plural

Label = Literal["E", "S", "C", "I"]
Part = Literal["train", "test"]

SIZES: dict[Part, int] = {"train": 140, "test": 80}
PER_QUERY = 4
# Of 100 judgements with each evidence; with the usual shares E : S : C : I is about 20 : 7 : 1 : 4 (paper, A.5).
LABELS: dict[Evidence, dict[Label, int]] = {
    "text": {"E": 40, "S": 15, "C": 9, "I": 36},
    "picture": {"E": 89, "S": 11},
    "misleading": {"E": 41, "S": 40, "C": 4, "I": 15},
}


@dataclass(frozen=True, slots=True)
class Query:
    """What a shopper asks for: a kind and one or two attributes of it."""

    id: int
    part: Part
    look: Look
    asked: tuple[Attribute, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """One row of ESCI."""

    example_id: int
    query: Query
    product: Product
    label: Label
    evidence: Evidence


def plan_judgements(catalogue: Catalogue, shares: Shares, scale: int) -> tuple[Judgement, ...]:
    """Return the judgements of both parts, four to a query."""
    joint = {
        (evidence, label): share * weight / 100
        for evidence, share in shares.weights().items()
        for label, weight in LABELS[evidence].items()
    }
    judgements: list[Judgement] = []
    texts: set[str] = set()
    for part, n in SIZES.items():
        dealt = catalogue.chance.at("mpc", part).deal(n * scale, joint, "judgements")
        for start in range(0, len(dealt), PER_QUERY):
            query = _ask(catalogue.chance.at("mpc"), part, len(texts), texts)
            for evidence, label in dealt[start : start + PER_QUERY]:
                product = _list_product(catalogue, query, evidence, label)
                judgements.append(Judgement(500_000 + len(judgements), query, product, label, evidence))
    return tuple(judgements)


def _ask(chance: Chance, part: Part, number: int, taken: set[str]) -> Query:
    """Return a query in words that no other one has."""
    attempt = 0
    while True:
        spot = chance.at("query", number, attempt)
        look = draw_look(spot, ALL_KINDS)
        asked = tuple(spot.some(ATTRIBUTES, spot.whole(1, 2, "n asked"), "asked"))
        text = write_query(look, asked)
        if text not in taken:
            taken.add(text)
            return Query(20_000 + number, part, look, asked, text)
        attempt += 1


def write_query(look: Look, asked: Collection[Attribute]) -> str:
    """Return the query: `pack of three red mugs for the kitchen`."""
    words = {
        "count": f"pack of {NUMBERS[look.count]}",
        "size": look.size,
        "colour": look.colour,
        "pattern": look.pattern,
    }
    parts = [word for name, word in words.items() if name in asked]
    parts.append(plural(look.kind))
    if "word" in asked:
        parts.append(f"made by {look.word.lower()}")
    return " ".join([*parts, USES[look.kind]])


def _list_product(catalogue: Catalogue, query: Query, evidence: Evidence, label: Label) -> Product:
    chance = catalogue.spot("mpc")
    if label in ("C", "I"):
        look, hidden = draw_look(chance, _other_kinds(query.look.kind, label)), set[Attribute]()
    else:
        look, hidden = _fit(chance, query, evidence, label)
    stated = {"kind", "use", *query.asked, *chance.some(ATTRIBUTES, 2, "stated")} - hidden
    picture = _bait(chance, query, look) if evidence == "misleading" else right_picture(chance, look)
    editions = () if chance.number("unlisted") < 1 / 3 else draw_editions(chance)
    return catalogue.add("mpc", look, stated, picture, editions)


def _other_kinds(kind: str, label: Label) -> list[str]:
    complement = COMPLEMENTS[kind]
    return [complement] if label == "C" else [other for other in ALL_KINDS if other not in (kind, complement)]


def _fit(chance: Chance, query: Query, evidence: Evidence, label: Label) -> tuple[Look, set[Attribute]]:
    """Return a look of the asked-for kind, and the asked-for attributes that its title leaves out."""
    look = copy_values(draw_look(chance, [query.look.kind]), query.look, query.asked)
    key = chance.one(query.asked, "key")
    if label == "S" and evidence != "misleading":
        look = change(chance, look, key)
    if evidence == "text" or (evidence == "misleading" and label == "E"):
        return look, set()
    return look, {key, *chance.some(query.asked, 1, "also hidden")}


def _bait(chance: Chance, query: Query, look: Look) -> Picture:
    """Return a useless picture; of a product of another kind it may well show what was asked for."""
    if look.kind == query.look.kind or chance.number("bait") >= BAITED:
        return wrong_picture(chance, look, query.asked)
    shown = copy_values(draw_look(chance.at("bait"), [query.look.kind]), query.look, query.asked)
    return right_picture(chance, shown)
