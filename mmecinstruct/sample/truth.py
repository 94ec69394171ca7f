"""What is true of every labelled record: the evidence that it gives, and what its pictures really show."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import chain
from typing import Any

from mmecinstruct.sample.catalogue import Product, shows
from mmecinstruct.sample.looks import Look, Picture
from mmecinstruct.sample.purchases import LOYALTY
from mmecinstruct.sample.world import World

Truth = dict[str, Any]
TARGETS = {"test": -1, "validation": -2, "train": -3}


def tell_truth(world: World) -> Iterator[Truth]:
    """Yield one line for each labelled record of each task, in the paper's order of tasks."""
    return chain(
        _questions(world), _categories(world), _pairs(world), _judgements(world), _reviews(world), _targets(world)
    )


def count_evidence(truths: Sequence[Truth]) -> dict[str, dict[str, int]]:
    """Return how many records of each task give which evidence."""
    counted: dict[str, Counter[str]] = {}
    for truth in truths:
        counted.setdefault(truth["task"], Counter())[truth["evidence"]] += 1
    return {task: dict(sorted(counter.items())) for task, counter in counted.items()}


def _questions(world: World) -> Iterator[Truth]:
    for each in world.questions:
        yield {
            "task": "answerability_prediction",
            "domain": each.product.domain,
            "key": {"qid": each.qid},
            "evidence": each.evidence,
            "label": each.answerable,
            "asked": [each.asked] if each.asked else [],
            "products": [_product(each.product)],
        }


def _categories(world: World) -> Iterator[Truth]:
    for each in world.labelled:
        yield {
            "task": "category_classification",
            "domain": each.product.domain,
            "key": {"id": each.product.asin},
            "evidence": each.evidence,
            "label": each.category,
            "asked": ["pattern"],
            "products": [_product(each.product)],
        }


def _pairs(world: World) -> Iterator[Truth]:
    for each in world.pairs:
        if each.second_relation:
            continue
        yield {
            "task": "product_relation_prediction",
            "domain": each.first.domain,
            "key": {"asins": sorted([each.first.asin, each.second.asin])},
            "evidence": each.evidence,
            "label": each.relation,
            "asked": ["kind", "colour", "pattern"],
            "products": [_product(each.first), _product(each.second)],
        }


def _judgements(world: World) -> Iterator[Truth]:
    for task in ("product_substitute_identification", "multiclass_product_classification"):
        for each in world.judgements:
            yield {
                "task": task,
                "domain": "ind",
                "key": {"example_id": each.example_id},
                "evidence": each.evidence,
                "label": each.label,
                "asked": list(each.query.asked),
                "query": asdict(each.query.look),
                "products": [_product(each.product)],
            }


def _reviews(world: World) -> Iterator[Truth]:
    for each in world.reviews:
        if each.oddity or not each.picture or not each.rating:
            continue
        yield {
            "task": "sentiment_analysis",
            "domain": each.product.domain,
            "key": {"user_id": each.user, "parent_asin": each.product.asin, "timestamp": each.timestamp},
            "evidence": each.evidence,
            "label": int(each.rating),
            "asked": ["count"],
            "ordered": each.ordered,
            "arrived": each.arrived,
            "products": [_product(each.product)],
            "picture": _picture(each.picture),
        }


def _targets(world: World) -> Iterator[Truth]:
    for shopper in world.shoppers:
        for split, place in TARGETS.items():
            item = shopper.items[place]
            yield {
                "task": "sequential_recommendation",
                "domain": shopper.domain,
                "key": {"user_id": shopper.user, "parent_asin": item.product.asin, "split": split},
                "evidence": item.evidence,
                "label": item.product.asin,
                "asked": list(LOYALTY),
                "products": [_product(item.product)],
            }


def _product(product: Product) -> Truth:
    return {
        "asin": product.asin,
        "look": asdict(product.look),
        "stated": sorted(product.stated),
        "picture": _picture(product.picture, product.look),
    }


def _picture(picture: Picture, look: Look | None = None) -> Truth:
    told: Truth = {
        "id": picture.id,
        "shows": None if picture.blurred else asdict(picture.look),
        "fault": picture.fault or None,
    }
    return told if look is None else told | {"right": shows(picture, look)}
