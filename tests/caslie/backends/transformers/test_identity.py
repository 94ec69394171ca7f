"""Which weights a URI means, and what is refused, each on one line."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from shutil import copytree

import huggingface_hub.constants
import pytest

from caslie.backends import Backend, Model, Question, find
from caslie.backends.transformers import identity
from caslie.errors import ModelError
from mmecinstruct.errors import RecipeError, UnknownNameError
from tests.caslie.serving import Server

pytestmark = pytest.mark.slow
Folder = Callable[[str], Path]

ASK = """
import sys
from caslie.backends import Model, Question, find
from mmecinstruct.errors import MmecError
for uri in sys.argv[1:]:
    try:
        engine = find(Model(uri, device="cpu"))
        with engine.open() as backend:
            print(engine.identity, backend.write([Question("Is it red?")], 2)[0].n_out)
    except MmecError as error:
        print(error)
"""


def ask(*uris: str, home: Path, **environment: str) -> list[str]:
    """Ask models in a fresh interpreter, since a Hub's client reads its variables when it is imported."""
    world = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    world |= {"HF_HOME": str(home), "HF_HUB_DISABLE_TELEMETRY": "1", **environment}
    ran = subprocess.run([sys.executable, "-c", ASK, *uris], env=world, stdout=subprocess.PIPE, text=True, check=True)
    return ran.stdout.splitlines()


def test_a_model_of_the_hub_is_known_by_its_commit_and_again_without_the_hub(
    server: Server, folder_of: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = server.client("alice")
    alice.create_repo("alice/judge")
    commit = alice.upload_folder(repo_id="alice/judge", folder_path=folder_of("phi3")).oid
    uri = "transformers/alice/judge"
    asked = ask(uri, "transformers/alice/juge", f"{uri}@v9", home=tmp_path, HF_ENDPOINT=server.address)
    assert asked == [
        f"transformers/alice/judge@{commit} float32 2",
        "no model alice/juge@main: is the name right? A private one needs HF_TOKEN",
        "alice/judge@v9: no such revision; leave it out for the newest",
    ]
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    for name in (uri, f"{uri}@{commit}"):
        engine = find(Model(name, device="cpu"))
        with engine.open() as backend:
            assert backend.write([Question("Is it red?")], 2)[0].n_out == 2
        assert engine.identity == f"transformers/alice/judge@{commit} float32"


def opened(folder: Path) -> AbstractContextManager[Backend]:
    return find(Model(f"transformers/{folder}", device="cpu")).open()


@pytest.mark.parametrize("revision", ["main", "0" * 40])
def test_no_network_is_told_on_one_line(revision: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    told = rf"alice/judge@{revision} is not on this machine, and the Hub cannot be reached \(.*\); see HF_ENDPOINT and"
    with (
        pytest.raises(ModelError, match=told) as caught,
        find(Model(f"transformers/alice/judge@{revision}", device="cpu")).open(),
    ):
        pass
    assert "\n" not in str(caught.value)


def test_a_folder_is_known_by_its_contents_wherever_it_lies(folder_of: Folder, tmp_path: Path) -> None:
    first = find(Model(f"transformers/{folder_of('llama')}")).identity
    copy = copytree(folder_of("llama"), tmp_path / "llama")
    (copy / "README.md").write_text("a card")
    assert find(Model(f"transformers/{copy}")).identity == first
    assert str(tmp_path) not in first
    (copy / "chat_template.jinja").write_text("{{ messages[0].content }}")
    assert find(Model(f"transformers/{copy}")).identity != first


def test_where_and_in_what_batches_a_model_runs_is_no_part_of_its_identity(folder_of: Folder) -> None:
    uri = f"transformers/{folder_of('llama')}"
    plain = find(Model(uri, device="cpu")).identity
    assert find(Model(uri, device="cpu", batch=3, memory="1GB")).identity == plain
    assert find(Model(uri, device="cpu", dtype="float16")).identity != plain


@pytest.mark.parametrize(
    ("uri", "told"),
    [
        ("transformers/./nowhere", r"nowhere: no model there: it has no config\.json"),
        ("transformers/a b/c", r"'a b/c' is no name of a model; write org/name, or \./folder"),
    ],
)
def test_a_name_that_is_none_is_told(uri: str, told: str) -> None:
    with pytest.raises(ModelError, match=told):
        find(Model(uri))


def test_an_impossible_batch_is_told(folder_of: Folder) -> None:
    with pytest.raises(RecipeError, match="batch must be more than 0, not 0"):
        find(Model(f"transformers/{folder_of('llama')}", batch=0))


@pytest.mark.parametrize("device", ["gpu", "cuda:3"])
def test_a_device_that_is_not_there_is_told(device: str, folder_of: Folder) -> None:
    with pytest.raises(ModelError, match=rf"device '{device}' is (unknown|not on this machine); write auto"):
        find(Model(f"transformers/{folder_of('llama')}", device=device))


def test_a_pocket_model_is_found_by_its_name(
    folder_of: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "POCKET", tmp_path)
    with pytest.raises(ModelError, match=r"make them with `caslie pocket build`"):
        find(Model("pocket/captioner"))
    copytree(folder_of("llama"), tmp_path / "judges" / "llama")
    assert find(Model("pocket/judges/llama")).identity.startswith("pocket/judges/llama@")
    with pytest.raises(UnknownNameError, match=r"Did you mean 'judges/llama'"):
        find(Model("pocket/judges/lama"))
    with pytest.raises(UnknownNameError, match="Unknown pocket model"):
        find(Model("pocket/../../elsewhere"))


def test_pickled_weights_are_not_loaded(folder_of: Folder, tmp_path: Path) -> None:
    folder = copytree(folder_of("llama"), tmp_path / "pickled")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"has no safetensors here: pickled weights are code"), opened(folder):
        pass


def test_code_of_a_repository_is_not_run(folder_of: Folder, tmp_path: Path) -> None:
    folder = copytree(folder_of("llama"), tmp_path / "coded")
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "strange", "auto_map": {"AutoConfig": "code.Strange", "AutoModelForCausalLM": "code.Odd"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "code.py").write_text("raise SystemExit('ran')")
    with pytest.raises(ModelError, match=r"it needs code of its own repository, which is never run"), opened(folder):
        pass


def test_weights_that_are_missing_are_not_drawn_at_random(folder_of: Folder, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = copytree(folder_of("llama"), tmp_path / "partial")
    tensors = load_file(folder / "model.safetensors")
    del tensors["model.norm.weight"]
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(ModelError, match=r"its files lack weights, model\.norm\.weight first"), opened(folder):
        pass


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json", "chat_template.jinja"])
def test_a_broken_file_is_told_on_one_line(name: str, folder_of: Folder, tmp_path: Path) -> None:
    folder = copytree(folder_of("llama"), tmp_path / "broken")
    (folder / name).write_text("{% broken")
    with pytest.raises(ModelError, match="transformers/folder@") as caught, opened(folder):
        pass
    assert "\n" not in str(caught.value)
