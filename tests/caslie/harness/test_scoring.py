"""What a harness makes of an answer."""

import pytest

from caslie.harness.scoring import Asked, primary, scored, strict_primary

OPTIONS = ("A: Very positive", "B: Positive", "C: Neutral", "D: Negative", "E: Very negative")
REVIEW = Asked("sentiment_analysis", "B", tuple("ABCDE"), OPTIONS)


@pytest.mark.parametrize(
    ("written", "label"),
    [("B", "B"), ("Answer: D", "D"), ("very negative", "E"), ("B or C", None), ("", None), ("F", None)],
)
def test_an_answer_is_read_by_our_grammar(written: str, label: str | None) -> None:
    assert scored(REVIEW, written)["primary"] == ("sentiment_analysis", "B", label)


def test_a_row_that_is_not_to_be_asked_fails_whatever_was_written() -> None:
    assert scored(REVIEW._replace(problem="too_long"), "B")["primary"].label is None


def test_a_row_stands_for_each_column_of_its_task() -> None:
    assert set(scored(REVIEW, "B")) == {
        *("primary", "strict_primary", "n_failed"),
        *("accuracy", "macro_precision", "macro_recall", "macro_f1"),
    }


def test_a_failed_row_is_left_out_or_counts_as_wrong() -> None:
    asked = Asked("sequential_recommendation", "B", tuple("ABC"), ())
    rows = [scored(asked, written)["primary"] for written in ("B", "A", "Hm.", "B")]
    assert (primary(rows), strict_primary(rows)) == (2 / 3, 2 / 4)
