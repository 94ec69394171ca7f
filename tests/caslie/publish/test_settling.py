"""An adapter that was trained from folders is published only with the commits of what is in them."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from caslie.backends.transformers.identity import POCKET, find_weights
from caslie.records import read_scores, read_training, write_scores, write_training
from caslie.schema import Revision
from mmecinstruct.builder.captioned import content_digest, write_captioned
from mmecinstruct.builder.folder import Folder
from tests.mmecinstruct.captioning import ABOUT, captioned

BASE, DATASET = "alice/caslie-pocket-base-s", "alice/rows"
CARD = "---\nlicense: mit\n---\n# A base"
Run = Callable[..., Any]


@pytest.fixture(scope="session")
def captioned_task(one_task: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same rows with captions; to read only."""
    out = tmp_path_factory.mktemp("captioned") / "dataset"
    write_captioned(Folder(one_task), out, captioned, ABOUT)
    return out


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """What a base is made of, and a file beside it; its weights are not a model's."""
    folder = tmp_path / "base"
    folder.mkdir()
    for name, text in {"config.json": "{}", "tokenizer.json": '{"a": 1}', "README.md": CARD}.items():
        (folder / name).write_text(text)
    for name in ("model.safetensors", "consolidated.safetensors"):
        (folder / name).write_bytes(name.encode() * 1000)
    return folder


@pytest.fixture
def adapter(adapter_dir: Path, base: Path, one_task: Path) -> Path:
    """An adapter that was trained from that base on those rows, and measured on them."""
    rows = content_digest(Folder(one_task))
    digest = find_weights(str(base)).name.partition("@")[2]
    records: dict[str, Any] = {"base_model": BASE, "base_revision": None, "base_digest": digest, "dataset": None}
    write_training(adapter_dir, replace(read_training(adapter_dir), **records, dataset_digest=rows))
    scores = read_scores(adapter_dir)
    assert scores
    write_scores(adapter_dir, replace(scores, dataset=None, digest=rows))
    path = adapter_dir / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"base_model_name_or_path": BASE}))
    return adapter_dir


@pytest.fixture
def on_the_hub(alice: Any, base: Path, captioned_task: Path) -> Revision:
    """Puts the base there, and of the dataset its manifest alone; the commits of both."""
    alice.create_repo(BASE)
    alice.create_repo(DATASET, repo_type="dataset")
    manifest = captioned_task / "manifest.json"
    rows = alice.upload_file(
        path_or_fileobj=manifest, path_in_repo=manifest.name, repo_id=DATASET, repo_type="dataset"
    )
    alice.upload_folder(repo_id=BASE, folder_path=base)
    return Revision(DATASET, rows.oid)


def texts(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


@pytest.fixture
def plan(server: Any, push_here: Run) -> Run:
    """Plan the push of an adapter."""

    def planned(directory: Path, *arguments: str) -> Any:
        place = ("model", directory, "alice/adapter", *arguments, "--dry-run", "--json")
        return push_here(server.address, server.tokens["alice"], *place)

    return planned


def test_a_dry_run_finds_both_commits_and_writes_nothing(
    alice: Any, adapter: Path, on_the_hub: Revision, plan: Run
) -> None:
    before = texts(adapter)
    found = plan(adapter, "--dataset", DATASET).content
    base = alice.model_info(BASE).sha
    records = "adapter_config.json, scores.json, training.json"
    assert found["notes"] == [f"{records} will name {BASE}@{base}, {DATASET}@{on_the_hub.revision}"]
    assert f"| its commit | `{base}` |" in found["card"]
    assert f"Measured on `{DATASET}` at commit `{on_the_hub.revision}`" in found["card"]
    assert texts(adapter) == before


def test_a_run_is_named_as_well_as_the_adapter_in_it(
    adapter: Path, on_the_hub: Revision, plan: Run, tmp_path: Path
) -> None:
    shutil.copytree(adapter, tmp_path / "run" / "adapter")
    assert plan(tmp_path / "run", "--dataset", DATASET).content == plan(adapter, "--dataset", DATASET).content


def test_a_revision_of_the_dataset_can_be_named(adapter: Path, on_the_hub: Revision, plan: Run) -> None:
    named = f"{DATASET}@{on_the_hub.revision}"
    assert plan(adapter, "--dataset", named).content == plan(adapter, "--dataset", DATASET).content


def test_the_card_writes_the_commits_and_the_digests_stay(
    server: Any, adapter: Path, on_the_hub: Revision, push_here: Run, alice: Any
) -> None:
    scores, training = read_scores(adapter), read_training(adapter)
    assert scores
    write_training(adapter, replace(training, dataset=on_the_hub))
    write_scores(adapter, replace(scores, dataset=on_the_hub))
    card = ("card", adapter, "--repo", "alice/adapter")
    assert push_here(server.address, server.tokens["alice"], *card).code == 0
    base = alice.model_info(BASE).sha
    assert read_training(adapter) == replace(training, base_revision=base, dataset=on_the_hub)
    assert json.loads((adapter / "adapter_config.json").read_text())["revision"] == base
    alice.delete_repo(BASE)  # nothing is looked up again
    assert push_here(server.address, server.tokens["alice"], *card, "--check").code == 0


def test_a_push_that_was_killed_while_it_wrote_is_taken_up(adapter: Path, on_the_hub: Revision, plan: Run) -> None:
    expected = plan(adapter, "--dataset", DATASET).content
    path = adapter / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"revision": "f" * 40}))
    assert plan(adapter, "--dataset", DATASET).content["notes"] == expected["notes"]


