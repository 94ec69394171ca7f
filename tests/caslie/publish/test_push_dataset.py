"""A build that is pushed by the command line: what is planned, what lands, and what a second push sends."""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from huggingface_hub import HfApi

from mmecinstruct.builder.folder import Folder

REPO = "alice/mmecinstruct"
LICENSE = ("--license", "cc-by-4.0")
ALICE = f"hf_alice{'0' * 29}"
HUB = ("-c", "from caslie.cli import main; main()", "hub")

# What a stranger to this project runs: the real client, and nothing of ours.
LOAD = """
import hashlib, json, sys
from datasets import Image, List, get_dataset_config_names, load_dataset
repo, revision, config = sys.argv[1:]
loaded = load_dataset(repo, config, revision=revision)
features = loaded["test"].features
digests = {
    split: [[row["id"], *(hashlib.sha256(one["bytes"]).hexdigest() for one in row["images"])]
            for row in rows.cast_column("images", List(Image(decode=False)))]
    for split, rows in loaded.items()
}
names = get_dataset_config_names(repo, revision=revision)
pictures = features["images"] == List(Image())
size = loaded["test"][0]["images"][0].size
print(json.dumps({"rows": digests, "configs": names, "pictures": pictures, "size": size}))
"""

Run = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Released:
    """A build that was pushed once, the Hub it went to, and what was said."""

    build: Path
    hub: Path
    variables: dict[str, str]
    ran: Any

    @property
    def api(self) -> HfApi:
        """The real client, as alice."""
        return HfApi(self.variables["HF_ENDPOINT"], ALICE)


@pytest.fixture(scope="module")
def released(small_build: Path, process: Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Released]:
    """The first release of a build; to look at only."""
    folder = tmp_path_factory.mktemp("released")
    hub, out = folder / "hub", shutil.copytree(small_build, folder / "build")
    started = process({}, *HUB, "start", hub, "--port", 0, "--user", f"alice:{ALICE}")
    endpoint = re.findall("HF_ENDPOINT=(.*)", started.out)[0]
    names = {"HF_HOME": "home", "HF_HUB_CACHE": "home/hub", "HF_DATASETS_CACHE": "home/datasets"}
    variables = {"HF_ENDPOINT": endpoint, "HF_TOKEN": ALICE, "HF_HUB_OFFLINE": "0"}
    variables |= {name: str(folder / path) for name, path in names.items()}
    ran = process(variables, "-m", "caslie.push", "dataset", out, REPO, *LICENSE, "--yes", "--json")
    yield Released(out, hub, variables, ran)
    process({}, *HUB, "stop", hub)


def on_hub(api: HfApi, revision: str = "main") -> set[str]:
    return set(api.list_repo_files(REPO, repo_type="dataset", revision=revision))


def commits(api: HfApi, revision: str = "main") -> list[str]:
    return [one.commit_id for one in api.list_repo_commits(REPO, repo_type="dataset", revision=revision)]


def content_bytes(hub: Path) -> int:
    """All that was ever sent as content."""
    return sum(path.stat().st_size for top in ("objects", "xet") for path in (hub / top).rglob("*") if path.is_file())


