"""What holds of the measures whatever the answers are."""

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caslie.metrics import MEASURES, Measure, TaskScores, score

Rows = list[tuple[str, str | None]]

FAILED = (None, "", "?", "Yes.", "answer: A")


@st.composite
def tables(draw: st.DrawFn, measures: Sequence[Measure] = MEASURES) -> tuple[Measure, Rows]:
    """A task with rows of a right answer and a given one, often failed or right."""
    measure = draw(st.sampled_from(measures))
    answer = st.sampled_from(draw(st.lists(st.sampled_from(measure.answers), min_size=1, max_size=5)))
    row = st.tuples(answer, answer | st.sampled_from(FAILED)) | answer.map(lambda right: (right, right))
    return measure, draw(st.lists(row, max_size=40))


def scored(measure: Measure, rows: Rows) -> TaskScores:
    return score(measure.abbr, [right for right, _ in rows], [given for _, given in rows])


@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(table: tuple[Measure, Rows], chance: Random) -> None:
    measure, rows = table
    assert scored(measure, chance.sample(rows, len(rows))) == scored(measure, rows)


@given(tables(), st.integers(2, 5))
def test_all_rows_again_change_only_the_counts(table: tuple[Measure, Rows], times: int) -> None:
    measure, rows = table
    once, often = scored(measure, rows), scored(measure, rows * times)
    assert (often.n, often.n_failed) == (once.n * times, once.n_failed * times)
    assert often.excluded == pytest.approx(once.excluded)
    assert often.wrong == pytest.approx(once.wrong)


@given(tables([one for one in MEASURES if len(one.averaged) != 1]), st.data())
def test_the_answers_may_change_their_names(table: tuple[Measure, Rows], data: st.DataObject) -> None:
    measure, rows = table
    others = dict(zip(measure.answers, data.draw(st.permutations(measure.answers)), strict=True))
    renamed: Rows = [(others[right], others.get(given or "", given)) for right, given in rows]
    assert scored(measure, renamed).flat() == pytest.approx(scored(measure, rows).flat())


@given(tables())
def test_every_score_is_a_share(table: tuple[Measure, Rows]) -> None:
    measure, rows = table
    scores = scored(measure, rows)
    assert all(0 <= share <= 1 for share in (*scores.excluded.values(), *scores.wrong.values(), scores.coverage))


@given(tables(), st.data())
def test_mending_a_row_lowers_nothing(table: tuple[Measure, Rows], data: st.DataObject) -> None:
    measure, rows = table
    if not rows:
        return
    place = data.draw(st.integers(0, len(rows) - 1))
    mended = [*rows[:place], (rows[place][0], rows[place][0]), *rows[place + 1 :]]
    before, after = scored(measure, rows).flat(), scored(measure, mended).flat()
    assert all(after[name] >= before[name] - 1e-12 for name in before if name != "n_failed")
    assert after["n_failed"] <= before["n_failed"]


@given(tables())
def test_counting_failed_rows_wrong_raises_nothing_and_leaves_precision(table: tuple[Measure, Rows]) -> None:
    measure, rows = table
    scores = scored(measure, rows)
    for name, share in scores.wrong.items():
        assert share <= scores.excluded[name]
        if name.endswith("precision"):
            assert share == scores.excluded[name]


@given(tables(), st.data())
def test_failed_rows_never_change_what_leaves_them_out(table: tuple[Measure, Rows], data: st.DataObject) -> None:
    measure, rows = table
    more = data.draw(st.lists(st.tuples(st.sampled_from(measure.answers), st.sampled_from(FAILED)), max_size=10))
    before, after = scored(measure, rows), scored(measure, rows + more)
    assert after.excluded == before.excluded
    assert after.n_failed == before.n_failed + len(more)


@given(tables(), st.sampled_from(FAILED))
def test_it_does_not_matter_how_a_row_failed(table: tuple[Measure, Rows], failed: str | None) -> None:
    measure, rows = table
    alike: Rows = [(right, given if given in measure.answers else failed) for right, given in rows]
    assert scored(measure, alike) == scored(measure, rows)


@given(tables())
def test_without_failed_rows_both_policies_agree(table: tuple[Measure, Rows]) -> None:
    measure, rows = table
    answered: Rows = [(right, given) for right, given in rows if given in measure.answers]
    scores = scored(measure, answered)
    assert scores.excluded == scores.wrong
    assert (scores.n_failed, scores.coverage) == (0, 1.0 if answered else 0.0)


@given(tables())
def test_the_flat_table_holds_every_column_twice_and_the_counts(table: tuple[Measure, Rows]) -> None:
    measure, rows = table
    scores = scored(measure, rows)
    flat = scores.flat()
    strict = [f"strict_{column}" for column in measure.columns]
    assert [*flat] == [*measure.columns, *strict, "n", "n_failed", "coverage"]
    assert {name: flat[name] for name in measure.columns} == scores.excluded
    assert {name: flat[f"strict_{name}"] for name in measure.columns} == scores.wrong
    assert (flat["n"], flat["n_failed"], flat["coverage"]) == (len(rows), scores.n_failed, scores.coverage)
    assert measure.primary in flat
