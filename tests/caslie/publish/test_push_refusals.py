"""What cannot be published: each is told on one line, with exit code 1, and leaves the Hub as it was."""

import json
import re
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import huggingface_hub.constants
import pytest
from huggingface_hub import HfApi

from caslie.publish import patience

REPO = "alice/mmecinstruct"
LICENSE = ("--license", "cc-by-4.0")
ALICE = f"hf_alice{'0' * 29}"
NOWHERE = "http://127.0.0.1:9"
SMALL = 60_000  # bytes of the largest file that a full disk still takes; SQLite asks for half of it
HUB = ("-c", "from caslie.cli import main; main()", "hub")

Run = Callable[..., Any]


def refusal(ran: Any) -> str:
    """The one line on which it was told."""
    assert (ran.code, ran.out) == (1, "")
    assert re.fullmatch(r"error: .*\n", ran.err)
    return str(ran.err).removeprefix("error: ").rstrip("\n")


def repositories(server: Any) -> list[str]:
    api = server.client("alice")
    return [one.id for found in (api.list_datasets(), api.list_models(), api.list_spaces()) for one in found]


def smaller_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, SMALL))


@pytest.fixture
def refused(server: Any, push_here: Run) -> Iterator[Run]:
    """Push to a Hub that refuses it, as its owner or with another token, and see that nothing was made."""

    def pushed(*arguments: object, token: str | None = ALICE) -> str:
        return refusal(push_here(server.address, token, *arguments))

    yield pushed
    assert repositories(server) == []


def test_a_folder_that_is_not_there_or_no_build(refused: Run, tmp_path: Path) -> None:
    absent = tmp_path / "absent"
    assert refused("dataset", absent, REPO, *LICENSE, "--yes") == f"{absent}: no such folder"
    said = refused("dataset", tmp_path, REPO, *LICENSE, "--yes")
    assert said.startswith(f"{tmp_path}: no build of mmecinstruct")
    assert said.endswith("`mmecinstruct build` makes one")


@pytest.mark.parametrize(
    "repository", ["mmec", "a/b/c", "alice/mm ec", "alice/", "/x", "alice/a..b", "alice/x.git", ""]
)
def test_a_name_that_no_hub_takes(refused: Run, tiny_build: Path, repository: str) -> None:
    said = refused("dataset", tiny_build, repository, *LICENSE, "--yes")
    assert f"{repository!r} is no name of a repository: " in said


