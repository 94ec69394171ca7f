"""Two systems on the same rows: against scipy, by hand, and the laws that any comparison keeps."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from caslie.evaluation.outcomes import Difference
from caslie.evaluation.pairs import mcnemar, pair
from caslie.metrics import MEASURES, AnswersError, measure, score

BY_TASK = pytest.mark.parametrize("abbr", [one.abbr for one in MEASURES])


def drawn(abbr: str, n: int, seed: int, *right: float) -> tuple[list[str], ...]:
    rng, answers = random.Random(seed), measure(abbr).answers[:6]
    references = [rng.choice(answers) for _ in range(n)]
    return references, *[
        [one if rng.random() < share else rng.choice(["", *answers]) for one in references] for share in right
    ]


@settings(deadline=None)
@given(st.integers(0, 300), st.integers(0, 300))
def test_mcnemar_is_scipys_binomial_test(only_mine: int, only_other: int) -> None:
    n = only_mine + only_other
    expected = binomtest(only_mine, n, 0.5).pvalue if n else 1.0
    assert mcnemar(only_mine, only_other) == pytest.approx(expected, rel=1e-9)


@BY_TASK
def test_values_are_differences_of_the_metrics(abbr: str) -> None:
    references, mine, other = drawn(abbr, 200, 1, 0.8, 0.5)
    found, primary = pair(abbr, references, mine, other, (1,)), measure(abbr).primary
    ours, theirs = score(abbr, references, mine), score(abbr, references, other)
    assert found.difference.value == pytest.approx(ours.excluded[primary] - theirs.excluded[primary])
    assert found.strict.value == pytest.approx(ours.wrong[primary] - theirs.wrong[primary])
    assert found.only_mine - found.only_other == pytest.approx(
        sum(a == b for a, b in zip(references, mine, strict=True))
        - sum(a == b for a, b in zip(references, other, strict=True))
    )


@BY_TASK
def test_a_much_better_system_is_told_apart_and_an_equal_one_is_not(abbr: str) -> None:
    references, good, bad, same = drawn(abbr, 400, 2, 0.9, 0.4, 0.9)
    apart, alike = pair(abbr, references, good, bad, (1,)), pair(abbr, references, good, same, (1,))
    assert apart.mcnemar < 0.001
    assert max(apart.difference.p, apart.strict.p) < 0.001
    assert apart.difference.low > 0
    assert alike.difference.low < 0 < alike.difference.high
    assert alike.difference.p > 0.05


@BY_TASK
def test_the_other_way_round_only_the_sign_changes(abbr: str) -> None:
    references, mine, other = drawn(abbr, 150, 3, 0.7, 0.6)
    one, back = (pair(abbr, references, *both, (1,), 20_000) for both in ((mine, other), (other, mine)))
    assert (one.only_mine, one.only_other, one.mcnemar) == (back.only_other, back.only_mine, back.mcnemar)
    assert one.difference.value == pytest.approx(-back.difference.value)
    assert (one.difference.low, one.difference.high) == pytest.approx(
        (-back.difference.high, -back.difference.low), abs=0.01
    )


def test_a_system_against_itself_differs_in_nothing() -> None:
    references, mine = drawn("sr", 100, 4, 0.5)
    found = pair("sr", references, mine, mine, (1,))
    assert (found.only_mine, found.only_other, found.mcnemar) == (0, 0, 1.0)
    assert found.difference.value == 0
    assert found.difference.low < 0 < found.difference.high  # a hundred rows do not prove that they never differ
    assert found.difference.p > 0.5


def test_pairing_makes_intervals_narrower_than_two_systems_apart() -> None:
    """Of 1,000 rows 500 are right in both and 20 in one alone: the others say nothing of the difference."""
    references, other = ["A"] * 1000, ["A"] * 500 + ["B"] * 500
    mine = ["A"] * 520 + ["B"] * 480
    found = pair("sr", references, mine, other, (1,)).difference
    assert found == Difference(pytest.approx(0.02), pytest.approx(0.0121, abs=1e-3), pytest.approx(0.0295, abs=1e-3),
                               pytest.approx(1 / 10_001))  # fmt: skip


def test_a_huge_comparison_is_as_scipys() -> None:
    assert mcnemar(30_000, 30_600) == pytest.approx(binomtest(30_000, 60_600, 0.5).pvalue, rel=1e-6)
    assert mcnemar(0, 100_000) == 0


def test_the_p_is_that_of_swapping_every_way_that_there_is() -> None:
    """Of six discordant rows five fall to one side: of 64 ways to swap, 14 differ as much."""
    references, mine = ["A"] * 30, ["A"] * 29 + ["B"]
    other = ["A"] * 24 + ["B"] * 5 + ["A"]
    found = pair("sr", references, mine, other, (1,), 40_000)
    assert (found.only_mine, found.only_other) == (5, 1)
    assert found.difference.p == pytest.approx(14 / 64, abs=0.01)
    assert found.mcnemar == pytest.approx(14 / 64)


def test_failing_where_one_would_err_helps_only_where_failed_rows_are_left_out() -> None:
    references = ["A"] * 50 + ["B"] * 50
    wrong, silent = (["A"] * 50 + [one] * 50 for one in ("A", None))
    found = pair("sr", references, silent, wrong, (1,))
    assert (found.difference.value, found.strict.value, found.mcnemar) == (0.5, 0, 1.0)


@BY_TASK
def test_the_same_seed_gives_the_same_bytes_and_the_order_of_rows_does_not_matter(abbr: str) -> None:
    references, mine, other = drawn(abbr, 80, 5, 0.6, 0.5)
    turned = [one[::-1] for one in (references, mine, other)]
    assert repr(pair(abbr, references, mine, other, (9,))) == repr(pair(abbr, *turned, (9,)))


def test_answers_to_other_rows_are_refused() -> None:
    with pytest.raises(AnswersError, match="2 references, but 1 predictions"):
        pair("sr", ["A", "B"], ["A", "B"], ["A"], (1,))
