"""A build that is killed, at whatever moment, and started again, is the build that was not."""

import random
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

Digests = Callable[[Path], dict[str, str]]
CONNECTIONS = 16  # the recipe's own number: so many requests may be under way when the process dies


@dataclass(slots=True)
class Harness:
    """One set of corpora without pictures, a stand-in that has them, and a recipe that asks there."""

    start: Callable[..., subprocess.Popen[str]]
    content: Digests
    sources: Path
    origin: Any
    root: Path
    limit: tuple[object, ...]

    def command(self, name: str) -> subprocess.Popen[str]:
        recipe = self.root / "recipe.yaml"
        folder = self.root / name
        arguments = ("build", recipe, "--sources", self.sources, "--out", folder / "out", *self.limit)
        return self.start(*arguments, MMECINSTRUCT_CACHE=str(folder / "cache"))

    def finish(self, name: str) -> dict[str, str]:
        with self.command(name) as process:
            _, err = process.communicate()
        assert process.returncode == 0, err
        return self.content(self.root / name / "out")

    def kill(self, name: str, now: Callable[[], bool]) -> bool:
        """Kill the build as soon as `now` says so; tell whether it was still running."""
        with self.command(name) as process:
            while process.poll() is None and not now():
                time.sleep(0.002)
            process.kill()
            process.communicate()
        return process.returncode == -signal.SIGKILL


@pytest.fixture
def harness(start: Any, content: Digests, corpora: Path, serve: Any, tmp_path: Path) -> Harness:
    sources = tmp_path / "corpora"
    sources.mkdir()
    for path in corpora.iterdir():
        if path.name != "images":
            (sources / path.name).symlink_to(path)
    origin = serve(lambda id: corpora / "images" / f"{id}.jpg")
    sample = (Path(__file__).parents[3] / "recipes" / "dataset" / "sample.yaml").read_text()
    rules = f'{{enabled: true, per_second: 1000, origins: {{m.media-amazon.com: "{origin.address}",'
    rules += f' images-na.ssl-images-amazon.com: "{origin.address}"}}}}'
    (tmp_path / "recipe.yaml").write_text(sample.replace("fetch: {enabled: false}", f"fetch: {rules}"))
    return Harness(start, content, sources, origin, tmp_path, ("--limit", 12, "--task", "ap", "--task", "sr"))


def prove(harness: Harness, n_kills: int, seed: int) -> int:
    """Kill one build again and again, let it end, and compare it with one that nobody disturbed."""
    begun = time.monotonic()
    expected = harness.finish("undisturbed")
    lasts = time.monotonic() - begun
    hits, pictures = harness.origin.hits, set(harness.origin.hits)
    assert set(hits.values()) == {1}
    hits.clear()
    dice, killed = random.Random(seed), 0
    for i in range(n_kills):
        killed += harness.kill("killed", moment(harness, dice.random(), lasts, len(pictures), by_hits=i % 2 == 0))
        out = harness.root / "killed" / "out"
        assert not out.exists() or harness.content(out) == expected
    assert harness.finish("killed") == expected
    assert set(hits) == pictures
    assert hits.total() - len(pictures) <= CONNECTIONS * killed
    assert not (harness.root / "killed" / "out.partial").exists()
    return killed


def moment(harness: Harness, share: float, lasts: float, n_pictures: int, *, by_hits: bool) -> Callable[[], bool]:
    """A moment to come: when so many of the pictures not yet asked for have been, or after so long."""
    if by_hits:
        asked = len(harness.origin.hits) + share * (n_pictures - len(harness.origin.hits))
        return lambda: len(harness.origin.hits) >= asked
    deadline = time.monotonic() + share * 0.7 * lasts
    return lambda: time.monotonic() >= deadline


def test_a_killed_build_ends_as_if_nothing_had_happened(harness: Harness) -> None:
    assert prove(harness, 3, seed=1) >= 2


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(8))
def test_no_moment_to_kill_a_whole_build_is_a_bad_one(harness: Harness, seed: int) -> None:
    harness.limit = ()
    assert prove(harness, 4, seed) >= 3
