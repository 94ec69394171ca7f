"""Product pairs for product relation prediction, read from families of one brand.

Within a family the looks decide: another kind is bought along, another colour of the kind is viewed along, and a
product that differs in count or size alone is similar. Titles that call it a "gift set" leave kind and colour open.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from math import sqrt
from typing import Literal

from mmecinstruct.sample.catalogue import Catalogue, Product, right_picture, wrong_picture
from mmecinstruct.sample.chance import Chance
from mmecinstruct.sample.looks import BRANDS, COLOURS, COUNTS, KINDS, PATTERNS, SIZES, Evidence, Look, Shares
from mmecinstruct.schema import Domain

Relation = Literal["also_buy", "also_view", "similar_item"]
Wording = Literal["open", "plain", "wrong"]

RATIO: dict[Relation, int] = {"also_buy": 4, "also_view": 3, "similar_item": 1}  # paper, appendix A.5
FAMILIES: dict[Domain, int] = {"ind": 2, "ood": 4}
PAIRS: dict[Domain, int] = {"ind": 200, "ood": 400}  # of the OOD pairs only the test tenth is used
N_DOUBLE = 3  # pairs of each domain that stand under two relations
N_KINDS, N_COLOURS, N_VARIANTS = 2, 3, 3


@dataclass(frozen=True, slots=True)
class Pair:
    """Two products that stand in one relation; in two, where `second_relation` is set."""

    first: Product
    second: Product
    relation: Relation
    evidence: Evidence
    second_relation: Relation | None = None


def plan_pairs(catalogue: Catalogue, shares: Shares, scale: int) -> tuple[Pair, ...]:
    """Return the pairs of both domains; the doubly listed ones come last in each."""
    pairs: list[Pair] = []
    for domain, n_families in FAMILIES.items():
        chance = catalogue.chance.at("prp", domain)
        brands = chance.order(BRANDS, "brands")
        found: list[Pair] = []
        for number in range(n_families * scale):
            brand = brands[number % len(brands)]
            found += _pair_up(_make_family(catalogue, domain, brand, shares, chance.at(number)))
        pairs += _choose(found, shares, PAIRS[domain] * scale, chance)
    return tuple(pairs)


def _make_family(catalogue: Catalogue, domain: Domain, brand: str, shares: Shares, chance: Chance) -> list[Product]:
    looks = list(_draw_looks(domain, brand, chance))
    weights: dict[Wording, float] = {
        "open": 0.75 * shares.picture,
        "plain": sqrt(shares.text),  # both must be plain for a pair to be plain
        "wrong": 0.75 * shares.misleading,
    }
    wordings = chance.deal(len(looks), weights, "wordings")
    return [_make_product(catalogue, look, wording) for look, wording in zip(looks, wordings, strict=True)]


def _draw_looks(domain: Domain, brand: str, chance: Chance) -> Iterator[Look]:
    for kind in chance.some(KINDS[domain], N_KINDS, "kinds"):
        for colour in chance.some(COLOURS, N_COLOURS, f"{kind} colours"):
            pattern = chance.one(PATTERNS, f"{kind} {colour} pattern")
            variants = [(count, size) for count in COUNTS for size in SIZES]
            for count, size in chance.some(variants, N_VARIANTS, f"{kind} {colour} variants"):
                yield Look(kind, colour, count, size, pattern, brand)


def _make_product(catalogue: Catalogue, look: Look, wording: Wording) -> Product:
    chance = catalogue.spot("prp")
    stated = {"word", "count", "size"}
    if wording != "open":
        stated |= {"kind", "colour", "pattern"}
    wrong = wording == "wrong"
    picture = wrong_picture(chance, look, ["colour", "pattern"]) if wrong else right_picture(chance, look)
    editions = chance.one([(2018,), (2018, 2023)], "editions")
    return catalogue.add("prp", look, stated, picture, editions)


def _pair_up(family: list[Product]) -> Iterator[Pair]:
    """Yield every pair of the family, but for those that an open title and a wrong picture leave undecided."""
    for first, second in combinations(family, 2):
        is_open = "kind" not in first.stated or "kind" not in second.stated
        is_wrong = not (first.right and second.right)
        if is_open and is_wrong:
            continue
        evidence: Evidence = "picture" if is_open else "misleading" if is_wrong else "text"
        yield Pair(first, second, relate(first.look, second.look), evidence)


def relate(first: Look, second: Look) -> Relation:
    """Return the relation in which two products of one family stand."""
    if first.kind != second.kind:
        return "also_buy"
    return "also_view" if first.colour != second.colour else "similar_item"


def _choose(found: list[Pair], shares: Shares, n: int, chance: Chance) -> Iterator[Pair]:
    joint = {
        (relation, evidence): part * share
        for relation, part in RATIO.items()
        for evidence, share in shares.weights().items()
    }
    wanted = Counter(chance.deal(n, joint, "wanted"))
    n_double = N_DOUBLE
    doubled: list[Pair] = []
    for pair in chance.order(found, "pairs"):
        if wanted[pair.relation, pair.evidence] > 0:
            wanted[pair.relation, pair.evidence] -= 1
            yield pair
        elif pair.relation == "also_buy" and n_double:
            n_double -= 1
            doubled.append(replace(pair, second_relation="also_view"))
    yield from doubled
