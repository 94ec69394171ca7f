"""Adapters, measures and a whole run pushed to a Hub by the command line, and loaded from there by others."""

import json
import shutil
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import pytest
import yaml
from huggingface_hub import HfApi

from caslie.publish.artifact import Published
from caslie.publish.model import AdapterFolder
from caslie.publish.publication import Publication
from caslie.push import app
from mmecinstruct.builder import Request, build
from mmecinstruct.config import Sizes, load_recipe
from mmecinstruct.sample import write_sample
from mmecinstruct.terminal import run

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (find_spec("peft") and find_spec("evaluate")), reason="make setup-models installs them"),
]

WEIGHTS = "adapter_model.safetensors"
REPO = "alice/caslie-pocket-s"
SCORES = {"recall_at_1": 1.0, "strict_recall_at_1": 0.5, "n": 2, "n_failed": 1, "coverage": 0.5}


class Ran(Protocol):
    code: int
    out: str
    err: str

    @property
    def outcome(self) -> Any: ...


class ModelHub(Protocol):
    address: str
    folder: Path
    lies: dict[str, bytes]

    def client(self, name: str) -> HfApi: ...
    def python(self, module: str, *arguments: object, **variables: str) -> Ran: ...
    def push(self, *arguments: object) -> Ran: ...


Serve = Callable[[Path], AbstractContextManager[ModelHub]]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A Hub that has the bases, and the adapters in a folder of runs."""

    hub: ModelHub
    runs: Path

    @property
    def adapter(self) -> Path:
        return self.runs / "caslie-pocket-s"

    def another(self, folder: Path, weight: float) -> Path:
        """The same adapter, but for one weight."""
        directory = shutil.copytree(self.adapter, folder / "another")
        weights = directory / WEIGHTS
        weights.write_bytes(weights.read_bytes()[:-4] + struct.pack("<f", weight))
        return directory


@pytest.fixture(scope="module")
def prepared(model_hub: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    folder = tmp_path_factory.mktemp("pushed")
    with model_hub(folder) as hub:
        ran = hub.python("tests.caslie.models.preparing", folder / "runs")
        assert ran.code == 0, ran.err
        yield Prepared(hub, folder / "runs")


@pytest.fixture(scope="module")
def pushed(prepared: Prepared) -> Ran:
    """The first release of the Llama's adapter."""
    return prepared.hub.push("model", prepared.adapter, REPO)


@pytest.fixture(scope="module")
def published(prepared: Prepared, pushed: Ran) -> list[Any]:
    """The measures alone, and then a whole run: a build, both adapters, and the measures."""
    corpora = prepared.hub.folder / "corpora"
    write_sample(corpora)
    recipe = replace(load_recipe("sample"), sizes=Sizes(4, 4, 4, 4))
    build(recipe, Request(corpora, prepared.runs / "mmecinstruct"))
    first = prepared.hub.push("metrics", "alice/mmec_metrics").outcome
    return [first, *prepared.hub.push("all", prepared.runs, "alice", "--license", "cc-by-4.0").outcome]


@pytest.fixture(scope="module")
def loaded(prepared: Prepared, published: list[Any]) -> Any:
    """What others find."""
    return prepared.hub.python("tests.caslie.models.loading", prepared.runs).outcome


