import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from huggingface_hub import HfApi

from caslie.localhub.storage.hub import Hub
from tests.caslie.serving import Server

Serve = Callable[[Path], AbstractContextManager[Server]]
both_transports = pytest.mark.parametrize("xet_off", ["0", "1"], ids=["xet", "lfs"])

FOLDER = """
import hashlib, json, os, pathlib, random
from huggingface_hub import CommitOperationCopy, CommitOperationDelete, HfApi, HfFileSystem, snapshot_download
api, repo, folder = HfApi(), "alice/things", pathlib.Path("folder")
def put(path, content):
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(content)
def there(revision=None):
    files = pathlib.Path(snapshot_download(repo, repo_type="dataset", revision=revision))
    return {p.relative_to(files).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
            for p in sorted(files.rglob("*")) if p.is_file()}
"""

CHANGES = (
    FOLDER
    + """
api.create_repo(repo, repo_type="dataset")
put("large.bin", random.Random(0).randbytes(3_000_000))
put("large.txt", b"".join(b"line %d\\n" % i for i in range(1_200_000)))
put("a/small.txt", b"small\\n"); put("a/small.dat", b"\\0\\1"); put("empty.bin", b"")
sent = {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in folder.rglob("*") if p.is_file()}
first = api.upload_folder(repo_id=repo, repo_type="dataset", folder_path=folder)
second = api.create_commit(repo, repo_type="dataset", commit_message="Move things", operations=[
    CommitOperationCopy("large.bin", "b/copy.bin"), CommitOperationCopy("a/small.txt", "b/copy.txt"),
    CommitOperationDelete("large.bin"), CommitOperationDelete("a/", is_folder=True)])
with HfFileSystem().open(f"datasets/{repo}/large.txt", block_size=1 << 16) as file:
    file.seek(9_000_000); part = file.read(100).decode()
print(json.dumps({"sent": sent, "first": there(first.oid), "second": there(), "part": part}))
"""
)

MANY = (
    FOLDER
    + """
for i in range(250):
    put(f"{i}.png", b"\\x89PNG" + random.Random(i).randbytes(2000)); put(f"{i}.json", b"{}%d" % i)
api.create_repo(repo, repo_type="dataset", exist_ok=True)
api.upload_folder(repo_id=repo, repo_type="dataset", folder_path=folder)
commits = [c.commit_id for c in api.list_repo_commits(repo, repo_type="dataset")]
print(json.dumps({"n_files": len(api.list_repo_files(repo, repo_type="dataset")), "commits": commits}))
"""
)

DATASET = """
import io, json, logging
from PIL import Image as Pictures
from datasets import Dataset, Features, Image, Value, load_dataset
from huggingface_hub import HfApi
def picture(i):
    file = io.BytesIO()
    Pictures.effect_noise((40, 40), 20 + i).save(file, "PNG")
    return {"bytes": file.getvalue(), "path": None}
rows = {"id": [str(i) for i in range(40)], "image": [picture(i) for i in range(40)]}
whole = Dataset.from_dict(rows, Features({"id": Value("string"), "image": Image()}))
first, again = (whole.push_to_hub("alice/pictures", "sr", split="train").oid for _ in range(2))
loaded = load_dataset("alice/pictures", "sr", split="train")
streamed = list(load_dataset("alice/pictures", "sr", split="train", streaming=True))
proposed = whole.select(range(30)).push_to_hub("alice/pictures", "sr", split="train", create_pr=True)
print(json.dumps({
    "first": first, "again": again, "size": loaded[3]["image"].size, "streamed": [row["id"] for row in streamed],
    "same": all(a["image"].tobytes() == b["image"].tobytes() for a, b in zip(loaded, whole)),
    "proposed": len(load_dataset("alice/pictures", "sr", split="train", revision=proposed.pr_revision)),
    "n_commits": len(HfApi().list_repo_commits("alice/pictures", repo_type="dataset")),
}))
"""


