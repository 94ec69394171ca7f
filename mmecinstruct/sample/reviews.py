"""Reviews with a picture of what arrived, for sentiment analysis: each piece too few or too many costs one star."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from mmecinstruct.sample.catalogue import Catalogue, Product, right_picture
from mmecinstruct.sample.chance import Chance
from mmecinstruct.sample.looks import BAITED, BLURRED, COUNTS, Evidence, Picture, Shares
from mmecinstruct.sample.purchases import DAY_MS, FIRST_MS, make_user
from mmecinstruct.sample.text import NUMBERS, USES, amount, join_sentences
from mmecinstruct.schema import Domain

SIZES: dict[Domain, int] = {"ind": 200, "ood": 400}  # of the OOD reviews only the test tenth is used
STARS: dict[int, int] = {5: 30, 4: 25, 3: 20, 2: 15, 1: 10}
REVIEWED: dict[Domain, int] = {"ind": 5, "ood": 2}  # products of each count; few, so that reviews share pictures
ODD_RATINGS = (0.0, 3.5, 6.0, None)
N_UNUSED = 6  # reviews of each unusable sort in each domain

OCCASIONS = (
    "for my sister",
    "for a friend",
    "after work on Monday",
    "in the spring sale",
    "for the second time",
    "on a rainy Sunday",
    "for our new flat",
    "last month",
    "with a voucher",
    "from my phone",
    "for the holidays",
    "because the old ones broke",
)
ARRIVED = {
    "text": "When I opened the parcel there {were} {number} inside.",
    "picture": "See my picture for what was inside the parcel.",
}
CLOSINGS = (
    "The parcel came by van.",
    "I&#39;m writing this a week later.",
    "I took the picture on the table.",
    "My son helped me to unpack.",
    "It took four days to get here.",
    "The rest of the order is still on its way.",
    "The box itself had a dent.",
    "I paid with my card.",
    "There was a bill in the parcel.",
    "The neighbours took it in for me.",
    "That is all I can say so far.",
    "I compared it with the order twice.",
)


@dataclass(frozen=True, slots=True)
class Review:
    """One pictured review. Odd ones, which a careful reader drops, name the reason in `oddity`."""

    user: str
    product: Product
    timestamp: int
    rating: float | None
    text: str
    picture: Picture | None
    evidence: Evidence
    ordered: int
    arrived: int
    oddity: str = ""


def plan_reviews(catalogue: Catalogue, products: Sequence[Product], shares: Shares, scale: int) -> tuple[Review, ...]:
    """Return the reviews of both domains, the unusable ones last in each."""
    reviews: list[Review] = []
    texts: set[str] = set()
    for domain, n in SIZES.items():
        chance = catalogue.chance.at("sa", domain)
        pool = _choose_products([p for p in products if p.domain == domain], REVIEWED[domain] * scale, chance)
        evidences = chance.deal(n * scale, shares.weights(), "evidence")
        stars = chance.deal(n * scale, STARS, "stars")
        for number, (evidence, rating) in enumerate(zip(evidences, stars, strict=True)):
            reviews.append(_write(chance.at(number), pool, evidence, rating, texts))
        reviews += _spoil(reviews[-N_UNUSED:], chance)
    return tuple(reviews)


def _choose_products(products: Sequence[Product], n_each: int, chance: Chance) -> list[Product]:
    known = [product for product in products if 2023 in product.editions]
    counted = [[product for product in known if product.look.count == count] for count in COUNTS]
    return [product for some in counted for product in chance.some(some, n_each, "reviewed")]


def _write(chance: Chance, pool: Sequence[Product], evidence: Evidence, rating: int, taken: set[str]) -> Review:
    missed = 5 - rating
    product = chance.one([p for p in pool if _reachable(p.look.count, missed)], "product")
    ordered = product.look.count
    arrived = chance.one(_reachable(ordered, missed), "arrived")
    return Review(
        user=make_user(chance),
        product=product,
        timestamp=FIRST_MS + chance.whole(0, 3000 * DAY_MS, "time"),
        rating=float(rating),
        text=_phrase(chance, product, arrived, evidence, taken),
        picture=_photograph(chance, pool, product, arrived, evidence),
        evidence=evidence,
        ordered=ordered,
        arrived=arrived,
    )


def _reachable(ordered: int, missed: int) -> list[int]:
    """Return how many can have arrived when so many too few or too many did."""
    return [count for count in COUNTS if abs(ordered - count) == missed]


def _phrase(chance: Chance, product: Product, arrived: int, evidence: Evidence, taken: set[str]) -> str:
    """Return a text that no other review has."""
    attempt = 0
    while True:
        text = _try_phrase(chance.at("phrase", attempt), product, arrived, evidence)
        if text not in taken:
            taken.add(text)
            return text
        attempt += 1


def _try_phrase(chance: Chance, product: Product, arrived: int, evidence: Evidence) -> str:
    look = product.look
    told = ARRIVED["picture" if evidence == "picture" else "text"]
    sentences = [
        f"I ordered {amount(look.kind, look.count)} {USES[look.kind]} {chance.one(OCCASIONS, 'occasion')}.",
        told.format(number=NUMBERS[arrived], were="was" if arrived == 1 else "were"),
        *chance.some(CLOSINGS, 2, "closings"),
    ]
    return join_sentences(sentences, chance)


def _photograph(
    chance: Chance, pool: Sequence[Product], product: Product, arrived: int, evidence: Evidence
) -> Picture:
    """Return the picture of what arrived; a misleading one is blurred or of another kind, often as many as ordered."""
    if evidence != "misleading":
        return _snap(chance, product, arrived)
    if chance.number("blurred") < BLURRED:
        return replace(_snap(chance, product, arrived, "blurred"), blurred=True)
    other = chance.one([p for p in pool if p.look.kind != product.look.kind], "other")
    ordered = product.look.count
    counts = [ordered] if chance.number("baited") < BAITED else [count for count in COUNTS if count != arrived]
    return _snap(chance, other, chance.one(counts, "shown"))


def _snap(chance: Chance, product: Product, count: int, *more: str) -> Picture:
    """Return the one picture of so many pieces of a product, whoever took it."""
    seed = Chance(chance.path.split("/")[0])
    return right_picture(seed.at("arrived", product.asin, count, *more), replace(product.look, count=count))


def _spoil(reviews: Collection[Review], chance: Chance) -> Iterator[Review]:
    """Yield unusable twins of the reviews: without a picture, too short, or with a rating that does not exist."""
    for number, review in enumerate(reviews):
        spot = chance.at("odd", number)
        yield replace(review, user=make_user(spot.at(1)), picture=None, oddity="no_picture")
        yield replace(review, user=make_user(spot.at(2)), text="Fine so far, thank you.", oddity="too_short")
        odd = spot.one(ODD_RATINGS, "rating")
        yield replace(review, user=make_user(spot.at(3)), rating=odd, oddity="odd_rating")
