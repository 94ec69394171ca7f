"""Kills a run at any moment: it goes on where it was, and ends with the bytes of an undisturbed one."""

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

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
CASLIE = [sys.executable, "-c", "from caslie.cli import main; main()"]
HOW = ("--prompt", "alpaca", "--config", "ap_ind", "--config", "prp_ind", "--batch", 2, "--tokens", 8)


def start(*arguments: object) -> subprocess.Popen[str]:
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [*CASLIE, "predict", *map(str, arguments)], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def asked(*arguments: object) -> int:
    """Run to the end and return how many prompts were asked."""
    with start(*arguments, "--json") as process:
        out, errors = process.communicate(timeout=100)
    assert process.returncode == 0, errors
    return sum(one["asked"] for modes in json.loads(out)["counts"].values() for one in modes.values())


def content(out: Path) -> dict[str, bytes]:
    # How long it took is no result.
    paths = [path for path in out.rglob("*") if path.is_file() and path.name != "effort.log"]
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in paths}


def stored(out: Path) -> int:
    """How many answers are kept, those of a batch that is not whole left out."""
    whole = 0
    for path in out.glob("answers/*"):
        for line in path.read_bytes().splitlines(keepends=True)[1:]:
            if line.endswith(b"}\n"):
                number, of = json.loads(line)["batch"]
                whole += of if number == of else 0
    return whole


def size(out: Path) -> int:
    return sum(path.stat().st_size for path in out.glob("answers/*"))


def kill(arguments: tuple[object, ...], wait: Callable[[], bool]) -> bool:
    """Kill a run at a moment, and tell whether it was still under way."""
    with start(*arguments) as process:
        while process.poll() is None and not wait():
            time.sleep(0.0005)
        process.kill()
        process.communicate()
    return process.returncode == -signal.SIGKILL


def kill_many(base: Path, dataset: Path, tmp_path: Path, n: int, seed: int) -> int:
    def run(out: Path) -> tuple[object, ...]:
        return (base, "--data", dataset, *HOW, "--out", out)

    total = asked(*run(tmp_path / "undisturbed"))
    undisturbed, n_bytes = content(tmp_path / "undisturbed"), size(tmp_path / "undisturbed")
    dice, killed = random.Random(seed), 0
    for number in range(n):
        out, at = tmp_path / f"killed{number}", dice.randrange(n_bytes)
        killed += kill(run(out), lambda: size(out) >= at)  # noqa: B023
        left = total - stored(out)
        assert asked(*run(out)) == left
        assert content(out) == undisturbed
    assert asked(*run(tmp_path / "undisturbed")) == 0
    return killed


def test_a_kill_leaves_no_trace(base: Path, dataset: Path, tmp_path: Path) -> None:
    assert kill_many(base, dataset, tmp_path, n=1, seed=4) == 1


@pytest.mark.prove
@pytest.mark.timeout(1800)
def test_fifty_kills_leave_no_trace(base: Path, dataset: Path, tmp_path: Path) -> None:
    assert kill_many(base, dataset, tmp_path, n=50, seed=1) >= 40
