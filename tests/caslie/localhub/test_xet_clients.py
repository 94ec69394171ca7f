import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import urlsplit

from caslie.localhub.storage.hub import Hub
from tests.caslie.serving import Server

PUSH = """
import os, random, sys, pathlib
from huggingface_hub import HfApi
repo, seeds = sys.argv[1], sys.argv[2]
content = b"".join(random.Random(int(seed)).randbytes(3_000_000) for seed in seeds)
HfApi().create_repo(repo, exist_ok=True)
HfApi().upload_file(path_or_fileobj=content, path_in_repo=f"{seeds}.bin", repo_id=repo)
"""


Serve = Callable[[Path], AbstractContextManager[Server]]


def push(server: Server, name: str, home: Path, *arguments: str) -> None:
    environment = os.environ | server.environment(name, home) | {"HF_HUB_DISABLE_XET": "0"}
    done = subprocess.run(
        [sys.executable, "-c", PUSH, *arguments], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert done.returncode == 0, done.stderr.decode()[-3000:]


def cas_address(server: Server, repo: str) -> str:
    answer = server.ask("alice", "GET", f"/api/models/{repo}/xet-write-token/main").content
    return urlsplit(answer["casUrl"]).path


def n_stored(hub: Hub, home: str) -> int:
    return sum(path.stat().st_size for path in (hub.root / "xet" / home).rglob("*") if path.is_file())


def test_a_client_without_memory_sends_only_what_is_new(server: Server, tmp_path: Path) -> None:
    push(server, "alice", tmp_path / "first home", "alice/one", "01")
    before = n_stored(server.hub, "alice")
    assert before > 6_000_000
    push(server, "alice", tmp_path / "second home", "alice/two", "01")
    assert n_stored(server.hub, "alice") == before
    push(server, "alice", tmp_path / "third home", "alice/two", "012")
    assert 3_000_000 < n_stored(server.hub, "alice") - before < 3_300_000


def test_a_client_does_not_rely_on_what_it_sent_elsewhere(server: Server, serve: Serve, tmp_path: Path) -> None:
    push(server, "alice", tmp_path / "home", "alice/one", "0")
    push(server, "alice", tmp_path / "home", "acme/one", "0")
    assert n_stored(server.hub, "acme") == n_stored(server.hub, "alice")
    push(server, "bob", tmp_path / "home", "bob/one", "0")
    assert n_stored(server.hub, "bob") == n_stored(server.hub, "alice")
    assert len([path for path in (server.hub.root / "objects").rglob("*") if path.is_file()]) == 1


def test_a_hub_is_known_by_its_folder_not_by_its_address(serve: Serve, tmp_path: Path) -> None:
    ids = []
    for folder in ("one", "one", "two"):
        with serve(tmp_path / folder) as server:
            server.client("alice").create_repo("alice/it", exist_ok=True)
            ids.append(cas_address(server, "alice/it"))
    assert ids[0] == ids[1] != ids[2]
