"""The measures are those of scikit-learn, whatever the table."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caslie.metrics import MEASURES, Measure, score

sklearn = pytest.importorskip("sklearn.metrics", reason="scikit-learn is in the extra `eval`")

Rows = list[tuple[str, str | None]]


@st.composite
def tables(draw: st.DrawFn) -> tuple[Measure, Rows]:
    """A task with rows of a right answer and a given one, often failed or right."""
    measure = draw(st.sampled_from(MEASURES))
    answer = st.sampled_from(measure.answers)
    row = st.tuples(answer, answer | st.none()) | answer.map(lambda right: (right, right))
    return measure, draw(st.lists(row, min_size=1, max_size=60))


def expected(measure: Measure, references: Sequence[str], predictions: Sequence[str]) -> list[float]:
    accuracy = sklearn.accuracy_score(references, predictions)
    if not measure.averaged:
        return [accuracy]
    means = sklearn.precision_recall_fscore_support(
        references, predictions, labels=list(measure.averaged), average="macro", zero_division=0.0
    )
    return [accuracy, *means[:3]]


@given(tables())
@settings(max_examples=150, deadline=None)
def test_failed_rows_are_left_out_as_if_they_never_were(table: tuple[Measure, Rows]) -> None:
    measure, rows = table
    references, predictions = zip(*rows, strict=True)
    answered = [(reference, prediction) for reference, prediction in rows if prediction]
    columns = score(measure.abbr, references, predictions).excluded.values()
    right = expected(measure, *zip(*answered, strict=True)) if answered else [0.0] * len(measure.columns)
    assert list(columns) == pytest.approx(right)


@given(tables())
@settings(max_examples=150, deadline=None)
def test_failed_rows_are_wrong_as_if_they_were_a_class_of_their_own(table: tuple[Measure, Rows]) -> None:
    measure, rows = table
    references, predictions = zip(*rows, strict=True)
    columns = score(measure.abbr, references, predictions).wrong.values()
    assert list(columns) == pytest.approx(expected(measure, references, [given or "failed" for given in predictions]))
