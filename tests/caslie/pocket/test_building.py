"""Building all pocket models: what is refused, and that no training outlives its parent."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from caslie.errors import ModelError
from caslie.pocket.building import NAMES, build_all

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[3]
BUILD = [sys.executable, "-c", "from caslie.cli import main; main()", "pocket", "build"]


def no_progress(what: str, done: int, total: int) -> None:
    """Tell nobody."""


def test_models_that_are_there_are_left_alone(tmp_path):
    for name in NAMES:
        (tmp_path / "out" / name).mkdir(parents=True)
        (tmp_path / "out" / name / "config.json").write_text("{}")
    assert list(build_all(tmp_path / "work", tmp_path / "out", 2, no_progress)) == []


def test_a_file_is_no_place_for_models(tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(ModelError, match="is no folder"):
        next(build_all(tmp_path / "work", tmp_path / "out", 1, no_progress))
    assert (tmp_path / "out").read_text() == "mine"


def test_two_builds_cannot_share_their_work(tmp_path):
    (tmp_path / "work").mkdir()
    with (tmp_path / "work" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(ModelError, match="another build is under way"):
            next(build_all(tmp_path / "work", tmp_path / "out", 1, no_progress))


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's /proc")
@pytest.mark.parametrize(
    "kind",
    [
        signal.SIGKILL,
        pytest.param(signal.SIGTERM, marks=pytest.mark.prove),
        pytest.param(signal.SIGINT, marks=pytest.mark.prove),
    ],
)
def test_no_training_outlives_its_parent(tmp_path, kind):
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [*BUILD, str(tmp_path / "out"), "--workers", "1"],
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    begun = tmp_path / "out.partial" / "captioner"
    deadline = time.monotonic() + 60
    while not (begun.exists() and any(begun.rglob("*.npy"))) and time.monotonic() < deadline:
        time.sleep(0.1)
    trainings = children(process.pid)
    assert trainings
    process.send_signal(kind)
    process.wait(timeout=30)
    while any(alive(pid) for pid in trainings) and time.monotonic() < deadline + 30:
        time.sleep(0.1)
    assert not any(alive(pid) for pid in trainings)
    assert not (tmp_path / "out" / "captioner").exists()
