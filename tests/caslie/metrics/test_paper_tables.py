"""Every row of Tables A7 and A10 comes out of answers that could have made it.

`tables_a7_a10.csv` holds the printed numbers, with the columns named for what they are: A7 heads precision with M-Rec
and recall with M-Pre, and both tables call the scores of `yes` macro. With the number of
right `yes` known, whole numbers of hits and false alarms are searched for that round to all four scores of a row.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from caslie.metrics import TaskScores, measure, score

TABLES = Path(__file__).parents[2] / "fixtures" / "tables_a7_a10.csv"
COLUMNS = ("accuracy", "precision", "recall", "f1")
N_YES = {("ap", "ind"): 682, ("ap", "ood"): 626, ("psi", "ind"): 226}  # of 1,000: the same for all models of a table

with TABLES.open(encoding="utf-8", newline="") as lines:
    PRINTED = [
        pytest.param(row, id="-".join([row["task"], row["domain"], row["model"]])) for row in csv.DictReader(lines)
    ]


def near(share: float, whole: int) -> range:
    """The counts whose share of the whole rounds to what is printed, and a few more."""
    middle = round(share * whole)
    return range(max(0, middle - 2), min(whole, middle + 2) + 1)


def answers(row: dict[str, str]) -> Iterator[tuple[list[str], list[str | None]]]:
    """Yield references and predictions whose recall and precision are about those printed."""
    n_yes, n_failed = N_YES[row["task"], row["domain"]], int(row["n_failed"])
    precision, recall = float(row["precision"]), float(row["recall"])
    for failed_yes in range(n_failed + 1):
        true = n_yes - failed_yes
        false = 1000 - n_failed - true
        for hits in near(recall, true):
            about = round(hits / precision) - hits
            for alarms in range(max(0, about - 2), min(false, about + 2) + 1):
                predictions: list[str | None] = ["yes"] * hits + ["no"] * (true - hits) + [None] * failed_yes
                predictions += ["yes"] * alarms + ["no"] * (false - alarms) + [None] * (n_failed - failed_yes)
                yield ["yes"] * n_yes + ["no"] * (1000 - n_yes), predictions


def rounds_to(scores: dict[str, float], row: dict[str, str]) -> bool:
    return all(abs(scores[column] - float(row[column])) <= 0.0005 + 1e-9 for column in COLUMNS)


def matching(row: dict[str, str]) -> list[TaskScores]:
    tried = (score(row["task"], *table) for table in answers(row))
    return [scores for scores in tried if rounds_to(scores.excluded, row)]


def test_the_tables_are_complete() -> None:
    assert len(PRINTED) == 14 + 14 + 14


@pytest.mark.parametrize("row", PRINTED)
def test_a_printed_row_comes_out_of_whole_numbers(row: dict[str, str]) -> None:
    found = matching(row)
    assert len(found) == 1
    assert found[0].n_failed == int(row["n_failed"])


def test_the_printed_scores_leave_failed_rows_out() -> None:
    row = PRINTED[0].values[0]
    assert isinstance(row, dict)
    found = [score("ap", *table) for table in answers(row)]
    assert any(rounds_to(scores.excluded, row) for scores in found)
    assert not any(rounds_to(scores.wrong, row) for scores in found)
    assert measure("ap").primary == "f1"
