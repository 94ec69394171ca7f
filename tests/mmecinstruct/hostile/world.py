"""A world of a dozen good records a file, in the layouts of the real corpora: for each task only what it reads."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image, ImageDraw

Row = dict[str, Any]
TOOLS, SPORTS = "Tools_and_Home_Improvement", "Sports_and_Outdoors"
ADDRESS = "https://m.media-amazon.com/images/I/{}._SL500_.jpg"
NOUNS = ("hammer", "saw", "drill", "wrench", "ladder", "lamp", "glove", "rope", "hook", "level", "clamp", "brush")
OPTIONS: dict[str, dict[str, Any]] = {
    "cc": {"n_options": 3},
    "sa_2018": {"corpus": "amazon_reviews_2018"},
    "sr": {"core": 1, "n_options": 3, "n_spare": 4},
}


def asin(n: int) -> str:
    return f"B0TOOL{n:04d}"


def address(n: int) -> str:
    return ADDRESS.format(f"41tool{n:04d}L")


def title(n: int) -> str:
    return f"A very good {NOUNS[n % 12]} for the house, size {n}"


def product(n: int, **changes: Any) -> Row:
    images = [{"variant": "MAIN", "thumb": None, "large": address(n), "hi_res": None}]
    details = {"Brand": f"Brand {n % 3}"}
    row = {"parent_asin": asin(n), "title": title(n), "store": "A store", "details": details, "images": images}
    return row | {"categories": ["Tools", f"For {NOUNS[n % 12]}s"]} | changes


def old_product(n: int, **changes: Any) -> Row:
    row = {
        "asin": asin(n),
        "title": title(n),
        "brand": "A brand",
        "category": ["Tools"],
        "imageURLHighRes": [address(n)],
    }
    return row | {"imageURL": [], "also_buy": [], "also_view": [], "similar_item": ""} | changes


def question(n: int, **changes: Any) -> Row:
    row = {
        "qid": n,
        "asin": asin(n % 12),
        "category": TOOLS,
        "questionText": f"Is the {NOUNS[n % 12]} {n} made of steel?",
    }
    return row | {"review_snippets": [f"I bought it in the year {n}."], "is_answerable": n % 2} | changes


def review(n: int, user: int = 0, **changes: Any) -> Row:
    text = f"I have used the {NOUNS[n % 12]} for {n} weeks now and it has not failed me yet."
    row = {"user_id": f"U{user or n}", "parent_asin": asin(n % 12), "asin": asin(n % 12), "rating": 1.0 + n % 5}
    pictures = [{"small_image_url": "", "large_image_url": address(n % 12)}]
    return row | {"text": text, "timestamp": 1_600_000_000_000 + n, "images": pictures} | changes


def old_review(n: int, **changes: Any) -> Row:
    text = f"I have used the {NOUNS[n % 12]} for {n} weeks now and it has not failed me yet."
    row = {"reviewerID": f"U{n}", "asin": asin(n % 12), "overall": 1.0 + n % 5, "reviewText": text}
    return row | {"unixReviewTime": 1_400_000_000 + n, "image": [address(n % 12)]} | changes


def example(n: int, **changes: Any) -> Row:
    row = {"example_id": n, "query_id": n, "query": f"a good {NOUNS[n % 12]} for me", "product_id": asin(n % 12)}
    return row | {"product_locale": "us", "esci_label": "ESCI"[n % 4], "split": "test" if n % 3 else "train"} | changes


def listing(n: int, **changes: Any) -> Row:
    row = {"product_id": asin(n), "product_title": title(n), "product_locale": "us", "product_brand": "A brand"}
    return row | changes


def label(n: int, **changes: Any) -> Row:
    return {"id": asin(n), "category": f"Category {n % 3}", "attributes": []} | changes


def related(n: int) -> Row:
    column = ("also_buy", "also_view")[n % 2]
    return old_product(n, **{column: [asin((n + 1) % 12)]})


def _all(row: Any, *numbers: int) -> list[Row]:
    return [row(n) for n in range(*numbers)]


QUESTIONS = "amazonqa/train-qar.jsonl"
PRODUCTS = f"amazon_reviews_2023/meta_{TOOLS}.jsonl"
REVIEWS = f"amazon_reviews_2023/{TOOLS}.jsonl"
OLD_REVIEWS = f"amazon_reviews_2018/{TOOLS}.json"
OLD_PRODUCTS = f"amazon_reviews_2018/meta_{TOOLS}.json"
LABELS = "mave/mave_positives_labels.jsonl"
EXAMPLES = "shopping_queries/shopping_queries_dataset_examples.parquet"
LISTINGS = "shopping_queries/shopping_queries_dataset_products.parquet"
SQID = "sqid/product_image_urls.csv"
ESCI_S = "esci_s/esci.json"

WORLDS: dict[str, dict[str, Sequence[Row]]] = {
    "ap": {
        QUESTIONS: _all(question, 12),
        "amazonqa/val-qar.jsonl": _all(question, 12, 15),
        "amazonqa/test-qar.jsonl": [*_all(question, 15, 18), question(18, category=SPORTS)],
        PRODUCTS: _all(product, 12),
    },
    "cc": {LABELS: _all(label, 12), PRODUCTS: _all(product, 12)},
    "prp": {OLD_PRODUCTS: _all(related, 12), f"amazon_reviews_2018/meta_{SPORTS}.json": _all(old_product, 20, 22)},
    "psi": {
        EXAMPLES: _all(example, 12),
        LISTINGS: _all(listing, 12),
        SQID: [{"product_id": asin(n), "image_url": address(n)} for n in range(6)],
        ESCI_S: [{"asin": asin(n), "image": address(n)} for n in range(6, 12)],
    },
    "sa": {REVIEWS: _all(review, 12), f"amazon_reviews_2023/{SPORTS}.jsonl": _all(review, 20, 24)},
    "sa_2018": {OLD_REVIEWS: _all(old_review, 12), f"amazon_reviews_2018/{SPORTS}.json": _all(old_review, 20, 22)},
    "sr": {
        REVIEWS: [review(n, 1 + n % 3) for n in range(12)],
        f"amazon_reviews_2023/{SPORTS}.jsonl": _all(review, 20, 24),
        PRODUCTS: _all(product, 12),
        f"amazon_reviews_2023/meta_{SPORTS}.jsonl": _all(product, 20, 22),
    },
}


def write_world(task: str, folder: Path) -> None:
    for name, rows in WORLDS[task].items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded(rows, path.suffix))
    (folder / "images").mkdir(exist_ok=True)
    for n in range(12):
        (folder / "images" / f"41tool{n:04d}L.jpg").write_bytes(picture(n))


def encoded(rows: Sequence[Row], suffix: str) -> bytes:
    if suffix == ".parquet":
        file = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(list(rows)), file)
        return file.getvalue()
    if suffix == ".csv":
        text = io.StringIO()
        table = csv.DictWriter(text, rows[0], lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
        return text.getvalue().encode()
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def drawn(n: int = 0, mode: str = "RGB", size: tuple[int, int] = (120, 90)) -> Image.Image:
    image = Image.new("RGB", size, (200, 10 * n, 30))
    ImageDraw.Draw(image).rectangle((10, 10, 50, 40 + n), fill=(20, 30, 240 - n))
    return image.convert(mode)


def picture(n: int) -> bytes:
    file = io.BytesIO()
    drawn(n).save(file, "JPEG")
    return file.getvalue()
