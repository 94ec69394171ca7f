"""The files of a revision, by the unmodified client: whole, page by page, and by path."""

from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from huggingface_hub import HfApi, HfFileSystem
from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError, RevisionNotFoundError
from huggingface_hub.hf_api import RepoFile, RepoFolder

ONE = "alice/one"
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'a' * 64}\nsize 12345\n"
ODD = {"a b/ü#?%.txt": "1", "a b/100%25.txt": "2", "x+y/[z].txt": "3"}


@pytest.fixture(autouse=True)
def one(alice: HfApi) -> None:
    alice.create_repo(ONE)


def test_a_folder_is_listed_with_its_files_and_folders(alice: HfApi, server: Any) -> None:
    server.put(ONE, {"a.txt": "hello", "sub/b.bin": POINTER, "sub/deep/c.txt": "1"})
    found = {one.path: one for one in alice.list_repo_tree(ONE)}
    assert list(found) == [".gitattributes", "a.txt", "sub"]
    assert isinstance(found["sub"], RepoFolder)
    file = found["a.txt"]
    assert isinstance(file, RepoFile)
    assert (file.size, file.blob_id, file.lfs) == (5, "b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0", None)
    inner = next(iter(alice.list_repo_tree(ONE, path_in_repo="sub")))
    assert isinstance(inner, RepoFile) and inner.lfs
    assert (inner.size, inner.lfs.sha256, inner.lfs.pointer_size) == (12345, "a" * 64, len(POINTER))


def test_a_tree_of_2500_files_comes_page_by_page(alice: HfApi, server: Any) -> None:
    files = {f"folder {n % 7}/{n:04}.txt": str(n) for n in range(2500)}
    server.put(ONE, files)
    found = [one.path for one in alice.list_repo_tree(ONE, recursive=True) if isinstance(one, RepoFile)]
    assert sorted(found) == sorted([*files, ".gitattributes"])
    assert sorted(alice.list_repo_files(ONE)) == sorted(found)


def test_a_listing_stays_that_of_its_first_page(alice: HfApi, server: Any) -> None:
    server.put(ONE, {f"{n:04}.txt": "1" for n in range(1500)})
    listing = alice.list_repo_tree(ONE)
    first = next(iter(listing))
    server.put(ONE, {f"{n:04}.later": "1" for n in range(1500)})
    assert first.path == ".gitattributes"
    assert [one.path for one in listing] == [f"{n:04}.txt" for n in range(1500)]


def test_each_file_is_told_with_its_last_commit(alice: HfApi, server: Any) -> None:
    old = server.put(ONE, {f"{n:03}.txt": "1" for n in range(120)})
    new = server.put(ONE, {"007.txt": "2", "sub/x.txt": "1"})
    found = {one.path: one.last_commit for one in alice.list_repo_tree(ONE, expand=True, recursive=True)}
    assert len(found) == 123
    commits = {path: commit.oid for path, commit in found.items() if commit}
    assert (commits["006.txt"], commits["007.txt"], commits["sub"], commits["sub/x.txt"]) == (old, new, new, new)
    last = found["007.txt"]
    assert last and last.title == "put 007.txt, sub/x.txt"


def test_odd_names_come_back_as_they_are(alice: HfApi, server: Any) -> None:
    server.put(ONE, ODD)
    assert sorted(alice.list_repo_files(ONE)) == sorted([*ODD, ".gitattributes"])
    inner = [one.path for one in alice.list_repo_tree(ONE, path_in_repo="a b")]
    assert sorted(inner) == sorted(path for path in ODD if path.startswith("a b/"))
    assert [one.path for one in alice.get_paths_info(ONE, list(ODD))] == list(ODD)


def test_odd_folders_have_later_pages_too(alice: HfApi, server: Any) -> None:
    folder = "a b/ü#?%20"
    server.put(ONE, {f"{folder}/{n:04}": "1" for n in range(1200)})
    assert len(list(alice.list_repo_tree(ONE, path_in_repo=folder))) == 1200


