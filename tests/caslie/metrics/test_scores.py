"""What is measured on the seven tasks, and what happens to answers that could not be read."""

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

from caslie.metrics import MEASURES, AnswersError, measure, score, scores
from mmecinstruct.schema import LETTERS
from mmecinstruct.tasks import TASKS, multiclass_product_classification, sentiment_analysis
from mmecinstruct.tasks import product_substitute_identification as psi

ROOT = Path(__file__).parents[3]
SOURCE = ROOT / "caslie" / "metrics" / "scores.py"
EVERY_TASK = pytest.mark.parametrize("task", [measure.abbr for measure in MEASURES])


def template(task: str) -> str:
    return (ROOT / "templates" / f"{task}.jinja").read_text(encoding="utf-8")


def test_every_task_of_the_dataset_has_its_measure_under_the_same_names() -> None:
    tasks = [(task.name, task.abbr) for task in TASKS.values()][:7]
    assert [(measured.task, measured.abbr) for measured in MEASURES] == tasks


def test_the_answers_are_those_that_the_tasks_give() -> None:
    assert set(measure("sa").answers) == set(sentiment_analysis.ANSWERS.values())
    assert set(measure("mpc").answers) == set(multiclass_product_classification.ANSWERS.values())
    assert set(measure("psi").answers) == set(psi.ANSWERS.values())
    assert measure("cc").answers == measure("sr").answers == tuple(LETTERS)


@pytest.mark.parametrize("task", ["prp", "mpc", "sa"])
def test_the_answers_are_the_letters_that_the_template_offers(task: str) -> None:
    offered = re.findall("^([A-Z]): ", template(measure(task).task), re.MULTILINE)
    assert measure(task).answers == tuple(offered)


@pytest.mark.parametrize("task", ["ap", "psi"])
def test_the_answers_are_the_words_that_the_template_asks_for(task: str) -> None:
    instruction = template(measure(task).task).partition("{% block instruction %}")[2].partition("{% endblock %}")[0]
    assert re.search("only (output )?yes or no", instruction, re.IGNORECASE)
    assert measure(task).answers == ("yes", "no")


@EVERY_TASK
def test_right_answers_alone_score_one(task: str) -> None:
    answers = list(measure(task).answers)
    scored = score(task, answers, answers)
    assert {*scored.excluded.values(), *scored.wrong.values(), scored.coverage} == {1.0}
    assert list(scored.excluded) == list(measure(task).columns)
    assert measure(task).primary in scored.excluded


@EVERY_TASK
def test_no_rows_and_no_readable_answer_score_zero(task: str) -> None:
    answers = list(measure(task).answers)
    for scored in (score(task, [], []), score(task, answers, [None] * len(answers))):
        assert scored.n == scored.n_failed
        assert {*scored.excluded.values(), *scored.wrong.values(), scored.coverage} == {0.0}


def test_a_failed_row_is_left_out_or_counted_wrong() -> None:
    scored = score("sr", ["A", "B", "C", "D"], ["A", "B", "A", None])
    assert scored.excluded == {"recall_at_1": 2 / 3}
    assert scored.wrong == {"recall_at_1": 1 / 2}


def test_a_failed_row_misses_its_reference_and_raises_no_false_alarm() -> None:
    scored = score("psi", ["yes", "no"], ["yes", None])
    assert scored.wrong == {"accuracy": 0.5, "precision": 1.0, "recall": 1.0, "f1": 1.0}


def test_the_flat_table_tells_the_two_policies_apart() -> None:
    assert score("cc", ["A", "B"], ["A", ""]).flat() == {
        "recall_at_1": 1.0,
        "strict_recall_at_1": 0.5,
        "n": 2,
        "n_failed": 1,
        "coverage": 0.5,
    }


@pytest.mark.parametrize("answer", [None, "", "F", "a", "A.", "A: very positive", " A", "yes"])
def test_what_is_no_answer_of_the_task_has_failed(answer: str | None) -> None:
    assert score("sa", ["A", "B"], [answer, "B"]).n_failed == 1


def test_a_class_without_a_row_counts_zero_in_a_macro_mean() -> None:
    scored = score("prp", ["A", "B"], ["A", "B"]).excluded
    assert (scored["accuracy"], scored["macro_f1"]) == (1.0, pytest.approx(2 / 3))


def test_macro_f1_is_the_mean_of_the_classes_and_not_made_of_the_means() -> None:
    scored = score("prp", list("AABBBC"), list("AAAABC")).excluded
    precision, recall = scored["macro_precision"], scored["macro_recall"]
    assert scored["macro_f1"] == pytest.approx((2 / 3 + 1 / 2 + 1) / 3)
    assert scored["macro_f1"] != pytest.approx(2 * precision * recall / (precision + recall))


@pytest.mark.parametrize("name", ["sr", "SR", "sequential_recommendation"])
def test_a_task_is_found_by_either_name(name: str) -> None:
    assert measure(name).task == score(name, [], []).task == "sequential_recommendation"


def test_an_unknown_task_is_answered_with_the_nearest() -> None:
    with pytest.raises(AnswersError, match=r"Unknown task 'sentiment'\. Did you mean 'sentiment_analysis'") as caught:
        score("sentiment", [], [])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("task", "reference", "reason"),
    [
        ("sa", "F", r"sentiment_analysis: references\[1\] is 'F', not one of A, B, C, D, E"),
        ("ap", "Yes", r"answerability_prediction: references\[1\] is 'Yes', not one of yes, no"),
        ("ap", None, r"references\[1\] is None, not one of yes, no"),
        ("mpc", "x\n" * 1000, r"references\[1\] is 'x\\nx\\n.{0,40}, not one of A, B, C, D$"),
    ],
)
def test_a_reference_that_is_no_answer_is_refused(task: str, reference: str, reason: str) -> None:
    right = measure(task).answers[0]
    with pytest.raises(AnswersError, match=reason) as caught:
        score(task, [right, reference], [right, right])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("predictions", [[], ["yes"], ["yes"] * 3])
def test_each_reference_needs_one_prediction(predictions: list[str | None]) -> None:
    with pytest.raises(AnswersError, match=f"2 references, but {len(predictions)} predictions. Give one prediction a"):
        score("ap", ["yes", "no"], predictions)


def test_the_examples_in_the_measures_hold() -> None:
    tried = doctest.testmod(scores)
    assert (tried.attempted, tried.failed) == (4, 0)


def test_a_copy_of_the_measures_needs_only_the_standard_library(tmp_path: Path) -> None:
    (tmp_path / "scores.py").write_bytes(SOURCE.read_bytes())
    script = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import scores; print(scores.score('sr', 'AB', 'AA').n)"
    )
    run = subprocess.run([sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == "2\n"