def test_what_was_measured_on_the_rows_of_the_training_needs_no_dataset_named(
    adapter: Path, on_the_hub: Revision, plan: Run
) -> None:
    write_training(adapter, replace(read_training(adapter), dataset=on_the_hub))
    assert f"Measured on `{DATASET}` at commit `{on_the_hub.revision}`" in plan(adapter).content["card"]


def refusal(ran: Any) -> str:
    assert (ran.code, ran.out) == (1, "")
    assert len(ran.err.splitlines()) == 1
    said: str = ran.err.removeprefix("error: ").rstrip("\n")
    return said


def test_a_base_that_is_not_there_is_to_be_pushed_first(
    server: Any, adapter: Path, plan: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = refusal(plan(adapter, "--dataset", DATASET))
    there = f"{BASE}: no such model on {server.address}; push the base first: hf upload {BASE} "
    assert said == f"{there}FOLDER, that of the recipe's base"
    pocket = POCKET / "bases" / "tied_llama"
    digest = find_weights(str(pocket)).name.partition("@")[2]
    write_training(adapter, replace(read_training(adapter), base_digest=digest))
    monkeypatch.chdir(POCKET.parents[2])
    assert refusal(plan(adapter)) == f"{there}caslie/pocket/models/bases/tied_llama"


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "generation_config.json"])
def test_another_model_of_that_name_is_refused(
    adapter: Path, on_the_hub: Revision, alice: Any, plan: Run, name: str
) -> None:
    alice.upload_file(path_or_fileobj=b'{"b": 2}', path_in_repo=name, repo_id=BASE)
    said = refusal(plan(adapter, "--dataset", DATASET))
    assert said.startswith(f"{BASE} at {alice.model_info(BASE).sha[:7]} is another model than the adapter was trained")


def test_files_that_are_no_part_of_a_model_do_not_count(
    adapter: Path, on_the_hub: Revision, alice: Any, plan: Run
) -> None:
    alice.upload_file(path_or_fileobj=f"{CARD}!".encode(), path_in_repo="README.md", repo_id=BASE)
    alice.upload_file(path_or_fileobj=b"{}", path_in_repo="onnx/config.json", repo_id=BASE)
    assert plan(adapter, "--dataset", DATASET).code == 0


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ((), "training.json: trained on a folder; push that dataset, then caslie-push model ... --dataset user/name"),
        (("--dataset", "alice/none"), "--dataset alice/none: no such dataset on http"),
        (("--dataset", f"{DATASET}@r9"), f"--dataset {DATASET}@r9: no such dataset on http"),
        (("--dataset", "./dataset"), "--dataset: './dataset' is no name on a Hub: Repo id must use"),
        (("--dataset", "/runs/s/dataset"), "--dataset: '/runs/s/dataset' is no name on a Hub; write user/name or"),
        (("--dataset", "alice/empty"), "alice/empty: has no manifest.json, so `mmecinstruct build` did not make it"),
    ],
)
def test_a_dataset_that_cannot_be_found_is_told(
    adapter: Path, on_the_hub: Revision, alice: Any, plan: Run, named: tuple[str, ...], reason: str
) -> None:
    alice.create_repo("alice/empty", repo_type="dataset")
    assert refusal(plan(adapter, *named)).startswith(reason)


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        ({"dataset_digest": "0" * 64}, "has other rows than the adapter was trained on"),
        ({"variant": "text"}, ""),
        ({"dataset": Revision("alice/other", "0" * 40)}, "scores.json was measured on other rows than alice/rows at"),
    ],
)
def test_a_dataset_must_have_the_rows(
    adapter: Path, on_the_hub: Revision, plan: Run, records: dict[str, Any], reason: str
) -> None:
    write_training(adapter, replace(read_training(adapter), **records))
    scores = read_scores(adapter)
    assert scores
    if "dataset" in records:
        write_scores(adapter, replace(scores, digest="1" * 64))
    ran = plan(adapter, "--dataset", DATASET)
    assert reason in refusal(ran) if reason else ran.code == 0


