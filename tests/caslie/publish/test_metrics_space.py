"""The Space that holds the measures, and `evaluate` loading it from a folder."""

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from caslie.errors import PushError
from caslie.metrics import MEASURES, score
from caslie.publish.metrics_space import metrics_space

ROOT = Path(__file__).parents[3]
REPOSITORY = "alice/mmecinstruct_metrics"
FILES = metrics_space(REPOSITORY)

Load = Callable[..., Any]


def write(folder: Path, repository: str) -> Path:
    space = folder / repository.partition("/")[2]
    space.mkdir()
    for path, data in metrics_space(repository).items():
        (space / path).write_bytes(data)
    return space


def test_the_space_holds_the_module_under_the_repositorys_name() -> None:
    assert sorted(FILES) == ["README.md", "index.html", "mmecinstruct_metrics.py", "scores.py"]


def test_the_measures_are_published_as_they_are() -> None:
    assert FILES["scores.py"] == (ROOT / "caslie" / "metrics" / "scores.py").read_bytes()


def test_the_same_space_is_the_same_bytes() -> None:
    assert metrics_space(REPOSITORY) == FILES


@pytest.mark.parametrize("path", ["mmecinstruct_metrics.py", "scores.py"])
def test_evaluate_can_read_the_imports(path: str) -> None:
    source = FILES[path].decode()
    nodes = [node for node in ast.parse(source).body if isinstance(node, ast.Import | ast.ImportFrom)]
    lines = [source.splitlines()[node.lineno - 1] for node in nodes]
    # evaluate reads lines: it takes two names for one library, and the text after a # for an address.
    assert lines
    assert all(re.fullmatch(r"import \w+|from \.?[\w.]+ import [\w, ]+", line) for line in lines)


def test_the_module_imports_nothing_of_the_project() -> None:
    for path in ("mmecinstruct_metrics.py", "scores.py"):
        assert not re.search(r"^\s*(from|import) (caslie|mmecinstruct)\b", FILES[path].decode(), re.MULTILINE)


@pytest.mark.parametrize("path", ["README.md", "index.html"])
def test_the_card_and_the_page_name_every_task_with_its_columns(path: str) -> None:
    text = FILES[path].decode()
    for measure in MEASURES:
        assert measure.task.replace("_", " ") in text
        assert ", ".join(measure.columns) in text


def test_the_header_of_the_card_is_that_of_a_static_space() -> None:
    header = yaml.safe_load(FILES["README.md"].decode().split("---\n")[1])
    assert header["title"] == "mmecinstruct metrics"
    assert (header["sdk"], header["app_file"]) == ("static", "index.html")
    assert header["tags"] == ["evaluate", "metric"]


def test_a_name_that_yaml_would_take_for_a_number_stays_a_title() -> None:
    header = metrics_space("alice/2024")["README.md"].decode().split("---\n")[1]
    assert yaml.safe_load(header)["title"] == "2024"


def test_the_example_in_card_and_module_is_what_comes_out() -> None:
    out = str(score("sr", ["A", "B", "C", "D"], ["A", "B", "B", None]).flat())
    for path in ("README.md", "mmecinstruct_metrics.py"):
        assert f'evaluate.load("{REPOSITORY}", "sr")' in FILES[path].decode()
        assert out in FILES[path].decode()


@pytest.mark.parametrize("path", FILES)
def test_no_template_is_left_over(path: str) -> None:
    assert not re.search(r"\{\{|\{%|More Information Needed", FILES[path].decode())


@pytest.mark.parametrize(
    "repository",
    ["metrics", "alice/", "alice/a.b", "a/b/c", "alice/-x", "../x", "alice/x y", 'a/"); import os #', "alice/x\n", ""],
)
def test_a_name_that_evaluate_could_not_import_is_refused(repository: str) -> None:
    with pytest.raises(PushError, match="cannot hold metrics: evaluate imports a module of the repository's name"):
        metrics_space(repository)


@pytest.mark.parametrize("repository", ["alice/scores", "alice/Scores"])
def test_a_space_named_as_the_file_of_the_measures_is_refused(repository: str) -> None:
    with pytest.raises(PushError, match=r"scores\.py beside the module is taken"):
        metrics_space(repository)


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> Load:
    evaluate = pytest.importorskip("evaluate", reason="evaluate is in the extra `eval`")
    space = write(tmp_path_factory.mktemp("spaces"), REPOSITORY)
    cache = tmp_path_factory.mktemp("cache")
    return lambda *config: evaluate.load(str(space), *config, cache_dir=str(cache))


@pytest.mark.slow
@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.abbr)
def test_evaluate_gives_the_scores_of_every_task(load: Load, measure: Any) -> None:
    references = [*measure.answers, *measure.answers]
    predictions = [None, *measure.answers[:-1], *measure.answers]
    scores = load(measure.abbr).compute(references=references, predictions=predictions)
    assert scores == score(measure.task, references, predictions).flat()


@pytest.mark.slow
def test_evaluate_knows_a_task_by_its_full_name(load: Load) -> None:
    assert load("sentiment_analysis").compute(references=["A"], predictions=["A"])["accuracy"] == 1.0


@pytest.mark.slow
def test_evaluate_takes_rows_one_by_one_and_in_batches(load: Load) -> None:
    metric = load("psi")
    metric.add(reference="yes", prediction=None)
    metric.add_batch(references=["yes", "no"], predictions=["yes", ""])
    assert metric.compute() == score("psi", ["yes", "yes", "no"], [None, "yes", ""]).flat()


@pytest.mark.slow
def test_evaluate_scores_no_rows_as_zero(load: Load) -> None:
    assert load("sr").compute(references=[], predictions=[])["n"] == 0


@pytest.mark.slow
def test_evaluate_combines_two_tasks_under_their_names(load: Load) -> None:
    import evaluate

    both = evaluate.combine({"cc": load("cc"), "sr": load("sr")})
    scores = both.compute(references=["A", "B"], predictions=["A", "C"])
    assert (scores["cc_recall_at_1"], scores["sr_recall_at_1"]) == (0.5, 0.5)


@pytest.mark.slow
def test_evaluate_is_told_which_reference_is_wrong_and_goes_on(load: Load) -> None:
    metric = load("ap")
    with pytest.raises(ValueError, match=r"references\[1\] is 'maybe', not one of yes, no"):
        metric.compute(references=["yes", "maybe"], predictions=["yes", "yes"])
    assert metric.compute(references=["yes"], predictions=["yes"])["f1"] == 1.0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ((), r'Name a task, as in evaluate.load\(".*", "sr"\): ap, cc, prp, psi, mpc, sa, sr'),
        (("sx",), "Unknown task 'sx'"),
    ],
)
def test_evaluate_without_a_task_says_which_there_are(load: Load, config: tuple[str, ...], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        load(*config)


@pytest.mark.slow
def test_evaluate_explains_the_inputs(load: Load) -> None:
    metric = load("sr")
    assert "counted wrong" in metric.inputs_description
    assert "arXiv:2410.17337" in metric.citation


@pytest.mark.slow
def test_a_name_with_hyphens_loads(tmp_path: Path) -> None:
    evaluate = pytest.importorskip("evaluate", reason="evaluate is in the extra `eval`")
    metric = evaluate.load(str(write(tmp_path, "alice/mmec-metrics")), "sr", cache_dir=str(tmp_path))
    assert metric.compute(references=["A"], predictions=["A"])["recall_at_1"] == 1.0
