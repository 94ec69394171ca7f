"""The measures are those of scikit-learn, whatever the table: each task, each column, under both policies."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caslie.metrics import MEASURES, Measure, score

sklearn = pytest.importorskip("sklearn.metrics", reason="scikit-learn is in the extra `eval`")

EVERY_TASK = pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.abbr)


@st.composite
def tables(draw: st.DrawFn, measure: Measure) -> tuple[list[str], list[str | None]]:
    """Right answers and given ones, often failed or right; often some classes occur in neither."""
    answer = st.sampled_from(draw(st.lists(st.sampled_from(measure.answers), min_size=1)))
    row = st.tuples(answer, answer | st.none()) | answer.map(lambda right: (right, right))
    rows = draw(st.lists(row, min_size=1, max_size=60))
    return [right for right, _ in rows], [given for _, given in rows]


def expected(measure: Measure, references: Sequence[str], predictions: Sequence[str]) -> dict[str, float]:
    """By scikit-learn, under the names of the task's columns; of no rows it takes none."""
    if not references:
        return dict.fromkeys(measure.columns, 0.0)
    accuracy = sklearn.accuracy_score(references, predictions)
    if not measure.averaged:
        assert sklearn.recall_score(references, predictions, average="micro", zero_division=0.0) == accuracy
        return {"recall_at_1": accuracy}
    means = sklearn.precision_recall_fscore_support(
        references, predictions, labels=list(measure.averaged), average="macro", zero_division=0.0
    )
    prefix = "macro_" if len(measure.averaged) > 1 else ""
    names = ("accuracy", f"{prefix}precision", f"{prefix}recall", f"{prefix}f1")
    return dict(zip(names, [accuracy, *means[:3]], strict=True))


@EVERY_TASK
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_failed_rows_are_left_out_as_if_they_never_were(measure: Measure, data: st.DataObject) -> None:
    references, predictions = data.draw(tables(measure))
    answered = [(right, given) for right, given in zip(references, predictions, strict=True) if given]
    columns = score(measure.abbr, references, predictions).excluded
    assert columns == pytest.approx(
        expected(measure, [right for right, _ in answered], [given for _, given in answered])
    )
    assert tuple(columns) == measure.columns


@EVERY_TASK
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_failed_rows_are_wrong_as_if_they_were_a_class_of_their_own(measure: Measure, data: st.DataObject) -> None:
    references, predictions = data.draw(tables(measure))
    columns = score(measure.abbr, references, predictions).wrong
    assert columns == pytest.approx(expected(measure, references, [given or "failed" for given in predictions]))
    assert tuple(columns) == measure.columns


@pytest.mark.parametrize("abbr", ["ap", "psi"])
def test_the_scores_of_yes_are_scikit_learn_s_binary_ones(abbr: str) -> None:
    references, predictions = ["yes", "yes", "no", "no", "no"], ["yes", "no", "yes", "no", "no"]
    scores = sklearn.precision_recall_fscore_support(references, predictions, pos_label="yes", average="binary")
    columns = score(abbr, references, predictions).excluded
    assert [columns[name] for name in ("precision", "recall", "f1")] == pytest.approx(scores[:3])
