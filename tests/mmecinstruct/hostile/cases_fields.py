"""Every member that a reader reads, with every wrong type; and numbers that are out of all bounds."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from mmecinstruct.sources import CORPORA, CorpusFile
from tests.mmecinstruct.hostile.case import Case, amid, both, line
from tests.mmecinstruct.hostile.cases_files import parquet
from tests.mmecinstruct.hostile.world import (
    ESCI_S,
    LABELS,
    OLD_PRODUCTS,
    OLD_REVIEWS,
    PRODUCTS,
    QUESTIONS,
    REVIEWS,
    address,
    asin,
    example,
    label,
    listing,
    old_product,
    old_review,
    product,
    question,
    review,
)

WRONG = {
    "null": "null",
    "true": "true",
    "false": "false",
    "a number": "7",
    "a fraction": "-1.5",
    "minus nothing": "-0",
    "the largest": "9223372036854775807",
    "the least": "-9223372036854775808",
    "more": "1000000000000000000000000000000",
    "infinite": "1e999",
    "minus infinite": "-Infinity",
    "NaN": "NaN",
    "a word": '"x"',
    "nothing": '""',
    "a space": '" "',
    "half of JSON": '"{\\"Brand\\": "',
    "an empty list": "[]",
    "a mixed list": '[1, null, true, ["x"], {"variant": "MAIN", "large": {}, "large_image_url": [1]}]',
    "an empty object": "{}",
    "an object": '{"variant": "MAIN", "large": ["x"], "large_image_url": {"a": 1}, "Brand": ["b"]}',
    "an object of lists": '{"variant": [["MAIN"], null], "large": [{}], "large_image_url": [[]], "Brand": null}',
}
# Where each kind of file stands: its world, its good record, and whether each of its lines is to be a row or counted.
PLACES: dict[tuple[str, str], tuple[str, str, Any, bool]] = {
    ("amazonqa", "questions"): ("ap", QUESTIONS, question, True),
    ("mave", "labels"): ("cc", LABELS, label, True),
    ("amazon_reviews_2018", "products"): ("prp", OLD_PRODUCTS, old_product, False),
    ("amazon_reviews_2018", "reviews"): ("sa_2018", OLD_REVIEWS, old_review, True),
    ("amazon_reviews_2023", "products"): ("ap", PRODUCTS, product, False),
    ("amazon_reviews_2023", "reviews"): ("sa", REVIEWS, review, True),
    ("esci_s", "addresses"): ("psi", ESCI_S, lambda n: {"asin": asin(n), "image": address(n)}, False),
}
COLUMNS = {
    "numbers": pa.array([7, -1]),
    "fractions": pa.array([float("nan"), float("-inf")]),
    "truths": pa.array([True, None]),
    "nothing": pa.array([None, None]),
    "bytes": pa.array([b"\xff", b"x"]),
    "lists": pa.array([["x"], []]),
    "objects": pa.array([{"a": 1}, None]),
    "times": pa.array([0, 1], pa.timestamp("us")),
    "decimals": pa.array(["1.5", "2.5"]).cast(pa.decimal128(5, 2)),
}
TIMES = {
    "a text": ('"1600000000000"', 1),
    "a fraction": ("1600000000000.5", 1),
    "negative": ("-1", 1),
    "too large": ("1e30", 1),
    "a date": ('"2020-01-01"', 1),
}
RATINGS = {
    "a text": ('"5.0"', {}, 1),
    "six": ("6", {"odd_rating": 1}, 0),
    "nothing": ("0", {"odd_rating": 1}, 0),
    "negative": ("-1", {"odd_rating": 1}, 0),
    "between": ("4.5", {"odd_rating": 1}, 0),
    "stars": ('"*****"', {"odd_rating": 1}, 0),
    "NaN": ("NaN", {"odd_rating": 1}, 0),
    "NaN as text": ('"nan"', {"odd_rating": 1}, 0),
    "infinite": ("1e999", {"odd_rating": 1}, 0),
    "with an exponent": ("50e-1", {}, 1),
}


def wrong_members() -> Iterator[Case]:
    for corpus in CORPORA.values():
        for file in corpus.files:
            if place := PLACES.get((corpus.name, file.table)):
                yield from (wrong_member(corpus.name, member, *place) for member in file.members)


def wrong_member(corpus: str, member: str, world: str, name: str, row: Any, counted: bool) -> Case:
    lines = [line(row(n) | {member: None}, **{member: raw}) for n, raw in enumerate(WRONG.values(), start=36)]
    return Case(
        f"{len(WRONG)} types: {name}: {member}",
        world,
        amid(name, *lines),
        planted=len(WRONG) if counted else None,
        same=corpus != "mave",  # a word is a category, and so a wrong answer to others
    )


def wrong_columns() -> Iterator[Case]:
    files = {file.table: file for file in CORPORA["shopping_queries"].files}
    for table in ("examples", "listings"):
        yield from (wrong_column(files[table], member) for member in files[table].members)


def wrong_column(file: CorpusFile, member: str) -> Case:
    """A file for each type, which is read as examples and as listings."""
    rows = [example(n) | listing(n) for n in (30, 31)]
    right = {name: [row[name] for row in rows] for name in rows[0]}

    def plant(folder: Path) -> None:
        for name, column in COLUMNS.items():
            (folder / f"shopping_queries/esci_{name}.parquet").write_bytes(parquet(**right | {member: column}))

    return Case(f"{len(COLUMNS)} types: {file.table}: {member}", "psi", plant, planted=None)


CASES = [
    *wrong_members(),
    *wrong_columns(),
    *(
        Case(f"time: {name}", "sa", amid(REVIEWS, line(review(30), timestamp=raw)), more=more)
        for name, (raw, more) in TIMES.items()
    ),
    *(
        Case(f"rating: {name}", "sa", amid(REVIEWS, line(review(30), rating=raw)), reasons, more)
        for name, (raw, reasons, more) in RATINGS.items()
    ),
    Case(
        "time: of 2018, too large",
        "sa_2018",
        amid(OLD_REVIEWS, line(old_review(30), unixReviewTime="9223372036854775807")),
        more=1,
    ),
    *(
        Case(f"purchase: {name}", "sr", amid(REVIEWS, line(review(40, 9), timestamp=raw)), {"no_time": 1})
        for name, raw in (("no time", "null"), ("a time of 30 digits", "1" + "0" * 30), ("a time in words", '"today"'))
    ),
    Case(
        "purchase: of a product whose title is HTML, a wrong option to others",
        "sr",
        both(
            amid(REVIEWS, line(review(30, 9, parent_asin=asin(30)))),
            amid(PRODUCTS, line(product(30, title="<b></b>", images=product(1)["images"]))),
        ),
        same=False,
    ),
]