def told(server: Server, folder: Path, script: str, xet_off: str = "0", home: str = "home") -> dict[str, Any]:
    """Run a script with the unmodified clients, as alice, in a process of its own; it tells a JSON object."""
    run(server, folder, [sys.executable, "-c", script], xet_off, home)
    answer: dict[str, Any] = json.loads((folder / "out").read_text().splitlines()[-1])
    return answer


def run(server: Server, folder: Path, command: list[str], xet_off: str, home: str = "home") -> None:
    environment = os.environ | server.environment("alice", folder / home) | {"HF_HUB_DISABLE_XET": xet_off}
    with (folder / "out").open("wb") as out:
        done = subprocess.run(command, cwd=folder, env=environment, stdout=out, stderr=subprocess.PIPE, timeout=100)
    assert done.returncode == 0, done.stderr.decode()[-3000:]


def uploads(hub: Hub) -> dict[str, int]:
    """All large contents and chunks, and which write each is from: what is sent again has another number."""
    folders = (hub.root / "objects", hub.root / "xet")
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return {str(path): path.stat().st_ino for path in files}


def header(**more: str) -> bytes:
    return json.dumps({"key": "header", "value": {"summary": "Change"} | more}).encode() + b"\n"


def lfs_file(path: str, content: bytes, size: int | None = None) -> bytes:
    value = {"path": path, "oid": hashlib.sha256(content).hexdigest(), "algo": "sha256"}
    return json.dumps({"key": "lfsFile", "value": value | ({"size": size} if size is not None else {})}).encode()


def fetch(client: HfApi, folder: Path, repo: str, path: str, revision: str | None = None) -> bytes:
    """Download without a cache: the client would fall back on it where it is refused."""
    return Path(client.hf_hub_download(repo, path, revision=revision, cache_dir=folder / "cache")).read_bytes()


@both_transports
def test_what_is_sent_comes_back_byte_for_byte_at_each_revision(server: Server, tmp_path: Path, xet_off: str) -> None:
    answer = told(server, tmp_path, CHANGES, xet_off)
    first, second, sent = answer["first"], answer["second"], answer["sent"]
    assert {path: first[path] for path in sent} == sent
    assert second.keys() == {".gitattributes", "b/copy.bin", "b/copy.txt", "empty.bin", "large.txt"}
    assert (second["b/copy.bin"], second["b/copy.txt"]) == (sent["large.bin"], sent["a/small.txt"])
    lines = b"".join(b"line %d\n" % i for i in range(1_200_000))
    assert answer["part"] == lines[9_000_000:9_000_100].decode()


@both_transports
def test_five_hundred_files_sent_twice_are_sent_once(server: Server, tmp_path: Path, xet_off: str) -> None:
    first = told(server, tmp_path, MANY, xet_off)
    before = uploads(server.hub)
    assert first["n_files"] == 501
    assert told(server, tmp_path, MANY, xet_off, home="another home") == first
    assert uploads(server.hub) == before


@both_transports
def test_a_dataset_is_pushed_and_loaded_plain_streamed_and_as_proposed(
    server: Server, tmp_path: Path, xet_off: str
) -> None:
    answer = told(server, tmp_path, DATASET, xet_off)
    assert answer["first"] == answer["again"]
    assert answer["n_commits"] == 2
    assert answer["same"] and answer["size"] == [40, 40]
    assert answer["streamed"] == [str(i) for i in range(40)]
    assert answer["proposed"] == 30


@both_transports
def test_the_command_line_uploads_and_downloads(server: Server, tmp_path: Path, xet_off: str) -> None:
    hf = str(Path(sys.executable).parent / "hf")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/weights.bin").write_bytes(os.urandom(100_000))
    run(server, tmp_path, [hf, "upload", "alice/tool", "folder", "."], xet_off)
    run(server, tmp_path, [hf, "download", "alice/tool", "--local-dir", "back"], xet_off)
    assert (tmp_path / "back/weights.bin").read_bytes() == (tmp_path / "folder/weights.bin").read_bytes()


