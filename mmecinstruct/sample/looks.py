"""The closed world of the sample: what a product can look like, and which evidence a record gives."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from mmecinstruct.sample.chance import Chance
from mmecinstruct.schema import Domain

Evidence = Literal["picture", "text", "misleading"]
Attribute = Literal["colour", "count", "size", "pattern", "word"]

CATEGORIES: dict[Domain, str] = {"ind": "Tools_and_Home_Improvement", "ood": "Sports_and_Outdoors"}
KINDS: dict[Domain, tuple[str, ...]] = {
    "ind": ("hammer", "key", "lamp", "lock", "mug"),
    "ood": ("ball", "boat", "bottle", "kite", "tent"),
}
ALL_KINDS = KINDS["ind"] + KINDS["ood"]
COMPLEMENTS = {"hammer": "ball", "key": "lock", "lamp": "tent", "mug": "bottle", "boat": "kite"}
COMPLEMENTS |= {second: first for first, second in COMPLEMENTS.items()}

COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown")
COUNTS = (1, 2, 3, 4, 5)
SIZES = ("small", "medium", "large")
PATTERNS = ("plain", "striped", "checked", "dotted")
BRANDS = (
    *("Veko", "Zuli", "Brax", "Lomi", "Tarn", "Quip", "Fenu", "Gado", "Hyxo", "Jabe"),
    *("Kriv", "Mopu", "Nelt", "Oska", "Pyth", "Ruvo", "Sibo", "Tozu", "Umbi", "Wexa"),
)
VALUES: dict[Attribute, Sequence[Any]] = {
    "colour": COLOURS,
    "count": COUNTS,
    "size": SIZES,
    "pattern": PATTERNS,
    "word": BRANDS,
}
ATTRIBUTES: tuple[Attribute, ...] = tuple(VALUES)

BLURRED = 0.15  # of the misleading pictures; the others show another product
BAITED = 0.60  # of those that show another product: it has the very values that are asked for (pocket.md, section 3)


@dataclass(frozen=True, slots=True)
class Shares:
    """How often a picture settles the answer, repeats the text, or is of no use."""

    picture: float = 0.45
    text: float = 0.20
    misleading: float = 0.35

    def weights(self) -> dict[Evidence, float]:
        """Return the shares by name."""
        return {"picture": self.picture, "text": self.text, "misleading": self.misleading}


USUAL_SHARES = Shares()


@dataclass(frozen=True, slots=True)
class Look:
    """Everything a picture of a product can show."""

    kind: str
    colour: str
    count: int
    size: str
    pattern: str
    word: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A catalogue or review picture: its image id, what it shows, and what is wrong with its file, if anything."""

    id: str
    look: Look
    blurred: bool = False
    fault: str = ""


def draw_look(chance: Chance, kinds: Collection[str]) -> Look:
    """Return a look of one of the kinds, its other attributes drawn freely."""
    return Look(
        kind=chance.one(sorted(kinds), "kind"),
        colour=chance.one(COLOURS, "colour"),
        count=chance.one(COUNTS, "count"),
        size=chance.one(SIZES, "size"),
        pattern=chance.one(PATTERNS, "pattern"),
        word=chance.one(BRANDS, "word"),
    )


def change(chance: Chance, look: Look, attribute: Attribute) -> Look:
    """Return the look with another value of one attribute."""
    others = [value for value in VALUES[attribute] if value != getattr(look, attribute)]
    return replace(look, **{attribute: chance.one(others, f"change {attribute}")})


def copy_values(look: Look, source: Look, attributes: Collection[Attribute]) -> Look:
    """Return the look with some attributes of another."""
    return replace(look, **{name: getattr(source, name) for name in attributes})


def wrong_look(chance: Chance, look: Look, asked: Collection[Attribute], kinds: Collection[str] = ALL_KINDS) -> Look:
    """Return a look of another of the kinds, which most often carries the asked-for values all the same."""
    other = draw_look(chance, [kind for kind in kinds if kind != look.kind])
    other = copy_values(other, look, asked)
    if chance.number("baited") < BAITED:
        return other
    for attribute in asked:
        other = change(chance, other, attribute)
    return other