@pytest.fixture
def card_check(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[[Path], str]:
    """What `caslie-push card --check` complains of; nothing if it is content."""

    def check(directory: Path) -> str:
        monkeypatch.setattr(sys, "argv", ["caslie-push", "card", "--check", str(directory)])
        code: object = 0
        try:
            run(app)
        except SystemExit as end:
            code = end.code
        said = capsys.readouterr()
        assert (code or 0) == (1 if said.err else 0)
        return said.err

    return check


def test_an_adapter_is_published_once_its_logits_are_equal(pushed: Ran) -> None:
    assert pushed.outcome["compared"] == "19200 logits of the adapter loaded back with peft, equal"
    assert (pushed.outcome["tag"], pushed.outcome["files_sent"]) == ("r1", 12)


def test_a_push_says_nothing_but_its_outcome(pushed: Ran) -> None:
    assert pushed.err == ""


def test_the_hub_has_our_card_and_what_the_adapter_needs_alone(prepared: Prepared, pushed: Ran) -> None:
    api = prepared.hub.client("alice")
    assert sorted(api.list_repo_files(REPO)) == [
        *(".eval_results/mmecinstruct.yaml", ".gitattributes", "NOTICE", "README.md", "adapter_config.json", WEIGHTS),
        *("chat_template.jinja", "prompt.jinja", "recipe.yaml", "scores.json", "tokenizer.json"),
        *("tokenizer_config.json", "training.json"),
    ]
    assert api.model_info(REPO).private


def test_the_card_on_the_hub_is_not_that_of_peft(prepared: Prepared, pushed: Ran) -> None:
    api = prepared.hub.client("alice")
    info = api.model_info(REPO)
    header = info.card_data.to_dict()
    assert (header["base_model"], header["base_model_relation"]) == ("alice/Llama-3.2-tiny", "adapter")
    assert [one.metric_value for one in info.card_data.eval_results] == [0.2232446, 0.8914]
    text = Path(api.hf_hub_download(REPO, "README.md", cache_dir=prepared.hub.folder / "cache")).read_text()
    assert "More Information Needed" not in text
    assert "| sequential recommendation | `sr_ood` | test | `recall@1` | 0.223 |" in text


def test_the_scores_on_the_hub_are_for_the_leaderboard_of_the_dataset(prepared: Prepared, pushed: Ran) -> None:
    api = prepared.hub.client("alice")
    path = api.hf_hub_download(REPO, ".eval_results/mmecinstruct.yaml", cache_dir=prepared.hub.folder / "cache")
    found = {one["dataset"]["task_id"]: one["value"] for one in yaml.safe_load(Path(path).read_text())}
    assert found == {"sr_ood_test_recall_at_1": 0.2232446, "ap_ind_test_f1": 0.8914}


def test_a_rehearsal_compares_logits_too(prepared: Prepared, pushed: Ran, tmp_path: Path) -> None:
    directory = shutil.copytree(prepared.adapter, tmp_path / "adapter")
    ran = prepared.hub.push("model", directory, "alice/rehearsed", "--rehearse")
    assert "logits of the adapter loaded back with peft, equal" in ran.outcome["compared"]
    assert not prepared.hub.client("alice").repo_exists("alice/rehearsed")


def test_a_card_that_agrees_passes_and_each_changed_number_fails(
    prepared: Prepared, pushed: Ran, card_check: Callable[[Path], str], tmp_path: Path
) -> None:
    directory = shutil.copytree(prepared.adapter, tmp_path / "adapter")
    assert card_check(directory) == ""
    for name in ("training.json", "scores.json", "adapter_config.json"):
        right = (directory / name).read_text(encoding="utf-8")
        for place in places(json.loads(right)):
            (directory / name).write_text(json.dumps(changed(json.loads(right), place)), encoding="utf-8")
            said = card_check(directory)
            assert "README.md differs" in said or "but training.json says" in said, (name, place, said)
        (directory / name).write_text(right, encoding="utf-8")
    assert card_check(directory) == ""


def places(content: Any) -> Iterator[tuple[Any, ...]]:
    """Where the numbers are in JSON."""
    if isinstance(content, int | float) and not isinstance(content, bool):
        yield ()
    if isinstance(content, dict | list):
        for key, value in content.items() if isinstance(content, dict) else enumerate(content):
            yield from ((key, *rest) for rest in places(value))


def changed(content: Any, place: tuple[Any, ...]) -> Any:
    """A little more of one number."""
    inner = content
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] += 1 if isinstance(inner[place[-1]], int) else 1e-7
    return content


def test_a_hub_with_another_weight_is_found_out_and_main_stays(
    prepared: Prepared, pushed: Ran, tmp_path: Path
) -> None:
    hub, api, directory = prepared.hub, prepared.hub.client("alice"), prepared.another(tmp_path, 0.5)
    hub.lies[f"/{REPO}/resolve/"] = (prepared.adapter / WEIGHTS).read_bytes()
    refused = hub.push("model", directory, REPO)
    assert (refused.code, refused.out) == (1, "")
    assert "the adapter on the Hub gives other logits than the one here" in refused.err
    assert api.model_info(REPO).sha == pushed.outcome["commit"]
    hub.lies.clear()
    outcome = hub.push("model", directory, REPO).outcome
    assert (outcome["tag"], api.model_info(REPO).sha) == ("r2", outcome["commit"])
    assert [branch.name for branch in api.list_repo_refs(REPO).branches] == ["main"]


