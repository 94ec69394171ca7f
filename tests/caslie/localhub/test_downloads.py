from pathlib import Path

import pytest
from huggingface_hub import CommitOperationAdd, HfApi, try_to_load_from_cache
from huggingface_hub.errors import EntryNotFoundError, GatedRepoError, RepositoryNotFoundError
from huggingface_hub.file_download import _CACHED_NO_EXIST

from tests.caslie.serving import Server


def fetch(client: HfApi, folder: Path, repo: str, path: str, revision: str | None = None) -> bytes:
    """Download without a cache: the client would fall back on it where it is refused."""
    return Path(client.hf_hub_download(repo, path, revision=revision, cache_dir=folder / "cache")).read_bytes()


def test_the_files_of_private_and_gated_repositories_are_for_those_let_in(
    alice: HfApi, bob: HfApi, nobody: HfApi, tmp_path: Path
) -> None:
    for name in ("private", "gated"):
        alice.create_repo(f"alice/{name}", private=name == "private")
        alice.upload_file(path_or_fileobj=b"\0x", path_in_repo="x.bin", repo_id=f"alice/{name}")
    alice.update_repo_settings("alice/gated", gated="manual")
    for stranger in (bob, nobody):
        with pytest.raises(RepositoryNotFoundError):
            fetch(stranger, tmp_path, "alice/private", "x.bin")
        with pytest.raises(GatedRepoError, match="Access to alice/gated is restricted"):
            fetch(stranger, tmp_path, "alice/gated", "x.bin")
    with pytest.raises(GatedRepoError, match="Access to alice/gated is restricted"):
        bob.create_commit(
            "alice/gated", [CommitOperationAdd("y.txt", b"y")], commit_message="Look inside", create_pr=True
        )
    assert fetch(alice, tmp_path, "alice/gated", "x.bin") == b"\0x"


@pytest.fixture
def lines(server: Server, alice: HfApi) -> str:
    """The path of an LFS file of 100 bytes."""
    alice.create_repo("alice/it")
    alice.upload_file(path_or_fileobj=bytes(range(100)), path_in_repo="bytes.bin", repo_id="alice/it")
    return "/alice/it/resolve/main/bytes.bin"


@pytest.mark.parametrize(
    ("asked", "status", "start", "end"),
    [
        ("bytes=0-9", 206, 0, 10),
        ("bytes=90-", 206, 90, 100),
        ("bytes=95-200", 206, 95, 100),
        ("bytes=-5", 206, 95, 100),
        ("bytes=0-99", 200, 0, 100),
        ("bytes=1-2,5-6", 200, 0, 100),
        ("lines=1-2", 200, 0, 100),
        ("bytes=9-1", 200, 0, 100),
        ("bytes=100-", 416, 0, 0),
    ],
)
def test_a_range_of_a_file_is_sent(server: Server, lines: str, asked: str, status: int, start: int, end: int) -> None:
    response = server.ask("alice", "GET", lines, headers={"Range": asked})
    assert response.status == status
    if status == 206:
        assert response.headers["Content-Range"] == f"bytes {start}-{end - 1}/100"
    if status == 416:
        assert response.error == "the file has 100 bytes"
    else:
        assert response.body == bytes(range(100))[start:end]


def test_a_range_of_what_has_changed_since_is_the_whole(server: Server, lines: str) -> None:
    response = server.ask("alice", "GET", lines, headers={"Range": "bytes=0-9", "If-Range": '"other"'})
    assert (response.status, len(response.body)) == (200, 100)


def test_what_a_client_has_already_is_not_sent(server: Server, lines: str) -> None:
    known = server.ask("alice", "HEAD", lines).headers
    assert (known["X-Linked-Size"], known["Content-Length"], known["X-Linked-Etag"]) == ("100", "100", known["ETag"])
    for etag in (known["ETag"], f'"other", {known["ETag"]}', "*"):
        response = server.ask("alice", "GET", lines, headers={"If-None-Match": etag})
        assert (response.status, response.body) == (304, b"")


def test_raw_is_what_git_has(server: Server, lines: str) -> None:
    pointer = server.ask("alice", "GET", lines.replace("resolve", "raw")).body
    assert pointer.startswith(b"version https://git-lfs.github.com/spec/v1\noid sha256:")


@pytest.mark.parametrize("name", ["page.html", "page.svg", "page.xml", "notes.md", "page.bin"])
def test_nothing_comes_as_what_a_browser_would_run(server: Server, alice: HfApi, name: str) -> None:
    alice.create_repo("alice/it")
    alice.upload_file(path_or_fileobj=b"<script>alert(1)</script>", path_in_repo=name, repo_id="alice/it")
    headers = server.ask("alice", "GET", f"/alice/it/resolve/main/{name}").headers
    assert headers["Content-Type"] in ("text/plain; charset=utf-8", "application/octet-stream")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_a_client_remembers_that_a_file_is_not_there(server: Server, alice: HfApi, tmp_path: Path) -> None:
    # Offline, transformers loads an adapter's tokenizer only if it knows that there is no config.json.
    alice.create_repo("alice/it")
    with pytest.raises(EntryNotFoundError, match=r"no\.json does not exist"):
        alice.hf_hub_download("alice/it", "no.json", cache_dir=tmp_path)
    assert try_to_load_from_cache("alice/it", "no.json", cache_dir=tmp_path) is _CACHED_NO_EXIST
