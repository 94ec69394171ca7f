"""Everything that a sample holds, decided before anything is written."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from mmecinstruct.sample.catalogue import Catalogue, Product
from mmecinstruct.sample.categories import Labelled, plan_categories
from mmecinstruct.sample.chance import Chance
from mmecinstruct.sample.judgements import Judgement, plan_judgements
from mmecinstruct.sample.looks import Picture, Shares
from mmecinstruct.sample.purchases import Purchase, Shopper, plan_purchases, plan_shoppers
from mmecinstruct.sample.questions import Question, plan_questions
from mmecinstruct.sample.relations import Pair, plan_pairs
from mmecinstruct.sample.reviews import Review, plan_reviews


@dataclass(frozen=True, slots=True)
class World:
    """The records of all corpora and the products that they speak of."""

    chance: Chance
    products: tuple[Product, ...]
    questions: tuple[Question, ...]
    labelled: tuple[Labelled, ...]
    pairs: tuple[Pair, ...]
    judgements: tuple[Judgement, ...]
    reviews: tuple[Review, ...]
    shoppers: tuple[Shopper, ...]
    purchases: tuple[Purchase, ...]

    def pictures(self) -> dict[str, Picture]:
        """Return every picture by its image id, spoilt ones included."""
        shown = [product.picture for product in self.products]
        taken = [review.picture for review in self.reviews if review.picture]
        return {picture.id: picture for picture in [*shown, *taken]}

    def faults(self) -> dict[str, int]:
        """Return how many pictures are spoilt, by reason."""
        return dict(sorted(Counter(picture.fault for picture in self._spoilt()).items()))

    def _spoilt(self) -> Iterator[Picture]:
        return (picture for picture in self.pictures().values() if picture.fault)


def plan_world(scale: int, seed: int, shares: Shares) -> World:
    """Decide on every record. The same arguments give the same world, wherever and whenever."""
    chance = Chance(str(seed))
    catalogue = Catalogue(chance)
    questions = plan_questions(catalogue, shares, scale)
    labelled = plan_categories(catalogue, shares, scale)
    pairs = plan_pairs(catalogue, shares, scale)
    judgements = plan_judgements(catalogue, shares, scale)
    shoppers = plan_shoppers(catalogue, shares, scale)
    sold = [each.product for each in labelled if 2023 in each.product.editions]
    return World(
        chance=chance,
        products=tuple(catalogue.products),
        questions=questions,
        labelled=labelled,
        pairs=pairs,
        judgements=judgements,
        reviews=plan_reviews(catalogue, sold, shares, scale),
        shoppers=shoppers,
        purchases=tuple(plan_purchases(catalogue, shoppers, sold)),
    )
