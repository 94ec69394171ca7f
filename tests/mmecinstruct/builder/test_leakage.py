"""Planted leaks are found, all of them, and nothing else is; `disjoint` refuses what the report would name."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from mmecinstruct.builder.features import row_of, sample_features
from mmecinstruct.builder.leakage import leakage
from mmecinstruct.builder.seen import UNITS, Seen
from mmecinstruct.builder.writer import SplitWriter
from mmecinstruct.schema import Draft, Item, Sample

TASKS = {"sa": "sentiment_analysis", "psi": "product_substitute_identification"}
CONFIGS = ["sa_ind", "sa_ood", "psi_ind"]
REVIEW = "My wife found this mug by chance, quite heavy, just what our office kitchen lacks"
N_GRAMS = len(REVIEW.replace(",", "")) - 4  # none comes twice


class Building:
    """What the build does with a sample, without the corpora: into `seen`, and into Parquet if it may."""

    def __init__(self, out: Path, disjoint: tuple[str, ...] = ()) -> None:
        self.out = out
        out.mkdir(parents=True, exist_ok=True)
        self.seen = Seen(out / "seen.sqlite", disjoint)
        self.rows: dict[tuple[str, str], list[dict[str, Any]]] = {}

    def add(self, id: str, text: str, **units: str) -> str:
        """Add a sample whose product, picture, query and user are its own unless they are given."""
        config, split, _ = id.split("-")
        abbr, domain = config.split("_")
        item = Item(
            "product", units.get("product", f"product of {id}"), "Mug", picture=units.get("picture", f"of {id}")
        )
        sample: Any = Sample(id, TASKS[abbr], domain, split, {}, (item,), "A", ("A: Very positive",))  # type: ignore[arg-type]
        query, user = units.get("query", f"query of {id}"), units.get("user", f"user of {id}")
        reason = self.seen.reject(sample, text, Draft(id, {}, (), "A", (), query=query, user=user))
        if not reason:
            self.rows.setdefault((config, split), []).append(row_of(sample, text))
        return reason

    def report(self, configs: list[str] = CONFIGS) -> dict[str, Any]:
        for (config, split), rows in self.rows.items():
            writer = SplitWriter(self.out, config, split, sample_features(False))
            for row in rows:
                writer.add(row, 1)
            writer.close()
        self.rows = {}
        return leakage(self.out, self.seen, configs)


@pytest.fixture
def building(tmp_path: Path) -> Building:
    return Building(tmp_path / "out")


LEAKS = [
    ("text", "t", {}),
    ("product", "u", {"product": "P"}),
    ("picture", "u", {"picture": "sha"}),
    ("user", "u", {"user": "U"}),
    ("query_product", "u", {"query": "Q", "product": "P"}),
]


@pytest.mark.parametrize(("unit", "text", "units"), LEAKS)
def test_an_exact_leak_is_found_in_its_unit(building: Building, unit: str, text: str, units: dict[str, str]) -> None:
    shared = {"product": "P", "picture": "sha", "user": "U", "query": "Q"}
    building.add("sa_ind-train-a", "t", **shared)
    building.add("psi_ind-train-b", "another text")
    building.add("psi_ind-test-c", text, **units)
    building.add("psi_ind-test-d", "a text of its own")
    exact = building.report()["splits"]["psi_ind/test"]["exact"]
    assert exact[unit] == {
        "any_task": 1,
        "same_task": 0,
        "examples": [{"row": "psi_ind-test-c", "train_row": "sa_ind-train-a"}],
    }
    assert {name for name in UNITS if exact[name]["any_task"]} == {unit, *units} - {"query"}


def test_all_of_many_exact_leaks_are_counted_and_twenty_shown(building: Building) -> None:
    for i in range(40):
        building.add(f"sa_ind-train-{i:02}", f"training {i}", product=f"P{i}", user=f"U{i % 3}")
    for i in range(60):
        building.add(f"sa_ood-test-{i:02}", f"evaluated {i}", product=f"P{i}", user=f"U{i}")
    report = building.report()
    exact = report["splits"]["sa_ood/test"]["exact"]
    assert (exact["product"]["same_task"], exact["user"]["same_task"], exact["text"]["any_task"]) == (40, 3, 0)
    assert len(exact["product"]["examples"]) == 20
    assert {"row": "sa_ood-test-07", "train_row": "sa_ind-train-07"} in exact["product"]["examples"]
    assert report["summary"] | {"product": 40, "user": 3, "sample": 0} == report["summary"]


def test_a_training_row_of_the_same_task_is_named_first(building: Building) -> None:
    building.add("psi_ind-train-a", "one", user="U")
    building.add("sa_ind-train-b", "two", user="U")
    building.add("sa_ind-validation-c", "three", user="U")
    user = building.report()["splits"]["sa_ind/validation"]["exact"]["user"]
    assert user["examples"] == [{"row": "sa_ind-validation-c", "train_row": "sa_ind-train-b"}]
    assert (user["any_task"], user["same_task"]) == (1, 1)


def test_what_evaluated_rows_share_among_themselves_is_no_leak(building: Building) -> None:
    building.add("sa_ind-validation-a", "the same words in both", user="U", product="P")
    building.add("sa_ind-test-b", "the same words in both.", user="U", product="P")
    assert not any(building.report()["summary"].values())


def test_near_duplicates_are_reported_for_each_split_with_the_nearest_training_row(building: Building) -> None:
    text = REVIEW
    building.add("sa_ind-train-a", f"{text} and there is little to add")
    building.add("sa_ind-train-b", f"{text} again")
    building.add("sa_ind-test-c", text)
    building.add("sa_ood-test-d", "A lamp that I bought for the garden")
    splits = building.report()["splits"]
    near = splits["sa_ind/test"]["near_duplicate_text"]
    expected = round(N_GRAMS / (N_GRAMS + len(" again")), 4)
    assert near["examples"] == [{"row": "sa_ind-test-c", "train_row": "sa_ind-train-b", "similarity": expected}]
    assert (near["rows"], near["pairs"]) == (1, 2)
    assert splits["sa_ood/test"]["near_duplicate_text"] == {"rows": 0, "pairs": 0, "examples": []}


def test_ood_is_compared_with_the_training_of_its_own_task(building: Building) -> None:
    text = REVIEW
    building.add("sa_ind-train-a", text)
    building.add("sa_ood-test-b", f"{text}!")
    building.add("psi_ind-test-c", f"{text}!")
    splits = building.report()["splits"]
    assert splits["sa_ood/test"]["near_duplicate_text"]["rows"] == 1
    assert splits["psi_ind/test"]["near_duplicate_text"]["rows"] == 0


def test_many_copies_of_one_text_count_rows_and_cap_pairs(building: Building) -> None:
    for i in range(150):
        building.add(f"sa_ind-train-{i:03}", "A mug for the office, blue" + "!" * i)
        building.add(f"sa_ind-test-{i:03}", "A mug for the office; blue" + "!" * i)
    near = building.report()["splits"]["sa_ind/test"]["near_duplicate_text"]
    assert (near["rows"], near["pairs"], len(near["examples"])) == (150, 150 * 100, 20)


def test_a_build_of_one_task_without_evaluation_reports_nothing(building: Building) -> None:
    building.add("sa_ind-train-a", "only training")
    report = building.report(["sa_ind"])
    assert report["splits"] == {}
    assert not any(report["summary"].values())


def test_a_build_without_training_shares_nothing_with_it(building: Building) -> None:
    building.add("sa_ood-test-a", "only evaluation")
    report = building.report(["sa_ood"])
    assert report["splits"]["sa_ood/test"]["rows"] == 1
    assert not any(report["summary"].values())


def test_the_report_is_the_same_whenever_it_is_made(tmp_path: Path) -> None:
    reports = []
    for name in ("one", "two"):
        building = Building(tmp_path / name)
        for i in range(30):
            building.add(f"sa_ind-train-{i}", f"{REVIEW} {i * 7919}", user=f"U{i % 5}")
            building.add(f"sa_ind-test-{i}", f"{i * 7919} {REVIEW}", user=f"U{i % 7}")
        reports += [json.dumps(building.report()), json.dumps(building.report())]
    assert len(set(reports)) == 1
    assert json.loads(reports[0])["summary"]["near_duplicate_text"] == 30


@pytest.mark.parametrize(("unit", "text", "units"), LEAKS)
def test_disjoint_refuses_what_training_has_and_nothing_else(
    tmp_path: Path, unit: str, text: str, units: dict[str, str]
) -> None:
    building = Building(tmp_path, disjoint=(unit,))
    building.add("sa_ind-train-a", "t", product="P", picture="sha", user="U", query="Q")
    everything_else = {"product": "P", "picture": "sha", "user": "U", "query": "Q"}
    for name in units if unit != "query_product" else ("query",):
        del everything_else[name]
    assert building.add("psi_ind-test-b", text, **units) == f"{unit}_in_train"
    assert building.add("psi_ind-test-c", "t" if unit != "text" else "another", **everything_else) == ""
    assert building.add("sa_ind-train-d", "more training", **units) == ""
    assert building.report()["summary"][unit] == 0


def test_disjoint_in_every_unit_leaves_nothing_to_report(tmp_path: Path) -> None:
    building = Building(tmp_path, disjoint=UNITS)
    chance = random.Random(3)
    splits = [("train", 40), ("validation", 40), ("test", 40)]
    refused = [
        bool(
            building.add(
                f"sa_ind-{split}-{i}",
                f"{split} {i}",
                product=f"P{chance.randrange(200)}",
                user=f"U{chance.randrange(300)}",
            )
        )
        for split, n in splits
        for i in range(n)
    ]
    report = building.report()
    assert 0 < sum(refused) < 60
    assert not any(report["summary"][unit] for unit in UNITS)