def test_paths_are_told_one_by_one(alice: HfApi, server: Any) -> None:
    sha = server.put(ONE, {"a.txt": "1", "sub/b.bin": POINTER})
    found = alice.get_paths_info(ONE, ["a.txt", "sub", "sub/b.bin", "none.txt"], expand=True)
    assert [one.path for one in found] == ["a.txt", "sub", "sub/b.bin"]
    assert {one.last_commit.oid for one in found if one.last_commit} == {sha}
    assert alice.get_paths_info(ONE, "none.txt") == []
    assert len(alice.get_paths_info(ONE, [f"none/{n}" for n in range(500)])) == 0


def test_a_folder_that_is_not_there_is_said_to_be_missing(alice: HfApi, server: Any) -> None:
    server.put(ONE, {"a.txt": "1"})
    for folder in ("none", "a.txt"):
        with pytest.raises(EntryNotFoundError):
            list(alice.list_repo_tree(ONE, path_in_repo=folder))
    with pytest.raises(RevisionNotFoundError):
        list(alice.list_repo_tree(ONE, revision="none"))
    with pytest.raises(RevisionNotFoundError):
        alice.get_paths_info(ONE, ["a.txt"], revision="refs/pr/7")


def test_the_file_system_of_the_client_walks_it(alice: HfApi, server: Any) -> None:
    server.put(ONE, {"a.txt": "1", "sub/b.txt": "22"})
    alice.create_branch(ONE, branch="x/y")
    files = HfFileSystem(endpoint=server.address, token=server.tokens["alice"], skip_instance_cache=True)
    assert sorted(files.find(ONE)) == [f"{ONE}/.gitattributes", f"{ONE}/a.txt", f"{ONE}/sub/b.txt"]
    assert files.info(f"{ONE}@x%2Fy/sub/b.txt")["size"] == 2
    assert not files.exists(f"{ONE}/none.txt")


HOSTILE = ["..", "../x", "a/../../x", "/", "a//b", ".git/config", "a\0b", "a\\b", "x" * 5000, "\n", "a/.GIT/b", "‮x"]


@pytest.mark.parametrize("path", HOSTILE, ids=[str(n) for n in range(len(HOSTILE))])
def test_a_hostile_path_is_refused(alice: HfApi, server: Any, path: str) -> None:
    with pytest.raises(HfHubHTTPError) as refusal:
        alice.get_paths_info(ONE, [path])
    assert refusal.value.response.status_code == 400
    assert "cannot be the path of a file" in str(refusal.value)
    if path.strip("/.\n"):  # of these the client makes another address
        with pytest.raises(HfHubHTTPError, match="cannot be the path of a file"):
            list(alice.list_repo_tree(ONE, path_in_repo=path))


@pytest.mark.parametrize(
    "body",
    [b"\xff", b"paths=%ff", b"&".join([b"paths=a"] * 20_000), b"paths=" + b"a" * (5 << 20), b'{"paths": "a"}'],
    ids=["no-text", "no-utf8", "many", "large", "json"],
)
def test_a_form_that_makes_no_sense_is_refused(server: Any, body: bytes) -> None:
    request = Request(f"{server.address}/api/models/{ONE}/paths-info/main", data=body, method="POST")
    try:
        with urlopen(request) as answer:
            assert answer.read() == b"[]"
    except HTTPError as error:
        error.close()
        assert error.code in (400, 413)


@pytest.mark.parametrize("query", [{"cursor": "-1"}, {"cursor": "x"}, {"limit": "9" * 4000}, {"cursor": "9" * 8}])
def test_a_cursor_that_makes_no_sense_breaks_nothing(server: Any, query: dict[str, str]) -> None:
    try:
        with urlopen(f"{server.address}/api/models/{ONE}/tree/main?{urlencode(query)}") as answer:
            assert answer.read() == b"[]"
    except HTTPError as error:
        error.close()
        assert error.code == 400
