"""What is asked of a push besides: a pull request, a branch, a tag, a message, that all may see it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import HfApi
from huggingface_hub.errors import HfHubHTTPError

REPO = "alice/mmecinstruct"
LICENSE = ("--license", "cc-by-4.0")

Run = Callable[..., Any]


def first_release(server: Any, push: Run, build: Path, *wishes: str) -> HfApi:
    ran = push(server, "alice", "dataset", build, REPO, *LICENSE, "--yes", *wishes)
    assert (ran.code, ran.err) == (0, "")
    api = server.client("alice")
    assert isinstance(api, HfApi)
    return api


def head(api: HfApi, revision: str = "main") -> str:
    return str(api.repo_info(REPO, repo_type="dataset", revision=revision).sha)


def branches(api: HfApi) -> dict[str, str]:
    return {one.name: one.target_commit for one in api.list_repo_refs(REPO, repo_type="dataset").branches}


def tags(api: HfApi) -> dict[str, str]:
    return {one.name: one.target_commit for one in api.list_repo_refs(REPO, repo_type="dataset").tags}


def test_a_public_release_is_seen_by_all_and_may_be_changed_by_a_pull_request_of_anybody(
    server: Any, tiny_build: Path, push: Run
) -> None:
    api = first_release(server, push, tiny_build, "--public")
    released = head(api)
    assert not server.client(None).repo_info(REPO, repo_type="dataset").private
    wish = ("dataset", tiny_build, REPO, "--license", "cc0-1.0", "--create-pr", "--yes")
    proposed = push(server, "bob", *wish)
    again = push(server, "bob", *wish)
    assert (proposed.code, proposed.err, again.code, again.err) == (0, "", 0, "")
    requests = list(api.get_repo_discussions(REPO, repo_type="dataset", discussion_type="pull_request"))
    assert [(one.num, one.author, one.status) for one in requests] == [(1, "bob", "open")]
    for ran in (proposed, again):
        assert f"{server.address}/datasets/{REPO}/discussions/1 is at" in ran.out
    assert (head(api), tags(api)) == (released, {"r1": released})
    assert branches(api) == {"main": released}
    card = api.hf_hub_download(REPO, "README.md", repo_type="dataset", revision="refs/pr/1")
    assert "license: cc0-1.0" in Path(card).read_text(encoding="utf-8")


def test_a_branch_is_made_where_there_is_none_and_moved_where_there_is(
    server: Any, tiny_build: Path, push: Run
) -> None:
    api = first_release(server, push, tiny_build)
    first = head(api)
    api.upload_file(
        path_or_fileobj=b"old", path_in_repo="data/ap_old/test-00000.parquet", repo_id=REPO, repo_type="dataset"
    )
    main = head(api)
    new = push(server, "alice", "dataset", tiny_build, REPO, "--branch", "dev", "--yes", "--message", "For dev only")
    assert (new.code, new.err) == (0, "")
    assert "data/ap_old/test-00000.parquet" not in api.list_repo_files(REPO, repo_type="dataset", revision="dev")
    assert api.list_repo_commits(REPO, repo_type="dataset", revision="dev")[0].title == "For dev only"
    moved = push(
        server, "alice", "dataset", tiny_build, REPO, "--branch", "dev", "--license", "mit", "--tag", "v1.0", "--yes"
    )
    assert (moved.code, moved.err) == (0, "")
    assert branches(api) == {"main": main, "dev": tags(api)["v1.0"]}
    assert tags(api) | {"r1": first} == tags(api)


def test_a_tag_that_names_another_commit_is_refused_before_anything_is_sent(
    server: Any, tiny_build: Path, push: Run, push_here: Run
) -> None:
    api = first_release(server, push, tiny_build, "--tag", "v1.0")
    before = head(api), branches(api), tags(api)
    wish = ("dataset", tiny_build, REPO, "--license", "mit", "--tag", "v1.0", "--yes")
    ran = push_here(server.address, server.tokens["alice"], *wish)
    assert ran.code == 1
    assert ran.err == f"error: the tag v1.0 of {REPO} names {before[0][:7]} already; choose another --tag\n"
    assert (head(api), branches(api), tags(api)) == before == (tags(api)["v1.0"], {"main": before[0]}, before[2])


def test_what_is_private_becomes_public_only_when_that_is_said_and_confirmed(
    server: Any, tiny_build: Path, push: Run, push_here: Run
) -> None:
    api = first_release(server, push, tiny_build)
    wish = (server.address, server.tokens["alice"], "dataset", tiny_build, REPO, "--public")
    assert "private" not in (said := push_here(*wish, "--dry-run").out)
    assert "public from now on" in said
    assert "nobody is there to be asked" in push_here(*wish).err
    assert api.repo_info(REPO, repo_type="dataset").private
    assert push_here(*wish, "--yes").code == 0
    assert not api.repo_info(REPO, repo_type="dataset").private


def test_nothing_can_be_proposed_to_what_is_not_there(server: Any, tiny_build: Path, push_here: Run) -> None:
    wish = ("dataset", tiny_build, REPO, *LICENSE, "--create-pr", "--yes")
    ran = push_here(server.address, server.tokens["bob"], *wish)
    assert (ran.code, ran.out) == (1, "")
    assert f"{REPO}: there is nothing to propose a change to; publish it without --create-pr" in ran.err
    with pytest.raises(HfHubHTTPError, match="Repository Not Found"):
        server.client("alice").repo_info(REPO, repo_type="dataset")


@pytest.mark.parametrize("wish", [("--tag", "v1"), ("--branch", "dev"), ("--public",)], ids=" ".join)
def test_a_pull_request_does_not_leave_out_a_wish_in_silence(
    server: Any, tiny_build: Path, push_here: Run, wish: tuple[str, ...]
) -> None:
    arguments = ("dataset", tiny_build, REPO, *LICENSE, "--create-pr", *wish)
    ran = push_here(server.address, server.tokens["alice"], *arguments)
    assert ran.code == 1
    assert ran.err == "error: a pull request proposes a change to main: leave out --branch, --tag and --public\n"
