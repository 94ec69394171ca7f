"""A pusher that is killed, or whose Hub is, at whatever moment: `main` is the old release or the new one, whole."""

import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import huggingface_hub.constants
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from huggingface_hub import HfApi

from mmecinstruct.builder import Request, build
from mmecinstruct.config import load_recipe
from tests.caslie.killing import ROOT, TOKEN, MortalHub

PUSH = [sys.executable, "-m", "caslie.push", "dataset"]
REPO = "alice/mmecinstruct"
MORE = 60_000  # bytes that no compression shrinks, added to a release's first pictures
KINDS = ("time", "requests", "contents", "ending")
ENDING = re.compile(r"POST \S+(?:/paths-info/main|/commit/main|/tag/)")  # loaded back, promoted, tagged
SENT = re.compile(r" (?:PUT /lfs/objects|POST \S+/v1/xorbs/default)/(\w+) 200 ")

# What a reader runs who has never been here: the real client, with nothing of ours.
LOAD = """
import hashlib, json, sys
from datasets import get_dataset_config_names, load_dataset
found = {}
for config in get_dataset_config_names(sys.argv[1]):
    for split, rows in load_dataset(sys.argv[1], config).items():
        if config.startswith("all_"):
            continue
        table = rows.with_format("arrow")[:]
        pictures = [image["bytes"] for images in table["images"].to_pylist() for image in images]
        words = [*table["id"].to_pylist(), *table["output"].to_pylist()]
        found[f"{config}/{split}"] = [words, [hashlib.sha256(one).hexdigest() for one in pictures]]
print(json.dumps(found))
"""