def test_an_adapter_whose_base_is_not_on_the_hub_is_published_and_it_is_said(
    prepared: Prepared, tmp_path: Path
) -> None:
    directory = shutil.copytree(prepared.adapter, tmp_path / "adapter")
    for name in ("adapter_config.json", "training.json"):
        text = (directory / name).read_text(encoding="utf-8")
        (directory / name).write_text(text.replace("alice/Llama-3.2-tiny", "alice/Llama-3.2-gone"), encoding="utf-8")
    outcome = prepared.hub.push("model", directory, "alice/orphan").outcome
    reason = "since the base cannot be loaded: alice/Llama-3.2-gone is not a local folder and is not a valid model"
    assert outcome["compared"].startswith(f"the files are the same; logits were not compared, {reason}")
    assert outcome["tag"] == "r1"


def test_an_adapter_that_answers_nothing_is_refused(prepared: Prepared, tmp_path: Path) -> None:
    ran = prepared.hub.push("model", prepared.another(tmp_path, float("nan")), "alice/diverged")
    assert ran.code == 1
    assert ran.err.splitlines()[-1].startswith("error: the adapter answers with NaN: its training diverged")
    assert prepared.hub.client("alice").list_repo_files("alice/diverged") == [".gitattributes"]


def test_an_adapter_of_another_shape_is_refused_in_one_line(prepared: Prepared, tmp_path: Path) -> None:
    directory = shutil.copytree(prepared.adapter, tmp_path / "adapter")
    for name in ("adapter_config.json", "training.json"):
        text = (directory / name).read_text(encoding="utf-8")
        (directory / name).write_text(text.replace('"r": 16', '"r": 8'), encoding="utf-8")
    ran = prepared.hub.push("model", directory, "alice/misshapen")
    assert ran.code == 1
    assert f"error: {directory}: the adapter does not load: Error(s) in loading state_dict" in ran.err
    assert len(ran.err.splitlines()) == 1


def test_without_peft_the_logits_are_not_compared_and_it_is_said(
    prepared: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "peft", None)
    adapter = AdapterFolder(prepared.adapter, Publication(REPO, None))
    said = adapter.load_back(Published(REPO, "0" * 40, frozenset()), lambda *_: None)
    assert said.startswith("the files are the same; logits were not compared, since peft is not installed")


def test_a_run_is_published_whole(published: list[Any]) -> None:
    assert [(one["repository"], one["repo_type"]) for one in published] == [
        ("alice/mmec_metrics", "space"),
        ("alice/mmecinstruct", "dataset"),
        ("alice/caslie-pocket-m", "model"),
        ("alice/caslie-pocket-s", "model"),
        ("alice/mmecinstruct-metrics", "space"),
    ]
    assert published[0]["compared"] == "7 measures loaded back with evaluate, equal"
    assert "loaded back with datasets, equal" in published[1]["compared"]
    assert "logits of the adapter loaded back with peft, equal" in published[2]["compared"]


def test_what_was_published_loads(loaded: Any) -> None:
    assert loaded["llama"]["same"]
    assert loaded["rows"] == {"test": 4}
    assert (loaded["metrics"], loaded["metrics of all"]) == (SCORES, SCORES)


def test_an_adapter_loads_on_the_commit_of_its_base_though_the_base_has_moved(loaded: Any) -> None:
    assert loaded["mistral"]["same"]


@pytest.mark.parametrize("adapter", ["llama", "mistral"])
def test_what_the_card_says_runs(loaded: Any, adapter: str) -> None:
    assert loaded[adapter]["snippets"] == [True, True]
    assert loaded[adapter]["answer"]


def test_all_of_it_loads_again_without_a_hub(prepared: Prepared, loaded: Any) -> None:
    variables = {"HF_HUB_OFFLINE": "1", "HF_ENDPOINT": "http://127.0.0.1:9"}
    assert prepared.hub.python("tests.caslie.models.loading", prepared.runs, **variables).outcome == loaded
