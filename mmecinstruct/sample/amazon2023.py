"""Writes the reviews and the metadata of 2023, which are joined on parent_asin."""

from collections.abc import Iterator, Sequence
from typing import Any

from mmecinstruct.sample.catalogue import ADDRESS, Product, make_asin
from mmecinstruct.sample.chance import Chance
from mmecinstruct.sample.dirt import Ledger
from mmecinstruct.sample.looks import CATEGORIES
from mmecinstruct.sample.purchases import Purchase
from mmecinstruct.sample.reviews import Review
from mmecinstruct.sample.text import plural

SENTIMENT, SEQUENCE = "sentiment_analysis", "sequential_recommendation"
OLD_NAMES = 0.05  # of the reviews have the field names of the website's example
VARIANT = 0.2  # of the reviews are of a child of the listing: asin differs from parent_asin
PLAIN_TEXT = "Just what I was looking for, it works well and I have used it ever since it came."


def write_amazon2023(
    ledger: Ledger, products: Sequence[Product], reviews: Sequence[Review], purchases: Sequence[Purchase]
) -> None:
    """Write a file of reviews and a file of metadata for each category."""
    for category in CATEGORIES.values():
        here = [product for product in products if 2023 in product.editions and product.category == category]
        rows = [_listing(product, ledger.chance.at("2023", product.asin)) for product in here]
        ledger.write_jsonl(f"amazon_reviews_2023/meta_{category}.jsonl", rows, key="parent_asin")
        told = [*_reviews(ledger, category, reviews), *_purchases(ledger, category, purchases)]
        ledger.write_jsonl(f"amazon_reviews_2023/{category}.jsonl", told, key="user_id")


def _listing(product: Product, chance: Chance) -> dict[str, Any]:
    kinds = plural(product.look.kind).capitalize()
    department = product.category.replace("_", " ").replace("and", "&")
    details = {"Is Discontinued By Manufacturer": "No"}
    if product.brand and chance.number("brand in details") < 0.6:
        details["Brand"] = product.brand
    return {
        "main_category": department,
        "title": product.title,
        "average_rating": chance.whole(30, 50, "stars") / 10,
        "rating_number": chance.whole(1, 900, "raters"),
        "features": [f"{kinds} that last"] if chance.number("features") < 0.3 else [],
        "description": [f"{kinds} of good quality."] if chance.number("description") < 0.3 else [],
        "price": chance.one([None, None, 12.99, "from 12.99"], "price"),
        "images": _images(product, chance),
        "videos": [],
        "store": product.brand or None,
        "categories": [department, kinds],
        "details": details,
        "parent_asin": product.asin,
        "bought_together": None,
    }


def _images(product: Product, chance: Chance) -> list[dict[str, Any]]:
    """Return the images of a listing; here and there one from the side stands before the main one."""
    main = f"{ADDRESS}/{product.picture.id}"
    suffix = "gif" if product.picture.fault == "placeholder" else "jpg"
    images: list[dict[str, Any]] = [
        {"thumb": f"{main}._AC_US40_.jpg", "large": f"{main}._AC_.{suffix}", "variant": "MAIN", "hi_res": None}
    ]
    if chance.number("side") < 0.1:
        side = f"{ADDRESS}/41{chance.digest('side').hex()[:8]}L._AC_.jpg"
        images.insert(0, {"thumb": side, "large": side, "variant": "PT01", "hi_res": None})
    return images


def _reviews(ledger: Ledger, category: str, reviews: Sequence[Review]) -> Iterator[dict[str, Any]]:
    for review in reviews:
        if review.product.category != category:
            continue
        if review.oddity:
            ledger.note(SENTIMENT, review.oddity)
        pictures = [_picture_of(review.picture.id)] if review.picture else []
        yield _row(
            ledger.chance.at("review", review.user),
            rating=review.rating,
            text=review.text,
            images=pictures,
            parent_asin=review.product.asin,
            user=review.user,
            timestamp=review.timestamp,
        )


def _purchases(ledger: Ledger, category: str, purchases: Sequence[Purchase]) -> Iterator[dict[str, Any]]:
    for purchase in purchases:
        if purchase.category != category:
            continue
        if purchase.oddity:
            ledger.note(SEQUENCE, purchase.oddity)
        ledger.note(SENTIMENT, "no_picture")
        yield _row(
            ledger.chance.at("purchase", purchase.user, purchase.timestamp),
            rating=5.0,
            text=PLAIN_TEXT,
            images=[],
            parent_asin=purchase.parent_asin,
            user=purchase.user,
            timestamp=purchase.timestamp,
        )


def _picture_of(image_id: str) -> dict[str, str]:
    address = f"{ADDRESS}/{image_id}"
    return {
        "small_image_url": f"{address}._SL256_.jpg",
        "medium_image_url": f"{address}._SL800_.jpg",
        "large_image_url": f"{address}._SL1600_.jpg",
        "attachment_type": "IMAGE",
    }


def _row(
    chance: Chance,
    *,
    rating: float | None,
    text: str,
    images: list[dict[str, str]],
    parent_asin: str,
    user: str,
    timestamp: int,
) -> dict[str, Any]:
    old = chance.number("old names") < OLD_NAMES
    return {
        "rating": rating,
        "title": "My order",
        "text": text,
        "images": images,
        "asin": make_asin(chance) if chance.number("variant") < VARIANT else parent_asin,
        "parent_asin": parent_asin,
        "user_id": user,
        "sort_timestamp" if old else "timestamp": timestamp,
        "helpful_votes" if old else "helpful_vote": chance.whole(0, 3, "helpful"),
        "verified_purchase": chance.number("verified") < 0.9,
    }
