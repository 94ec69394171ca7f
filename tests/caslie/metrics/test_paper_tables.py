"""Every row of Tables A7 and A10 comes out of answers that could have made it, scored by our metrics."""

import pytest

from caslie.metrics import measure, score
from caslie.paper.reconstruction import SCORES, Policy, fits, reconstruct
from caslie.paper.tables import Table, table

N_YES = {("A7", "ap_ind"): 682, ("A7", "ap_ood"): 626, ("A10", "psi_ind"): 226}  # of 1,000, for all systems
ROWS = [
    pytest.param(number, config, row.labels, id="-".join([config, *filter(None, row.labels)]))
    for number, config in N_YES
    for row in table(number).rows
]


def printed(source: Table, labels: tuple[str, ...], config: str) -> dict[str, float]:
    return {metric: source.value(labels, config, metric) or 0.0 for metric in (*SCORES, "n_failed")}


def test_the_tables_are_complete() -> None:
    assert len(ROWS) == 14 + 14 + 14


@pytest.mark.parametrize(("number", "config", "labels"), ROWS)
def test_a_printed_row_comes_out_of_whole_numbers(number: str, config: str, labels: tuple[str, ...]) -> None:
    row = printed(table(number), labels, config)
    [counts] = reconstruct(row, [N_YES[number, config]])
    scored = score(config.partition("_")[0], *counts.answers())
    assert fits(scored.excluded, row)
    assert scored.n_failed == row["n_failed"]


@pytest.mark.parametrize(("policy", "n"), [("excluded", 1), ("wrong", 0)])
def test_the_printed_scores_leave_failed_rows_out(policy: Policy, n: int) -> None:
    row = printed(table("A7"), ("ft-LLaVA-NExT-Interleave", ""), "ap_ind")
    assert row["n_failed"] == 11
    assert len(reconstruct(row, [682], policy=policy)) == n
    assert measure("ap").primary == "f1"