def test_no_licence_and_one_that_the_hub_does_not_know(refused: Run, tiny_build: Path) -> None:
    assert "nobody decided under which licence to publish it" in refused("dataset", tiny_build, REPO, "--yes")
    said = refused("dataset", tiny_build, REPO, "--license", "cc-by-4", "--yes")
    assert "'cc-by-4' is no licence that the Hub knows. Did you mean 'cc-by-4.0'?" in said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("data", "config 'data': `datasets` refuses this name"),
        ("sr/ood", "config 'sr/ood': / in its name keeps every"),
    ],
)
def test_a_config_that_would_not_load(refused: Run, tiny_build: Path, name: str, said: str) -> None:
    manifest = json.loads((tiny_build / "manifest.json").read_text(encoding="utf-8"))
    manifest["configs"][name] = manifest["configs"].pop("ap_ood")
    (tiny_build / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert said in refused("dataset", tiny_build, REPO, *LICENSE, "--yes")


def test_no_token(refused: Run, server: Any, tiny_build: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_TOKEN", raising=False)
    said = refused("dataset", tiny_build, REPO, *LICENSE, "--yes", token=None)
    assert said == f"no token for {server.address}: set HF_TOKEN, or log in with `hf auth login`"


def test_a_token_that_nobody_has(refused: Run, server: Any, tiny_build: Path) -> None:
    said = refused("dataset", tiny_build, REPO, *LICENSE, "--yes", token="hf_nobodys")
    assert said.startswith(f"{server.address} refused: ")
    assert "(HTTP 401)" in said
    assert "hf_nobodys" not in said


def test_a_token_that_may_only_read(refused: Run, server: Any, tiny_build: Path) -> None:
    wish = ("dataset", tiny_build, "carol/mmecinstruct", *LICENSE, "--yes")
    said = refused(*wish, token=server.tokens["carol"])
    assert said == "the token of carol may only read: publishing needs one with the role `write`"


def test_the_namespace_of_another(refused: Run, tiny_build: Path) -> None:
    said = refused("dataset", tiny_build, "bob/mmecinstruct", *LICENSE, "--yes")
    assert said == "alice has no rights in bob: publish to alice or acme, or propose it with --create-pr"


def test_a_client_that_is_told_to_stay_offline(
    refused: Run, tiny_build: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    assert refused("dataset", tiny_build, REPO, *LICENSE, "--yes") == "HF_HUB_OFFLINE is set: unset it to publish"
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)


def test_a_name_under_which_something_else_stands(server: Any, tiny_build: Path, push_here: Run) -> None:
    api = server.client("alice")
    api.create_repo(REPO, repo_type="model")
    said = refusal(push_here(server.address, ALICE, "dataset", tiny_build, REPO, *LICENSE, "--yes"))
    assert said == f"{REPO} is a model on {server.address}: give the dataset another name"
    assert not api.repo_exists(REPO, repo_type="dataset")


@pytest.mark.parametrize("as_json", [(), ("--json",)])
def test_a_push_that_nobody_can_confirm(server: Any, tiny_build: Path, push_here: Run, as_json: tuple[str]) -> None:
    ran = push_here(server.address, ALICE, "dataset", tiny_build, REPO, *LICENSE, *as_json)
    assert ran.code == 1
    assert ran.err == "error: nobody is there to be asked: look at the plan with --dry-run, then add --yes\n"
    assert repositories(server) == []
    assert not (tiny_build / "publication.json").exists()


def test_a_hub_that_is_not_there_is_told_within_seconds(tiny_build: Path, push_here: Run) -> None:
    begun = time.monotonic()
    said = refusal(push_here(NOWHERE, ALICE, "dataset", tiny_build, REPO, *LICENSE, "--yes"))
    assert said.startswith(f"{NOWHERE} cannot be reached (")
    assert said.endswith("; is HF_ENDPOINT right?")
    assert time.monotonic() - begun < 5


def test_an_address_where_something_else_answers(tiny_build: Path, push_here: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nHello!"

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(1 << 16)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        said = refusal(push_here(address, ALICE, "dataset", tiny_build, REPO, *LICENSE, "--yes"))
        thread.join(5)
    assert said == f"{address} does not answer as a Hub does; is HF_ENDPOINT right?"


def test_a_full_disk_under_the_build(server: Any, tiny_build: Path, push: Run) -> None:
    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    ran = push(server, "alice", "dataset", tiny_build, REPO, *LICENSE, "--yes", preexec_fn=full)
    assert ran.code == 1
    assert re.search(r"^error: .*(cannot be written|File too large).*\n\Z", ran.err, re.MULTILINE), ran.err
    assert "Traceback" not in ran.err
    assert repositories(server) == []
    assert not list(tiny_build.glob(".*"))


@pytest.mark.parametrize("xet_off", ["0", "1"], ids=["xet", "lfs"])
def test_a_full_disk_under_the_hub(tiny_build: Path, process: Run, tmp_path: Path, xet_off: str) -> None:
    hub, variables = tmp_path / "hub", {"HF_TOKEN": ALICE, "HF_HUB_OFFLINE": "0", "HF_HOME": str(tmp_path / "home")}
    variables["HF_HUB_DISABLE_XET"] = xet_off
    arguments = (*HUB, "start", hub, "--port", 0, "--user", f"alice:{ALICE}")
    started = process({}, *arguments, preexec_fn=smaller_files)
    try:
        variables["HF_ENDPOINT"] = started.out.partition("=")[2].strip()
        begun = time.monotonic()
        ran = process(variables, "-m", "caslie.push", "dataset", tiny_build, REPO, *LICENSE, "--yes")
        api = HfApi(variables["HF_ENDPOINT"], ALICE)
        assert ran.code == 1
        assert re.fullmatch(r"error: http\S+ refused.* \(?the disk of this Hub is full.*\n", ran.err)
        assert time.monotonic() - begun < 10
        assert set(api.list_repo_files(REPO, repo_type="dataset")) == {".gitattributes"}
    finally:
        process({}, *HUB, "stop", hub)


@pytest.mark.parametrize("name", ["a b", "", "-x", "refs/pr/1", "../x", "HEAD", "0" * 40, "x.lock", "été"])
@pytest.mark.parametrize("option", ["--branch", "--tag"])
def test_a_name_that_no_branch_or_tag_can_have(refused: Run, tiny_build: Path, option: str, name: str) -> None:
    said = refused("dataset", tiny_build, REPO, *LICENSE, "--yes", option, name)
    assert said.startswith(f"{option} {name!r}: letters, digits")


def test_a_hub_that_never_answers_is_told_in_seconds(
    push_here: Run, tiny_build: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "FIRST_ANSWER", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        assert "cannot be reached" in refusal(push_here(address, ALICE, "dataset", tiny_build, REPO, *LICENSE))


def test_a_token_that_can_be_none(refused: Run, tiny_build: Path) -> None:
    said = refused("dataset", tiny_build, REPO, *LICENSE, "--yes", token="hf_ü")
    assert said == "the token holds characters that no token has; look at HF_TOKEN"


def test_a_link_out_of_the_build_is_not_followed(refused: Run, tiny_build: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("{}")
    (tiny_build / "authors_captions.jsonl").symlink_to(tmp_path / "secret")
    assert "leads out of the build" in refused("dataset", tiny_build, REPO, *LICENSE, "--yes")


def test_a_manifest_that_was_changed_by_hand(refused: Run, tiny_build: Path) -> None:
    manifest = json.loads((tiny_build / "manifest.json").read_text())
    del manifest["corpora"][0]["file"]
    (tiny_build / "manifest.json").write_text(json.dumps(manifest))
    said = refused("dataset", tiny_build, REPO, *LICENSE, "--yes")
    assert "manifest.json or leakage.json is not as a build wrote it (KeyError: 'file')" in said
