"""The measures written into a folder, and the real `evaluate` loading each task from it."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer

from caslie import metrics_cli
from caslie.errors import PushError
from caslie.metrics import MEASURES, Measure, score
from caslie.publish.metrics_folder import write_metrics
from caslie.publish.metrics_space import metrics_folder
from mmecinstruct.terminal import run

Load = Callable[..., Any]

BAD = [
    ({"references": ["A", "x"], "predictions": ["A", "A"]}, r"references\[1\] is 'x', not one of A, B, C, D, E"),
    ({"references": ["A", None], "predictions": ["A", "A"]}, r"references\[1\] is None, not one of A, B, C, D, E"),
    ({"references": ["A", "B"], "predictions": ["A"]}, "Mismatch in the number of predictions"),
]

# What a stranger to this project runs.
FROM_A_HUB = """
import json, sys
import evaluate
load = lambda task: evaluate.load(sys.argv[1], task)
both = evaluate.combine({"cc": load("cc"), "sr": load("sr")})
scores = both.compute(references=["A", "B"], predictions=["A", None])
print(json.dumps({name: scores[name] for name in ("cc_recall_at_1", "sr_strict_recall_at_1")}))
psi = load("psi")
psi.add_batch(references=["yes", "no"], predictions=[None, "no"])
psi.add(reference="yes", prediction="yes")
print(json.dumps(psi.compute()))
try:
    load("sa").compute(references=["x"], predictions=["A"])
except ValueError as error:
    print(json.dumps(str(error)))
