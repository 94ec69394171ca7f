"""A server that is killed, at whatever moment of a push, holds the release of before or the new one, whole."""

import hashlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from caslie.localhub.storage.git import GitRepo
from caslie.localhub.storage.objects import Objects
from tests.caslie.killing import ROOT, TOKEN, MortalHub

REPO = "alice/release"
N_FILES = 5

# What a pusher and a reader run: the real client, with nothing of ours.
PUSH = """
import sys
from pathlib import Path
from huggingface_hub import CommitOperationAdd, HfApi
folder, repo, message = sys.argv[1:]
api = HfApi()
api.create_repo(repo, repo_type="dataset", exist_ok=True)
files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
operations = [CommitOperationAdd(path.relative_to(folder).as_posix(), path) for path in files]
api.create_commit(repo, operations, repo_type="dataset", commit_message=message)
"""
LOAD = """
import sys
from huggingface_hub import snapshot_download
snapshot_download(sys.argv[1], repo_type="dataset", local_dir=sys.argv[2])
"""


@dataclass(slots=True)
class Harness:
    """A Hub that is killed and started again at the same place, and those who push to it."""

    server: MortalHub
    xet: bool
    releases: list[dict[str, str]] = field(default_factory=list)

    @property
    def root(self) -> Path:
        return self.server.root

    @property
    def hub(self) -> Path:
        return self.server.hub

    def release(self, number: int) -> Path:
        """Write a release: most files differ from those of the one before, and its number is in each."""
        folder = self.root / f"release-{number}"
        for i in range(N_FILES):
            path = folder / "data" / f"part-{i}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(random.Random(f"{number} {i}").randbytes(300_000 + 50_000 * i))
            (folder / f"part-{i}.json").write_text(json.dumps({"release": number, "part": i}))
        (folder / "README.md").write_text(f"---\nlicense: mit\n---\n# Release {number}\n")
        self.releases.append(content(folder))
        return folder

    def push(self, folder: Path, home: str) -> subprocess.Popen[str]:
        arguments = [sys.executable, "-c", PUSH, str(folder), REPO, folder.name]
        return subprocess.Popen(
            arguments, env=self.client(home), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def finish(self, folder: Path, home: str) -> float:
        """Push undisturbed; return the seconds it took."""
        begun = time.monotonic()
        with self.push(folder, home) as pusher:
            said, _ = pusher.communicate(timeout=60)
        assert pusher.returncode == 0, said
        return time.monotonic() - begun

    def load(self) -> dict[str, str]:
        """Everything on `main`, as one sees it who has never been here."""
        folder, home = self.root / "loaded", self.root / "clean"
        for path in (folder, home):
            shutil.rmtree(path, ignore_errors=True)
        arguments = [sys.executable, "-c", LOAD, REPO, str(folder)]
        done = subprocess.run(arguments, env=self.client("clean"), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return content(folder)

    def sent(self) -> list[str]:
        """The contents that came by LFS and were acknowledged, by the server's log."""
        return re.findall(r" PUT /lfs/objects/(\w+) 200 ", (self.root / "server.err").read_text())

    def client(self, home: str) -> dict[str, str]:
        place = self.root / home
        return environment() | {
            "HF_ENDPOINT": self.server.endpoint,
            "HF_TOKEN": TOKEN,
            "HF_HOME": str(place),
            "HF_HUB_CACHE": str(place / "hub"),
            "HF_HUB_OFFLINE": "0",
            "HF_HUB_DISABLE_XET": "0" if self.xet else "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        }

    def must_be_whole(self) -> None:
        """Every commit is there to its last byte, and every content that `main` names."""
        repos = sorted((self.hub / "repos").glob("*/*/*.git"))
        if shutil.which("git"):
            for repo in repos:
                fsck = ["git", "-C", str(repo), "fsck", "--strict", "--full", "--no-dangling"]
                done = subprocess.run(fsck, capture_output=True, text=True, check=False)
                assert (done.returncode, done.stdout) == (0, ""), done.stderr
        objects = Objects(self.hub / "objects", self.hub / "unfinished")
        for repo in repos:
            git = GitRepo(repo)
            for entry in git.entries(git.commit_of("refs/heads/main"), recursive=True):
                if entry.lfs:
                    stored = objects.path(entry.lfs.sha256).read_bytes()
                    assert hashlib.sha256(stored).hexdigest() == entry.lfs.sha256
                    assert len(stored) == entry.lfs.size


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT)}


def content(folder: Path) -> dict[str, str]:
    """The sha256 of every file, without those that the Hub and the client add."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".cache" not in path.parts and path.name != ".gitattributes"
    }


def n_files(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


def moment(harness: Harness, kind: int, share: float, lasts: float) -> Callable[[], bool]:
    """A moment to come: after so long, when so many contents have landed, or in the middle of the commit."""
    if kind == 0:
        deadline = time.monotonic() + lasts * (0.4 + 0.6 * share)  # the first part of a push is Python's start
        return lambda: time.monotonic() >= deadline
    folder = harness.hub / ("objects" if kind == 1 else "repos")
    wanted = n_files(folder) + 1 + int(share * N_FILES)
    return lambda: n_files(folder) >= wanted


def prove(harness: Harness, n_kills: int, seed: int) -> int:
    """Kill the server again and again while somebody pushes; return how often it hit a push under way."""
    harness.server.start()
    harness.finish(harness.release(0), "warm")
    lasts = harness.finish(harness.release(1), "warm")
    assert harness.load() == harness.releases[1]
    dice, hits = random.Random(seed), 0
    for number in range(2, 2 + n_kills):
        folder, home = harness.release(number), f"home-{number}"
        now = moment(harness, number % 3, dice.random(), lasts)
        with harness.push(folder, home) as pusher:
            while pusher.poll() is None and not now():
                time.sleep(0.001)
            hits += pusher.poll() is None
            harness.server.kill()
            harness.server.start()
            pusher.communicate(timeout=60)
        harness.must_be_whole()
        assert harness.load() in harness.releases[-2:]
        harness.finish(folder, home)
        assert set(Counter(harness.sent()).values()) <= {1}
        assert harness.load() == harness.releases[-1]
        assert not list((harness.hub / "unfinished").iterdir())
    return hits


@pytest.fixture(params=[False, True], ids=["lfs", "xet"])
def harness(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Harness]:
    made = Harness(MortalHub(tmp_path), request.param)
    yield made
    made.server.kill()


def test_a_killed_server_holds_a_whole_release(harness: Harness) -> None:
    assert prove(harness, 2, seed=1) >= 1


@pytest.mark.prove
@pytest.mark.timeout(1200)
def test_no_moment_to_kill_the_server_is_a_bad_one(harness: Harness) -> None:
    assert prove(harness, 12, seed=7) >= 8
