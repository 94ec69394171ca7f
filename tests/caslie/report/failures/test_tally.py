"""Labels counted, suggestions apart, and how far the two agree."""

import random

import pytest

from caslie.report.failures.classes import classes
from caslie.report.failures.sheet import SheetRow
from caslie.report.failures.tally import tally
from mmecinstruct.looking.verdicts import wilson

HARD, CONFLICT = "hard cases", "context conflict"


def row(label: str, suggestion: str = HARD) -> SheetRow:
    return SheetRow("id", "ap_ind", "", "yes", "no", "no", "", suggestion, "", label)


def test_labels_are_counted_with_intervals_and_suggestions_apart() -> None:
    found = tally([row(HARD), row(HARD, CONFLICT), row(CONFLICT), row("", CONFLICT)])
    counts = {one.name: one for one in found.classes}
    assert (counts[HARD].n, counts[HARD].n_suggested, counts[HARD].printed) == (2, 2, 0.34)
    share = counts[HARD].share
    assert share
    assert (share.value, share.low, share.high) == (2 / 3, *wilson(2, 3))
    assert (counts[CONFLICT].n, counts[CONFLICT].n_suggested) == (1, 2)
    assert (found.n_labelled, found.n_unlabelled) == (3, 1)


def test_suggestions_alone_are_no_labels() -> None:
    found = tally([row("")] * 5)
    assert all(one.n == 0 and one.share is None for one in found.classes)
    assert (found.n_labelled, found.n_unlabelled, found.agreed) == (0, 5, None)


def test_the_classes_are_the_paper_s_in_its_order() -> None:
    assert [one.name for one in tally([]).classes] == [one.name for one in classes()]


def test_agreement_is_over_rows_with_both() -> None:
    rows = [row(HARD)] * 4 + [row(CONFLICT, CONFLICT)] * 3 + [row(CONFLICT)] * 2 + [row(HARD, CONFLICT)]
    found = tally([*rows, row(HARD, ""), row("")]).agreed
    assert found
    assert (found.share, found.n) == (0.7, 10)
    assert found.kappa == pytest.approx((0.7 - 0.5) / 0.5)  # 5 of 10 labels and 6 of 10 suggestions are hard cases


def test_kappa_is_none_where_both_say_one_thing_always() -> None:
    found = tally([row(HARD)] * 3).agreed
    assert found
    assert (found.share, found.kappa) == (1.0, None)


def test_kappa_equals_scikit_learn_s() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    dice, names = random.Random(1), [one.name for one in classes()]
    for _ in range(20):
        rows = [row(dice.choice(names), dice.choice(names[:3])) for _ in range(30)]
        found = tally(rows).agreed
        assert found
        expected = metrics.cohen_kappa_score([one.label for one in rows], [one.suggestion for one in rows])
        assert found.kappa == pytest.approx(expected)
