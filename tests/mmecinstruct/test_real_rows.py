"""Builds from real rows of the real corpora, where they are at hand: a few thousand, beside the repository.

The pictures of these products are not at hand: a server on this machine answers every image id with one of a few
hundred licensed photographs. What is asserted is counted again here in plain Python, or was counted by
hand when the rows were gathered.
"""

import csv
import gzip
import hashlib
import html
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mmecinstruct.builder import Request, build
from mmecinstruct.builder.folder import Folder
from mmecinstruct.builder.validate import validate
from mmecinstruct.builder.why import why
from mmecinstruct.config import Recipe, Sizes
from mmecinstruct.images import FetchRules

DATA = Path(__file__).parents[2].parent / "shared" / "data"
LAID_OUT = {
    "amazon_reviews_2018/meta_Gift_Cards.json.gz": "amazon2018/gift_cards/meta_Gift_Cards.json.gz",
    "amazon_reviews_2018/Gift_Cards_5.json.gz": "amazon2018/gift_cards/Gift_Cards_5.json.gz",
    "amazon_reviews_2018/meta_Appliances.json.gz": "amazon2018/appliances/meta_Appliances.first100.json.gz",
    "amazon_reviews_2018/Appliances_5.json.gz": "amazon2018/appliances/Appliances_5.json.gz",
    "amazon_reviews_2018/AMAZON_FASHION_5.json.gz": "amazon2018/fashion/AMAZON_FASHION_5.json.gz",
    "shopping_queries/esci_200.csv": "esci/esci_200.csv",
    "sqid/supp_product_image_urls.csv.gz": "sqid/supp_product_image_urls.csv.gz",
}
OLD = "amazon_reviews_2018"
TASKS: dict[str, dict[str, Any]] = {
    "prp": {"ind": ["Appliances"], "ood": ["Gift_Cards"]},
    "psi": {},
    "mpc": {},
    "sa": {"corpus": OLD, "ind": ["Appliances", "AMAZON_FASHION"], "ood": ["Gift_Cards"]},
    "sr": {"corpus": OLD, "ind": ["Gift_Cards"], "ood": ["Gift_Cards"]},
}

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no real rows: {DATA} is not there")


