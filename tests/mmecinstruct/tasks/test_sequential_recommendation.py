"""SR: the iterated core, the last purchases left out, and twenty candidates of which one is right."""

import json
from collections import Counter
from typing import Any

import pytest

TOOLS, SPORTS = "Tools_and_Home_Improvement", "Sports_and_Outdoors"


def files(
    world: Any, bought: list[tuple[str, int, int]], **changes: dict[str, Any]
) -> dict[str, list[dict[str, Any]]]:
    """Interactions (user, item, time) and the metadata of every item; Sports is the same shop under other names."""
    found = {}
    for category, prefix, name in ((TOOLS, "B0ITEM", "Item"), (SPORTS, "B0SPRT", "Ball")):
        ids = {i: f"{prefix}{i:04d}" for i in sorted({item for _, item, _ in bought})}
        listed = [world.listed(id, f"{name} {i}") | changes.get(f"i{i}", {}) for i, id in ids.items()]
        found[f"amazon_reviews_2023/meta_{category}.jsonl"] = listed
        reviews = [world.review(user, ids[item], time) for user, item, time in bought]
        found[f"amazon_reviews_2023/{category}.jsonl"] = reviews
    return found


def history(row: dict[str, Any]) -> list[int]:
    return [int(item["product_id"][6:]) for item in row["items"] if item["role"] == "history"]


def options(row: dict[str, Any]) -> list[int]:
    return [int(item["product_id"][6:]) for item in row["items"] if item["role"] == "option"]


def target(row: dict[str, Any]) -> int:
    return options(row)["ABCDEFGHIJKLMNOPQRST".index(row["output"])]


def by_user(rows: list[dict[str, Any]], first: int) -> dict[str, dict[str, Any]]:
    """The rows of the user whose first purchase this is, by split."""
    return {row["split"]: row for row in rows if history(row)[0] == first}


@pytest.fixture(scope="module")
def crowd() -> list[tuple[str, int, int]]:
    """Five users who together buy items 100 to 139, eight each, and each item once: plenty to choose from."""
    return [(f"CROWD{u}", 100 + 8 * u + k, k) for u in range(5) for k in range(8)]


@pytest.fixture(scope="module")
def made(make: Any, world: Any, crowd: list[tuple[str, int, int]]) -> Any:
    bought = [("ANNE", i, i) for i in (1, 2, 3, 4, 5, 6)]
    bought += [("TIE", 20, 0), ("TIE", 24, 1), ("TIE", 22, 1), ("TIE", 23, 1), ("TIE", 21, 1)]
    bought += [
        ("AGAIN", 30, 0),
        ("AGAIN", 31, 1),
        ("AGAIN", 32, 2),
        ("AGAIN", 33, 3),
        ("AGAIN", 31, 9),
        ("AGAIN", 30, 8),
    ]
    bought += [("SHORT", 40, 0), ("SHORT", 41, 1), ("SHORT", 42, 2)]
    bought += [("LONG", 200 + i, i) for i in range(60)]
    return make(files(world, [*bought, *crowd]), "sr", core=1)


def test_the_last_purchase_is_for_testing_the_one_before_for_validation_and_one_more_for_training(made: Any) -> None:
    rows = by_user(made.of("sr_ind"), 1)
    assert {split: (history(row), target(row)) for split, row in rows.items()} == {
        "train": ([1, 2, 3], 4),
        "validation": ([1, 2, 3, 4], 5),
        "test": ([1, 2, 3, 4, 5], 6),
    }


def test_out_of_domain_asks_for_the_last_purchase_only(made: Any) -> None:
    assert {row["split"] for row in made.of("sr_ood")} == {"test"}
    assert target(by_user(made.of("sr_ood"), 1)["test"]) == 6


