"""Writes the judged products in the layout of the Shopping Queries Dataset, and SQID's addresses of their pictures."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mmecinstruct.sample.catalogue import ADDRESS, Product, make_asin
from mmecinstruct.sample.chance import Chance
from mmecinstruct.sample.dirt import Ledger
from mmecinstruct.sample.judgements import Judgement

TASKS = ("product_substitute_identification", "multiclass_product_classification")
N_FOREIGN = 10  # judgements in each of the two other locales
N_SPANISH = 6  # American judgements whose query is Spanish
FOREIGN = {
    "es": ("taza roja de rayas para la cocina", "Taza roja de rayas para la cocina, paquete de tres"),
    "jp": ("赤いマグカップ 三個セット", "赤いマグカップ 三個セット ストライプ柄"),
}
BACKGROUND_ART = "https://m.media-amazon.com/images/G/01/digital/video/web/Default_Background_Art_LTR._SX425_.jpg"

Row = dict[str, Any]


def write_shopping_queries(ledger: Ledger, judgements: Sequence[Judgement]) -> None:
    """Write the two parquet files and SQID's two tables."""
    chance = ledger.chance.at("esci")
    examples = [_example(each, chance) for each in judgements]
    products = [_product(product) for product in _distinct(judgements)]
    for locale, (query, title) in FOREIGN.items():
        for number in range(N_FOREIGN):
            asin = make_asin(chance.at(locale, number))
            products.append(_product_row(asin, title, None, None, locale))
            examples.append(_example_row(locale, number, query, asin, len(examples), chance))
    for number, each in enumerate(judgements[:N_SPANISH]):
        examples.append(_example_row("us", number, FOREIGN["es"][0], each.product.asin, len(examples), chance))
    for task in TASKS:
        ledger.note(task, "locale_es", N_FOREIGN)
        ledger.note(task, "locale_jp", N_FOREIGN)
        ledger.note(task, "query_not_english", N_SPANISH)
    folder = ledger.folder / "shopping_queries"
    _write_parquet(folder / "shopping_queries_dataset_examples.parquet", chance.order(examples, "examples"))
    _write_parquet(folder / "shopping_queries_dataset_products.parquet", chance.order(products, "products"))
    _write_sqid(ledger.folder / "sqid", judgements, chance)


def _distinct(judgements: Sequence[Judgement]) -> list[Product]:
    return list({each.product.asin: each.product for each in judgements}.values())


def _example(each: Judgement, chance: Chance) -> Row:
    return {
        "example_id": each.example_id,
        "query": each.query.text,
        "query_id": each.query.id,
        "product_id": each.product.asin,
        "product_locale": "us",
        "esci_label": each.label,
        "small_version": chance.whole(0, 1, f"small {each.query.id}"),
        "large_version": 1,
        "split": each.query.part,
    }


def _example_row(locale: str, number: int, query: str, asin: str, n_before: int, chance: Chance) -> Row:
    spot = chance.at("foreign", locale, number)
    return {
        "example_id": 900_000 + n_before,
        "query": query,
        "query_id": {"us": 90_000, "es": 90_001, "jp": 90_002}[locale],
        "product_id": asin,
        "product_locale": locale,
        "esci_label": spot.one("ESCI", "label"),
        "small_version": 0,
        "large_version": 1,
        "split": "train",
    }


def _product(product: Product) -> Row:
    return _product_row(product.asin, product.title, product.brand, None, "us")


def _product_row(asin: str, title: str, brand: str | None, colour: str | None, locale: str) -> Row:
    return {
        "product_id": asin,
        "product_title": title,
        "product_description": None,
        "product_bullet_point": "Good quality\nEasy to clean",
        "product_brand": brand,
        "product_color": colour,
        "product_locale": locale,
    }


def _write_parquet(path: Path, rows: Sequence[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pylist([{**row, "__index_level_0__": i} for i, row in enumerate(rows)])
    if "product_color" in table.column_names:
        for name in ("product_description", "product_color"):
            place = table.column_names.index(name)
            table = table.set_column(place, name, table.column(name).cast(pa.string()))
    pq.write_table(table, path)


def _write_sqid(folder: Path, judgements: Sequence[Judgement], chance: Chance) -> None:
    """Write the addresses of products that no metadata knows: SQID has the test part, its supplement the rest."""
    folder.mkdir(parents=True)
    unlisted = [each for each in judgements if not each.product.editions]
    test = [each.product for each in unlisted if each.query.part == "test"]
    rest = [each.product for each in unlisted if each.query.part == "train"]
    _write_csv(folder / "product_image_urls.csv", test, chance.at("sqid"))
    _write_csv(folder / "supp_product_image_urls.csv", rest, chance.at("supp"))


def _write_csv(path: Path, products: Sequence[Product], chance: Chance) -> None:
    rows = [(product.asin, f"{ADDRESS}/{product.picture.id}._AC_SX425_.jpg") for product in products]
    rows += [(make_asin(chance.at("art")), BACKGROUND_ART), (make_asin(chance.at("empty")), "")]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["product_id", "image_url"])
        writer.writerows(chance.order(rows, "rows"))