@dataclass(slots=True)
class Harness:
    """A Hub at one place, a build whose rows change from release to release, and those who push it."""

    server: MortalHub
    xet: bool
    lasts: float = 0
    asks: int = 0
    n_releases: int = 0

    @property
    def root(self) -> Path:
        return self.server.root

    @property
    def hub(self) -> Path:
        return self.server.hub

    @property
    def api(self) -> HfApi:
        return HfApi(endpoint=self.server.endpoint, token=TOKEN)

    def environment(self, home: str) -> dict[str, str]:
        place = self.root / home
        return os.environ | {
            "PYTHONPATH": str(ROOT),
            "HF_ENDPOINT": self.server.endpoint,
            "HF_TOKEN": TOKEN,
            "HF_HOME": str(place),
            "HF_HUB_CACHE": str(place / "hub"),
            "HF_DATASETS_CACHE": str(place / "datasets"),
            "HF_HUB_OFFLINE": "0",
            "HF_HUB_DISABLE_XET": "0" if self.xet else "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
            "USE_TORCH": "0",  # `datasets` would take a second to import it, for nothing
        }

    @property
    def last(self) -> Path:
        return self.root / f"release-{self.n_releases}"

    def new_release(self) -> Path:
        """The build again, with other rows: every answer tells its number, half of the files have other pictures."""
        self.n_releases += 1
        folder, number = self.last, self.n_releases
        shutil.copytree(self.root / "made", folder)
        manifest = json.loads((folder / "manifest.json").read_text())
        shards = [
            file
            for config in manifest["configs"].values()
            for split in config["splits"].values()
            for file in split["files"]
        ]
        for i, file in enumerate(shards):
            path = folder / file["path"]
            change(path, number, random.Random(f"{number} {i}") if i % 2 else random.Random(i))
            file |= {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "bytes": path.stat().st_size}
        (folder / "manifest.json").write_text(json.dumps(manifest, indent=1))
        return folder

    def push(self, folder: Path, home: str) -> subprocess.Popen[str]:
        command = [*PUSH, str(folder), REPO, "--license", "cc-by-4.0", "--yes"]
        return subprocess.Popen(
            command, env=self.environment(home), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def finish(self, folder: Path, home: str) -> None:
        """Push undisturbed: it is released and tagged, nothing is left over, and no content is sent again."""
        before, new, begun = self.stored(), self.news(), time.monotonic()
        with self.push(folder, home) as pusher:
            said, _ = pusher.communicate(timeout=120)
        assert pusher.returncode == 0, said
        self.lasts, self.asks = time.monotonic() - begun, new().count("\n")
        assert not set(SENT.findall(new())) & set(before)
        self.must_be_released(folder)

    def must_be_released(self, folder: Path) -> None:
        files = self.api.list_repo_tree(REPO, repo_type="dataset", recursive=True)
        there = {one.path: one.lfs.sha256 for one in files if getattr(one, "lfs", None)}
        assert there.items() >= shards_of(folder).items()
        refs = self.api.list_repo_refs(REPO, repo_type="dataset")
        assert [branch.name for branch in refs.branches] == ["main"]
        assert refs.branches[0].target_commit in {tag.target_commit for tag in refs.tags}

    def load(self) -> dict[str, Any]:
        shutil.rmtree(self.root / "clean", ignore_errors=True)
        command = [sys.executable, "-c", LOAD, REPO]
        done = subprocess.run(command, env=self.environment("clean"), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def stored(self) -> dict[str, int]:
        """Every content and every xorb that the Hub holds, whole."""
        paths = [path for kind in ("objects", "xet") for path in (self.hub / kind).rglob("*")]
        return {path.name: path.stat().st_size for path in paths if path.is_file()}

    def news(self) -> Callable[[], str]:
        """What the Hub's log says from now on."""
        path = self.root / "server.err"
        begin = path.stat().st_size

        def read() -> str:
            with path.open(encoding="utf-8") as file:
                file.seek(begin)
                return file.read()

        return read


def change(path: Path, number: int, dice: random.Random) -> None:
    table = pq.read_table(path)
    rows = table.to_pylist()
    for row in rows:
        row["output"] = f"{row['output']} {number}"
        row["images"][0]["bytes"] += dice.randbytes(MORE)  # after the end of the JPEG: readers take no notice
    pq.write_table(pa.Table.from_pylist(rows, table.schema), path)


def shards_of(folder: Path) -> dict[str, str]:
    paths = sorted(folder.glob("data/*/*.parquet"))
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def content(folder: Path) -> dict[str, Any]:
    """What `LOAD` must find of a build."""
    found = {}
    for path in sorted(folder.glob("data/*/*.parquet")):
        rows = pq.read_table(path).to_pylist()
        pictures = [hashlib.sha256(image["bytes"]).hexdigest() for row in rows for image in row["images"]]
        words = [row[column] for column in ("id", "output") for row in rows]
        found[f"{path.parent.name}/{path.name.partition('-')[0]}"] = [words, pictures]
    return found


def moment(harness: Harness, kind: str, share: float) -> Callable[[], bool]:
    """A moment to come: after a share of the time, or of the requests; when so much has landed; at the release."""
    new, there = harness.news(), len(harness.stored())
    deadline = time.monotonic() + share * harness.lasts
    match kind:
        case "time":
            return lambda: time.monotonic() >= deadline
        case "requests":
            return lambda: new().count("\n") >= share * harness.asks
        case "contents":
            return lambda: len(harness.stored()) > there + int(share * 4)
        case _:
            return lambda: len(ENDING.findall(new())) > int(share * 3)


@pytest.fixture(scope="module", params=[False, True], ids=["lfs", "xet"])
def harness(request: Any, sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    """A Hub with a first release, by one transport and by the other."""
    root = tmp_path_factory.mktemp("kills")
    build(load_recipe("sample"), Request(sample, root / "made", tasks=("ap", "sa"), limit=6))
    harness = Harness(MortalHub(root), request.param)
    harness.server.start()
    try:
        with pytest.MonkeyPatch.context() as world:
            world.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
            harness.finish(harness.new_release(), "home")
        yield harness
    finally:
        harness.server.kill()


def struck(harness: Harness, kind: str, share: float, strike: Callable[[Any], None]) -> tuple[int, str]:
    """Push a new release, strike at a moment, and look: `main` is the release of before or the new one."""
    before, folder = harness.last, harness.new_release()
    now = moment(harness, kind, share)
    with harness.push(folder, "home") as pusher:
        while pusher.poll() is None and not now():
            time.sleep(0.001)
        strike(pusher)
        said, _ = pusher.communicate(timeout=120)
    assert harness.load() in (content(before), content(folder))
    shutil.rmtree(before)
    return pusher.returncode, said


def kill_pushers(harness: Harness, kinds: Sequence[str], seed: int) -> int:
    """Kill a pusher of each new release and push it again; return how many were killed under way."""
    dice, hits = random.Random(seed), 0
    for kind in kinds:
        code, _ = struck(harness, kind, dice.random(), lambda pusher: pusher.kill())
        hits += code == -signal.SIGKILL
        harness.finish(harness.last, dice.choice(["home", harness.last.name]))  # the same client, or one that is new
    assert harness.load() == content(harness.last)
    return hits


def kill_servers(harness: Harness, kinds: Sequence[str], seed: int) -> int:
    """Kill the Hub under each pusher and start it again; return how many pushers went on to the end."""
    dice, went_on = random.Random(seed), 0
    for kind in kinds:
        code, said = struck(harness, kind, dice.random(), lambda _: harness.server.restart())
        assert code == 0 or (said.splitlines()[-1].startswith("error: ") and "Traceback" not in said), said
        went_on += code == 0
        harness.finish(harness.last, "home")
    return went_on


def test_a_killed_pusher_leaves_a_whole_release_and_the_next_push_finishes(harness: Harness) -> None:
    kinds = ("contents",) if harness.xet else ("ending",)
    assert kill_pushers(harness, kinds, seed=1) == len(kinds)


def test_a_pusher_goes_on_when_its_hub_was_killed_and_is_back(harness: Harness) -> None:
    assert kill_servers(harness, ("contents",), seed=1) == 1


@pytest.mark.prove
@pytest.mark.timeout(3000)
def test_no_moment_to_kill_a_pusher_is_a_bad_one(harness: Harness) -> None:
    assert kill_pushers(harness, KINDS * 13, seed=5) >= 50


@pytest.mark.prove
@pytest.mark.timeout(3000)
def test_no_moment_to_kill_the_hub_is_a_bad_one_for_a_pusher(harness: Harness) -> None:
    assert kill_servers(harness, KINDS * 3, seed=6) >= 3