def test_there_are_twenty_candidates_of_which_the_user_bought_one(made: Any) -> None:
    bought = {1: range(1, 7), 20: range(20, 25), 200: range(200, 260)}
    for first, items in bought.items():
        for row in by_user(made.of("sr_ind"), first).values():
            assert len(set(options(row))) == 20
            assert set(options(row)) & set(items) == {target(row)}


def test_each_split_draws_candidates_of_its_own(made: Any) -> None:
    rows = by_user(made.of("sr_ind"), 1)
    assert len({tuple(sorted(options(row))) for row in rows.values()}) == 3


def test_the_right_one_stands_anywhere(made: Any) -> None:
    assert len({row["output"] for row in made.rows}) > 5


def test_purchases_at_one_time_stand_in_the_order_of_their_ids(made: Any) -> None:
    row = by_user(made.of("sr_ind"), 20)["test"]
    assert [*history(row), target(row)] == [20, 21, 22, 23, 24]


def test_of_a_repeated_purchase_the_earliest_counts(made: Any) -> None:
    row = by_user(made.of("sr_ind"), 30)["test"]
    assert [*history(row), target(row)] == [30, 31, 32, 33]
    assert made.dropped["sr_ind"]["repeat_review"] == 2


def test_a_target_without_a_history_is_no_sample(made: Any) -> None:
    assert set(by_user(made.of("sr_ind"), 40)) == {"test", "validation"}


def test_of_a_long_history_the_last_fifty_are_kept(made: Any) -> None:
    rows = {row["split"]: row for row in made.of("sr_ind") if history(row)[0] >= 200}
    assert [*history(rows["test"]), target(rows["test"])] == list(range(210, 260))
    assert target(rows["train"]) == 257


def test_the_input_counts_the_purchases(made: Any) -> None:
    lines = json.loads(by_user(made.of("sr_ind"), 1)["test"]["input"])
    assert lines[0] == "1st: Item 1. Tools. Hand Tools. Some Store."
    assert [line.partition(":")[0] for line in lines] == ["1st", "2nd", "3rd", "4th", "5th"]


def test_every_user_and_item_left_has_five_of_the_other(make: Any, world: Any) -> None:
    # Ten users of twenty of the items 0 to 39 are a core. FIRST goes as nobody else buys 50; then 40 has four buyers,
    # and its buyers, who had five items with it, go in the third round.
    core = [(f"CORE{u}", (4 * u + k) % 40, k) for u in range(10) for k in range(20)]
    chain = [("FIRST", i, i) for i in (0, 1, 2, 40, 50)]
    chain += [(f"NEXT{u}", i, i) for u in range(4) for i in (0, 1, 2, 3, 40)]
    made = make(files(world, [*core, *chain]), "sr", longest=10)
    assert made.dropped["sr_ind"]["below_5_core"] == len(chain)
    assert len(made.of("sr_ind", "test")) == 10
    assert all(i < 40 for row in made.rows for i in (*history(row), *options(row)))


def test_what_was_bought_long_ago_is_no_wrong_option(make: Any, world: Any, crowd: list[tuple[str, int, int]]) -> None:
    bought = [("ANNE", i, i) for i in range(1, 13)]
    made = make(files(world, [*bought, *crowd]), "sr", core=1, longest=5)
    annes = [row for row in made.of("sr_ind") if set(history(row)) <= set(range(1, 13))]
    assert [len(history(row)) for row in annes] == [2, 3, 4]
    assert all(set(options(row)) & set(range(1, 13)) == {target(row)} for row in annes)


def test_no_two_options_read_alike(make: Any, world: Any, crowd: list[tuple[str, int, int]]) -> None:
    bought = [("ANNE", i, i) for i in range(1, 7)]
    same = {f"i{i}": {"title": "The same"} for i in (6, *range(100, 112))}
    made = make(files(world, [*bought, *crowd], **same), "sr", core=1)
    shown = [[line.partition(": ")[2] for line in row["options"]] for row in made.of("sr_ind")]
    assert shown
    assert all(len(set(lines)) == 20 for lines in shown)


