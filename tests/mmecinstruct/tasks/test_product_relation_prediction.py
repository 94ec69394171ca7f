"""PRP: pairs of titles in one relation, from the 2018 metadata."""

import json
from typing import Any

import pytest

NAMES = ("Anvil", "Bellows", "Chisel", "Drill", "Epoxy", "File", "Gouge", "Hammer")
ASIN = {name: f"B00000{name.upper()[:4]}" for name in NAMES}
TOOLS = "amazon_reviews_2018/meta_Tools_and_Home_Improvement.json.gz"
SPORTS = "amazon_reviews_2018/meta_Sports_and_Outdoors.json.gz"
# As Amazon wrote it: the product itself in the first column.
TABLE = (
    ' class="a-bordered a-horizontal-stripes  a-spacing-none a-size-base comparison_table">\n<tr>\n'
    '<a href="/gp/x?contextId=dpComparsion&amp;asin={0} &quot;">x</a>\n'
    '<a href="/gp/x?contextId=dpComparsion&amp;asin={1} &quot;">x</a></tr>'
)


@pytest.fixture(scope="module")
def made(make: Any, world: Any) -> Any:
    a, b, c, d, e, f, g, h = (ASIN[name] for name in NAMES)
    twin, untitled, script, blank = "B0000TWIN0", "B000NONAME", "B000SCRIPT", "B0000GONE0"
    related: dict[str, dict[str, Any]] = {
        a: {"also_buy": [b, a, "B000ABROAD", "B0NOWHERE0"], "also_view": [c]},
        b: {"also_buy": [a], "also_view": [d]},
        c: {"similar_item": TABLE.format(c, d)},
        d: {"also_buy": [b]},  # which views it along: two relations
        e: {"also_view": [f, untitled, script], "similar_item": TABLE.format(e, f)},  # two relations on one side
        g: {"also_buy": [twin], "also_view": [h, blank]},
    }
    listed = [world.listed_2018(ASIN[name], name, **related.get(ASIN[name], {})) for name in reversed(NAMES)]
    listed += [world.listed_2018(twin, "Gouge"), world.listed_2018(untitled, title="x") | {"title": None}]
    listed += [world.listed_2018(script, "(new Date()).getTime()"), world.listed_2018(blank) | {"imageURLHighRes": []}]
    abroad = [world.listed_2018("B000ABROAD", "Kite &amp; line", also_buy=["B000ABROA2"] * 2, also_view=[a])]
    abroad += [world.listed_2018("B000ABROA2", "Ball")]
    return make({TOOLS: listed, SPORTS: abroad}, "prp")


def pairs(rows: list[dict[str, Any]]) -> dict[tuple[str, ...], str]:
    return {tuple(json.loads(row["input"]).values()): row["output"] for row in rows}


def test_each_relation_has_its_letter_and_the_titles_stand_in_order(made: Any) -> None:
    assert pairs(made.of("prp_ind")) == {
        ("Anvil", "Bellows"): "A",
        ("Anvil", "Chisel"): "B",
        ("Chisel", "Drill"): "C",
        ("Gouge", "Hammer"): "B",
    }


def test_the_items_stand_in_the_order_of_the_titles(made: Any) -> None:
    for row in made.of("prp_ind"):
        assert [item["title"] for item in row["items"]] == list(json.loads(row["input"]).values())


def test_pairs_in_two_relations_are_left_out_whichever_side_says_so(made: Any) -> None:
    assert made.dropped["prp_ind"]["two_relations"] == 2


def test_what_is_no_pair_is_counted_by_reason(made: Any) -> None:
    assert made.dropped["prp_ind"] == {
        "two_relations": 2,
        "same_product": 3,  # Anvil, and the first column of both tables
        "other_lacks_title_or_picture_or_is_of_another_category": 5,
        "same_title": 1,
    }


def test_a_pair_stays_within_its_category(made: Any) -> None:
    titles = {title for pair in pairs(made.of("prp_ind")) for title in pair}
    assert "Kite & line" not in titles


def test_the_options_are_the_three_relations(made: Any) -> None:
    for row in made.of("prp_ind"):
        assert [line[:3] for line in row["options"]] == ["A: ", "B: ", "C: "]


def crowd(world: Any, name: str) -> list[dict[str, Any]]:
    """Forty products, each of which was bought along with every other."""
    asins = [f"B0{name.upper()}{i:03d}" for i in range(40)]
    return [world.listed_2018(asin, f"{name} {i:02d}", also_buy=asins[i + 1 :]) for i, asin in enumerate(asins)]


def test_pairs_are_split_eight_to_one_to_one_and_only_the_last_tenth_counts_out_of_domain(
    make: Any, world: Any
) -> None:
    made = make({TOOLS: crowd(world, "Thing"), SPORTS: crowd(world, "Beach")}, "prp")
    n_pairs = 40 * 39 // 2
    assert len(made.of("prp_ind")) == n_pairs
    assert len(made.of("prp_ind", "train")) == pytest.approx(0.8 * n_pairs, abs=40)
    assert {row["split"] for row in made.of("prp_ood")} == {"test"}
    assert len(made.of("prp_ood")) == pytest.approx(0.1 * n_pairs, abs=30)


def test_a_product_in_two_category_files_is_a_product_of_both(make: Any, world: Any) -> None:
    things = crowd(world, "Thing")
    made = make({TOOLS: things, SPORTS: [*crowd(world, "Beach"), *things]}, "prp")
    assert len(made.of("prp_ind")) == 40 * 39 // 2
