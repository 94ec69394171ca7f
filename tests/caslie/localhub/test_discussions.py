"""Discussions and pull requests, by the unmodified client."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from huggingface_hub.community import (
    DiscussionComment,
    DiscussionCommit,
    DiscussionStatusChange,
    DiscussionTitleChange,
)
from huggingface_hub.errors import GatedRepoError, HfHubHTTPError
from huggingface_hub.hf_api import RepoFile

ONE = "alice/one"


@pytest.fixture(autouse=True)
def one(alice: HfApi, server: Any) -> None:
    alice.create_repo(ONE)
    server.put(ONE, {"a.txt": "1\n", "b.txt": "1\n"})


def proposed(alice: HfApi, server: Any, files: dict[str, str]) -> int:
    """Open a pull request that puts these files."""
    num = alice.create_pull_request(ONE, title="Better").num
    server.put(ONE, files, ref=f"refs/pr/{num}")
    alice.change_discussion_status(ONE, num, "open")
    return num


def read(alice: HfApi, path: str, revision: str = "main") -> int:
    [found] = alice.get_paths_info(ONE, [path], revision=revision)
    return int(found.size)  # type: ignore[union-attr]


def test_a_discussion_is_opened_and_shown(bob: HfApi, alice: HfApi) -> None:
    opened = bob.create_discussion(ONE, title=" Why? ", description="Because *of* <b>é</b>")
    shown = alice.get_discussion_details(ONE, opened.num)
    assert (shown.num, shown.title, shown.author, shown.status) == (1, "Why?", "bob", "open")
    assert (shown.is_pull_request, shown.target_branch, shown.diff) == (False, None, None)
    [first] = shown.events
    assert isinstance(first, DiscussionComment)
    assert (first.content, first.author, first.edited, first.hidden) == ("Because *of* <b>é</b>", "bob", False, False)
    assert "<b>" not in first.rendered


def test_a_pull_request_starts_as_a_draft_from_main(alice: HfApi) -> None:
    pull = alice.create_pull_request(ONE, title="Better", repo_type="model")
    assert (pull.status, pull.is_pull_request, pull.git_reference) == ("draft", True, "refs/pr/1")
    assert (pull.target_branch, pull.conflicting_files, pull.merge_commit_oid) == ("refs/heads/main", [], None)
    refs = alice.list_repo_refs(ONE, include_pull_requests=True).pull_requests
    assert refs
    assert [(ref.ref, ref.target_commit) for ref in refs] == [("refs/pr/1", alice.model_info(ONE).sha)]
    assert alice.list_repo_refs(ONE).pull_requests is None


def test_a_pull_request_shows_what_it_changes(alice: HfApi, server: Any) -> None:
    num = proposed(alice, server, {"a.txt": "2\n"})
    pull = alice.get_discussion_details(ONE, num)
    assert "-1\n+2" in (pull.diff or "")
    [commit] = [event for event in pull.events if isinstance(event, DiscussionCommit)]
    assert (commit.summary, commit.oid) == ("put a.txt", alice.model_info(ONE, revision=f"refs/pr/{num}").sha)


def test_merging_makes_one_commit_on_main(alice: HfApi, server: Any) -> None:
    num = proposed(alice, server, {"a.txt": "22\n"})
    server.put(ONE, {"c.txt": "1"}, ref=f"refs/pr/{num}")
    before = server.put(ONE, {"b.txt": "333\n"})
    alice.merge_pull_request(ONE, num, comment="Good")
    sha = alice.model_info(ONE).sha
    commits = alice.list_repo_commits(ONE)
    assert [one.commit_id for one in commits[:2]] == [sha, before]
    assert commits[0].title == "Better (#1)"
    assert [read(alice, path) for path in ("a.txt", "b.txt", "c.txt")] == [3, 4, 1]
    merged = alice.get_discussion_details(ONE, num)
    assert (merged.status, merged.merge_commit_oid) == ("merged", sha)
    last = merged.events[-1]
    assert isinstance(last, DiscussionStatusChange) and last.new_status == "merged"
    with pytest.raises(HfHubHTTPError, match="is no open pull request: its status is 'merged'"):
        alice.merge_pull_request(ONE, num)
    with pytest.raises(HfHubHTTPError, match="is merged, and stays so"):
        alice.change_discussion_status(ONE, num, "closed")


def test_a_path_that_changed_on_both_sides_is_a_conflict(alice: HfApi, server: Any) -> None:
    num = proposed(alice, server, {"a.txt": "2\n", "b.txt": "same\n"})
    before = server.put(ONE, {"a.txt": "3\n", "b.txt": "same\n"})
    assert alice.get_discussion_details(ONE, num).conflicting_files == ["a.txt"]
    with pytest.raises(HfHubHTTPError, match=r"a\.txt changed on main too") as refusal:
        alice.merge_pull_request(ONE, num)
    assert refusal.value.response.status_code == 409
    assert alice.model_info(ONE).sha == before
    assert alice.get_discussion_details(ONE, num).status == "open"


def test_a_pull_request_that_a_commit_opens_is_open_and_merges(alice: HfApi, bob: HfApi) -> None:
    files = [CommitOperationAdd("big.bin", b"\0" * 5000), CommitOperationDelete("b.txt")]
    pull = bob.create_commit(ONE, files, commit_message="Add\n\nthis", create_pr=True)
    assert pull.pr_num == 1
    shown = alice.get_discussion_details(ONE, 1)
    assert (shown.title, shown.status, shown.author) == ("Add this", "open", "bob")
    assert alice.list_repo_files(ONE) == [".gitattributes", "a.txt", "b.txt"]
    alice.merge_pull_request(ONE, 1)
    assert alice.list_repo_files(ONE) == [".gitattributes", "a.txt", "big.bin"]
    [big] = alice.get_paths_info(ONE, ["big.bin"])
    assert isinstance(big, RepoFile) and big.lfs and big.size == 5000


def test_only_an_open_pull_request_is_merged(alice: HfApi) -> None:
    alice.create_pull_request(ONE, title="Draft")
    alice.create_discussion(ONE, title="Words")
    for num, status in ((1, "draft"), (2, "open")):
        with pytest.raises(HfHubHTTPError, match=f"is no open pull request: its status is '{status}'"):
            alice.merge_pull_request(ONE, num)
    with pytest.raises(HfHubHTTPError, match="has no discussion 3"):
        alice.merge_pull_request(ONE, 3)


def test_a_stranger_proposes_and_does_not_merge(bob: HfApi, carol: HfApi, nobody: HfApi, alice: HfApi) -> None:
    num = bob.create_pull_request(ONE, title="Mine").num
    bob.change_discussion_status(ONE, num, "open")
    with pytest.raises(HfHubHTTPError, match="bob has no rights in the namespace alice"):
        bob.merge_pull_request(ONE, num)
    with pytest.raises(HfHubHTTPError, match="this token of carol may only read"):
        carol.comment_discussion(ONE, num, comment="x")
    with pytest.raises(HfHubHTTPError, match="401"):
        nobody.comment_discussion(ONE, num, comment="x")
    theirs = alice.create_discussion(ONE, title="Theirs").num
    for change in (
        lambda: bob.rename_discussion(ONE, theirs, new_title="x"),
        lambda: bob.change_discussion_status(ONE, theirs, "closed"),
    ):
        with pytest.raises(HfHubHTTPError, match="bob has no rights"):
            change()
    alice.merge_pull_request(ONE, num)


def test_a_discussion_is_commented_renamed_and_closed(bob: HfApi, alice: HfApi) -> None:
    num = bob.create_discussion(ONE, title="Why?").num
    assert alice.comment_discussion(ONE, num, comment="Hm").content == "Hm"  # type: ignore[attr-defined]
    renamed = bob.rename_discussion(ONE, num, new_title="Why not?")
    assert isinstance(renamed, DiscussionTitleChange)
    assert (renamed.old_title, renamed.new_title) == ("Why?", "Why not?")
    closed = alice.change_discussion_status(ONE, num, "closed", comment="Done")
    assert closed.new_status == "closed"
    shown = bob.get_discussion_details(ONE, num)
    assert (shown.title, shown.status) == ("Why not?", "closed")
    assert [event.type for event in shown.events] == ["comment", "comment", "title-change", "comment", "status-change"]
    bob.change_discussion_status(ONE, num, "open")
    assert bob.get_discussion_details(ONE, num).status == "open"


def test_a_comment_is_edited_and_hidden_by_its_author(bob: HfApi, alice: HfApi) -> None:
    num = bob.create_discussion(ONE, title="Why?").num
    said = bob.comment_discussion(ONE, num, comment="tpyo")
    edited = bob.edit_discussion_comment(ONE, num, said.id, new_content="typo")
    assert (edited.content, edited.edited, edited.number_of_edits) == ("typo", True, 1)  # type: ignore[attr-defined]
    assert edited.last_edited_by == "bob"  # type: ignore[attr-defined]
    with pytest.raises(HfHubHTTPError, match="this comment is bob's"):
        alice.edit_discussion_comment(ONE, num, said.id, new_content="no")
    with pytest.warns(UserWarning, match="irreversible"):
        hidden = bob.hide_discussion_comment(ONE, num, said.id)
    assert (hidden.hidden, hidden.content) == (True, "")  # type: ignore[attr-defined]
    with pytest.raises(HfHubHTTPError, match="has no comment beef"):
        bob.edit_discussion_comment(ONE, num, "beef", new_content="no")


def test_discussions_are_listed_newest_first(bob: HfApi, alice: HfApi) -> None:
    alice.create_pull_request(ONE, title="1")
    for n in range(2, 56):
        bob.create_discussion(ONE, title=str(n))
    alice.change_discussion_status(ONE, 55, "closed")
    found = list(alice.get_repo_discussions(ONE))
    assert [one.num for one in found] == list(range(55, 0, -1))
    assert (found[0].repo_id, found[0].repo_type, found[-1].is_pull_request) == (ONE, "model", True)

    def nums(**asked: Any) -> list[int]:
        return [one.num for one in alice.get_repo_discussions(ONE, **asked)]

    assert nums(author="alice") == nums(discussion_type="pull_request") == [1]
    assert len(nums(discussion_type="discussion")) == 54
    assert nums(discussion_status="closed") == [55]
    assert nums(discussion_status="open") == list(range(54, 0, -1))


def test_those_who_speak_at_once_get_numbers_of_their_own(alice: HfApi, bob: HfApi) -> None:
    def speak(n: int) -> int:
        who = alice if n % 2 else bob
        return (who.create_pull_request if n % 3 else who.create_discussion)(ONE, title=str(n)).num

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(speak, range(18))) == list(range(1, 19))
        list(pool.map(lambda n: alice.comment_discussion(ONE, 1, comment=str(n)), range(12)))
    assert len(alice.get_discussion_details(ONE, 1).events) == 13


def test_a_gated_repository_keeps_what_a_pull_request_changes(alice: HfApi, bob: HfApi, server: Any) -> None:
    num = proposed(alice, server, {"a.txt": "secret\n"})
    alice.update_repo_settings(ONE, gated="manual")
    with pytest.raises(GatedRepoError):
        bob.get_discussion_details(ONE, num)
    alice.grant_access(ONE, "bob")
    assert "secret" in (bob.get_discussion_details(ONE, num).diff or "")


@pytest.mark.parametrize(
    "title", ["", " \n ", "x" * 301, "\ud800", "a\0"], ids=["empty", "blank", "long", "half", "nul"]
)
def test_a_title_that_is_none_is_refused(server: Any, title: str) -> None:
    body = json.dumps({"title": title, "description": "d"}).encode()
    head = {"Authorization": f"Bearer {server.tokens['alice']}"}
    with pytest.raises(HTTPError) as refusal:
        urlopen(Request(f"{server.address}/api/models/{ONE}/discussions", body, head))
    refusal.value.close()
    assert refusal.value.code == 400
