"""Calibration compares how sure a model is with how often it is right."""

import math
import random
from collections.abc import Mapping, Sequence

import pytest

from caslie.evaluation.calibration import Calibration, calibration
from caslie.schema import Prediction


def scored(scores: Mapping[str, float]) -> Prediction:
    label = max(scores, key=lambda answer: scores[answer])
    return Prediction("row", "0" * 64, "score", label, scores=scores)


def sure(chance: float, label: str = "yes") -> Prediction:
    other = "no" if label == "yes" else "yes"
    return scored({label: math.log(chance), other: math.log(1 - chance)})


def found(references: Sequence[str], predictions: Sequence[Prediction]) -> Calibration:
    calibrated = calibration(references, predictions)
    assert calibrated is not None
    return calibrated


def test_a_hand_made_case_is_counted_as_by_hand() -> None:
    one = found(["yes", "yes", "yes", "no"], [sure(0.8)] * 4)
    assert (one.n, len(one.bins), one.bins[0].n, one.bins[0].right) == (4, 1, 4, 3)
    assert one.bins[0].confidence == pytest.approx(0.8)
    assert one.ece == pytest.approx(0.05)  # 0.8 against 3 of 4
    assert one.brier == pytest.approx((3 * (0.2**2 + 0.2**2) + 0.8**2 + 0.8**2) / 4)
    assert one.histogram == (0, 0, 0, 0, 0, 0, 0, 0, 4, 0)


def test_the_brier_score_takes_in_every_answer() -> None:
    one = found(["C"], [scored({"A": math.log(0.5), "B": math.log(0.3), "C": math.log(0.2)})])
    assert one.brier == pytest.approx(0.5**2 + 0.3**2 + 0.8**2)


def test_scores_need_not_be_chances_of_all_there_is() -> None:
    """Each is a log probability among all tokens: what is left for the others does not count."""
    one = found(["yes"], [scored({"yes": math.log(0.06), "no": math.log(0.02)})])
    assert one.bins[0].confidence == pytest.approx(0.75)


@pytest.mark.parametrize(("reference", "brier", "ece"), [("yes", 0.0, 0.0), ("no", 2.0, 1.0)])
def test_one_who_is_sure_is_perfect_or_quite_wrong(reference: str, brier: float, ece: float) -> None:
    one = found([reference], [scored({"yes": 0.0, "no": -1000.0})])
    assert (one.brier, one.ece) == (brier, ece)


def test_a_perfectly_calibrated_model_has_a_small_error() -> None:
    draw = random.Random(1)
    chances = [draw.uniform(0.5, 0.999) for _ in range(5000)]
    references = ["yes" if draw.random() < chance else "no" for chance in chances]
    one = found(references, [sure(chance) for chance in chances])
    assert len(one.bins) == 10
    assert one.ece < 0.02
    expected = sum(2 * chance * (1 - chance) for chance in chances) / len(chances)
    assert one.brier == pytest.approx(expected, abs=0.01)


def test_a_model_that_is_too_sure_has_the_error_that_it_has() -> None:
    draw = random.Random(2)
    chances = [draw.uniform(0.7, 0.9) for _ in range(5000)]
    references = ["yes" if draw.random() < chance - 0.2 else "no" for chance in chances]
    assert found(references, [sure(chance) for chance in chances]).ece == pytest.approx(0.2, abs=0.02)


def test_bins_hold_about_as_many_rows_each() -> None:
    chances = [0.5 + 0.49 * place / 1000 for place in range(1000)]
    one = found(["yes"] * 1000, [sure(chance) for chance in chances])
    assert [bin.n for bin in one.bins] == [100] * 10


@pytest.mark.parametrize(("n", "n_bins"), [(1, 1), (19, 1), (20, 2), (99, 9), (100, 10), (1000, 10)])
def test_few_rows_have_fewer_bins(n: int, n_bins: int) -> None:
    chances = [0.5 + 0.4 * place / n for place in range(n)]
    assert len(found(["yes"] * n, [sure(chance) for chance in chances]).bins) == n_bins


def test_rows_of_the_same_confidence_stay_together_in_any_order() -> None:
    predictions = [sure(0.9)] * 60 + [sure(0.6)] * 40
    references = ["yes", "no"] * 50
    one = found(references, predictions)
    assert [(bin.n, bin.right) for bin in one.bins] == [(40, 20), (60, 30)]
    assert found(references[::-1], predictions[::-1]) == one


def test_rows_without_scores_are_left_out_and_counted() -> None:
    unasked = Prediction("row", "0" * 64, "score", None, problem="too long")
    one = found(["yes", "yes"], [sure(0.8), unasked])
    assert (one.n, one.left_out) == (1, 1)
    assert calibration(["yes"], [unasked]) is None
    assert calibration([], []) is None


def test_one_reference_a_prediction_is_asked_for() -> None:
    with pytest.raises(ValueError, match="zip"):
        calibration(["yes", "no"], [sure(0.8)])