def digests(folder: Path) -> dict[str, str]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def drop_a_row(out: Path, config: str, split: str) -> None:
    """Make another build of this one: a split is one row shorter."""
    path = out / f"data/{config}/{split}-00000-of-00001.parquet"
    table = pq.read_table(path)
    pq.write_table(table.slice(1), path)
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    about = manifest["configs"][config]["splits"][split]
    about["rows"] -= 1
    about["files"][0] |= {
        "rows": about["rows"],
        "bytes": path.stat().st_size,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def test_a_dry_run_tells_the_plan_and_does_nothing(server: Any, tiny_build: Path, push_here: Run) -> None:
    before = digests(tiny_build)
    ran = push_here(server.address, ALICE, "dataset", tiny_build, REPO, *LICENSE, "--dry-run", "--json")
    plan = ran.content
    changes = {file["path"]: file["change"] for file in plan["files"]}
    assert (ran.code, ran.err) == (0, "")
    assert set(changes.values()) == {"new"}
    assert {"README.md", "manifest.json", "leakage.json", "data/ap_ood/test-00000-of-00001.parquet"} <= changes.keys()
    assert plan["bytes"] == plan["bytes_to_send"] == sum(file["bytes"] for file in plan["files"])
    assert (plan["visibility"], plan["branch"], plan["base"]) == ("private", "main", None)
    assert "+license: cc-by-4.0" in plan["card"].splitlines()
    assert not server.client("alice").repo_exists(REPO, repo_type="dataset")
    assert digests(tiny_build) == before


def test_a_dry_run_reads_as_lines_too(server: Any, tiny_build: Path, push_here: Run) -> None:
    ran = push_here(server.address, ALICE, "dataset", tiny_build, REPO, *LICENSE, "--dry-run")
    assert f"{REPO} (dataset) on {server.address}, main with nothing yet; private" in ran.out
    assert "bytes to send" in ran.out


def test_a_push_tells_what_it_did(released: Released) -> None:
    said = released.ran.content
    rows = sum(
        split["rows"]
        for config in Folder(released.build).manifest["configs"].values()
        for split in config["splits"].values()
    )
    assert (released.ran.code, released.ran.err) == (0, "")
    assert (said["tag"], said["commit"]) == ("r1", commits(released.api)[0])
    assert said["page"] == f"{released.variables['HF_ENDPOINT']}/datasets/{REPO}"
    assert said["files_sent"] == len(on_hub(released.api) - {".gitattributes"})
    assert re.fullmatch(rf"{rows} rows and \d+ pictures loaded back with datasets, equal", said["compared"])


@pytest.mark.parametrize("config", ["sr_ood", "prp_ind"])
def test_the_real_client_loads_the_rows_and_the_pictures_of_the_build(
    released: Released, process: Run, config: str
) -> None:
    folder = Folder(released.build)
    here = {
        split: [
            [row["id"], *(hashlib.sha256(one["bytes"]).hexdigest() for one in row["images"])]
            for row in folder.rows(config, split, ("id", "images"))
        ]
        for split in folder.splits(config)
    }
    there = process(released.variables, "-c", LOAD, REPO, "main", config).content
    assert there["rows"] == here
    assert there["pictures"]
    assert len(there["size"]) == 2
    assert {"ap_ind", "prp_ood", "sr_ind"} <= set(there["configs"])


def test_a_release_is_private_tagged_and_one_commit(released: Released) -> None:
    refs = released.api.list_repo_refs(REPO, repo_type="dataset")
    assert released.api.repo_info(REPO, repo_type="dataset").private
    assert len(commits(released.api)) == 2  # the first is the Hub's own
    assert [branch.name for branch in refs.branches] == ["main"]
    assert {tag.name: tag.target_commit for tag in refs.tags} == {"r1": commits(released.api)[0]}


def test_what_is_published_is_what_lies_in_the_folder(released: Released) -> None:
    here = {path: (released.build / path).is_file() for path in on_hub(released.api) - {".gitattributes"}}
    assert {"README.md", "figures/input_lengths.png"} <= here.keys()
    assert all(here.values())
    assert json.loads((released.build / "publication.json").read_text(encoding="utf-8")) == {
        "repository": REPO,
        "license": "cc-by-4.0",
    }


def test_where_the_rows_were_read_stays_here(released: Released) -> None:
    assert (released.build / "lineage.sqlite").is_file()
    assert not {"lineage.sqlite", "publication.json"} & on_hub(released.api)


def test_the_same_push_again_sends_nothing(released: Released, process: Run) -> None:
    before = content_bytes(released.hub), commits(released.api), digests(released.build)
    again = process(released.variables, "-m", "caslie.push", "dataset", released.build, REPO)
    assert (again.code, again.err) == (0, "")
    assert f"{REPO}: the Hub has this release already; nothing was sent" in again.out
    assert "tagged r1" in again.out
    assert (content_bytes(released.hub), commits(released.api), digests(released.build)) == before


def test_a_new_release_takes_away_what_is_ours_and_keeps_what_people_added(
    server: Any, tiny_build: Path, push: Run, process: Run, tmp_path: Path
) -> None:
    assert push(server, "alice", "dataset", tiny_build, REPO, *LICENSE, "--yes").code == 0
    api = server.client("alice")
    for path in ("LICENSE-NOTES.md", "data/ap_old/test-00000-of-00001.parquet"):
        api.upload_file(path_or_fileobj=b"by hand", path_in_repo=path, repo_id=REPO, repo_type="dataset")
    drop_a_row(tiny_build, "ap_ood", "test")
    ran = push(server, "alice", "dataset", tiny_build, REPO, "--yes")
    assert (ran.code, ran.err) == (0, "")
    assert re.search(r"kept +7  LICENSE-NOTES.md  \(not ours: left as it is\)", ran.out)
    assert re.search(r"removed +7  data/ap_old/test-00000-of-00001.parquet", ran.out)
    assert "what changes in README.md:" in ran.out
    assert "tagged r2" in ran.out
    assert "LICENSE-NOTES.md" in on_hub(api)
    assert not [path for path in on_hub(api) if path.startswith("data/ap_old")]
    home = server.environment("alice", tmp_path / "reader")
    rows = {tag: len(process(home, "-c", LOAD, REPO, tag, "ap_ood").content["rows"]["test"]) for tag in ("r1", "r2")}
    assert rows == {"r1": 4, "r2": 3}
