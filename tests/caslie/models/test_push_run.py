"""A run that was trained from folders: its base, its dataset and its adapter go to a Hub, and others load it there."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from caslie.backends.transformers.identity import find_weights
from caslie.fusion import Weaver, frame, fuse_all, fuse_split, open_reader
from caslie.inference import Wanted, find_checkpoint, predict
from caslie.recipe import BUDGET, load_recipe
from caslie.records import read_training, write_training
from caslie.training import train_all
from mmecinstruct.builder.folder import Folder
from tests.caslie.tuned import captioned_build, cook_in, save_base, tokenizer

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not find_spec("peft"), reason="make setup-models installs it"),
]

BASE, DATASET, ADAPTER = "alice/caslie-pocket-base-s", "alice/mmec-sample", "alice/caslie-pocket-s"
RECORDS = ("adapter_config.json", "scores.json", "training.json")


@dataclass(frozen=True, slots=True)
class Trained:
    """A Hub with nothing on it, and a run with the folders it was trained from."""

    hub: Any
    base: Path
    dataset: Path
    run: Path

    def records(self) -> dict[str, Any]:
        """What the adapter says of itself."""
        there = [self.run / "adapter" / name for name in RECORDS if (self.run / "adapter" / name).exists()]
        return {path.name: json.loads(path.read_text()) for path in there}


@pytest.fixture(scope="module")
def trained(
    model_hub: Callable[[Path], AbstractContextManager[Any]], corpora: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Trained]:
    folder = tmp_path_factory.mktemp("trained")
    dataset = captioned_build(corpora, folder)
    base = save_base(folder / "base", tokenizer(Folder(dataset)))
    cook = cook_in(folder, dataset, base)
    recipe = load_recipe(str(cook(base={"model": {"uri": f"transformers/{base}"}, "name": BASE})))
    fuse_all(recipe, lambda *_: None)
    train_all(recipe, lambda *_: None)
    with model_hub(folder) as hub:
        yield Trained(hub, base, dataset, recipe.run_dir)


@pytest.fixture(scope="module")
def on_the_hub(trained: Trained) -> dict[str, str]:
    """The commits of the base and of the dataset, once both are on the Hub."""
    base = trained.hub.python("huggingface_hub.cli.hf", "upload", BASE, trained.base, "--format", "json").outcome
    dataset = trained.hub.push("dataset", trained.dataset, DATASET, "--license", "cc-by-4.0").outcome
    return {"base": base["url"].rpartition("/")[2], "dataset": dataset["commit"]}


@pytest.fixture(scope="module")
def before(trained: Trained) -> dict[str, Any]:
    """The adapter's records as the training left them."""
    return trained.records()


@pytest.fixture(scope="module")
def pushed(trained: Trained, before: dict[str, Any], on_the_hub: dict[str, str]) -> Any:
    """What the push of the adapter said."""
    return trained.hub.push("model", trained.run, ADAPTER, "--dataset", DATASET).outcome


def test_a_rehearsal_compares_logits_on_the_base_of_the_hub_and_writes_nothing(
    trained: Trained, before: dict[str, Any], on_the_hub: dict[str, str]
) -> None:
    ran = trained.hub.push("model", trained.run, "alice/rehearsed", "--dataset", DATASET, "--rehearse")
    assert "logits of the adapter loaded back with peft, equal" in ran.outcome["compared"]
    assert trained.records() == before


def test_the_adapter_names_the_commits_of_its_base_and_its_dataset(
    trained: Trained, before: dict[str, Any], on_the_hub: dict[str, str], pushed: Any
) -> None:
    records, dataset = trained.records(), {"repository": DATASET, "revision": on_the_hub["dataset"]}
    named = {"base_revision": on_the_hub["base"], "dataset": dataset}
    assert records["training.json"] == before["training.json"] | named
    assert records["adapter_config.json"] == before["adapter_config.json"] | {"revision": on_the_hub["base"]}
    card = (trained.run / "adapter" / "README.md").read_text(encoding="utf-8")
    assert all(f"| its commit | `{commit}` |" in card for commit in on_the_hub.values())
    assert "As its base model (CASLIE pocket models): [apache-2.0]" in card


@pytest.mark.parametrize("config", ["ap_ind", pytest.param("sr_ind", marks=pytest.mark.prove)])
def test_a_stranger_who_runs_the_card_asks_as_the_adapter_was_tuned(
    trained: Trained, pushed: Any, tmp_path: Path, config: str
) -> None:
    adapter, repository = tmp_path / "adapter", f"{ADAPTER}-{config}"
    shutil.copytree(trained.run / "adapter", adapter)
    write_training(adapter, replace(read_training(adapter), variant="text", configs=(config,)))
    assert trained.hub.push("model", adapter, repository).outcome["tag"] == "r1"
    told = trained.hub.python("tests.caslie.models.stranger", repository).outcome
    reader = open_reader(find_weights(str(trained.base)), frame("alpaca"))
    example = next(fuse_split(Folder(trained.dataset), config, "test", Weaver(reader, "text", BUDGET)))
    assert told["prompt"] == example.prompt
    assert told["ids"] == reader.prompt_ids(example.prompt)
    checkpoint = find_checkpoint(str(adapter), base=f"transformers/{trained.base}", prompt="alpaca")
    wanted = Wanted((config,), modes=("generate",))
    predict(checkpoint, Folder(trained.dataset), tmp_path / "out", wanted, lambda *_: None)
    first = json.loads((tmp_path / "out" / f"{config}.generate.jsonl").read_text().splitlines()[0])
    assert (told["answer"].strip(), example.id) == (first["raw"].strip(), first["id"])


def test_the_adapter_of_the_hub_answers_as_the_one_here_and_merges_with_its_base_there(
    trained: Trained, on_the_hub: dict[str, str], pushed: Any, tmp_path: Path
) -> None:
    assert "logits of the adapter loaded back with peft, equal" in pushed["compared"]
    places = (trained.base, trained.run / "adapter", tmp_path / "whole")
    assert trained.hub.python("tests.caslie.models.answering", ADAPTER, *places).outcome == {
        "same": True,
        "revision": on_the_hub["base"],
        "merged with": f"transformers/{BASE}@{on_the_hub['base']}",
        "proved": True,
    }
