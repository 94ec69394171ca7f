"""Kills both stages at any moment: they go on where they were, and end with the bytes of an undisturbed run."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CASLIE = [sys.executable, "-c", "from caslie.cli import main; main()"]


def start(*arguments: object) -> subprocess.Popen[str]:
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [*CASLIE, *map(str, arguments)], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def calls(*arguments: object) -> int:
    """Run a stage to its end and return how often it asked."""
    with start(*arguments, "--json") as process:
        out, errors = process.communicate(timeout=100)
    assert process.returncode == 0, errors
    return sum(model["calls"] for model in json.loads(out)["models"].values())


def both(recipe: Path) -> int:
    return calls("caption", recipe) + calls("judge", recipe)


def content(run: Path) -> dict[str, bytes]:
    """Return every file of a run: the answers, and the dataset with its columns."""
    # How long it took is no result.
    paths = [path for path in sorted(run.rglob("*")) if path.is_file() and path.name != "effort.log"]
    return {path.relative_to(run).as_posix(): path.read_bytes() for path in paths}


def stored(run: Path) -> int:
    """Return how many answers a run holds, those of a batch that is not whole left out."""
    whole = 0
    for path in [*run.glob("captions/*"), *run.glob("votes/*")]:
        for line in path.read_bytes().splitlines(keepends=True)[1:]:
            if line.endswith(b"}\n"):
                number, of = json.loads(line)["batch"]
                whole += of if number == of else 0
    return whole


def size(run: Path) -> int:
    files = [*run.glob("captions/*"), *run.glob("votes/*"), *run.glob("dataset.partial/**/*")]
    found = 0
    for path in files:
        try:
            found += path.stat().st_size
        except FileNotFoundError:  # renamed since it was listed
            continue
    return found


def kill_once(recipe: Path, run: Path, wait: Callable[[], bool]) -> bool:
    """Kill the stage that is under way at a moment, and tell whether there was one."""
    for stage in ("caption", "judge"):
        with start(stage, recipe) as process:
            while process.poll() is None:
                if wait():
                    process.kill()
                    process.communicate()
                    return process.returncode == -signal.SIGKILL
                time.sleep(0.0005)
            process.communicate()
    return False


def kill_many(cook: Callable[..., Path], tmp_path: Path, n: int, seed: int) -> int:
    recipe = cook("undisturbed")
    total = both(recipe)
    undisturbed, n_bytes = content(tmp_path / "runs" / "undisturbed"), size(tmp_path / "runs" / "undisturbed")
    n_parquet = sum(len(there) for name, there in undisturbed.items() if name.startswith("dataset/data"))
    dice, killed = random.Random(seed), 0
    for number in range(n):
        run = tmp_path / "runs" / f"killed{number}"
        recipe = cook("undisturbed", run=str(run))  # the same recipe elsewhere
        at = dice.randrange(n_bytes + n_parquet // 3)
        killed += kill_once(recipe, run, lambda: size(run) >= at)  # noqa: B023
        left = total - stored(run)
        assert both(recipe) == left
        assert content(run) == undisturbed
    assert both(recipe) == 0
    return killed


def test_a_few_kills_leave_no_trace(cook, tmp_path):
    assert kill_many(cook, tmp_path, n=2, seed=4) >= 1


@pytest.mark.prove
def test_a_hundred_kills_leave_no_trace(cook, tmp_path):
    killed = kill_many(cook, tmp_path, n=120, seed=1)
    print(f"{killed} of 120 killed under way")  # noqa: T201
    assert killed >= 100
