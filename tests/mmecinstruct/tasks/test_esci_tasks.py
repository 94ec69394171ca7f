"""PSI and MPC: the same judged pairs of Shopping Queries, in two words and in four."""

import json
from collections import Counter
from typing import Any

import pytest

LABELS = {"E": "Exact", "S": "Substitute", "C": "Complement", "I": "Irrelevant"}


def judge(i: int, label: str = "E", query: str = "red coffee mugs for the office", **more: Any) -> dict[str, Any]:
    """A judgement in the joined rows of tasksource/esci."""
    row = {"example_id": i, "query": query, "query_id": i, "product_id": f"B0MUG{i:05d}", "product_locale": "us"}
    row |= {"esci_label": label, "split": "train", "product_title": f"A red coffee mug with a handle, number {i}"}
    return row | {"product_brand": "Acme"} | more


@pytest.fixture(scope="module")
def files(world: Any) -> dict[str, list[dict[str, Any]]]:
    good = [judge(i, label) for i, label in enumerate("ESCI")]
    good += [judge(10 + i, label, split="test") for i, label in enumerate(["Substitute", "Irrelevant"] * 30)]
    odd = [
        judge(100, product_locale="es"),
        judge(101, query="tazas rojas de café con rayas para la oficina y la cocina"),
        judge(102, product_title="Taza roja de café con asa para la oficina, juego de tres piezas"),
        judge(103, label="X"),
        judge(104, split="dev"),
        judge(105, product_title=""),
        judge(106, product_id="B0NOWHERE0"),
        judge(107, query="<br>"),
        judge(
            108,
            query="café mugs for the kitchen counter",
            product_title="A café mug™ &amp; lid for the kitchen counter",
        ),
    ]
    listed = [world.listed(one["product_id"]) for one in (*good, *odd) if one["product_id"] != "B0NOWHERE0"]
    return {"shopping_queries/esci_some.csv": [*good, *odd], "amazon_reviews_2023/meta_Any.jsonl": listed}


@pytest.fixture(scope="module")
def psi(make: Any, files: Any) -> Any:
    return make(files, "psi")


@pytest.fixture(scope="module")
def mpc(make: Any, files: Any) -> Any:
    return make(files, "mpc")


def answers(rows: list[dict[str, Any]]) -> dict[str, str]:
    return {row["items"][0]["product_id"]: row["output"] for row in rows}


def test_only_a_substitute_is_a_substitute(psi: Any) -> None:
    found = answers(psi.of("psi_ind", "train"))
    assert [found[f"B0MUG0000{i}"] for i in range(4)] == ["no", "yes", "no", "no"]


def test_each_label_has_its_letter(mpc: Any) -> None:
    found = answers(mpc.of("mpc_ind", "train"))
    assert [found[f"B0MUG0000{i}"] for i in range(4)] == ["A", "B", "C", "D"]


def test_labels_may_be_spelled_out(psi: Any, mpc: Any) -> None:
    for row in psi.of("psi_ind"):
        i = int(row["items"][0]["product_id"][5:])
        if 10 <= i < 100:
            assert row["output"] == ("yes" if i % 2 == 0 else "no")
    assert {row["output"] for row in mpc.of("mpc_ind", "test")} == {"B", "D"}


def test_the_test_part_is_halved_into_validation_and_test(psi: Any) -> None:
    validation, test = (answers(psi.of("psi_ind", split)) for split in ("validation", "test"))
    assert len(validation) + len(test) == 60
    assert 15 <= len(test) <= 45
    assert not validation.keys() & test.keys()
    assert all(int(id[5:]) >= 10 for id in (*validation, *test))


def test_the_two_tasks_halve_it_each_in_its_own_way(psi: Any, mpc: Any) -> None:
    assert answers(psi.of("psi_ind", "test")).keys() != answers(mpc.of("mpc_ind", "test")).keys()


@pytest.mark.parametrize("abbr", ["psi", "mpc"])
def test_a_judgement_is_left_out_for_a_reason(abbr: str, request: pytest.FixtureRequest) -> None:
    made = request.getfixturevalue(abbr)
    assert made.dropped[f"{abbr}_ind"] == {
        "other_locale": 1,
        "unknown_label": 1,
        "unknown_split": 1,
        "no_title": 1,
        "no_picture_address": 1,
        "not_english": 2,
        "no_text": 1,
    }


def test_query_and_title_are_folded_to_ascii(mpc: Any) -> None:
    (row,) = [row for row in mpc.rows if row["items"][0]["product_id"] == "B0MUG00108"]
    shown = json.loads(row["input"])
    assert shown == {
        "query": "cafe mugs for the kitchen counter",
        "product title": "A cafe mugTM & lid for the kitchen counter",
    }


def test_there_is_no_other_domain(psi: Any, mpc: Any) -> None:
    assert {row["config"] for row in (*psi.rows, *mpc.rows)} == {"psi_ind", "mpc_ind"}


def test_options_are_asked_of_one_task_only(psi: Any, mpc: Any) -> None:
    assert Counter(len(row["options"]) for row in psi.rows).keys() == {0}
    assert Counter(len(row["options"]) for row in mpc.rows).keys() == {4}
