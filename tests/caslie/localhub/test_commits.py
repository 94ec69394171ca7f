from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationCopy, CommitOperationDelete, HfApi
from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError, RevisionNotFoundError

from tests.caslie.serving import Server


def fetch(client: HfApi, folder: Path, repo: str, path: str, revision: str | None = None) -> bytes:
    """Download without a cache: the client would fall back on it where it is refused."""
    return Path(client.hf_hub_download(repo, path, revision=revision, cache_dir=folder / "cache")).read_bytes()


def add(path: str, content: bytes = b"hello\n") -> list[CommitOperationAdd]:
    return [CommitOperationAdd(path, content)]


def test_commits_at_once_land_or_are_told_that_the_branch_moved(alice: HfApi) -> None:
    alice.create_repo("alice/busy")
    start = alice.model_info("alice/busy").sha

    def push(i: int) -> int:
        try:
            alice.create_commit("alice/busy", add(f"{i}.txt"), commit_message=f"{i}", parent_commit=start)
        except HfHubHTTPError as error:
            return error.response.status_code
        return 200

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(push, range(8)))
    assert statuses == [200] + [412] * 7
    assert len(alice.list_repo_files("alice/busy")) == 2


def test_commits_at_once_without_a_parent_all_land(alice: HfApi) -> None:
    alice.create_repo("alice/busy")
    with ThreadPoolExecutor(8) as pool:
        shas = list(
            pool.map(
                lambda i: alice.create_commit("alice/busy", add(f"{i}.txt"), commit_message=f"{i}").oid, range(16)
            )
        )
    assert {commit.commit_id for commit in alice.list_repo_commits("alice/busy")} > set(shas)
    assert set(alice.list_repo_files("alice/busy")) > {f"{i}.txt" for i in range(16)}


def test_a_branch_with_a_slash_in_its_name_takes_commits_and_gives_files(alice: HfApi, tmp_path: Path) -> None:
    alice.create_repo("alice/it")
    alice.create_branch("alice/it", branch="try/out")
    alice.upload_file(path_or_fileobj=b"hi", path_in_repo="a b/ö.txt", repo_id="alice/it", revision="try/out")
    assert fetch(alice, tmp_path, "alice/it", "a b/ö.txt", "try/out") == b"hi"
    with pytest.raises(EntryNotFoundError, match="does not exist on"):
        fetch(alice, tmp_path, "alice/it", "a b/ö.txt")


@pytest.mark.parametrize("revision", ["nowhere", "v1", "refs/pr/7"])
def test_a_commit_goes_to_a_branch_that_is_there(alice: HfApi, revision: str) -> None:
    alice.create_repo("alice/it")
    alice.create_tag("alice/it", tag="v1")
    with pytest.raises((RevisionNotFoundError, HfHubHTTPError), match=r"Invalid rev id: |has no discussion 7"):
        alice.upload_file(path_or_fileobj=b"hi", path_in_repo="a.txt", repo_id="alice/it", revision=revision)


def test_a_stranger_proposes_and_only_the_owner_merges(alice: HfApi, bob: HfApi, tmp_path: Path) -> None:
    alice.create_repo("alice/it")
    with pytest.raises(HfHubHTTPError, match="bob has no rights in the namespace alice"):
        bob.upload_file(path_or_fileobj=b"hi", path_in_repo="a.txt", repo_id="alice/it")
    opened = bob.create_commit("alice/it", add("a.bin", b"\0bob"), commit_message="Add a", create_pr=True)
    bob.create_commit("alice/it", add("b.bin", b"\0b"), commit_message="Add b", revision=opened.pr_revision)
    assert opened.pr_num == 1
    assert alice.list_repo_files("alice/it") == [".gitattributes"]
    alice.merge_pull_request("alice/it", 1)
    assert fetch(alice, tmp_path, "alice/it", "a.bin") == b"\0bob"
    # What came with the pull request is the owner's to copy now.
    alice.create_commit("alice/it", [CommitOperationCopy("b.bin", "c.bin")], commit_message="Copy")


def test_a_pull_request_takes_commits_from_its_author_and_the_owners_only(alice: HfApi, bob: HfApi) -> None:
    alice.create_repo("acme/it")
    opened = alice.create_commit("acme/it", add("a.txt"), commit_message="Add a", create_pr=True)
    with pytest.raises(HfHubHTTPError, match="bob has no rights in the namespace acme"):
        bob.create_commit("acme/it", add("b.txt"), commit_message="Add b", revision=opened.pr_revision)


def test_a_proposal_that_is_refused_opens_nothing(alice: HfApi) -> None:
    alice.create_repo("alice/it")
    with pytest.raises(HfHubHTTPError, match=r"gone\.txt cannot be deleted: there is no such file"):
        alice.create_commit(
            "alice/it", [CommitOperationDelete("gone.txt")], commit_message="Remove it", create_pr=True
        )
    assert list(alice.get_repo_discussions("alice/it")) == []


def test_a_token_that_may_only_read_sends_nothing(alice: HfApi, carol: HfApi) -> None:
    alice.create_repo("alice/it")
    for create_pr in (False, True):
        with pytest.raises(HfHubHTTPError, match="this token of carol may only read"):
            carol.create_commit("alice/it", add("a.bin", b"\0"), commit_message="Add", create_pr=create_pr)


def test_a_pointer_sent_as_a_small_file_does_not_open_what_it_names(
    server: Server, alice: HfApi, bob: HfApi, tmp_path: Path
) -> None:
    secret = b"\0the bytes of a gated repository"
    alice.create_repo("alice/gated")
    alice.upload_file(path_or_fileobj=secret, path_in_repo="w.bin", repo_id="alice/gated")
    pointer = server.ask("alice", "GET", "/alice/gated/raw/main/w.bin").body
    bob.create_repo("bob/theirs")
    with pytest.raises(HfHubHTTPError, match="LFS pointer pointed to a file that does not exist"):
        bob.upload_file(path_or_fileobj=pointer, path_in_repo="x.txt", repo_id="bob/theirs")
    # Who has the content may name it so, as with git itself.
    alice.upload_file(path_or_fileobj=pointer, path_in_repo="x.txt", repo_id="alice/gated")
    path = alice.hf_hub_download("alice/gated", "x.txt", cache_dir=tmp_path)
    assert Path(path).read_bytes() == secret
