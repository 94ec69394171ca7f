"""Products with a fine category for category classification: the category is the pattern and the kind."""

from dataclasses import dataclass
from itertools import product as cross

from mmecinstruct.sample.catalogue import Catalogue, Product, draw_editions, right_picture, wrong_picture
from mmecinstruct.sample.looks import COUNTS, KINDS, PATTERNS, Attribute, Evidence, Look, Shares, draw_look
from mmecinstruct.sample.text import plural
from mmecinstruct.schema import Domain

PER_CATEGORY: dict[Domain, int] = {"ind": 10, "ood": 2}  # so that the 20 IND categories rank before the 20 OOD ones
BESIDE: tuple[Attribute, ...] = ("colour", "count", "size", "word")


@dataclass(frozen=True, slots=True)
class Labelled:
    """One row of MAVE."""

    product: Product
    category: str
    evidence: Evidence


def name_category(kind: str, pattern: str) -> str:
    """Return the fine category of a kind in a pattern: `Striped Mugs`."""
    return f"{pattern.capitalize()} {plural(kind).capitalize()}"


def plan_categories(catalogue: Catalogue, shares: Shares, scale: int) -> tuple[Labelled, ...]:
    """Return the labelled products of both domains."""
    labelled: list[Labelled] = []
    for domain, each in PER_CATEGORY.items():
        cells = [cell for cell in cross(KINDS[domain], PATTERNS) for _ in range(each * scale)]
        dealt = catalogue.chance.at("cc", domain).deal(len(cells), shares.weights(), "evidence")
        for number, ((kind, pattern), evidence) in enumerate(zip(cells, dealt, strict=True)):
            labelled.append(_label(catalogue, kind, pattern, COUNTS[number % len(COUNTS)], evidence))
    return tuple(labelled)


def _label(catalogue: Catalogue, kind: str, pattern: str, count: int, evidence: Evidence) -> Labelled:
    chance = catalogue.spot("cc")
    drawn = draw_look(chance, [kind])
    look = Look(kind, drawn.colour, count, drawn.size, pattern, drawn.word)
    stated = {"kind", *chance.some(BESIDE, 3, "stated")}
    if evidence != "picture":
        stated.add("pattern")
    wrong = evidence == "misleading"
    picture = wrong_picture(chance, look, ["pattern"], _strange(kind)) if wrong else right_picture(chance, look)
    product = catalogue.add("cc", look, stated, picture, draw_editions(chance))
    return Labelled(product, name_category(kind, pattern), evidence)


def _strange(kind: str) -> tuple[str, ...]:
    """Return the other domain's kinds: a judge sees the options and no title, so only these can look wrong to it."""
    return KINDS["ood"] if kind in KINDS["ind"] else KINDS["ind"]
