"""lm-evaluation-harness asks a model of a Hub what `caslie predict` asks it, and finds the same."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import HfApi

from caslie.backends.transformers.identity import pocket_weights
from caslie.harness import lm_eval_folder
from tests.caslie.serving import Server

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
CONFIGS = ("ap_ood", "prp_ood", "sr_ind")
Run = Callable[..., tuple[int, str, str]]
Tune = Callable[[str], Path]
Harness = Callable[[str], Path]


@pytest.fixture
def harness(server: Server, tmp_path: Path) -> Harness:
    """Run lm-evaluation-harness as its users do, in a process of its own; the folder of what it found."""

    def ran(model: str) -> Path:
        out = tmp_path / "found"
        env = os.environ | server.environment("alice", tmp_path / "home") | {"PYTHONPATH": str(ROOT)}
        tasks = ",".join(f"mmecinstruct_{config}" for config in CONFIGS)
        command = [sys.executable, "-m", "lm_eval", "run", "--model", "hf", "--device", "cpu", "--model_args", model]
        command += ["--tasks", tasks, "--include_path", str(lm_eval_folder())]
        command += ["--metadata", "dataset=alice/mmecinstruct", "--output_path", str(out), "--log_samples"]
        done = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return out

    return ran


@pytest.fixture
def tune(cook: Callable[..., Path], run: Run, tmp_path: Path) -> Tune:
    """Tune a pocket base for six steps and let it answer; its answers are mixed, and some cannot be read."""

    def tuned(base: str) -> Path:
        recipe = cook(base={"model": {"uri": f"pocket/{base}"}, "name": "alice/base"})
        configs = [part for config in CONFIGS for part in ("--config", config)]
        for command in (("fuse", recipe), ("train", recipe), ("predict", recipe, "--mode", "generate", *configs)):
            code, _, told = run(*command)
            assert code == 0, told
        return tmp_path / "runs" / "tuned"

    return tuned


def put(api: HfApi, name: str, folder: Path, kind: str = "model") -> None:
    api.create_repo(name, repo_type=kind)
    api.upload_folder(repo_id=name, repo_type=kind, folder_path=folder)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def assert_same(found: Path, predictions: Path, run: Run) -> None:
    """Answers are equal row by row, and columns to the digit."""
    code, said, told = run("evaluate", predictions, "--json")
    assert code == 0, told
    theirs = json.loads(next(found.rglob("results_*.json")).read_text())["results"]
    ours = json.loads(said)["results"]
    assert [one["config"] for one in ours] == [*CONFIGS]
    for one in ours:
        result = theirs[f"mmecinstruct_{one['config']}"]
        values = {name: interval["value"] for name, interval in one["columns"].items()}
        assert {name: result[f"{name},none"] for name in values} == values
        assert result["primary,none"] == values[one["primary"]]
        assert result["strict_primary,none"] == one["strict"][one["primary"]]["value"]
        assert result["n_failed,none"] == one["n_failed"]
        rows = lines(next(found.rglob(f"samples_mmecinstruct_{one['config']}_*.jsonl")))
        assert [(row["doc"]["id"], row["resps"][0][0], row["primary"][2]) for row in rows] == [
            (row["id"], row["raw"], row["label"]) for row in lines(predictions / f"{one['config']}.generate.jsonl")
        ]
    assert sum(one["n_failed"] for one in ours) > 0
    assert any(result["primary,none"] > 0 for result in theirs.values())


def test_an_adapter_and_a_dataset_on_a_hub_score_as_predicted_and_evaluated_here(
    alice: HfApi, harness: Harness, tune: Tune, dataset: Path, run: Run
) -> None:
    tuned = tune("bases/mistral")
    put(alice, "alice/base", Path(pocket_weights("bases/mistral").place))
    put(alice, "alice/tuned", tuned / "adapter")
    put(alice, "alice/mmecinstruct", dataset, "dataset")
    found = harness("pretrained=alice/base,peft=alice/tuned,dtype=float32")
    assert_same(found, tuned / "predictions", run)


@pytest.mark.prove
def test_an_adapter_of_a_tied_head_scores_the_same_as_a_merged_model(
    alice: HfApi, harness: Harness, tune: Tune, dataset: Path, run: Run, tmp_path: Path
) -> None:
    """The harness ties heads again after it has put an adapter on, and fails; a merged model's head is untied."""
    tuned = tune("bases/tied_llama")
    code, _, told = run("merge", tuned, "--out", tmp_path / "merged")
    assert code == 0, told
    put(alice, "alice/merged", tmp_path / "merged")
    put(alice, "alice/mmecinstruct", dataset, "dataset")
    found = harness("pretrained=alice/merged,dtype=float32")
    assert_same(found, tuned / "predictions", run)


def test_all_tasks_and_both_groups_are_found_with_a_tag_for_all() -> None:
    script = (
        "import json, sys\n"
        "from lm_eval.tasks import TaskManager\n"
        "found = TaskManager(include_path=sys.argv[1], include_defaults=False)\n"
        "print(json.dumps([found.all_groups, found.all_tags, found.all_subtasks]))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(lm_eval_folder())], capture_output=True, text=True, check=True
    )
    groups, tags, tasks = json.loads(ran.stdout)
    assert (groups, tags, len(tasks)) == (["mmecinstruct_ind", "mmecinstruct_ood"], ["mmecinstruct"], 12)
