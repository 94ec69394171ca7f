"""CC: MAVE's categories by rank, and twenty options of the same ranks."""

import json
from collections import Counter
from typing import Any

import pytest

from mmecinstruct.builder.plan import plan
from mmecinstruct.config import Recipe
from mmecinstruct.errors import RecipeError

# Categories with so many products each, in order of rank; Drills and Files tie, and the name decides.
RANKED = {"Hammers": 9, "Saws": 8, "Drills": 5, "Files": 5, "Rasps": 3, "Awls": 1}


def labelled(category: str, i: int) -> str:
    return f"B0{category[:3].upper()}{i:05d}"


@pytest.fixture(scope="module")
def made(make: Any, world: Any) -> Any:
    labels = [{"id": labelled(c, i), "category": c, "attributes": []} for c, n in RANKED.items() for i in range(n)]
    negatives = [
        *labels[:3],
        {"id": "B0TWO00000", "category": "Rasps"},
        {"id": labelled("Awls", 0), "category": "Awls"},
    ]
    negatives += [{"id": "B0TWO00000", "category": "Awls"}]
    changes = {
        labelled("Hammers", 1): {"title": "var x = new Date().getTime();"},
        labelled("Hammers", 2): {"title": ""},
    }
    listed = [
        world.listed(one["id"]) | changes.get(one["id"], {}) for one in labels if one["id"] != labelled("Saws", 1)
    ]
    for one in listed:
        if one["parent_asin"] == labelled("Saws", 2):
            one["images"] = []
    files = {"mave/mave_positives_labels.jsonl": labels, "mave/mave_negatives_labels.jsonl": negatives}
    files["amazon_reviews_2023/meta_Any.jsonl"] = listed
    return make(files, "cc", ind_ranks=[1, 3], ood_ranks=[4, 5], n_options=2)


def answers(rows: list[dict[str, Any]]) -> Counter[str]:
    return Counter(row["options"]["ABCDEFGHIJKLMNOPQRST".index(row["output"])].partition(": ")[2] for row in rows)


def test_the_most_frequent_categories_are_in_domain(made: Any) -> None:
    assert answers(made.of("cc_ind")) == {"Hammers": 7, "Saws": 6, "Drills": 5}


def test_the_next_categories_are_out_of_domain_and_only_for_testing(made: Any) -> None:
    assert answers(made.of("cc_ood")) == {"Files": 5, "Rasps": 3}
    assert {row["split"] for row in made.of("cc_ood")} == {"test"}


def test_the_options_are_the_categories_of_the_same_ranks(made: Any) -> None:
    for config, names in (("cc_ind", {"Hammers", "Saws", "Drills"}), ("cc_ood", {"Files", "Rasps"})):
        for row in made.of(config):
            shown = {line.partition(": ")[2] for line in row["options"]}
            assert len(shown) == 2
            assert shown <= names


def test_a_product_that_is_left_out_is_counted_once(made: Any) -> None:
    assert made.dropped["cc_ind"] == {
        "two_categories": 1,
        "other_rank": 9,  # Files, Rasps, Awls
        "no_title": 2,  # an empty one, and one without metadata
        "script_title": 1,
        "no_picture_address": 1,
    }


def test_the_question_is_the_title_alone(made: Any) -> None:
    row = made.of("cc_ood")[0]
    assert json.loads(row["input"]) == {"title": row["items"][0]["title"]}


def test_there_are_twenty_options_where_there_are_enough(make: Any, world: Any) -> None:
    labels = [{"id": f"B0{c:03d}{i:05d}", "category": f"Category {c}"} for c in range(30) for i in range(10)]
    files = {"mave/mave_positives_labels.jsonl": labels}
    files["amazon_reviews_2023/meta_Any.jsonl"] = [world.listed(one["id"]) for one in labels]
    made = make(files, "cc", ind_ranks=[1, 25], ood_ranks=[26, 30])
    for row in made.of("cc_ind"):
        assert [line[:3] for line in row["options"]] == [f"{letter}: " for letter in "ABCDEFGHIJKLMNOPQRST"]
        assert len(set(line[3:] for line in row["options"])) == 20
        title = row["items"][0]["product_id"]
        assert answers([row]) == {f"Category {int(title[2:5])}": 1}
    assert len({row["output"] for row in made.of("cc_ind")}) == 20
    assert len({tuple(sorted(line[3:] for line in row["options"])) for row in made.of("cc_ind")}) > 200
    n = Counter(row["split"] for row in made.of("cc_ind"))
    assert n["train"] == pytest.approx(200, abs=20)
    assert n["validation"] == pytest.approx(25, abs=12)
    # Five categories make no twenty options.
    assert made.of("cc_ood") == []
    assert made.dropped["cc_ood"]["few_options"] == 50


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"n_options": 1}, "from 2 to 26"),
        ({"n_options": 27}, "from 2 to 26"),
        ({"ind_ranks": [0, 20]}, "from 1 on"),
        ({"ood_ranks": [40, 21]}, "from 1 on"),
        ({"ind_ranks": [1, 21], "ood_ranks": [21, 40]}, "overlap"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, Any], why: str) -> None:
    with pytest.raises(RecipeError, match=why):
        plan(Recipe("odd", tasks={"cc": options}))