@pytest.fixture(scope="module")
def folder(serve: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Folder:
    root = tmp_path_factory.mktemp("real")
    for name, source in LAID_OUT.items():
        path = root / "corpora" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(DATA / source)
    photos = sorted((DATA / "images" / "clothing_cc0").rglob("*.jpg"))
    origin = serve(lambda id: photos[int(hashlib.md5(id.encode()).hexdigest(), 16) % len(photos)])
    rules = FetchRules(enabled=True, per_second=10_000, origins={host: origin.address for host in FetchRules().hosts})
    recipe = Recipe(name="real", sizes=Sizes(60, 20, 20, 40), fetch=rules, tasks=TASKS)
    build(recipe, Request(root / "corpora", root / "out", workers=2))
    return Folder(root / "out")


def raw(name: str) -> list[dict[str, Any]]:
    """The distinct rows of a file."""
    lines = dict.fromkeys(gzip.decompress((DATA / LAID_OUT[name]).read_bytes()).splitlines())
    return [json.loads(line) for line in lines]


def rows(folder: Folder, abbr: str) -> Iterator[dict[str, Any]]:
    for config in folder.configs:
        if config.startswith(f"{abbr}_"):
            for split in folder.splits(config):
                yield from (row | {"split": split} for row in folder.rows(config, split))


def test_the_build_passes_its_own_checks(folder: Folder) -> None:
    assert validate(folder) == []


@pytest.mark.parametrize("abbr", TASKS)
def test_every_task_gives_rows_that_are_derived_again(folder: Folder, abbr: str) -> None:
    found = [row["id"] for row in rows(folder, abbr)]
    assert len(found) >= 13
    assert all(why(folder, id).differs == {} for id in (found[0], found[-1]))


def test_repeated_lines_are_counted(folder: Folder) -> None:
    expected = {}
    for name in LAID_OUT:
        if name.startswith(OLD):
            lines = gzip.decompress((DATA / LAID_OUT[name]).read_bytes()).splitlines()
            expected[name] = len(lines) - len(set(lines))
    told = {name.partition(" (")[0]: reasons["duplicate_line"] for name, reasons in folder.manifest["skipped"].items()}
    assert told == {name: n for name, n in expected.items() if n}
    assert expected[f"{OLD}/Appliances_5.json.gz"] == 2277 - 206


def test_the_judgements_with_a_real_address_are_the_thirteen_there_are(folder: Folder) -> None:
    with (DATA / LAID_OUT["shopping_queries/esci_200.csv"]).open(encoding="utf-8", newline="") as file:
        labels = {(row["query"], row["product_id"]): row["esci_label"][0] for row in csv.DictReader(file)}
    for abbr, answers in (
        ("mpc", dict(zip("ESCI", "ABCD", strict=True))),
        ("psi", defaultdict(lambda: "no", S="yes")),
    ):
        found = list(rows(folder, abbr))
        assert len(found) == 13
        for row in found:
            label = labels[json.loads(row["input"])["query"], row["items"][0]["product_id"]]
            assert row["output"] == answers[label]


@pytest.mark.parametrize("category", ["Appliances", "Gift_Cards"])
def test_pairs_stand_in_the_relation_their_metadata_tell(folder: Folder, category: str) -> None:
    listed = {one["asin"]: one for one in raw(f"{OLD}/meta_{category}.json.gz")}
    letters = Counter()
    for row in rows(folder, "prp"):
        first, second = (item["product_id"] for item in row["items"])
        if first not in listed:
            continue
        sides = [(listed[first], second), (listed[second], first)]
        relations = {"A" for one, other in sides if other in one["also_buy"]}
        relations |= {"B" for one, other in sides if other in one["also_view"]}
        relations |= {"C" for one, other in sides if f"asin={other}" in one["similar_item"]}
        assert relations == {row["output"]}
        letters[row["output"]] += 1
    assert letters.total() >= 13
    assert letters["C"] > 0 or category == "Gift_Cards"


def test_reviews_are_long_enough_pictured_and_felt_as_rated(folder: Folder) -> None:
    rated = {
        (one["asin"], " ".join(html.unescape(one.get("reviewText", "")).split())): one
        for name in ("Appliances_5", "AMAZON_FASHION_5", "Gift_Cards_5")
        for one in raw(f"{OLD}/{name}.json.gz")
    }
    found = list(rows(folder, "sa"))
    assert len(found) >= 13
    for row in found:
        review = json.loads(row["input"])["review"]
        one = rated[row["items"][0]["product_id"], review]
        assert len(review.split()) > 10
        assert one["image"]
        assert row["output"] == "EDCBA"[int(one["overall"]) - 1]


def test_users_are_asked_for_what_they_bought_last(folder: Folder) -> None:
    sequences = loyal_sequences()
    back = {"train": -3, "validation": -2, "test": -1}
    known = defaultdict(set)
    for bought in sequences:
        for split, place in back.items():
            known[split, *bought[:place]].add(bought[place])
    found = list(rows(folder, "sr"))
    assert len(found) >= 100
    for row in found:
        history = [item["product_id"] for item in row["items"] if item["role"] == "history"]
        options = [item["product_id"] for item in row["items"] if item["role"] == "option"]
        assert options["ABCDEFGHIJKLMNOPQRST".index(row["output"])] in known[row["split"], *history]


def loyal_sequences() -> list[list[str]]:
    """What each user of the 5-core bought, in order, of the products with a picture."""
    pictured = {one["asin"] for one in raw(f"{OLD}/meta_Gift_Cards.json.gz") if one["imageURLHighRes"]}
    with gzip.open(DATA / LAID_OUT["sqid/supp_product_image_urls.csv.gz"], "rt", encoding="utf-8", newline="") as file:
        pictured |= {row["product_id"] for row in csv.DictReader(file) if row["image_url"]}
    first: dict[tuple[str, str], int] = {}
    for one in raw(f"{OLD}/Gift_Cards_5.json.gz"):
        if one["asin"] in pictured:
            key = one["reviewerID"], one["asin"]
            first[key] = min(one["unixReviewTime"], first.get(key, one["unixReviewTime"]))
    while True:
        users, items = Counter(user for user, _ in first), Counter(item for _, item in first)
        kept = {pair: time for pair, time in first.items() if users[pair[0]] >= 5 and items[pair[1]] >= 5}
        if kept == first:
            break
        first = kept
    bought = defaultdict(list)
    for user, item in sorted(first, key=lambda pair: (first[pair], pair[1])):
        bought[user].append(item)
    return list(bought.values())
