"""The printed tables as data: what can be looked up, and what the reader refuses."""

import pytest

from caslie.metrics import measure
from caslie.paper.paper import BY_TASK, CONFIGS, IND
from caslie.paper.tables import Column, numbers, printed_tables, read_tables, table
from caslie.paper.text import read_sayings
from mmecinstruct.errors import UnknownNameError

GOOD = """
- number: "9"
  caption: a table
  unit: percent
  heads: [system]
  columns:
    - [ap_ind, AP, f1]
    - [sr_ind, SR, recall_at_1]
  rows:
    - [ours, 45.5, null]
"""


def test_tables_come_in_the_order_of_the_paper() -> None:
    assert numbers()[:6] == ("3", "4", "4 (caption used)", "4 (imprv over best)", "5", "6")
    assert numbers()[6:] == ("A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "A10", "A11", "A12", "A13", "E.3")


@pytest.mark.parametrize(
    ("number", "labels", "config", "metric", "value"),
    [
        ("4", ("CASLIE-M",), "ap_ind", "f1", 0.891),
        ("4 (caption used)", ("caption used",), "sr_ood", "caption_used", 0.304),
        ("A5", ("caption and title",), "cc_ind", "jaccard", 0.17),
        ("6", ("uniM3", "-S"), "sr_ind", "recall_at_1", 0.191),
        ("A7", ("CASLIE-M", "EC3-CQE-uniM3"), "ap_ind", "precision", 0.863),
        ("A7", ("ft-LLaVA-NExT-Interleave", ""), "ap_ood", "n_failed", 13),
        ("3", ("PST, MPC",), "ood", "n_samples", None),
        ("A2", ("Others",), "all", "share", 0.0518),
    ],
)
def test_numbers_are_looked_up_as_shares_and_counts(
    number: str, labels: tuple[str, ...], config: str, metric: str, value: float | None
) -> None:
    assert table(number).value(labels, config, metric) == value


def test_a_column_says_what_was_printed_and_what_it_is() -> None:
    assert table("A7").columns[1:3] == (Column("ap_ind", "M-Rec", "precision"), Column("ap_ind", "M-Pre", "recall"))


@pytest.mark.parametrize(("task", "number"), BY_TASK.items())
def test_tables_of_a_task_have_the_columns_of_its_measure(task: str, number: str) -> None:
    for config in {column.config for column in table(number).columns}:
        metrics = {column.metric for column in table(number).columns if column.config == config}
        assert metrics == {*measure(task).columns, "n_failed"}


def test_tables_of_primary_numbers_have_each_config_once() -> None:
    assert tuple(column.config for column in table("4").columns) == CONFIGS
    assert {tuple(column.config for column in table(number).columns) for number in ("5", "A3", "A4")} == {IND}


def test_every_row_has_as_many_labels_and_numbers_as_its_table() -> None:
    for one in printed_tables().values():
        shapes = {(len(row.labels), len(row.values)) for row in one.rows}
        assert shapes == {(len(one.heads), len(one.columns))}


def test_every_share_is_one() -> None:
    found = [
        value
        for one in printed_tables().values()
        for row in one.rows
        for column, value in zip(one.columns, row.values, strict=True)
        if column.metric not in ("n_failed", "n_samples") and value is not None
    ]
    assert len(found) > 700
    assert all(-0.01 <= value <= 1 for value in found)


def test_unknown_names_are_told_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"Unknown table 'A77'. Did you mean 'A7'"):
        table("A77")
    with pytest.raises(UnknownNameError, match=r"Unknown row of Table 4 'CASLIE'. Did you mean 'CASLIE-"):
        table("4").row(("CASLIE",))
    with pytest.raises(UnknownNameError, match="Unknown column of Table 4 'ap_ind accuracy'"):
        table("4").value(("CASLIE-M",), "ap_ind", "accuracy")


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("a7", "A7"),
        ("Table A7", "A7"),
        ("table 4", "4"),
        ("e.3", "E.3"),
        ("4, caption used", "4 (caption used)"),
        ("Table 4 (Imprv over best)", "4 (imprv over best)"),
    ],
)
def test_a_table_is_found_as_people_write_it(written: str, number: str) -> None:
    assert table(written).number == number


def test_the_names_of_tables_hold_no_comma_that_would_part_them() -> None:
    with pytest.raises(UnknownNameError, match=r"Available: 3, 4, 4 \(caption used\), 4 \(imprv over best\), 5, 6, A"):
        table("A1")


def test_percentages_are_read_as_shares() -> None:
    [one] = read_tables(GOOD)
    assert one.rows[0].values == (0.455, None)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("unit: percent", "unit: points", "unknown unit 'points'"),
        ("  caption: a table\n", "", "a table must have caption, columns"),
        ("[ours, 45.5, null]", "[ours, 45.5]", "a row is 1 labels and 2 numbers"),
        ("[ours, 45.5, null]", "[ours, 45.5, yes]", "a row is 1 labels and 2 numbers"),
        ("[ours, 45.5, null]", "[7, 45.5, null]", "a row is 1 labels and 2 numbers"),
        ("[sr_ind, SR, recall_at_1]", "[sr_ind, SR]", "a column is its config, its head and its metric"),
        ("[sr_ind, SR, recall_at_1]", "[ap_ind, SR, f1]", "a column stands there twice"),
        ("- [ours, 45.5, null]", "- [ours, 45.5, null]\n    - [ours, 1, 2]", "a row stands there twice"),
    ],
)
def test_a_table_that_is_not_as_it_should_be_is_refused(old: str, new: str, reason: str) -> None:
    assert old in GOOD
    with pytest.raises(ValueError, match=reason):
        read_tables(GOOD.replace(old, new))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('a: {where: "1", percent: 6.4, words: about 6.5%}', "6.4 does not stand in"),
        ('a: {where: "1"}', "not where, words"),
        ('a: {where: "1", words: x, page: 3}', "not where, words"),
        ("a: {where: 1, words: x}", "where and words are texts"),
    ],
)
def test_a_saying_that_is_not_as_it_should_be_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_sayings(text)
