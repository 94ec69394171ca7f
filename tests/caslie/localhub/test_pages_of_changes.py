"""The addresses that the Hub hands out, opened in a browser: commits, histories, discussions, namespaces."""

from typing import Any

import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi

from caslie.localhub.storage.git import Changes
from tests.caslie.localhub.reading import ask, cookie, log_in, made

EVIL = "<b onclick=x>{{ 1 }}"


def path_of(server: Any, url: str) -> str:
    return url.removeprefix(server.address)


def test_the_address_of_a_commit_shows_what_it_changed_and_what_was_there(server: Any, alice: HfApi) -> None:
    made(server, "m", {"a.txt": "1", "b.txt": "1"})
    operations = [
        CommitOperationAdd("a.txt", b"2"),
        CommitOperationAdd("sub/ö.txt", b"new"),
        CommitOperationDelete("b.txt"),
    ]
    url = alice.create_commit("alice/m", operations, commit_message=EVIL, commit_description="why").commit_url
    alice.delete_file("a.txt", "alice/m")
    page = ask(server, path_of(server, url))
    assert f"{EVIL} alice · " in page.text
    assert "why Changed changed a.txt deleted b.txt added sub/ö.txt Files after it" in page.text
    sha = url.rpartition("/")[2]
    assert f'<a href="/alice/m/blob/{sha}/sub/%C3%B6.txt">' in page.source
    assert f'<a href="/alice/m/blob/{sha}/a.txt">' in page.source
    assert "<b onclick" not in page.source


def test_the_first_commit_added_what_was_there(server: Any) -> None:
    repo = made(server, "m", {})
    assert "Changed added .gitattributes" in ask(server, f"/alice/m/commit/{repo.git().commit_of('main')}").text


def test_the_files_of_a_commit_of_very_many_are_counted(server: Any) -> None:
    made(server, "m", {f"{number:04}.txt": "" for number in range(1003)})
    text = ask(server, "/alice/m/commit/main").text
    assert "added 0999.txt and 3 more Files after it" in text
    assert text.endswith("and 4 more")  # .gitattributes is among the files
    assert "and 4 more" in ask(server, "/alice/m/tree/main").text


def test_a_long_history_is_told_in_pages(server: Any) -> None:
    git = made(server, "m", {}).git()
    for number in range(105):
        changes = Changes(files=(("a", str(number).encode()),))
        git.commit("refs/heads/main", git.commit_of("main"), changes, "alice", f"step {number:03}")
    first, second = ask(server, "/alice/m/commits/main"), ask(server, "/alice/m/commits/main?p=1")
    assert "step 104" in first.text
    assert "older" in first.text
    assert "step 004" not in first.text
    assert "step 004" in second.text
    assert "initial commit" in second.text
    assert "older" not in second.text
    assert ask(server, "/alice/m/commits/main?p=x").status == 400
    assert '<a href="/alice/m/commits/main">106 commits in all</a>' in ask(server, "/alice/m").source


def test_the_address_of_a_pull_request_shows_what_it_would_change(server: Any, alice: HfApi, bob: HfApi) -> None:
    made(server, "m", {"a.txt": "1"})
    operations = [CommitOperationAdd("a.txt", b"2"), CommitOperationAdd("new.txt", b"")]
    made_pr = bob.create_commit("alice/m", operations, commit_message=EVIL, create_pr=True)
    page = ask(server, path_of(server, str(made_pr.pr_url)))
    assert f"{EVIL} open pull request of bob" in page.text
    assert "Changed files changed a.txt added new.txt all files" in page.text
    assert '<a href="/alice/m/blob/refs%2Fpr%2F1/new.txt">' in page.source
    assert "<b onclick" not in page.source
    alice.merge_pull_request("alice/m", 1)
    merged = ask(server, "/alice/m/discussions/1")
    assert "alice changed its status to merged" in merged.text
    assert f'merged as <a href="/alice/m/commit/{alice.model_info("alice/m").sha}">' in merged.source


