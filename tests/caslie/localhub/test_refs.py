"""Branches, tags and history, by the unmodified client."""

from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from huggingface_hub import HfApi
from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError, RevisionNotFoundError

ONE = "alice/one"


@pytest.fixture(autouse=True)
def one(alice: HfApi) -> None:
    alice.create_repo(ONE)


def test_a_repository_starts_with_main(alice: HfApi, nobody: HfApi) -> None:
    refs = nobody.list_repo_refs(ONE)
    assert [(ref.name, ref.ref, ref.target_commit) for ref in refs.branches] == [
        ("main", "refs/heads/main", alice.model_info(ONE).sha)
    ]
    assert (refs.tags, refs.converts, refs.pull_requests) == ([], [], None)


@pytest.mark.parametrize("branch", ["dev", "feature/a-b", "v1.0_x", "a/b/c"])
def test_a_branch_is_made_and_removed(alice: HfApi, server: Any, branch: str) -> None:
    first = alice.model_info(ONE).sha
    second = server.put(ONE, {"a.txt": "1"})
    alice.create_branch(ONE, branch=branch)
    assert alice.model_info(ONE, revision=branch).sha == second
    assert {ref.name for ref in alice.list_repo_refs(ONE).branches} == {"main", branch}
    assert [file.path for file in alice.list_repo_tree(ONE, revision=branch)] == [".gitattributes", "a.txt"]
    alice.create_branch(ONE, branch=f"{branch}-old", revision=first)
    assert alice.model_info(ONE, revision=f"{branch}-old").sha == first
    alice.delete_branch(ONE, branch=branch)
    with pytest.raises(RevisionNotFoundError):
        alice.model_info(ONE, revision=branch)


def test_a_branch_is_made_once(alice: HfApi) -> None:
    alice.create_branch(ONE, branch="dev")
    alice.create_branch(ONE, branch="dev", exist_ok=True)
    with pytest.raises(HfHubHTTPError, match="Reference already exists: refs/heads/dev") as refusal:
        alice.create_branch(ONE, branch="dev")
    assert refusal.value.response.status_code == 409
    with pytest.raises(HfHubHTTPError, match="409"):
        alice.create_branch(ONE, branch="dev/below")


def test_main_stays(alice: HfApi) -> None:
    with pytest.raises(HfHubHTTPError, match="main cannot be deleted"):
        alice.delete_branch(ONE, branch="main")


@pytest.mark.parametrize("name", ["a..b", "refs/pr/1", "a b", "é", "-x", "a" * 300, "x.lock", "f" * 40])
def test_a_hostile_branch_or_tag_is_refused(alice: HfApi, name: str) -> None:
    with pytest.raises(HfHubHTTPError, match="cannot be the name of a branch or tag") as refusal:
        alice.create_branch(ONE, branch=name)
    assert refusal.value.response.status_code == 400
    with pytest.raises(HfHubHTTPError, match="cannot be the name of a branch or tag"):
        alice.create_tag(ONE, tag=name)


def test_what_is_not_there_is_not_removed(alice: HfApi) -> None:
    with pytest.raises(RevisionNotFoundError):
        alice.delete_branch(ONE, branch="dev")
    with pytest.raises(RevisionNotFoundError):
        alice.delete_tag(ONE, tag="v1")
    with pytest.raises(RevisionNotFoundError):
        alice.create_branch(ONE, branch="dev", revision="nowhere")
    with pytest.raises(RevisionNotFoundError):
        alice.create_branch(ONE, branch="dev", revision="a\n" * 300)


@pytest.mark.parametrize("message", [None, "The first release\n\nWith a second line: é"])
def test_a_tag_names_a_revision_for_good(alice: HfApi, server: Any, message: str | None) -> None:
    alice.create_branch(ONE, branch="a/b")
    first = alice.model_info(ONE).sha
    alice.create_tag(ONE, tag="v1.0", tag_message=message, revision="a/b")
    server.put(ONE, {"a.txt": "1"})
    assert [(ref.name, ref.ref, ref.target_commit) for ref in alice.list_repo_refs(ONE).tags] == [
        ("v1.0", "refs/tags/v1.0", first)
    ]
    assert alice.model_info(ONE, revision="v1.0").sha == first
    alice.create_tag(ONE, tag="v1.0", tag_message=message, exist_ok=True)
    with pytest.raises(HfHubHTTPError, match="409"):
        alice.create_tag(ONE, tag="v1.0", tag_message=message)
    assert alice.model_info(ONE, revision="v1.0").sha == first
    alice.delete_tag(ONE, tag="v1.0")
    assert alice.list_repo_refs(ONE).tags == []


def test_only_the_owner_makes_branches_and_tags(alice: HfApi, bob: HfApi, carol: HfApi) -> None:
    alice.create_branch(ONE, branch="dev")
    for stranger, reason in ((bob, "bob has no rights"), (carol, "may only read")):
        for change in (stranger.create_branch, stranger.delete_branch):
            with pytest.raises(HfHubHTTPError, match=reason) as refusal:
                change(ONE, branch="new" if change == stranger.create_branch else "dev")
            assert refusal.value.response.status_code == 403
        with pytest.raises(HfHubHTTPError, match=reason):
            stranger.create_tag(ONE, tag="v1")
    bob.create_branch(ONE, branch="dev", exist_ok=True)


def test_the_references_of_a_hidden_repository_are_hidden(alice: HfApi, bob: HfApi) -> None:
    alice.update_repo_settings(ONE, private=True)
    for ask in (bob.list_repo_refs, bob.list_repo_commits):
        with pytest.raises(RepositoryNotFoundError):
            ask(ONE)


def test_the_history_is_told_newest_first(alice: HfApi, server: Any) -> None:
    shas = [alice.model_info(ONE).sha, *(server.put(ONE, {"a.txt": str(n)}) for n in range(250))]
    commits = alice.list_repo_commits(ONE)
    assert [commit.commit_id for commit in commits] == shas[::-1]
    assert (commits[0].title, commits[0].authors, commits[-1].title) == ("put a.txt", ["alice"], "initial commit")
    assert [one.commit_id for one in alice.list_repo_commits(ONE, revision=shas[2])] == shas[2::-1]
    assert alice.list_repo_commits(ONE, formatted=True)[0].formatted_title == "put a.txt"


def test_the_history_is_that_of_the_first_page(alice: HfApi, server: Any) -> None:
    for n in range(3):
        server.put(ONE, {"a.txt": str(n)})
    request = Request(f"{server.address}/api/models/{ONE}/commits/main?limit=2")
    with urlopen(request) as answer:
        following = answer.headers["Link"]
    last = server.put(ONE, {"a.txt": "later"})
    assert "commits/main" not in following
    with urlopen(following.partition(">")[0].lstrip("<")) as answer:
        assert last not in answer.read().decode()


@pytest.mark.parametrize(
    "revision", ["%00", "..%2f..%2fconfig", "x" * 3000, "%ff", "refs%2Fpr%2F1", "HEAD", "refs%2Fheads"]
)
def test_a_hostile_revision_is_refused(server: Any, revision: str) -> None:
    for path in (f"commits/{revision}", f"tree/{revision}", f"revision/{revision}"):
        with pytest.raises(HTTPError) as refusal:
            urlopen(f"{server.address}/api/models/{ONE}/{path}")
        assert refusal.value.code == 404
        assert refusal.value.headers["X-Error-Code"] == "RevisionNotFound"
        refusal.value.close()
