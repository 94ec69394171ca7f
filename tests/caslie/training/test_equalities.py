"""The same rows give the same adapter: however the batch is cut up, on one process or two, killed or not."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from caslie.fusion import fuse_all, reader_of
from caslie.recipe import Recipe, load_recipe
from caslie.training import train_all
from caslie.training.settings import settings
from caslie.training.stage import make_trainer, quiet

if TYPE_CHECKING:
    from torch import Tensor
    from trl import SFTTrainer

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
CASLIE = [sys.executable, "-m", "caslie"]


def adapter(recipe: Recipe) -> "dict[str, Tensor]":
    from safetensors.torch import load_file

    tensors: dict[str, Tensor] = load_file(recipe.run_dir / "adapter" / "adapter_model.safetensors")
    return tensors


def trained(path: Path) -> "dict[str, Tensor]":
    recipe = load_recipe(str(path))
    fuse_all(recipe, lambda *_: None)
    train_all(recipe, lambda *_: None)
    return adapter(recipe)


def farthest(first: "dict[str, Tensor]", second: "dict[str, Tensor]") -> float:
    """The largest difference of any two numbers, as a part of the largest number."""
    assert first.keys() == second.keys()
    largest = max(one.abs().max().item() for one in first.values())
    return max((first[name] - second[name]).abs().max().item() for name in first) / largest


def test_a_batch_may_be_cut_up_in_any_way(cook: Callable[..., Path]) -> None:
    whole = trained(cook("whole", train={"per_device_train_batch_size": 8}))
    singly = trained(cook("singly", train={"per_device_train_batch_size": 1}))
    assert farthest(whole, singly) < 1e-3


@pytest.fixture
def on_two() -> Callable[[Path], None]:
    """Train a recipe on two processes, as `accelerate launch` starts them through torchrun, here without GPUs."""

    def run(path: Path) -> None:
        launch = [sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", "2"]
        command = [*launch, "--num_machines", "1", "--mixed_precision", "no", "--main_process_port", "0"]
        command += ["--dynamo_backend", "no", "-m", "caslie", "train", str(path)]
        env = os.environ | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=110)
        assert done.returncode == 0, done.stderr[-3000:]

    return run


def test_two_processes_train_what_one_does(cook: Callable[..., Path], on_two: Callable[[Path], None]) -> None:
    one = trained(cook("one", train={"per_device_train_batch_size": 2}))
    path = cook("two", train={"per_device_train_batch_size": 2})
    fuse_all(load_recipe(str(path)), lambda *_: None)
    on_two(path)
    told = json.loads((load_recipe(str(path)).run_dir / "adapter" / "training.json").read_text())["hyperparameters"]
    assert (told["per_device_train_batch_size"], told["gradient_accumulation_steps"]) == (2, 2), "8 rows on 2 devices"
    assert farthest(one, adapter(load_recipe(str(path)))) < 1e-3


@pytest.mark.prove
def test_two_processes_that_go_on_within_an_epoch_meet_the_same_rows(
    cook: Callable[..., Path], on_two: Callable[[Path], None]
) -> None:
    train = {"per_device_train_batch_size": 2}
    path, again = cook("two", train=train), cook("again", train=train)
    recipe, halfway = load_recipe(str(path)), load_recipe(str(again))
    fuse_all(recipe, lambda *_: None)
    on_two(path)
    shutil.copytree(recipe.run_dir, halfway.run_dir)
    shutil.rmtree(halfway.run_dir / "adapter")
    shutil.rmtree(halfway.run_dir / "training" / "checkpoints" / "checkpoint-6")
    on_two(again)
    assert farthest(adapter(recipe), adapter(halfway)) == 0, "from checkpoint 4, of the second epoch's three steps"


def loss_of_answers(trainer: "SFTTrainer") -> tuple[float, int]:
    """The loss of all answers together, and of how many tokens they are."""
    import torch
    from torch.nn.functional import cross_entropy

    total, n = 0.0, 0
    trainer.model.eval()
    for batch in trainer.get_train_dataloader():
        with torch.inference_mode():
            inputs = {name: batch[name] for name in ("input_ids", "attention_mask", "position_ids") if name in batch}
            logits = trainer.model(**inputs).logits[:, :-1]
        labels = batch["labels"][:, 1:]
        total += cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=-100, reduction="sum").item()
        n += int((labels != -100).sum())
    return total, n


@pytest.mark.parametrize(
    "train", [{"packing": True, "train_sampling_strategy": "random"}, {"padding_free": True}], ids=["packed", "flat"]
)
def test_rows_laid_end_to_end_do_not_read_each_other(cook: Callable[..., Path], train: dict[str, Any]) -> None:
    recipes = [load_recipe(str(cook("apart"))), load_recipe(str(cook("together", train=train)))]
    losses = []
    for recipe in recipes:
        fuse_all(recipe, lambda *_: None)
        with quiet():
            losses.append(
                loss_of_answers(make_trainer(recipe, reader_of(recipe), settings(recipe, 1), lambda *_: None))
            )
    (apart, n_apart), (together, n_together) = losses
    assert n_apart == n_together
    assert together == pytest.approx(apart, rel=1e-5)


def start(path: Path) -> "subprocess.Popen[str]":
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [*CASLIE, "train", str(path)], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def steps_logged(run_dir: Path) -> int:
    log = run_dir / "training" / "log.jsonl"
    lines = log.read_text().splitlines() if log.exists() else []
    return max((json.loads(line)["step"] for line in lines if line.endswith("}")), default=0)


def kill_after(path: Path, n_steps: int, wait: float) -> bool:
    """Kill a training some time after a step, and tell whether it was under way."""
    run_dir = load_recipe(str(path)).run_dir
    with start(path) as process:
        while process.poll() is None:
            if steps_logged(run_dir) >= n_steps:
                time.sleep(wait)
                process.kill()
                process.communicate()
                return process.returncode == -signal.SIGKILL
            time.sleep(0.01)
        _, errors = process.communicate()
        assert process.returncode == 0, errors
    return False


def kill_many(cook: Callable[..., Path], n: int, seed: int) -> Iterator[int]:
    """Kill one training after the other at random steps; yield the step of each kill."""
    chance = random.Random(seed)
    undisturbed = trained(cook("undisturbed"))
    for number in range(n):
        path = cook(f"killed-{number}")
        recipe = load_recipe(str(path))
        fuse_all(recipe, lambda *_: None)
        step = chance.randint(1, 5)
        assert kill_after(path, step, chance.random() * 0.3)
        train_all(recipe, lambda *_: None)
        found = adapter(recipe)
        assert all(found[name].equal(undisturbed[name]) for name in undisturbed), f"killed at {step}"
        log = [json.loads(line) for line in (recipe.run_dir / "training" / "log.jsonl").read_text().splitlines()]
        assert [line["step"] for line in log if "loss" in line] == [1, 2, 3, 4, 5, 6]
        yield step


def test_a_killed_training_goes_on_to_the_same_weights(cook: Callable[..., Path]) -> None:
    assert len(list(kill_many(cook, 1, seed=1))) == 1


@pytest.mark.prove
@pytest.mark.timeout(3000)
def test_kills_at_many_random_steps_change_no_weight(cook: Callable[..., Path]) -> None:
    steps = list(kill_many(cook, 30, seed=2))
    assert len(set(steps)) == 5, "every step was hit"
