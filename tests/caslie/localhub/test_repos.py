"""Repositories as a whole, by the unmodified client: made, moved, hidden, gated, listed, told about and removed."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from huggingface_hub import HfApi
from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError, RevisionNotFoundError

from tests.caslie.serving import Server


def test_a_server_starts_at_once(serve: Callable[[Path], AbstractContextManager[Server]], tmp_path: Path) -> None:
    start = time.perf_counter()
    with serve(tmp_path / "hub") as server:
        assert server.client("alice").whoami()["name"] == "alice"
        assert time.perf_counter() - start < 0.5


def test_a_client_learns_who_it_is(alice: HfApi) -> None:
    me = alice.whoami()
    assert (me["name"], me["auth"]["accessToken"]["role"]) == ("alice", "write")
    assert [org["name"] for org in me["orgs"]] == ["acme"]


def test_an_unknown_token_is_refused(server: Server) -> None:
    with pytest.raises(HfHubHTTPError, match="Invalid user token"):
        HfApi(endpoint=server.address, token="hf_strangers").whoami()


def test_users_and_organisations_can_be_looked_up(alice: HfApi, nobody: HfApi) -> None:
    alice.create_repo("acme/open")
    alice.create_repo("acme/hidden", private=True)
    assert alice.get_user_overview("alice").orgs[0].name == "acme"
    assert alice.get_organization_overview("acme").num_models == 2
    assert nobody.get_organization_overview("acme").num_models == 1
    assert [user.username for user in alice.list_organization_members("acme")] == ["alice"]
    with pytest.raises(HfHubHTTPError, match="'zoe' is nobody here"):
        alice.get_user_overview("zoe")


@pytest.mark.parametrize(("kind", "page"), [("model", ""), ("dataset", "datasets/"), ("space", "spaces/")])
def test_a_repository_of_each_kind_is_made(alice: HfApi, server: Server, kind: str, page: str) -> None:
    url = alice.create_repo("acme/one", repo_type=kind, space_sdk="static" if kind == "space" else None)
    assert url == f"{server.address}/{page}acme/one"
    assert (url.repo_id, url.repo_type) == ("acme/one", kind)
    assert alice.repo_info("acme/one", repo_type=kind).sha
    assert [other for other in ("model", "dataset", "space") if alice.repo_exists("acme/one", repo_type=other)] == [
        kind
    ]


def test_a_name_without_a_namespace_is_the_callers_own(alice: HfApi) -> None:
    assert alice.create_repo("mine").repo_id == "alice/mine"
    alice.delete_repo("mine")
    assert not alice.repo_exists("alice/mine")


def test_a_repository_is_made_once(alice: HfApi) -> None:
    alice.create_repo("alice/one")
    assert alice.create_repo("alice/one", exist_ok=True).repo_id == "alice/one"
    with pytest.raises(HfHubHTTPError, match="You already created this model repo") as refusal:
        alice.create_repo("alice/one")
    assert refusal.value.response.status_code == 409
    with pytest.raises(HfHubHTTPError, match="already created"):
        alice.create_repo("alice/ONE")


def test_of_those_who_make_a_repository_at_once_one_does(alice: HfApi) -> None:
    def make(n: int) -> int:
        try:
            alice.create_repo("acme/one" if n % 2 else "acme/One")
        except HfHubHTTPError as error:
            return error.response.status_code
        return 200

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(make, range(12))) == [200] + [409] * 11


def test_only_the_owner_makes_a_repository(bob: HfApi, carol: HfApi, nobody: HfApi) -> None:
    with pytest.raises(HfHubHTTPError, match="bob has no rights in the namespace alice") as refusal:
        bob.create_repo("alice/one")
    assert refusal.value.response.status_code == 403
    with pytest.raises(HfHubHTTPError, match="may only read") as refusal:
        carol.create_repo("carol/one")
    assert refusal.value.response.status_code == 403
    with pytest.raises(HfHubHTTPError, match="401"):
        nobody.create_repo("alice/one")


def test_a_foreign_repository_that_exists_will_do(
    alice: HfApi, bob: HfApi, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    # This branch of the client (2.4) forgets its own endpoint, and goes by HF_ENDPOINT.
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", server.address)
    alice.create_repo("alice/one")
    assert bob.create_repo("alice/one", exist_ok=True).repo_id == "alice/one"


def test_a_private_repository_is_seen_by_its_owners_only(alice: HfApi, bob: HfApi, nobody: HfApi) -> None:
    alice.create_repo("alice/one", repo_type="dataset", private=True)
    assert alice.dataset_info("alice/one").private
    for stranger, status in ((bob, 404), (nobody, 401)):
        with pytest.raises(RepositoryNotFoundError) as refusal:
            stranger.dataset_info("alice/one")
        assert refusal.value.response.status_code == status
        assert list(stranger.list_datasets()) == []
        with pytest.raises(RepositoryNotFoundError):
            stranger.delete_repo("alice/one", repo_type="dataset")


def test_visibility_changes(alice: HfApi, nobody: HfApi, bob: HfApi) -> None:
    alice.create_repo("alice/one", visibility="private")
    alice.update_repo_settings("alice/one", private=False)
    assert nobody.model_info("alice/one").private is False
    with pytest.raises(HfHubHTTPError, match="403 Forbidden: bob has no rights"):
        bob.update_repo_settings("alice/one", private=True)
    alice.update_repo_settings("alice/one", visibility="private")
    assert not nobody.repo_exists("alice/one")


def test_a_gated_repository_lets_in_whom_its_owner_grants(alice: HfApi, bob: HfApi, nobody: HfApi) -> None:
    alice.create_repo("alice/one")
    alice.update_repo_settings("alice/one", gated="manual")
    assert nobody.model_info("alice/one").gated == "manual"
    for stranger, status in ((bob, 403), (nobody, 401)):
        with pytest.raises(GatedRepoError) as refusal:
            stranger.auth_check("alice/one")
        assert refusal.value.response.status_code == status
    alice.grant_access("alice/one", "bob")
    bob.auth_check("alice/one")
    assert [request.username for request in alice.list_accepted_access_requests("alice/one")] == ["bob"]
    assert list(alice.list_pending_access_requests("alice/one")) == []
    alice.reject_access_request("alice/one", "bob", rejection_reason="no longer")
    with pytest.raises(GatedRepoError):
        bob.auth_check("alice/one")


def test_access_is_granted_with_sense(alice: HfApi, bob: HfApi) -> None:
    alice.create_repo("alice/one")
    with pytest.raises(HfHubHTTPError, match="alice/one is not gated"):
        alice.grant_access("alice/one", "bob")
    alice.update_repo_settings("alice/one", gated="auto")
    with pytest.raises(HfHubHTTPError, match="there is no user 'zoe'"):
        alice.grant_access("alice/one", "zoe")
    with pytest.raises(HfHubHTTPError, match="made no request"):
        alice.accept_access_request("alice/one", "bob")
    with pytest.raises(HfHubHTTPError, match="bob has no rights"):
        bob.grant_access("alice/one", "bob")
    with pytest.raises(HfHubHTTPError, match="bob has no rights"):
        list(bob.list_accepted_access_requests("alice/one"))
    alice.grant_access("alice/one", "bob")
    with pytest.raises(HfHubHTTPError, match="bob has access already"):
        alice.grant_access("alice/one", "bob")


def test_writing_can_be_checked_beforehand(alice: HfApi, bob: HfApi) -> None:
    alice.create_repo("alice/one")
    alice.auth_check("alice/one", write=True)
    with pytest.raises(HfHubHTTPError, match="bob has no rights"):
        bob.auth_check("alice/one", write=True)


def test_a_repository_moves_with_all_it_has(alice: HfApi, server: Server) -> None:
    alice.create_repo("alice/one", private=True)
    sha = server.put("alice/one", {"a.txt": "1"})
    alice.create_pull_request("alice/one", title="later")
    alice.move_repo("alice/one", "acme/two")
    assert alice.model_info("acme/two").sha == sha
    assert alice.model_info("acme/two").private
    assert [one.title for one in alice.get_repo_discussions("acme/two")] == ["later"]
    assert not alice.repo_exists("alice/one")


def test_a_repository_moves_only_where_there_is_room(alice: HfApi) -> None:
    alice.create_repo("alice/one")
    alice.create_repo("acme/two")
    with pytest.raises(HfHubHTTPError, match="acme/two exists already"):
        alice.move_repo("alice/one", "acme/two")
    with pytest.raises(HfHubHTTPError, match="alice has no rights in the namespace bob"):
        alice.move_repo("alice/one", "bob/two")
    with pytest.raises(RepositoryNotFoundError):
        alice.move_repo("alice/three", "alice/four")


def test_a_repository_is_removed(alice: HfApi, bob: HfApi) -> None:
    alice.create_repo("alice/one")
    with pytest.raises(HfHubHTTPError, match="bob has no rights"):
        bob.delete_repo("alice/one")
    alice.delete_repo("alice/one")
    with pytest.raises(RepositoryNotFoundError):
        alice.delete_repo("alice/one")
    alice.delete_repo("alice/one", missing_ok=True)


CARD = """---
license: cc-by-4.0
language: [en]
base_model: org/base
base_model_relation: adapter
library_name: peft
tags: [e-commerce]
when: 2024-10-22
---
# One
"""


def test_a_repository_is_told_with_its_card_and_files(alice: HfApi, server: Server) -> None:
    alice.create_repo("alice/one")
    first = alice.model_info("alice/one").sha
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'a' * 64}\nsize 12345\n"
    sha = server.put("alice/one", {"README.md": CARD, "model.safetensors": pointer})
    info = alice.model_info("alice/one", files_metadata=True)
    assert (info.sha, info.author, info.library_name) == (sha, "alice", "peft")
    assert info.card_data is not None
    assert info.card_data.to_dict()["when"] == "2024-10-22"
    assert {"license:cc-by-4.0", "base_model:adapter:org/base", "e-commerce", "en"} <= set(info.tags or [])
    assert info.created_at and info.last_modified
    assert info.used_storage and info.used_storage > 12345
    siblings = {one.rfilename: one for one in info.siblings or []}
    assert list(siblings) == [".gitattributes", "README.md", "model.safetensors"]
    lfs = siblings["model.safetensors"].lfs
    assert lfs and (lfs.sha256, lfs.size) == ("a" * 64, 12345)
    assert [one.rfilename for one in alice.model_info("alice/one", revision=first).siblings or []] == [
        ".gitattributes"
    ]


def test_only_what_is_asked_for_is_told(alice: HfApi) -> None:
    alice.create_repo("alice/one", repo_type="dataset")
    info = alice.dataset_info("alice/one", expand=["gated", "sha"])
    assert info.sha and info.gated is False
    assert info.author is None and info.siblings is None


def test_a_revision_that_is_not_there_is_said_to_be_missing(alice: HfApi) -> None:
    alice.create_repo("alice/one")
    with pytest.raises(RevisionNotFoundError):
        alice.model_info("alice/one", revision="v9")
    assert not alice.revision_exists("alice/one", "refs/pr/1")
    assert alice.revision_exists("alice/one", "main")


def test_repositories_are_listed_by_author_word_tag_and_number(alice: HfApi, server: Server) -> None:
    for name in ("alice/cat", "alice/dog", "acme/cat"):
        alice.create_repo(name)
    server.put("acme/cat", {"README.md": CARD})
    assert {one.id for one in alice.list_models()} == {"alice/cat", "alice/dog", "acme/cat"}
    assert {one.id for one in alice.list_models(author="alice")} == {"alice/cat", "alice/dog"}
    assert {one.id for one in alice.list_models(search="CAT")} == {"alice/cat", "acme/cat"}
    assert [one.id for one in alice.list_models(filter="license:cc-by-4.0")] == ["acme/cat"]
    assert len(list(alice.list_models(limit=2))) == 2
    assert all(one.siblings for one in alice.list_models(full=True))
    assert list(alice.list_datasets()) == list(alice.list_spaces()) == []
