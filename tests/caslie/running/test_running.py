"""`caslie run`: from a build to scores in one command, and nothing twice."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from caslie.recipe import load_recipe

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
Run = Callable[..., tuple[int, str, str]]
STAGES = ["caption", "judge", "fuse", "train", "predict", "evaluate"]


def made(run_dir: Path) -> dict[str, bytes]:
    """What a run is for: the dataset with captions, the adapter, the predictions and the scores; wherever it lies."""
    kept = ("dataset", "fused", "adapter", "predictions")
    every = [path for name in kept for path in sorted((run_dir / name).rglob("*")) if path.is_file()]
    paths = [path for path in every if path.name != "effort.log"]  # how long it took is no result
    place = str(run_dir).encode()
    return {path.relative_to(run_dir).as_posix(): path.read_bytes().replace(place, b"RUN") for path in paths}


def test_a_recipe_runs_from_a_build_to_scores_and_again_to_nothing(
    cook: Callable[..., Path], run: Run, dataset: Path
) -> None:
    path = cook(dataset=str(dataset.with_name("plain")))
    code, said, error = run("run", path)
    assert code == 0, error
    assert [line.partition(":")[0] for line in said.splitlines()[:6]] == STAGES
    assert "mean ind" in said and "next: caslie-push model" in said
    before = made(load_recipe(str(path)).run_dir)
    code, said, _ = run("run", path, "--json")
    assert code == 0
    steps = {step["stage"]: step["told"] for step in json.loads(said)["steps"]}
    assert steps["caption"].startswith("0 calls") and steps["judge"].startswith("0 calls")
    assert steps["train"].startswith("0 steps") and steps["predict"].startswith("0 of ")
    assert made(load_recipe(str(path)).run_dir) == before


def test_text_alone_needs_no_captions_and_a_captioned_dataset_no_models(
    cook: Callable[..., Path], run: Run, dataset: Path
) -> None:
    text = cook(
        "text",
        dataset=str(dataset.with_name("plain")),
        variant="text",
        captioners={"echo": {"model": {"uri": "echo/x"}}},
    )
    code, said, error = run("run", text)
    assert code == 0, error
    assert [line.partition(":")[0] for line in said.splitlines()[:4]] == STAGES[2:]
    code, said, error = run("run", cook("captioned"), "--json")
    assert code == 0, error
    assert [step["stage"] for step in json.loads(said)["steps"]] == STAGES[2:]


def test_a_task_specific_model_answers_its_own_task_alone(cook: Callable[..., Path], run: Run) -> None:
    code, said, error = run("run", cook(variant="text", tasks=["sr"]), "--json")
    assert code == 0, error
    assert list(json.loads(said)["scores"]) == ["sr_ind", "sr_ood"]


def test_what_cannot_be_trained_is_told_before_anything_is_captioned(
    cook: Callable[..., Path], run: Run, dataset: Path
) -> None:
    path = cook(
        dataset=str(dataset.with_name("plain")), base={"model": {"uri": "transformers/./nowhere"}, "name": "me/x"}
    )
    code, _, error = run("run", path)
    assert code == 1
    assert "nowhere: no model there" in error and error.count("\n") == 1
    assert not (load_recipe(str(path)).run_dir / "captions").exists(), "what cannot be trained is not captioned"


def test_another_variant_of_a_finished_run_goes_elsewhere(cook: Callable[..., Path], run: Run) -> None:
    path = cook()
    assert run("run", path)[0] == 0
    before = made(load_recipe(str(path)).run_dir)
    code, _, error = run("run", path, "--variant", "uia")
    assert code == 1
    assert "holds a run of another variant: caslie there, uia now; name another --run" in error
    assert made(load_recipe(str(path)).run_dir) == before


def test_what_an_adapter_said_before_it_was_trained_anew_is_asked_again(cook: Callable[..., Path], run: Run) -> None:
    assert run("run", cook(variant="text"))[0] == 0
    anew = cook(variant="text", train={"seed": 7})
    code, _, error = run("run", anew)
    assert code == 1 and "trained with another seed: None then, 7 now" in error
    assert run("train", anew, "--restart")[0] == 0
    code, said, error = run("run", anew, "--json")
    assert code == 0, error
    steps = {step["stage"]: step["told"] for step in json.loads(said)["steps"]}
    assert steps["train"].startswith("0 steps")
    assert not steps["predict"].startswith("0 of ")


def start(path: Path) -> "subprocess.Popen[str]":
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "caslie", "run", str(path)]
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.prove
@pytest.mark.timeout(3000)
def test_a_run_that_is_killed_again_and_again_ends_with_the_same_bytes(
    cook: Callable[..., Path], dataset: Path
) -> None:
    plain = str(dataset.with_name("plain"))
    undisturbed = cook("tuned", dataset=plain)
    with start(undisturbed) as process:
        process.communicate()
    wanted = made(load_recipe(str(undisturbed)).run_dir)
    killed = 0
    for wait in (1.5, 3, 4.5, 6, 7.5, 9, 10.5, 12):
        other = cook("tuned", dataset=plain, run=str(load_recipe(str(undisturbed)).run_dir.with_name(f"w{wait}")))
        while True:
            with start(other) as process:
                try:
                    process.wait(wait)
                except subprocess.TimeoutExpired:
                    process.kill()
                process.communicate()
            if process.returncode == 0:
                break
            assert process.returncode == -signal.SIGKILL
            killed += 1
            wait += 2
            time.sleep(0.1)
        assert made(load_recipe(str(other)).run_dir) == wanted
    assert killed >= 8
