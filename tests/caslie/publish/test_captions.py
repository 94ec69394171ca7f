"""A captioned build on a Hub: it is pushed, loads back with its captions, and is opened by its name again."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import huggingface_hub.constants
import pytest
import yaml
from huggingface_hub import HfApi

from caslie.datasets import open_dataset
from mmecinstruct.builder import write_captioned
from mmecinstruct.builder.features import CAPTION_COLUMNS
from mmecinstruct.builder.folder import TEXT_COLUMNS, Folder
from mmecinstruct.builder.manifest import write_json
from mmecinstruct.errors import OutputError
from tests.mmecinstruct.captioning import ABOUT, captioned

REPO = "alice/mmecinstruct"
LICENSE = ("--license", "cc-by-4.0", "--yes")
COLUMNS = (*TEXT_COLUMNS, "images", *CAPTION_COLUMNS)

# What a stranger to this project runs.
LOAD = """
import json, sys
from datasets import load_dataset
rows = load_dataset(sys.argv[1], "ap_ood", split="test").select_columns(sys.argv[2:])
print(json.dumps([rows[i] for i in range(len(rows))]))
"""

Run = Callable[..., Any]


@pytest.fixture
def made(one_task: Path, tmp_path: Path) -> Path:
    """A build with captions, of the test's own."""
    write_captioned(Folder(one_task), tmp_path / "made", captioned, ABOUT)
    return tmp_path / "made"


