"""What the pocket models learn from: samples of drawn worlds, with what a perfect captioner and judge would say.

The samples have the words of built ones, but come straight from a planned world: no corpus is written and no build is
run. A world of another seed than the sample's own shares no product with it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mmecinstruct.sample.catalogue import Product
from mmecinstruct.sample.categories import name_category
from mmecinstruct.sample.looks import CATEGORIES, KINDS, PATTERNS, Attribute, Picture
from mmecinstruct.sample.purchases import LOYALTY
from mmecinstruct.sample.text import plural
from mmecinstruct.sample.world import World
from mmecinstruct.schema import Domain, Item, Role, Sample
from mmecinstruct.tasks.clean import clean, fold
from mmecinstruct.words import options


@dataclass(frozen=True, slots=True)
class Lesson:
    """One pictured item of a sample, and what is true of it.

    `topics` are the attributes that the task is about; `told` are those that the judge's text already tells; `kinds`
    are the kinds that the judge's text speaks of, none where it leaves the kind open.
    """

    sample: Sample
    index: int
    picture: Picture
    topics: tuple[Attribute, ...]
    told: frozenset[str]
    kinds: frozenset[str]

    @property
    def right(self) -> bool:
        """Whether the picture is legible and of a thing that the text speaks of."""
        return not self.picture.blurred and (not self.kinds or self.picture.look.kind in self.kinds)

    @property
    def useful(self) -> bool:
        """Whether a caption bears on the task: of the right thing, and it tells what the text does not."""
        return self.right and any(topic not in self.told for topic in self.topics)


def lessons(world: World) -> Iterator[Lesson]:
    """Yield a lesson for every pictured item of every task, in the paper's order of tasks."""
    yield from _answerability(world)
    yield from _categories(world)
    yield from _relations(world)
    yield from _judged(world)
    yield from _sentiments(world)
    yield from _recommendations(world)


def _answerability(world: World) -> Iterator[Lesson]:
    for number, each in enumerate(world.questions):
        fields = {"question": clean(each.text), "document": [clean(snippet) for snippet in each.snippets]}
        topics: tuple[Attribute, ...] = (each.asked,) if each.asked else ()  # type: ignore[assignment]
        told = {topic for topic in topics if each.evidence == "text"}
        sample = _sample("answerability_prediction", number, each.product.domain, fields, [_item(each.product)])
        yield _lesson(sample, each.product, topics, told)


def _categories(world: World) -> Iterator[Lesson]:
    for number, each in enumerate(world.labelled):
        domain = each.product.domain
        known = [name_category(kind, pattern) for kind in KINDS[domain] for pattern in PATTERNS]
        choices = world.chance.at("choices", number).order(known, "order")
        item = _item(each.product)
        sample = _sample("category_classification", number, domain, {"choices": choices}, [item])
        yield _lesson(sample, each.product, ("pattern",), frozenset(), kinds=frozenset(KINDS[domain]))


def _relations(world: World) -> Iterator[Lesson]:
    for number, pair in enumerate(world.pairs):
        products = sorted([pair.first, pair.second], key=lambda product: clean(product.title))  # as a build has them
        items = [_item(product) for product in products]
        sample = _sample("product_relation_prediction", number, pair.first.domain, {}, items)
        for index, product in enumerate(products):
            is_open = "kind" not in product.stated
            kinds = frozenset[str]() if is_open else None
            yield _lesson(sample, product, ("colour", "pattern"), product.stated, kinds=kinds, index=index)


def _judged(world: World) -> Iterator[Lesson]:
    for task in ("product_substitute_identification", "multiclass_product_classification"):
        for number, each in enumerate(world.judgements):
            item = _item(each.product)
            folded = Item(item.role, item.product_id, fold(item.title), item.category, item.brand)
            sample = _sample(task, number, "ind", {"query": fold(clean(each.query.text))}, [folded])
            yield _lesson(sample, each.product, each.query.asked, each.product.stated)


def _sentiments(world: World) -> Iterator[Lesson]:
    for number, each in enumerate(world.reviews):
        if each.oddity or each.picture is None:
            continue
        fields = {"review": clean(each.text)}
        item = Item("review", each.product.asin, "", _department(each.product.domain))
        sample = _sample("sentiment_analysis", number, each.product.domain, fields, [item])
        told = frozenset() if each.evidence == "picture" else frozenset({"count"})
        yield _lesson(sample, each.product, ("count",), told, picture=each.picture)


def _recommendations(world: World) -> Iterator[Lesson]:
    products = {item.product.asin: item.product for shopper in world.shoppers for item in shopper.items}
    for number, product in enumerate(products.values()):
        levels = f"{_department(product.domain).replace('and', '&')}. {plural(product.look.kind).capitalize()}"
        item = _item(product, "history", levels)
        sample = _sample("sequential_recommendation", number, product.domain, {}, [item])
        yield _lesson(sample, product, LOYALTY, product.stated)


def _lesson(
    sample: Sample,
    product: Product,
    topics: tuple[Attribute, ...],
    told: frozenset[str] | set[Attribute],
    *,
    kinds: frozenset[str] | None = None,
    index: int = 0,
    picture: Picture | None = None,
) -> Lesson:
    spoken_of = frozenset({product.look.kind}) if kinds is None else kinds
    return Lesson(sample, index, picture or product.picture, topics, frozenset(told), spoken_of)


def _sample(task: str, number: int, domain: Domain, fields: Mapping[str, object], items: list[Item]) -> Sample:
    sample = Sample(f"{task}-{number}", task, domain, "train", fields, tuple(items), "")
    if "choices" not in fields:
        return sample
    return Sample(f"{task}-{number}", task, domain, "train", fields, tuple(items), "", options(sample))


def _item(product: Product, role: Role = "product", category: str = "") -> Item:
    where = category or _department(product.domain)
    return Item(role, product.asin, clean(product.title), where, clean(product.brand))


def _department(domain: Domain) -> str:
    return CATEGORIES[domain].replace("_", " ")
