"""A corpus to measure on: reviews and metadata of 2023 in the raw layout, at the real lengths, seeded.

A row of Tools_and_Home_Improvement is 473 bytes of review and 3,200 of metadata, and about 30 % of the interactions
survive the 5-core (sources.md, 1.3); so they do here.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

CATEGORY = "Tools_and_Home_Improvement"
PICTURE = "https://m.media-amazon.com/images/I"
WORDS = "the and it is a this for of to drill works well bought my great not light easy with &#34;tool&#34; <br /> but"
LENGTH = 200  # characters of a review's text in the middle, more than half as many again on average
BLOCK = 10_000


def write_corpus(folder: Path, n_reviews: int, n_products: int, seed: int = 1) -> None:
    """Write `amazon_reviews_2023/` with one category."""
    corpus = folder / "amazon_reviews_2023"
    corpus.mkdir(parents=True)
    text = _text(np.random.default_rng(seed))
    _write(corpus / f"meta_{CATEGORY}.jsonl", _products(np.random.default_rng(seed + 1), n_products, text))
    _write(corpus / f"{CATEGORY}.jsonl", _reviews(np.random.default_rng(seed + 2), n_reviews, n_products, text))


def _write(path: Path, lines: Iterator[str]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(lines)


def _text(random: np.random.Generator) -> str:
    words = WORDS.split()
    return " ".join(words[i] for i in random.integers(0, len(words), 200_000))


def _products(random: np.random.Generator, n: int, text: str) -> Iterator[str]:
    """Yield the metadata; 1 % lacks a title, 2 % a picture (sources.md, 1.3)."""
    starts = random.integers(0, 800_000, (n, 3))
    lacks = random.random((n, 2))
    for i, ((a, b, c), (title, picture)) in enumerate(zip(starts.tolist(), lacks.tolist(), strict=True)):
        images = [_image(i, number, "MAIN" if number == 0 else f"PT{number:02}") for number in range(4)]
        row = {
            "main_category": "Tools & Home Improvement",
            "title": None if title < 0.01 else text[a : a + 110],
            "average_rating": 4.3,
            "rating_number": 17,
            "features": [text[b + k : b + k + 160] for k in range(5)],
            "description": [text[c : c + 500]],
            "price": None if i % 7 else 12.99,
            "images": [] if picture < 0.02 else images,
            "videos": [],
            "store": f"Brand {i % 997}",
            "categories": ["Tools & Home Improvement", f"Kind {i % 31}", f"Sort {i % 311}"],
            "details": {
                "Brand": f"Brand {i % 997}",
                "Item Weight": "1.2 pounds",
                "Colour": "Red",
                "Part Number": str(i),
            },
            "parent_asin": _asin(i),
            "bought_together": None,
        }
        yield json.dumps(row) + "\n"


def _reviews(random: np.random.Generator, n: int, n_products: int, text: str) -> Iterator[str]:
    """Yield the reviews: 5 % pictured, 1 % of unknown products, 1 % a second review of the same product."""
    users = _drawn(random, n, n // 2, 1.2)
    products = _drawn(random, n, n_products + n_products // 100, 0.9)
    again = random.random(n) < 0.01
    users[1:][again[1:]], products[1:][again[1:]] = users[:-1][again[1:]], products[:-1][again[1:]]
    times = random.integers(1_300_000_000_000, 1_690_000_000_000, n)
    lengths = np.minimum(random.lognormal(np.log(LENGTH * 0.6), 1, n), 5000).astype(int)
    starts = random.integers(0, 800_000, n)
    ratings = random.choice([1.0, 2.0, 3.0, 4.0, 5.0], n, p=[0.09, 0.05, 0.07, 0.12, 0.67])
    pictured = random.random(n) < 0.05
    columns = (users, products, times, lengths, starts, ratings, pictured)
    for first in range(0, n, BLOCK):
        block = (column[first : first + BLOCK].tolist() for column in columns)
        for i, (user, product, time, length, start, rating, shown) in enumerate(zip(*block, strict=True), first):
            yield _review(i, _asin(product), user, time, rating, text[start : start + length].strip(), shown)


def _review(i: int, asin: str, user: int, time: int, rating: float, text: str, pictured: bool) -> str:
    """One line; the text needs no escaping, and a million calls of json.dumps would take half the benchmark."""
    address = f"{PICTURE}/71{i:09}L"
    images = (
        f'{{"small_image_url": "{address}._SL256_.jpg", "medium_image_url": "{address}._SL800_.jpg",'
        f' "large_image_url": "{address}._SL1600_.jpg", "attachment_type": "IMAGE"}}'
    )
    return (
        f'{{"rating": {rating}, "title": "As described", "text": "{text}", "images": [{images if pictured else ""}],'
        f' "asin": "{asin}", "parent_asin": "{asin}", "user_id": "AE{user:026}", "timestamp": {time},'
        f' "helpful_vote": {i % 4}, "verified_purchase": {"true" if i % 10 else "false"}}}\n'
    )


def _drawn(random: np.random.Generator, n: int, n_of: int, spread: float) -> np.ndarray:
    """Draw `n` times from `n_of`, some far more often than others."""
    weights = random.lognormal(0, spread, n_of)
    return random.choice(n_of, n, p=weights / weights.sum())


def _asin(i: int) -> str:
    return f"B{i:09}"


def _image(product: int, number: int, variant: str) -> dict[str, str | None]:
    address = f"{PICTURE}/41{product:08}{number}L"
    return {
        "thumb": f"{address}._AC_US40_.jpg",
        "large": f"{address}._AC_.jpg",
        "variant": variant,
        "hi_res": f"{address}._AC_SL1500_.jpg",
    }