@pytest.fixture
def here(server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HfApi:
    """Let this process ask the test's own Hub, as alice, with a cache of its own."""
    template = f"{server.address}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", server.address)
    monkeypatch.setattr(huggingface_hub.constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_TOKEN", server.tokens["alice"])
    api: HfApi = server.client("alice")
    return api


@pytest.fixture
def uploaded(here: HfApi, made: Path) -> HfApi:
    """The build lies on the Hub, with a file that is none of a dataset's."""
    here.create_repo(REPO, repo_type="dataset")
    here.upload_folder(repo_id=REPO, repo_type="dataset", folder_path=made)
    here.upload_file(path_or_fileobj=b"by hand", path_in_repo="notes.txt", repo_id=REPO, repo_type="dataset")
    return here


def rows(folder: Folder) -> dict[tuple[str, str], list[dict[str, Any]]]:
    return {
        (config, split): list(folder.rows(config, split, COLUMNS))
        for config in folder.configs
        for split in folder.splits(config)
    }


def put_manifest(api: HfApi, made: Path, change: Callable[[dict[str, Any]], object]) -> None:
    manifest = Folder(made).manifest
    change(manifest)
    content = json.dumps(manifest).encode()
    api.upload_file(path_or_fileobj=content, path_in_repo="manifest.json", repo_id=REPO, repo_type="dataset")


def test_captions_are_pushed_and_load_back(
    server: Any, made: Path, push: Run, process: Run, tmp_path: Path, push_here: Run
) -> None:
    ran = push(server, "alice", "dataset", made, REPO, *LICENSE, "--json")
    assert (ran.code, ran.err) == (0, "")
    assert "loaded back with datasets, equal" in ran.content["compared"]
    home = server.environment("alice", tmp_path / "reader")
    there = process(home, "-c", LOAD, REPO, *CAPTION_COLUMNS).content
    assert there == list(Folder(made).rows("ap_ood", "test", CAPTION_COLUMNS))
    again = push_here(server.address, server.tokens["alice"], "dataset", made, REPO)
    assert "the Hub has this release already; nothing was sent" in again.out


def test_captions_are_a_new_release_of_the_plain_build(server: Any, tiny_build: Path, push: Run) -> None:
    assert push(server, "alice", "dataset", tiny_build, REPO, *LICENSE).code == 0
    write_captioned(Folder(tiny_build), tiny_build, captioned, ABOUT)
    ran = push(server, "alice", "dataset", tiny_build, REPO, "--yes", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.content["tag"] == "r2"


def test_the_published_card_says_that_models_made_them(server: Any, made: Path, push_here: Run) -> None:
    ran = push_here(server.address, server.tokens["alice"], "dataset", made, REPO, *LICENSE, "--dry-run", "--json")
    card = "\n".join(line[1:] for line in ran.content["card"].splitlines() if line.startswith("+"))
    header = yaml.safe_load(card.split("---\n")[1])
    assert "machine-generated" in header["annotations_creators"]
    assert "## Captions and votes" in card


def test_a_dataset_is_opened_by_its_name(uploaded: HfApi, made: Path) -> None:
    commit = uploaded.repo_info(REPO, repo_type="dataset").sha
    for folder in (open_dataset(REPO), open_dataset(f"{REPO}@{commit}"), open_dataset(REPO, commit)):
        assert folder.commit == commit
        assert rows(folder) == rows(Folder(made))


def test_only_the_files_of_the_layout_are_fetched(uploaded: HfApi, made: Path) -> None:
    out = open_dataset(REPO).out
    there = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    shards = {path.relative_to(made).as_posix() for path in (made / "data").rglob("*.parquet")}
    assert there == {"README.md", "manifest.json", "leakage.json", *shards}


def test_what_was_fetched_opens_without_a_network(
    uploaded: HfApi, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    online = open_dataset(REPO)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    offline = open_dataset(REPO)
    assert (offline.commit, offline.out) == (online.commit, online.out)
    assert rows(offline) == rows(Folder(made))


def test_what_was_not_fetched_does_not_open_without_a_network(
    uploaded: HfApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(OutputError, match=f"{REPO}: no Hub can be reached, and not all of it was fetched before"):
        open_dataset(REPO)


def test_a_hubs_dataset_is_captioned_into_a_folder(uploaded: HfApi, made: Path, tmp_path: Path) -> None:
    write_captioned(open_dataset(REPO), tmp_path / "again", captioned, ABOUT)
    assert rows(Folder(tmp_path / "again")) == rows(Folder(made))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda manifest: manifest.update(format=2), "is of layout 2; this version reads layout 1"),
        (lambda manifest: manifest.update(configs=[]), "not the manifest of a build"),
        (
            lambda manifest: manifest["configs"]["ap_ood"]["splits"]["test"]["files"][0].update(path="../x.parquet"),
            "names the file '../x.parquet', which is none of a dataset's",
        ),
        (
            lambda manifest: manifest["configs"]["ap_ood"]["splits"]["test"]["files"][0].update(
                path="data/ap_ood/gone.parquet"
            ),
            "data/ap_ood/gone.parquet is in its manifest.json, but cannot be had",
        ),
    ],
    ids=["layout", "manifest", "outside", "gone"],
)
def test_a_dataset_of_another_layout_is_refused(
    uploaded: HfApi, made: Path, change: Callable[[dict[str, Any]], object], problem: str
) -> None:
    put_manifest(uploaded, made, change)
    with pytest.raises(OutputError, match=problem):
        open_dataset(REPO)


def test_a_dataset_that_nobody_built_is_refused(here: HfApi) -> None:
    here.create_repo(REPO, repo_type="dataset")
    with pytest.raises(OutputError, match=r"has no manifest\.json, so `mmecinstruct build` did not make it"):
        open_dataset(REPO)


@pytest.mark.parametrize(
    ("name", "revision", "problem"),
    [
        ("alice/unheard-of", None, "no such folder, nor a dataset on the Hub that you may read"),
        (REPO, "r99", "has no revision r99"),
        (f"{REPO}@r1", "r2", "names another revision than r2"),
        ("no/such/folder", None, "no such folder, nor a dataset's name on a Hub"),
        ("alice/mmec--instruct", None, "cannot be fetched"),
    ],
)
def test_a_name_of_nothing_is_told_on_one_line(uploaded: HfApi, name: str, revision: str | None, problem: str) -> None:
    with pytest.raises(OutputError, match=problem) as told:
        open_dataset(name, revision)
    assert "\n" not in str(told.value)


def test_a_folder_is_opened_by_its_path(made: Path) -> None:
    assert open_dataset(str(made)).out == made
    with pytest.raises(OutputError, match="a folder has no revisions"):
        open_dataset(str(made), "r1")


def test_a_folder_of_another_layout_is_refused(made: Path) -> None:
    write_json(made / "manifest.json", Folder(made).manifest | {"format": 7})
    with pytest.raises(OutputError, match="is of layout 7"):
        open_dataset(str(made))


def test_a_folder_that_a_killed_run_had_taken_away_is_opened(made: Path) -> None:
    partial = made.with_name("made.partial")
    partial.mkdir()
    (partial / "build.json").write_text("{}")
    shutil.move(made, partial / "replaced")
    assert open_dataset(str(made)).captioned