"""


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_folder_holds_a_module_of_its_name_and_one_for_each_task(tmp_path: Path) -> None:
    write_metrics(tmp_path / "new" / "metrics")
    own = {f"{task.abbr}/{name}" for task in MEASURES for name in (f"{task.abbr}.py", "scores.py")}
    assert files_in(tmp_path / "new" / "metrics").keys() == own | {"metrics.py", "scores.py", "README.md"}
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["metrics"]


def test_writing_it_again_changes_nothing_and_an_older_one_is_renewed(tmp_path: Path) -> None:
    out = write_metrics(tmp_path / "metrics")
    inode, files = out.stat().st_ino, files_in(out)
    write_metrics(out)
    assert (out.stat().st_ino, files_in(out)) == (inode, files)
    (out / "scores.py").write_text("older")
    write_metrics(out)
    assert files_in(out) == files == metrics_folder("metrics")


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "metrics").mkdir()
    assert files_in(write_metrics(tmp_path / "metrics")) == metrics_folder("metrics")


@pytest.mark.parametrize("name", ["README.md", "sr/notes.txt", "notes/x", "sr/sr.py", ".git/HEAD"])
def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path, name: str) -> None:
    path = tmp_path / "metrics" / name
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    with pytest.raises(PushError, match="is something else already; name a new or an empty folder"):
        write_metrics(tmp_path / "metrics")
    assert files_in(tmp_path) == {f"metrics/{name}": b"mine"}


def test_a_file_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "metrics").write_text("mine")
    with pytest.raises(PushError, match="is something else already"):
        write_metrics(tmp_path / "metrics")
    assert (tmp_path / "metrics").read_text() == "mine"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        *((name, "evaluate imports a module of the folder's name") for name in ("a.b", "a b", "-x", "m\u00e9")),
        *((name, f"its module imports {name.lower()}") for name in ("scores", "Scores", "evaluate", "datasets")),
    ],
)
def test_a_name_that_evaluate_could_not_import_is_refused(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(PushError, match=reason):
        write_metrics(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_where_one_may_not_write_is_one_line(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(PushError, match="no folder can be made there"):
        write_metrics(tmp_path / "metrics")
    tmp_path.chmod(0o700)


@pytest.mark.parametrize(("path", "content"), metrics_folder("metrics").items())
def test_no_template_nor_path_of_this_machine_is_left_over(path: str, content: bytes) -> None:
    assert not re.search(r"\{\{|\{%|/tmp|/home|More Information Needed", content.decode())


@pytest.mark.parametrize("task", MEASURES, ids=lambda task: task.abbr)
def test_the_example_in_a_task_s_module_is_what_comes_out(task: Measure) -> None:
    text = metrics_folder("metrics")[f"{task.abbr}/{task.abbr}.py"].decode()
    shown = re.search(r"compute\(references=(\[.*\]), predictions=(\[.*\])\)\n +(\{.*\})", text)
    assert shown
    references, predictions, scores = (eval(one, {}) for one in shown.groups())
    assert score(task.abbr, references, predictions).flat() == scores


def test_the_command_writes_it_and_says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    app = typer.Typer()
    metrics_cli.add_to(app)
    monkeypatch.chdir(tmp_path)
    for folder, code in (("metrics", 0), ("a.b", 1)):
        monkeypatch.setattr("sys.argv", ["caslie", folder])
        with pytest.raises(SystemExit) as end:
            run(app)
        assert (end.value.code or 0) == code
    said = capsys.readouterr()
    assert 'next: evaluate.load("metrics", "sr") or evaluate.load("metrics/sr")' in said.out
    assert said.err.startswith("error: a folder named 'a.b' cannot hold metrics") and said.err.count("\n") == 1
    assert files_in(tmp_path / "metrics") == metrics_folder("metrics")


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> Load:
    evaluate = pytest.importorskip("evaluate", reason="evaluate is in the extra `eval`")
    folder = write_metrics(tmp_path_factory.mktemp("written") / "metrics")
    cache = tmp_path_factory.mktemp("cache")
    return lambda path, *config: evaluate.load(str(folder / path), *config, cache_dir=str(cache))


@pytest.mark.slow
@pytest.mark.parametrize("task", MEASURES, ids=lambda task: task.abbr)
def test_evaluate_gives_the_scores_of_every_task_by_config_and_by_module(load: Load, task: Measure) -> None:
    references = [*task.answers, *task.answers]
    predictions = [None, *task.answers[:-1], *task.answers]
    scores = score(task.abbr, references, predictions).flat()
    for module in (load("", task.abbr), load("", task.task), load(task.abbr), load(task.abbr, task.abbr)):
        assert module.compute(references=references, predictions=predictions) == scores
        for start in (0, 1):  # a batch may begin with None
            module.add_batch(references=references[start::2], predictions=predictions[start::2])
        assert module.compute() == score(task.abbr, references, predictions).flat()


@pytest.mark.slow
def test_evaluate_combines_tasks_by_the_paths_of_their_modules(tmp_path: Path) -> None:
    evaluate = pytest.importorskip("evaluate", reason="evaluate is in the extra `eval`")
    folder = write_metrics(tmp_path / "metrics")
    both = evaluate.combine([f"{folder}/cc", f"{folder}/sr"])
    both.add_batch(references=["A", "B"], predictions=["A", None])
    scores = both.compute()
    assert (scores["cc_recall_at_1"], scores["sr_strict_recall_at_1"]) == (1.0, 0.5)


@pytest.mark.slow
@pytest.mark.parametrize(("given", "reason"), BAD)
def test_bad_input_is_one_clear_line_and_the_module_goes_on(load: Load, given: Any, reason: str) -> None:
    module = load("sa")
    with pytest.raises(ValueError, match=reason) as caught:
        module.compute(**given)
    assert "\n" not in str(caught.value)
    assert module.compute(references=["A"], predictions=["A"])["accuracy"] == 1.0


@pytest.mark.slow
def test_a_task_s_module_measures_no_other_task(load: Load) -> None:
    with pytest.raises(ValueError, match="This measures sr alone, not 'cc'"):
        load("sr", "cc")


@pytest.mark.slow
def test_a_space_on_a_hub_does_what_the_folder_does(server: Any, push: Load, process: Load, tmp_path: Path) -> None:
    pytest.importorskip("evaluate", reason="evaluate is in the extra `eval`")
    assert push(server, "alice", "metrics", "alice/measures", "--yes").code == 0
    ran = process(server.environment("alice", tmp_path / "reader"), "-c", FROM_A_HUB, "alice/measures")
    assert (ran.code, ran.err.count("Traceback")) == (0, 0), ran.err
    combined, batched, refused = map(json.loads, ran.out.splitlines())
    assert combined == {"cc_recall_at_1": 1.0, "sr_strict_recall_at_1": 0.5}
    assert batched == score("psi", ["yes", "no", "yes"], [None, "no", "yes"]).flat()
    assert refused == "sentiment_analysis: references[0] is 'x', not one of A, B, C, D, E"
