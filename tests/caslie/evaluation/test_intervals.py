"""The intervals: around the right value, the same for the same seed, and as wide as they claim."""

import random
from collections.abc import Sequence
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caslie.evaluation.drawing import Kinds, without_failed
from caslie.evaluation.intervals import Columns, columns
from caslie.metrics import MEASURES, Measure, measure, score

BY_TASK = pytest.mark.parametrize("abbr", [one.abbr for one in MEASURES])
Pair = tuple[str, str | None]


def answered(measured: Measure) -> st.SearchStrategy[list[Pair]]:
    # A few answers more than the task has: what is none of them has failed.
    given = st.sampled_from([*measured.answers[:6], None, "", "?"])
    return st.lists(st.tuples(st.sampled_from(measured.answers[:6]), given), min_size=1, max_size=60)


def found(abbr: str, pairs: Sequence[Pair], draws: int = 200) -> Columns:
    references, predictions = zip(*pairs, strict=True)
    return columns(abbr, references, predictions, (1, 7), draws)


def simulated(abbr: str, n: int, seed: int) -> list[Pair]:
    rng, answers = random.Random(seed), measure(abbr).answers[:20]
    references = [rng.choice(answers) for _ in range(n)]
    return [(one, one if rng.random() < 0.6 else rng.choice([None, *answers])) for one in references]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(MEASURES).flatmap(lambda one: st.tuples(st.just(one.abbr), answered(one))))
def test_values_are_those_of_the_metrics_and_lie_in_their_intervals(drawn: tuple[str, list[Pair]]) -> None:
    abbr, pairs = drawn
    scores, ours = score(abbr, *zip(*pairs, strict=True)), found(abbr, pairs)
    assert {name: one.value for name, one in ours.excluded.items()} == scores.excluded
    assert {name: one.value for name, one in ours.wrong.items()} == scores.wrong
    assert ours.n_failed == scores.n_failed
    every = [*ours.excluded.values(), *ours.wrong.values()]
    assert all(0 <= one.low <= one.value <= one.high <= 1 for one in every)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(MEASURES).flatmap(lambda one: st.tuples(st.just(one.abbr), answered(one))))
def test_tables_score_as_the_metrics_do(drawn: tuple[str, list[Pair]]) -> None:
    abbr, (references, predictions) = drawn[0], zip(*drawn[1], strict=True)
    kinds, scores = Kinds(measure(abbr)), score(abbr, references, predictions)
    tables = kinds.counts(references, predictions)[None].astype(float)
    assert kinds.columns(tables)[0].tolist() == pytest.approx([*scores.wrong.values()])
    assert kinds.columns(without_failed(tables))[0].tolist() == pytest.approx([*scores.excluded.values()])


@BY_TASK
@pytest.mark.parametrize("n_systems", [1, 2])
def test_what_is_believed_before_is_worth_one_row_half_right(abbr: str, n_systems: int) -> None:
    prior = Kinds(measure(abbr)).prior(n_systems)
    assert prior.sum() == pytest.approx(1)
    for other in range(n_systems):
        alone = prior if n_systems == 1 else prior.sum(axis=2 - other)
        assert np.trace(alone) == pytest.approx(0.5)
        assert not alone[:, -1].any()  # nobody is expected to fail


@BY_TASK
def test_drawn_tables_score_as_drawn_rows_do(abbr: str) -> None:
    pairs = simulated(abbr, 1000, seed=3)
    rng, slow = random.Random(5), []
    for _ in range(400):
        rows = rng.choices(pairs, k=len(pairs))
        slow.append(score(abbr, *zip(*rows, strict=True)))
    ours = found(abbr, pairs, draws=20_000)
    for policy, columns_of in (("excluded", ours.excluded), ("wrong", ours.wrong)):
        for name, interval in columns_of.items():
            low, high = np.quantile([getattr(one, policy)[name] for one in slow], [0.025, 0.975])
            assert (interval.low, interval.high) == pytest.approx((low, high), abs=0.015), (policy, name)


@BY_TASK
def test_the_same_seed_gives_the_same_interval_and_another_seed_another(abbr: str) -> None:
    references, predictions = zip(*simulated(abbr, 300, seed=1), strict=True)
    first, again, other = (columns(abbr, references, predictions, seed) for seed in ((1, 7), (1, 7), (2, 7)))
    assert repr(first) == repr(again)
    assert first != other


@BY_TASK
def test_the_order_of_rows_does_not_matter(abbr: str) -> None:
    pairs = simulated(abbr, 100, seed=2)
    assert found(abbr, pairs) == found(abbr, pairs[::-1])


def test_a_small_example_is_as_computed_by_hand() -> None:
    """A: 1 of 2 right, B: 1 right and 1 false alarm, C: once right, once failed."""
    ours = found("prp", [("A", "A"), ("A", "B"), ("B", "B"), ("C", "C"), ("C", None)])
    values = {name: one.value for name, one in ours.excluded.items()}
    assert values == pytest.approx(
        {"accuracy": 3 / 4, "macro_precision": 5 / 6, "macro_recall": 5 / 6, "macro_f1": (2 / 3 + 2 / 3 + 1) / 3}
    )
    strict = {name: one.value for name, one in ours.wrong.items()}
    assert strict == pytest.approx(
        {"accuracy": 3 / 5, "macro_precision": 5 / 6, "macro_recall": 2 / 3, "macro_f1": 2 / 3}
    )
    assert ours.n_failed == 1


def test_a_share_has_the_interval_of_its_binomial_distribution() -> None:
    """Of 400 rows 300 are right: 0.75, and 1.96 standard errors of 0.02165 to either side."""
    ours = found("sr", [("A", "A")] * 300 + [("A", "B")] * 100, draws=10_000)
    assert ours.excluded["recall_at_1"].low == pytest.approx(0.7076, abs=0.003)
    assert ours.excluded["recall_at_1"].high == pytest.approx(0.7924, abs=0.003)


def test_where_every_answer_failed_nothing_is_known_but_that_strictly_they_are_wrong() -> None:
    ours = found("ap", [("yes", None), ("no", None)] * 50)
    assert {one.value for one in [*ours.excluded.values(), *ours.wrong.values()]} == {0}
    assert all(one.high > 0.9 for one in ours.excluded.values())
    assert ours.wrong["accuracy"].high < 0.05


def test_right_answers_alone_are_not_taken_for_certainty() -> None:
    """Jeffreys' interval of 20 out of 20 begins at 0.8830."""
    [ours] = found("sr", [("A", "A")] * 20, draws=20_000).excluded.values()
    assert ours.low == pytest.approx(0.8830, abs=0.005)
    assert (ours.value, ours.high) == (1, 1)


@BY_TASK
def test_ten_thousand_draws_of_a_thousand_rows_take_less_than_a_second(abbr: str) -> None:
    references, predictions = zip(*simulated(abbr, 1000, seed=1), strict=True)
    began = perf_counter()
    columns(abbr, references, predictions, (1, 7))
    assert perf_counter() - began < 1
