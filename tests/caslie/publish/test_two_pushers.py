"""Two pushers at once: `main` is one of the two releases, none is lost, and the one that came too late says so."""

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub.errors import RepositoryNotFoundError

from mmecinstruct.builder import Request, build
from mmecinstruct.config import load_recipe

ROOT = Path(__file__).parents[3]
REPO = "alice/mmecinstruct"
FAR = pytest.mark.parametrize("far", ["branched", "staged"])


@dataclass(frozen=True, slots=True)
class Pushers:
    """Those who push to one repository, each in a process and with a home of its own."""

    server: Any
    root: Path

    @contextmanager
    def start(self, folder: Path) -> Iterator[subprocess.Popen[str]]:
        command = [sys.executable, "-m", "caslie.push", "dataset", str(folder), REPO, "--license", "mit", "--yes"]
        quiet = {"HF_HUB_DISABLE_PROGRESS_BARS": "1", "USE_TORCH": "0", "PYTHONPATH": str(ROOT)}
        env = os.environ | quiet | self.server.environment("alice", self.root / f"home-{random.random()}")
        pipe = subprocess.PIPE
        with subprocess.Popen(command, env=env, stdout=pipe, stderr=subprocess.STDOUT, text=True) as pusher:
            try:
                yield pusher
            finally:
                pusher.kill()

    def finish(self, folder: Path) -> None:
        with self.start(folder) as pusher:
            said = ended(pusher)
        assert pusher.returncode == 0, said

    def meanwhile(self, folder: Path, far: str, other: Callable[[], None]) -> tuple[int, str]:
        """Push, and let another act while this one stands still, so far on its way."""
        with self.start(folder) as pusher:
            while pusher.poll() is None and not self.is_so_far(far):
                time.sleep(0.002)
            pusher.send_signal(signal.SIGSTOP)
            assert self.is_so_far(far)
            other()
            pusher.send_signal(signal.SIGCONT)
            said = ended(pusher)
        return pusher.returncode, said

    def is_so_far(self, far: str) -> bool:
        """Tell whether a pusher has its staging branch, and for `staged` all of its content on it."""
        try:
            branches = self.branches()
        except RepositoryNotFoundError:
            return False
        heads = [commit for name, commit in branches.items() if name.startswith("staging-")]
        return any(far == "branched" or commit != branches["main"] for commit in heads)

    def branches(self) -> dict[str, str]:
        refs = self.server.client("alice").list_repo_refs(REPO, repo_type="dataset")
        return {branch.name: branch.target_commit for branch in refs.branches}

    def tags(self) -> dict[str, str]:
        refs = self.server.client("alice").list_repo_refs(REPO, repo_type="dataset")
        return {tag.name: tag.target_commit for tag in refs.tags}

    def history(self) -> list[dict[str, str]]:
        """The shards of each commit on `main`, the oldest first; the first commit holds none."""
        api = self.server.client("alice")
        commits = [commit.commit_id for commit in api.list_repo_commits(REPO, repo_type="dataset")]
        trees = [
            api.list_repo_tree(REPO, "data", recursive=True, revision=one, repo_type="dataset")
            for one in commits[-2::-1]
        ]
        return [{file.path: file.lfs.sha256 for file in tree if getattr(file, "lfs", None)} for tree in trees]


@pytest.fixture
def pushers(server: Any, tmp_path: Path) -> Pushers:
    return Pushers(server, tmp_path)


@pytest.fixture
def theirs(sample: Path, tmp_path: Path) -> Path:
    """A build with fewer rows than `tiny_build`."""
    build(load_recipe("sample"), Request(sample, tmp_path / "theirs", tasks=("ap",), limit=2))
    return tmp_path / "theirs"


def ended(pusher: subprocess.Popen[str]) -> str:
    said, _ = pusher.communicate(timeout=60)
    assert "Traceback" not in said
    return said


def shards_of(folder: Path) -> dict[str, str]:
    paths = sorted(folder.glob("data/*/*.parquet"))
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


@FAR
def test_who_comes_too_late_says_so_and_changes_nothing(
    pushers: Pushers, tiny_build: Path, theirs: Path, far: str
) -> None:
    code, said = pushers.meanwhile(tiny_build, far, lambda: pushers.finish(theirs))
    assert (code, said.count("error: ")) == (1, 1)
    moved = pushers.branches()["main"]
    assert f"error: main of {REPO} has moved to {moved[:7]}" in said.splitlines()[-1]
    assert pushers.history() == [shards_of(theirs)]
    assert pushers.tags() == {"r1": moved}
    pushers.finish(tiny_build)
    assert pushers.history() == [shards_of(theirs), shards_of(tiny_build)]
    assert [*pushers.branches()] == ["main"]


@FAR
def test_two_who_push_the_same_both_succeed_with_one_commit(pushers: Pushers, tiny_build: Path, far: str) -> None:
    code, said = pushers.meanwhile(tiny_build, far, lambda: pushers.finish(tiny_build))
    assert code == 0, said
    assert pushers.history() == [shards_of(tiny_build)]
    assert pushers.tags() == {"r1": pushers.branches()["main"]}
    assert [*pushers.branches()] == ["main"]


@pytest.mark.prove
@pytest.mark.parametrize("same", [False, True])
@pytest.mark.parametrize("seed", range(10))
def test_no_release_is_lost_in_a_race(pushers: Pushers, tiny_build: Path, theirs: Path, seed: int, same: bool) -> None:
    dice = random.Random(seed)
    folders = (tiny_build, tiny_build if same else theirs)
    with pushers.start(folders[0]) as first:
        time.sleep(dice.random() * 0.2)
        with pushers.start(folders[1]) as second:
            said = [ended(first), ended(second)]
    codes = [first.returncode, second.returncode]
    won = [shards_of(folder) for folder, code in zip(folders, codes, strict=True) if code == 0]
    history = pushers.history()
    assert won and all(one in history for one in won), said
    assert len(history) == (1 if same else len(won))
    assert sorted(pushers.tags()) == [f"r{n}" for n in range(1, len(history) + 1)]
    for one, code in zip(said, codes, strict=True):
        assert code == 0 or "has moved" in one.splitlines()[-1] or "made by another push" in one.splitlines()[-1], one
    assert not same or codes == [0, 0], said