def test_the_address_of_a_discussion_shows_what_was_said(server: Any, alice: HfApi, bob: HfApi) -> None:
    made(server, "m", {})
    opened = bob.create_discussion("alice/m", "a question", description=f"first\n{EVIL}\u202e")
    said = bob.comment_discussion("alice/m", 1, "secret")
    with pytest.warns(UserWarning, match="irreversible"):
        bob.hide_discussion_comment("alice/m", 1, said.id)
    alice.rename_discussion("alice/m", 1, "an answer")
    alice.change_discussion_status("alice/m", 1, "closed")
    page = ask(server, path_of(server, opened.url))
    assert "an answer closed discussion of bob" in page.text
    assert f"{EVIL}\ufffd" in page.text
    assert "bob hid what they said" in page.text
    assert "alice called it an answer" in page.text
    assert "secret" not in page.text
    assert "<b onclick" not in page.source
    assert "Changed files" not in page.text


def test_the_discussions_of_a_repository_are_listed(server: Any, bob: HfApi) -> None:
    made(server, "m", {})
    assert "Nothing was said yet." in ask(server, "/alice/m/discussions").text
    for number in range(51):
        bob.create_discussion("alice/m", f"question {number:02}")
    first = ask(server, "/alice/m/discussions")
    assert '<a href="/alice/m/discussions/51">question 50</a>' in first.source
    assert "question 00" not in first.text
    assert "question 00 open #1 · discussion · bob" in ask(server, "/alice/m/discussions?p=1").text


def test_a_namespace_shows_its_repositories(server: Any) -> None:
    made(server, "open", {})
    made(server, "secret", {}, "dataset", private=True)
    assert "Models alice/open" in (anyone := ask(server, "/alice").text)
    assert "secret" not in anyone
    assert "Datasets alice/secret" in ask(server, "/alice", Cookie=cookie(log_in(server, "alice"))).text
    assert "alice/open" not in ask(server, "/acme").text
    assert ask(server, "/stranger").status == 404


def test_the_repositories_of_one_type_have_a_page(server: Any) -> None:
    made(server, "m", {})
    made(server, "d", {}, "dataset")
    assert "alice/d" in (datasets := ask(server, "/datasets").text)
    assert "alice/m" not in datasets
    assert "alice/m" in ask(server, "/models").text
    assert "Nothing is here yet" in ask(server, "/spaces").text


@pytest.mark.parametrize(
    ("asked", "right"),
    [
        ("/alice/m/", "/alice/m"),
        ("/datasets/alice/d/?config=a%2Fb&split=c", "/datasets/alice/d?config=a%2Fb&split=c"),
        ("/alice/m/tree/main/", "/alice/m/tree/main"),
        ("//evil.example/", "/"),
        ("/%2F/evil.example/", "/%2F/evil.example"),
        ("/\\evil.example/", "/"),
    ],
)
def test_a_slash_at_the_end_leads_to_the_page_without(server: Any, asked: str, right: str) -> None:
    page = ask(server, asked)
    assert (page.status, page.headers["Location"]) == (303, right)


@pytest.mark.parametrize(
    "path",
    [
        "/alice/m/none/none",
        "/alice/m/commit/none",
        "/alice/m/commits/none",
        "/alice/m/discussions/7",
        "/alice/m/discussions/x",
        f"/alice/m/discussions/{'9' * 5000}",
        "/api/models/alice/m/none",
        "/favicon.ico",
    ],
)
def test_an_address_that_is_none_is_a_page_for_readers_and_json_for_clients(server: Any, path: str) -> None:
    made(server, "m", {})
    page, answer = ask(server, path), ask(server, path, Accept="*/*")
    assert page.status == answer.status == 404
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["Content-Type"].startswith("application/json")


def test_what_belongs_to_a_private_repository_is_not_there(server: Any, alice: HfApi) -> None:
    made(server, "secret", {}, private=True)
    alice.create_discussion("alice/secret", "hidden")
    for path in ("/commit/main", "/commits/main", "/discussions", "/discussions/1"):
        page = ask(server, f"/alice/secret{path}")
        assert page.status == 401
        assert "No such repository" in page.text
        assert "hidden" not in page.text