def test_an_interaction_is_left_out_for_a_reason(make: Any, world: Any, crowd: list[tuple[str, int, int]]) -> None:
    bought = [("ANNE", i, i) for i in range(1, 9)]
    wrong: dict[str, dict[str, Any]] = {"i1": {"parent_asin": None}, "i2": {"title": None}, "i3": {"images": []}}
    wrong["i4"] = {"title": "(new Date()).getTime()"}
    corpora = files(world, [*bought, *crowd], **wrong)
    corpora[f"amazon_reviews_2023/{TOOLS}.jsonl"][4]["timestamp"] = None
    made = make(corpora, "sr", core=1)
    assert made.dropped["sr_ind"] == {
        "no_metadata": 1,
        "no_title": 1,
        "no_picture_address": 1,
        "script_title": 1,
        "no_time": 1,
    }
    assert history(by_user(made.of("sr_ind"), 6)["test"]) == [6, 7]


def test_a_candidate_without_a_picture_gives_way_and_a_purchase_does_not(
    make: Any, world: Any, crowd: list[tuple[str, int, int]]
) -> None:
    gone = {f"i{i}": {"images": world.listed("x", picture=f"gone{i}")["images"]} for i in (*range(100, 110), 3)}
    bought = [*(("ANNE", i, i) for i in (1, 2, 3, 4, 5)), *(("BERT", i, i) for i in (11, 12, 13, 14, 15))]
    made = make(files(world, [*bought, *crowd], **gone), "sr", core=1)
    shown = {i for row in made.rows for i in (*history(row), *options(row))}
    assert not shown & {3, *range(100, 110)}
    assert all(len(options(row)) == 20 for row in made.rows)
    assert by_user(made.rows, 1) == {}
    assert set(by_user(made.of("sr_ind"), 11)) == {"train", "validation", "test"}
    assert made.dropped["sr_ind"]["picture_missing"] >= 3


def test_a_shop_with_too_few_items_to_choose_from_gives_no_sample(make: Any, world: Any) -> None:
    bought = [(user, 10 * u + i, i) for u, user in enumerate(("ANNE", "BERT")) for i in range(10)]
    made = make(files(world, bought), "sr", core=1, n_options=11)
    assert len(made.of("sr_ind", "test")) == 2
    with pytest.raises(Exception, match="few_candidates"):
        make(files(world, bought), "sr", core=1, n_options=12)


def test_the_text_of_a_product_is_cut_after_25_words(make: Any, world: Any, crowd: list[tuple[str, int, int]]) -> None:
    bought = [("ANNE", i, i) for i in (1, 2, 3, 4, 5)]
    long = " ".join(f"w{i}" for i in range(30))
    exact = " ".join(f"w{i}" for i in range(21))  # and four more: two levels of category, of two and one words
    changes = {"i1": {"title": long}, "i2": {"title": exact, "categories": ["Hand Tools", "Saws"], "store": "Acme"}}
    made = make(files(world, [*bought, *crowd], **changes), "sr", core=1)
    lines = json.loads(by_user(made.of("sr_ind"), 1)["test"]["input"])
    assert lines[0] == "1st: " + " ".join(f"w{i}" for i in range(25)) + "..."
    assert lines[1] == f"2nd: {exact}. Hand Tools. Saws. Acme."


def test_the_brand_is_that_of_the_details_before_that_of_the_store(
    make: Any, world: Any, crowd: list[tuple[str, int, int]]
) -> None:
    bought = [("ANNE", i, i) for i in (1, 2, 3, 4, 5)]
    made = make(files(world, [*bought, *crowd], i1={"details": {"Brand": "Bosch"}}), "sr", core=1)
    brands = Counter(item["brand"] for item in by_user(made.of("sr_ind"), 1)["test"]["items"])
    assert brands["Bosch"] == 1
    assert brands["Some Store"] > 1