def test_a_dataset_without_captions_is_not_what_an_adapter_of_captions_was_trained_on(
    adapter: Path, on_the_hub: Revision, one_task: Path, alice: Any, plan: Run
) -> None:
    manifest = one_task / "manifest.json"
    alice.upload_file(path_or_fileobj=manifest, path_in_repo=manifest.name, repo_id=DATASET, repo_type="dataset")
    assert "has no captions, or others than the adapter was trained on" in refusal(plan(adapter, "--dataset", DATASET))
    write_training(adapter, replace(read_training(adapter), variant="text"))
    assert plan(adapter, "--dataset", DATASET).code == 0


def test_another_dataset_than_the_records_name_is_refused(adapter: Path, on_the_hub: Revision, plan: Run) -> None:
    scores = read_scores(adapter)
    assert scores
    write_training(adapter, replace(read_training(adapter), dataset=on_the_hub))
    write_scores(adapter, replace(scores, dataset=on_the_hub))
    said = refusal(plan(adapter, "--dataset", "alice/other"))
    assert said == f"--dataset alice/other: training.json says that it was trained on {DATASET}"


def test_scores_of_other_rows_than_the_training_s_need_their_dataset(
    adapter: Path, on_the_hub: Revision, plan: Run
) -> None:
    scores = read_scores(adapter)
    assert scores
    write_training(adapter, replace(read_training(adapter), dataset=on_the_hub))
    write_scores(adapter, replace(scores, digest="1" * 64))
    assert refusal(plan(adapter)).startswith("scores.json was measured on a folder; push that dataset, then")


@pytest.fixture
def run_dir(adapter: Path, captioned_task: Path, tmp_path: Path) -> Path:
    """A run with its dataset and its adapter, neither of them on a Hub."""
    shutil.copytree(captioned_task, tmp_path / "caslie-s" / "dataset")
    shutil.copytree(adapter, tmp_path / "caslie-s" / "adapter")
    return tmp_path / "caslie-s"


def test_in_a_run_an_adapter_waits_for_the_commit_of_its_dataset(
    server: Any, on_the_hub: Revision, run_dir: Path, push_here: Run
) -> None:
    arguments = ("all", run_dir, "alice", "--license", "mit", "--dry-run")
    plans = push_here(server.address, server.tokens["alice"], *arguments, "--json").content
    assert [one["repository"] for one in plans] == [
        "alice/caslie-s-dataset",
        "alice/mmecinstruct-metrics",
        "alice/caslie-s",
    ]
    assert plans[-1] == {"repository": "alice/caslie-s", "waits_for": "alice/caslie-s-dataset"}
    said = push_here(server.address, server.tokens["alice"], *arguments).out
    assert "alice/caslie-s (model): planned once alice/caslie-s-dataset is released, whose commit it will name" in said


@pytest.mark.slow
def test_a_rehearsal_of_a_run_has_its_base_from_the_hub_and_its_dataset_from_itself(
    server: Any, on_the_hub: Revision, run_dir: Path, push: Run
) -> None:
    before = texts(run_dir / "adapter")
    ran = push(server, "alice", "all", run_dir, "alice", "--license", "mit", "--rehearse", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert [one["repository"] for one in ran.content][-1] == "alice/caslie-s"
    assert texts(run_dir / "adapter") == before


@pytest.mark.slow
def test_a_run_is_released_dataset_first_and_its_adapter_names_that_release(
    server: Any, alice: Any, on_the_hub: Revision, run_dir: Path, push: Run
) -> None:
    ran = push(server, "alice", "all", run_dir, "alice", "--license", "mit", "--yes", "--json")
    released = {one["repository"]: one["commit"] for one in ran.content}
    dataset = Revision("alice/caslie-s-dataset", released["alice/caslie-s-dataset"])
    training, scores = read_training(run_dir / "adapter"), read_scores(run_dir / "adapter")
    assert scores
    assert (training.dataset, scores.dataset) == (dataset, dataset)
    assert training.base_revision == alice.model_info(BASE).sha
    again = push(server, "alice", "all", run_dir, "alice", "--yes")
    assert (again.code, again.out.count("nothing was sent")) == (0, 3)
