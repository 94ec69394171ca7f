"""Shoppers who stay with one brand and one colour, for sequential recommendation."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from mmecinstruct.sample.catalogue import (
    BASE36,
    Catalogue,
    Product,
    make_asin,
    make_code,
    right_picture,
    wrong_picture,
)
from mmecinstruct.sample.chance import Chance
from mmecinstruct.sample.looks import BRANDS, CATEGORIES, COLOURS, KINDS, Attribute, Evidence, Shares, draw_look
from mmecinstruct.schema import Domain

Oddity = Literal["", "repeat", "no_metadata", "below_core"]

GROUPS: dict[Domain, int] = {"ind": 8, "ood": 6}
N_ITEMS = 7
# How many of the group's items each shopper leaves out: every item keeps five buyers, every shopper five items.
LEFT_OUT = (0, 0, 1, 1, 1, 2, 2)
N_ODD = 5  # rows of each oddity in each domain
LOYALTY: tuple[Attribute, ...] = ("word", "colour")
DAY_MS = 86_400_000
FIRST_MS = 1_400_000_000_000


@dataclass(frozen=True, slots=True)
class Item:
    """A product of the group that one sort of shopper buys."""

    product: Product
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Purchase:
    """One interaction. Rows with an oddity are those that a careful reader drops."""

    user: str
    parent_asin: str
    category: str
    timestamp: int
    oddity: Oddity = ""


@dataclass(frozen=True, slots=True)
class Shopper:
    """One loyal user: their items in the order in which they were bought."""

    user: str
    domain: Domain
    items: tuple[Item, ...]
    times: tuple[int, ...]


def make_user(chance: Chance) -> str:
    """Return a 28-character user id."""
    return "A" + make_code(chance, "user", 27, BASE36)


def plan_shoppers(catalogue: Catalogue, shares: Shares, scale: int) -> tuple[Shopper, ...]:
    """Return the loyal shoppers of both domains."""
    shoppers: list[Shopper] = []
    for domain, n_groups in GROUPS.items():
        chance = catalogue.chance.at("sr", domain)
        dealt = iter(chance.deal(n_groups * scale * N_ITEMS, shares.weights(), "evidence"))
        brands = chance.order(BRANDS, "brands")
        for number in range(n_groups * scale):
            loyalty = brands[number // 2 % len(brands)], COLOURS[(number // 2 + number % 2) % len(COLOURS)]
            items = [_make_item(catalogue, domain, loyalty, next(dealt)) for _ in range(N_ITEMS)]
            shoppers += _shop(domain, items, chance.at("group", number))
    return tuple(shoppers)


def _make_item(catalogue: Catalogue, domain: Domain, loyalty: tuple[str, str], evidence: Evidence) -> Item:
    """Return a new item; the wording of the title and the brand field hide the loyalty where the picture must tell."""
    chance = catalogue.spot("sr")
    look = replace(draw_look(chance, KINDS[domain]), word=loyalty[0], colour=loyalty[1])
    hidden = evidence == "picture"
    stated = {"kind", "pattern", "count", "size"} if hidden else {"kind", "word", "colour", "pattern", "count"}
    wrong = evidence == "misleading"
    picture = wrong_picture(chance, look, LOYALTY) if wrong else right_picture(chance, look)
    return Item(catalogue.add("sr", look, stated, picture, (2023,), brand=not hidden), evidence)


def _shop(domain: Domain, items: list[Item], chance: Chance) -> Iterator[Shopper]:
    for number, n_left_out in enumerate(LEFT_OUT):
        spot = chance.at("shopper", number)
        left_out = {(number + i) % N_ITEMS for i in range(n_left_out)}
        bought = spot.order([item for i, item in enumerate(items) if i not in left_out], "bought")
        yield Shopper(make_user(spot), domain, tuple(bought), tuple(_dates(len(bought), spot)))


def _dates(n: int, chance: Chance) -> Iterator[int]:
    now = FIRST_MS + chance.whole(0, 1000 * DAY_MS, "first")
    for number in range(n):
        now += chance.whole(DAY_MS, 60 * DAY_MS, f"wait {number}")
        yield now


def plan_purchases(catalogue: Catalogue, shoppers: tuple[Shopper, ...], others: list[Product]) -> Iterator[Purchase]:
    """Yield what the shoppers bought, then the rows that do not count.

    Args:
        catalogue: where the choices come from.
        shoppers: the loyal users.
        others: products that too few people buy.
    """
    for shopper in shoppers:
        for item, time in zip(shopper.items, shopper.times, strict=True):
            yield Purchase(shopper.user, item.product.asin, CATEGORIES[shopper.domain], time)
    for domain, category in CATEGORIES.items():
        chance = catalogue.chance.at("sr odd", domain)
        some = chance.some([shopper for shopper in shoppers if shopper.domain == domain], N_ODD, "shoppers")
        rare = chance.some([product for product in others if product.domain == domain], 2, "rare")
        for number, shopper in enumerate(some):
            spot = chance.at(number)
            first, last = shopper.items[0].product.asin, shopper.times[-1]
            yield Purchase(shopper.user, first, category, last + DAY_MS, "repeat")
            yield Purchase(shopper.user, make_asin(spot), category, last - DAY_MS // 2, "no_metadata")
            yield Purchase(make_user(spot), first, category, last, "below_core")
        # Five purchases, but two of them are of items that the core removes: this user goes in its second round.
        basket = [item.product for item in some[0].items[:3]] + rare
        for product, time in zip(basket, some[0].times, strict=False):
            yield Purchase(make_user(chance), product.asin, category, time, "below_core")
