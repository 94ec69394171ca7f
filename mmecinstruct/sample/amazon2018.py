"""Writes the metadata of 2018: the only corpus that says what is bought, viewed and compared together."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from mmecinstruct.sample.catalogue import Product, make_asin
from mmecinstruct.sample.chance import Chance
from mmecinstruct.sample.dirt import Ledger
from mmecinstruct.sample.looks import CATEGORIES
from mmecinstruct.sample.relations import Pair
from mmecinstruct.sample.text import plural

TASK = "product_relation_prediction"
HOST = "https://images-na.ssl-images-amazon.com/images/I"
ONE_IMAGE_FIELD = 0.15  # of the rows have `image` instead of the two fields, as some downloads do
RUBBISH_PRICE = 0.2
STYLE_SHEET = ".a-box-inner{background-color:#fff}#alohaBuyBoxWidget .selected{background-color:#fffbf3}"
SCRIPT_TITLE = "var aPageStart = (new Date()).getTime(); var ue_t0 = ue_t0 || +new Date();"

Related = dict[str, dict[str, list[str]]]


def write_amazon2018(ledger: Ledger, products: Sequence[Product], pairs: Sequence[Pair]) -> None:
    """Write one gzipped metadata file a category."""
    related = _relate(pairs, ledger.chance.at("related"))
    known = {product.asin: product for product in products if 2018 in product.editions}
    ledger.note(TASK, "two_relations", sum(pair.second_relation is not None for pair in pairs))
    for category in CATEGORIES.values():
        rows = [
            _row(product, related[asin], known, ledger.chance.at("2018", asin))
            for asin, product in known.items()
            if product.category == category
        ]
        rows.append({**rows[0], "asin": make_asin(ledger.chance.at("2018 script", category)), "title": SCRIPT_TITLE})
        ledger.note(TASK, "script_title")
        ledger.write_jsonl(f"amazon_reviews_2018/meta_{category}.json.gz", rows, key="asin")


def _relate(pairs: Sequence[Pair], chance: Chance) -> Related:
    """Return what each listing names: most pairs stand on one side only, some on both."""
    related: Related = defaultdict(lambda: defaultdict(list))
    for number, pair in enumerate(pairs):
        sides = chance.order([pair.first.asin, pair.second.asin], f"sides {number}")
        relations = [pair.relation, pair.second_relation] if pair.second_relation else [pair.relation]
        for relation in relations:
            related[sides[0]][relation].append(sides[1])
            if chance.number(f"both {number}") < 0.2:
                related[sides[1]][relation].append(sides[0])
    return related


def _row(product: Product, related: dict[str, list[str]], known: dict[str, Product], chance: Chance) -> dict[str, Any]:
    kinds = plural(product.look.kind).capitalize()
    department = product.category.replace("_", " ").replace("and", "&amp;")
    row: dict[str, Any] = {
        "category": [department.replace("&amp;", "&"), kinds],
        "tech1": "",
        "description": [f"{kinds} of good quality."] if chance.number("description") < 0.6 else [],
        "fit": "",
        "title": product.title,
        "also_buy": [*related["also_buy"], *([make_asin(chance)] if chance.number("gone") < 0.3 else [])],
        "tech2": "",
        "brand": product.brand,
        "feature": [f"{kinds} that last"],
        "rank": _rank(department, chance),
        "also_view": related["also_view"],
        "details": {},
        "main_cat": department,
        "similar_item": _compare(product, [known[asin] for asin in related["similar_item"]]),
        "date": "November 19, 2008",
        "price": _price(chance),
        "asin": product.asin,
    }
    return row | _images(product, chance)


def _rank(department: str, chance: Chance) -> list[str] | str:
    place = chance.whole(1_000, 900_000, "rank")
    if chance.number("rank form") < 0.5:
        return [f">#{place:,} in {department} (See top 100)"]
    return f"{place:,} in {department} ("


def _price(chance: Chance) -> str:
    if chance.number("rubbish price") < RUBBISH_PRICE:
        return STYLE_SHEET
    return f"${chance.whole(5, 60, 'price')}.99" if chance.number("priced") < 0.5 else ""


def _images(product: Product, chance: Chance) -> dict[str, list[str]]:
    image_id = quote(product.picture.id, safe="")
    large = f"{HOST}/{image_id}.jpg"
    if chance.number("image field") < ONE_IMAGE_FIELD:
        return {"image": [large]}
    return {"imageURL": [f"{HOST}/{image_id}._SS40_.jpg"], "imageURLHighRes": [large]}


def _compare(product: Product, others: Sequence[Product]) -> str:
    """Return the comparison table of a listing, itself in the first column, or nothing."""
    if not others:
        return ""
    columns = "".join(_column(each, number) for number, each in enumerate([product, *others]))
    return f' class="a-bordered a-horizontal-stripes comparison_table">\n<tr>\n{columns}</tr>\n'


def _column(product: Product, number: int) -> str:
    return (
        f'<th class="comparison_image_title_cell comparable_item{number}" role="columnheader">\n'
        f'<img alt="" src="{HOST}/{quote(product.picture.id, safe="")}._SL500_AC_SS350_.jpg">\n'
        f'<span class="a-size-base">{product.title}</span>\n'
        f'<a href="/gp/customer-reviews/popover/?contextId=dpComparsion&amp;asin={product.asin} &quot;"></a>\n</th>\n'
    )