def test_the_name_of_a_content_does_not_open_it(server: Server, alice: HfApi, bob: HfApi) -> None:
    secret = b"\0the bytes of a private repository"
    alice.create_repo("alice/private", private=True)
    alice.upload_file(path_or_fileobj=secret, path_in_repo="s.bin", repo_id="alice/private")
    bob.create_repo("bob/mine")
    response = server.ask(
        server.tokens["bob"], "POST", "/api/models/bob/mine/commit/main", header() + lfs_file("s.bin", secret)
    )
    assert (response.status, response.error) == (
        400,
        "LFS pointer pointed to a file that does not exist: s.bin; upload its content first",
    )
    # Nor is it told that the content is here: who has it sends it.
    batch = {"operation": "upload", "objects": [{"oid": hashlib.sha256(secret).hexdigest(), "size": len(secret)}]}
    wanted = server.ask(
        server.tokens["bob"], "POST", "/bob/mine.git/info/lfs/objects/batch", json.dumps(batch).encode()
    )
    assert "actions" in wanted.content["objects"][0]
    there = server.ask(
        server.tokens["alice"], "POST", "/alice/private.git/info/lfs/objects/batch", json.dumps(batch).encode()
    )
    assert "actions" not in there.content["objects"][0]
    # With the bytes sent, both have it, and it is stored once.
    bob.upload_file(path_or_fileobj=secret, path_in_repo="s.bin", repo_id="bob/mine")
    assert len([path for path in (server.hub.root / "objects").rglob("*") if path.is_file()]) == 1


def test_a_card_whose_head_is_no_yaml_is_refused_with_the_reason(server: Server, alice: HfApi) -> None:
    alice.create_repo("alice/it")
    line = {"key": "file", "value": {"path": "README.md", "content": "---\na: [\n---\n", "encoding": "utf-8"}}
    response = server.ask(
        server.tokens["alice"], "POST", "/api/models/alice/it/commit/main", header() + json.dumps(line).encode()
    )
    assert response.status == 400
    assert "Invalid YAML in README.md: the metadata is no YAML" in response.error


def test_permits_to_upload_outlive_the_server_in_its_folder_alone(serve: Serve, tmp_path: Path) -> None:
    content = b"\0sent after a restart"
    sha256 = hashlib.sha256(content).hexdigest()
    batch = {"operation": "upload", "objects": [{"oid": sha256, "size": len(content)}]}
    with serve(tmp_path / "hub") as server:
        server.client("alice").create_repo("alice/it")
        objects = server.ask("alice", "POST", "/alice/it.git/info/lfs/objects/batch", json.dumps(batch).encode())
        address = objects.content["objects"][0]["actions"]["upload"]["href"].removeprefix(server.address)
        xet = server.ask("alice", "GET", "/api/models/alice/it/xet-write-token/main").content
    grant = f"{urlsplit(xet['casUrl']).path}/v1/xorb-grants/default/{'0' * 64}"
    for folder, sent, granted in (("another", 403, 403), ("hub", 200, 404)):
        with serve(tmp_path / folder) as server:
            assert server.ask("alice", "PUT", address, content).status == sent
            assert server.ask(xet["accessToken"], "POST", grant, b"{}").status == granted
            assert server.hub.objects.size(sha256) == (len(content) if sent == 200 else None)
    assert (tmp_path / "hub/secret").stat().st_mode & 0o777 == 0o600


def test_contents_outlive_the_server(serve: Serve, tmp_path: Path) -> None:
    with serve(tmp_path / "hub") as server:
        server.client("alice").create_repo("alice/it")
        server.client("alice").upload_file(path_or_fileobj=b"\0x", path_in_repo="x.bin", repo_id="alice/it")
        before = uploads(server.hub)
    with serve(tmp_path / "hub") as server:
        server.client("alice").upload_file(path_or_fileobj=b"\0x", path_in_repo="y.bin", repo_id="alice/it")
        assert uploads(server.hub) == before
        assert fetch(server.client("alice"), tmp_path, "alice/it", "y.bin") == b"\0x"
