"""lmms-eval replaces torch, so it is not here: its tasks are checked by what it documents, and their functions run.

The keys are those of its task guide (docs/guides/task_guide.md) and of its groups, in 0.7.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from caslie.errors import StageError
from caslie.harness import lmms_eval_folder
from caslie.metrics import measure
from mmecinstruct.builder import Request, build
from mmecinstruct.builder.folder import Folder
from mmecinstruct.config import load_recipe
from tests.caslie.harness.reading import load, read

FOLDER = lmms_eval_folder()
TASKS = sorted(path for path in FOLDER.glob("*.yaml") if not path.name.startswith("_"))
OUTPUT_TYPES = ("generate_until", "loglikelihood", "multiple_choice")
TASK: dict[str, tuple[Any, ...]] = {
    "task": (str,),
    "tag": (str,),
    "dataset_path": (str,),
    "dataset_name": (str,),
    "dataset_kwargs": (dict,),
    "test_split": (str,),
    "training_split": (str,),
    "validation_split": (str,),
    "process_docs": (Callable,),
    "doc_to_visual": (Callable, str),
    "doc_to_text": (Callable, str),
    "doc_to_target": (Callable, str),
    "doc_to_messages": (Callable,),
    "num_fewshot": (int,),
    "output_type": (str,),
    "generation_kwargs": (dict,),
    "process_results": (Callable,),
    "metric_list": (list,),
    "lmms_eval_specific_kwargs": (dict,),
    "metadata": (dict, list),
}
NEEDED = {"task", "dataset_path", "dataset_name", "test_split", "output_type", "doc_to_visual", "doc_to_text"} | {
    *("doc_to_target", "process_results", "metric_list", "generation_kwargs")
}
GROUP = {"group": str, "task": list, "aggregate_metric_list": list, "metadata": dict}
GENERATION = {"until": list, "do_sample": bool, "temperature": int, "num_beams": int, "max_new_tokens": int}


@pytest.fixture(autouse=True)
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMECINSTRUCT_DATASET", "user/mmecinstruct")


@pytest.fixture(scope="module", params=["inline", "shared"])
def built(request: pytest.FixtureRequest, corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole sample, a few rows a split, its pictures in the rows or apart."""
    out = tmp_path_factory.mktemp(request.param) / "mmecinstruct"
    build(replace(load_recipe("sample"), pictures=request.param), Request(corpora, out, limit=3))
    return out


@pytest.mark.parametrize("path", TASKS, ids=lambda path: path.stem)
def test_a_task_has_the_documented_keys(path: Path) -> None:
    task = read(path)
    assert set(task) <= set(TASK)
    assert set(task) >= NEEDED
    assert [key for key, value in task.items() if not isinstance(value, TASK[key])] == []
    assert task["output_type"] in OUTPUT_TYPES
    assert {key: type(value) for key, value in task["generation_kwargs"].items()} == GENERATION
    for metric in task["metric_list"]:
        assert set(metric) == {"metric", "aggregation", "higher_is_better"}
        assert callable(metric["aggregation"])
        assert isinstance(metric["higher_is_better"], bool)


@pytest.mark.parametrize("domain", ["ind", "ood"])
def test_a_group_has_the_documented_keys(domain: str) -> None:
    group = read(FOLDER / f"_{domain}.yaml")
    assert {key: type(value) for key, value in group.items()} == GROUP
    assert {frozenset(one) for one in group["aggregate_metric_list"]} == {frozenset({"metric", "weight_by_size"})}


def test_the_dataset_is_named_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(TASKS[0])["dataset_path"] == "user/mmecinstruct"
    monkeypatch.delenv("MMECINSTRUCT_DATASET")
    with pytest.raises(StageError, match="on which data"):
        read(TASKS[0])


def test_what_yaml_refers_to_must_be_there() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        load(FOLDER / "tasks.py").nothing  # noqa: B018


@pytest.mark.slow
def test_a_row_that_nobody_can_answer_is_left_out() -> None:
    from datasets import Dataset

    columns = {"output": ["B", "C", "yes", "A"], "options": [["A: x", "B: y"]] * 2 + [[]] * 2, "images": [[]] * 4}
    rows = load(FOLDER / "tasks.py").rows(Dataset.from_dict(columns))
    assert rows["output"][:] == ["B", "yes"]


@pytest.mark.slow
def test_the_functions_of_every_task_run_over_the_sample(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from datasets import load_dataset

    monkeypatch.setenv("MMECINSTRUCT_DATASET", str(built))
    for path in TASKS:
        task = read(path)
        split = load_dataset(task["dataset_path"], task["dataset_name"])[task["test_split"]]
        rows = task["process_docs"](split)
        assert len(rows) == len(list(Folder(built).rows(path.stem, "test"))) > 0
        assert_asked(task, rows)
        assert_scored(task, rows)


def assert_asked(task: dict[str, Any], rows: Any) -> None:
    for row in rows:
        pictures = task["doc_to_visual"](row)
        assert [(picture.mode, picture.size) for picture in pictures] == [("RGB", (500, 500))] * len(row["items"])
        words = task["doc_to_text"](row)
        assert words.startswith(f"{row['instruction']}\n\n{row['input']}")
        assert all(option.partition(": ")[2] in words for option in row["options"] if '"' not in option)
        assert row[task["doc_to_target"]] == row["output"]


def assert_scored(task: dict[str, Any], rows: Any) -> None:
    """Right answers but for the last, which cannot be read."""
    written = [row["output"] for row in rows]
    written[-1] = "Hm."
    found = [task["process_results"](row, [text]) for row, text in zip(rows, written, strict=True)]
    aggregations = {one["metric"]: one["aggregation"] for one in task["metric_list"]}
    scores = {name: aggregations[name]([one[name] for one in found]) for name in found[0]}
    columns = measure(rows[0]["task"]).columns
    assert set(scores) == {*columns, "primary", "strict_primary", "n_failed"}
    assert scores["n_failed"] == 1
    assert scores["strict_primary"] <= scores["primary"] <= 1
