"""A rehearsal leaves no trace, and a push leaves its token nowhere."""

import hashlib
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
REPO = "alice/mmecinstruct"
LICENSE = ("--license", "cc-by-4.0")
CANARY = "hf_canarycanarycanarycanarycanarycana"
HUB = ("-c", "from caslie.cli import main; main()", "hub")
LINUX = pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="there is no /proc to look at")

Run = Callable[..., Any]


def digests(folder: Path) -> dict[str, str]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def of_processes(name: str) -> dict[str, str]:
    """The command lines or the environments of all processes."""
    found = {}
    for path in Path("/proc").glob(f"[0-9]*/{name}"):
        with suppress(OSError):  # it has ended
            found[path.parent.name] = path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    return found


def running_with(text: str) -> list[str]:
    """The processes in whose environment a text stands."""
    return [number for number, variables in of_processes("environ").items() if text in variables]


def holding(folder: Path, text: str) -> list[str]:
    """The files under a folder that hold a text, in their bytes or in their names."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]
    return [str(path) for path in paths if text in str(path) or text.encode() in path.read_bytes()]


@LINUX
def test_a_rehearsal_does_it_all_and_leaves_no_trace(tiny_build: Path, process: Run, tmp_path: Path) -> None:
    temporary, before = tmp_path / "temporary", digests(tiny_build)
    temporary.mkdir()
    variables = {"TMPDIR": str(temporary), "HF_TOKEN": CANARY, "HF_ENDPOINT": "http://127.0.0.1:9"}
    arguments = ("dataset", tiny_build, REPO, *LICENSE, "--rehearse")
    ran = process(variables, "-m", "caslie.push", *arguments)
    assert (ran.code, ran.err) == (0, "")
    assert re.search(r"\d+ rows and \d+ pictures loaded back with datasets, equal", ran.out)
    assert "that was a rehearsal on a Hub that is gone again: nothing was published" in ran.out
    assert digests(tiny_build) == before
    assert list(temporary.iterdir()) == []
    deadline = time.monotonic() + 10  # the last of its Hub may be on its way out
    while running_with(str(temporary)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert running_with(str(temporary)) == []


def test_a_rehearsal_speaks_json_too(tiny_build: Path, process: Run) -> None:
    ran = process({}, "-m", "caslie.push", "dataset", tiny_build, REPO, *LICENSE, "--rehearse", "--json")
    assert (ran.code, ran.err, ran.content["tag"]) == (0, "", "r1")


def test_a_rehearsal_that_fails_says_why_and_leaves_nothing(tiny_build: Path, process: Run, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    shard = tiny_build / "data/ap_ood/test-00000-of-00001.parquet"
    shard.write_bytes(shard.read_bytes()[:-4])
    arguments = ("dataset", tiny_build, REPO, *LICENSE, "--rehearse")
    ran = process({"TMPDIR": str(temporary)}, "-m", "caslie.push", *arguments)
    assert ran.code == 1
    assert "cannot be read as Parquet" in ran.err
    assert "Traceback" not in ran.err
    assert list(temporary.iterdir()) == []


def watched(command: list[str], variables: dict[str, str]) -> tuple[subprocess.Popen[str], str, set[str]]:
    """Run a command; return it, what it said, and all command lines that stood in the process list meanwhile."""
    seen: set[str] = set()
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.05):
            seen.update(of_processes("cmdline").values())

    looking = threading.Thread(target=look)
    looking.start()
    running = subprocess.Popen(
        command, env=os.environ | variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    said = running.communicate(timeout=60)[0]
    done.set()
    looking.join()
    return running, said, seen


@LINUX
def test_a_token_is_left_nowhere(tiny_build: Path, process: Run, tmp_path: Path) -> None:
    hub, home = tmp_path / "hub", tmp_path / "home"
    started = process({}, *HUB, "start", hub, "--port", 0, "--user", f"alice:{CANARY}")
    caches = {"HF_HOME": home, "HF_HUB_CACHE": home / "hub", "HF_DATASETS_CACHE": home / "datasets"}
    variables = {"HF_TOKEN": CANARY, "HF_HUB_OFFLINE": "0", "PYTHONPATH": str(ROOT)}
    variables |= {name: str(path) for name, path in caches.items()}
    command = [sys.executable, "-m", "caslie.push", "dataset", str(tiny_build), REPO, *LICENSE, "--yes"]
    try:
        variables["HF_ENDPOINT"] = re.findall("HF_ENDPOINT=(.*)", started.out)[0]
        ran, said, seen = watched(command, variables)
    finally:
        process({}, *HUB, "stop", hub)
    assert ran.returncode == 0, said
    assert [line for line in seen if "caslie.push" in line]
    assert "commit/main 200" in (hub / "server.log").read_text(encoding="utf-8")
    assert not [text for text in (*seen, said, started.out, started.err) if CANARY in text]
    assert [found for folder in (hub, home, tiny_build) for found in holding(folder, CANARY)] == []
