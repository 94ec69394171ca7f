"""Checkpoints and datasets by their names on a Hub, fetched once and at one commit."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from huggingface_hub import HfApi

from caslie.records import read_training, write_training
from tests.caslie.serving import Server

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
CASLIE = [sys.executable, "-c", "from caslie.cli import main; main()"]
HOW = ("--config", "ap_ind", "--mode", "score", "--json", "--out")


@dataclass(frozen=True, slots=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def asked(self) -> int:
        assert self.code == 0, self.err
        return int(json.loads(self.out)["counts"]["ap_ind"]["score"]["asked"])


@pytest.fixture
def predict(server: Server, tmp_path: Path) -> Callable[..., Ran]:
    """Run `caslie predict` in a process of its own, where HF_ENDPOINT is read."""

    def ran(*arguments: object, **variables: str) -> Ran:
        env = os.environ | server.environment("alice", tmp_path / "home") | {"PYTHONPATH": str(ROOT)} | variables
        done = subprocess.run(
            [*CASLIE, "predict", *map(str, arguments)], env=env, capture_output=True, text=True, check=False
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return ran


def put(api: HfApi, name: str, folder: Path, kind: str = "model") -> str:
    api.create_repo(name, repo_type=kind, exist_ok=True)
    return str(api.upload_folder(repo_id=name, repo_type=kind, folder_path=folder).oid)


def test_an_adapter_by_name_brings_its_base_at_the_commit_it_was_tuned_on(
    alice: HfApi,
    predict: Callable[..., Ran],
    tune: Callable[..., Path],
    base: Path,
    mistral: Path,
    dataset: Path,
    tmp_path: Path,
) -> None:
    commit = put(alice, "alice/base", base)
    adapter = tune(tmp_path / "adapter", base)
    write_training(adapter, replace(read_training(adapter), base_model="alice/base", base_revision=commit))
    tuned = put(alice, "alice/tuned", adapter)
    put(alice, "alice/base", mistral)  # the base moves on
    data = put(alice, "alice/mmecinstruct", dataset, "dataset")

    by_name = predict("alice/tuned", "--data", "alice/mmecinstruct", *HOW, tmp_path / "by_name")
    assert by_name.asked > 0
    about = json.loads((tmp_path / "by_name" / "about.json").read_text())
    assert about["checkpoint"] == f"transformers/alice/base@{commit} + alice/tuned@{tuned} float32"
    assert (about["dataset"]["name"], about["dataset"]["commit"]) == ("alice/mmecinstruct", data)
    here = predict(adapter, "--base", f"transformers/{base}", "--data", dataset, *HOW, tmp_path / "here")
    assert here.asked == by_name.asked
    written = [(tmp_path / one / "ap_ind.score.jsonl").read_bytes() for one in ("by_name", "here")]
    assert written[0] == written[1]
    offline = {"HF_HUB_OFFLINE": "1"}
    assert predict("alice/tuned", "--data", "alice/mmecinstruct", *HOW, tmp_path / "by_name", **offline).asked == 0


def test_a_full_model_by_name_and_revision_is_asked_in_its_template(
    alice: HfApi, predict: Callable[..., Ran], base: Path, dataset: Path, tmp_path: Path
) -> None:
    commit = put(alice, "alice/chatty", base)
    ran = predict("alice/chatty@main", "--data", dataset, *HOW, tmp_path / "out")
    assert ran.asked > 0
    about = json.loads((tmp_path / "out" / "about.json").read_text())
    assert (about["base"], about["prompt"]["name"]) == (f"transformers/alice/chatty@{commit}", "chat")
    put(alice, "alice/chatty", write_frame(tmp_path / "frame"))
    assert json.loads(predict("alice/chatty", "--data", dataset, *HOW, tmp_path / "new").out)["prompt"] == "mistral"


def write_frame(folder: Path) -> Path:
    from caslie.fusion import frame

    folder.mkdir()
    (folder / "prompt.jinja").write_text(frame("mistral").source)
    return folder


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("alice/nothing", "no model alice/nothing@main: is the name right? A private one needs HF_TOKEN"),
        ("alice/chatty@v9", "alice/chatty@v9: no such revision; leave it out for the newest"),
        ("alice/empty", "alice/empty@main: no model of transformers: it has no config.json"),
    ],
)
def test_a_name_that_leads_nowhere_is_told_in_one_line(
    alice: HfApi, predict: Callable[..., Ran], base: Path, dataset: Path, tmp_path: Path, name: str, told: str
) -> None:
    put(alice, "alice/chatty", base)
    alice.create_repo("alice/empty")
    ran = predict(name, "--data", dataset, *HOW, tmp_path / "out")
    assert (ran.code, ran.err) == (1, f"error: {told}\n")


def test_a_model_that_was_never_fetched_needs_a_hub(
    predict: Callable[..., Ran], dataset: Path, tmp_path: Path
) -> None:
    ran = predict("alice/tuned", "--data", dataset, *HOW, tmp_path / "out", HF_HUB_OFFLINE="1")
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "alice/tuned@main is not on this machine, and the Hub cannot be reached" in ran.err


def test_models_are_evaluated_by_name_on_the_same_rows_and_once_more_offline(
    alice: HfApi, server: Server, tune: Callable[..., Path], base: Path, dataset: Path, tmp_path: Path
) -> None:
    commit = put(alice, "alice/base", base)
    put(alice, "alice/mmecinstruct", dataset, "dataset")
    for name, variant in (("alice/caslie-s", "caslie"), ("alice/caslie-s-text", "text")):
        adapter = tune(tmp_path / "here" / variant, base)
        record = replace(read_training(adapter), base_model="alice/base", base_revision=commit, variant=variant)
        write_training(adapter, record)
        put(alice, name, adapter)
    words = ("evaluate", "alice/caslie-s", "--data", "alice/mmecinstruct", "--config", "ap_ind")

    def evaluate(**variables: str) -> dict[str, object]:
        env = os.environ | server.environment("alice", tmp_path / "home") | {"PYTHONPATH": str(ROOT)} | variables
        done = subprocess.run(
            [*CASLIE, *words, "--against", "alice/caslie-s-text", "--json"],
            env=env,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        told: dict[str, object] = json.loads(done.stdout)
        return told

    told = evaluate()
    assert told["predictions"] == "predictions/alice--caslie-s/alice--mmecinstruct"
    [against] = told["against"]  # type: ignore[misc]
    assert against["config"] == "ap_ind"
    assert against["pair"]["n"] == told["results"][0]["n"] > 0  # type: ignore[index]
    for name in ("alice--caslie-s", "alice--caslie-s-text"):
        about = json.loads((tmp_path / "predictions" / name / "alice--mmecinstruct" / "about.json").read_text())
        assert about["variant"] == ("text" if name.endswith("text") else "caslie")
    assert evaluate(HF_HUB_OFFLINE="1") == told
