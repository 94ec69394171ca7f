"""Which weights a URI means, and what is refused, each on one line."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest

from caslie.backends import Model, find
from caslie.backends.transformers import identity
from caslie.errors import ModelError
from mmecinstruct.errors import UnknownNameError
from tests.caslie.serving import Server

pytestmark = pytest.mark.slow
Folder = Callable[[str], Path]

ASK = """
import sys
from caslie.backends import Model, Question, find
from mmecinstruct.errors import MmecError
try:
    engine = find(Model(sys.argv[1], device="cpu"))
    with engine.open() as backend:
        print(engine.identity, backend.write([Question("Is it red?")], 2)[0].n_out, sep="\\n")
except MmecError as error:
    sys.exit(str(error))
"""


def ask(uri: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Ask a model in a fresh interpreter, since a Hub's client reads its variables when it is imported."""
    world = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    world |= {"HF_HOME": str(home), "HF_HUB_DISABLE_TELEMETRY": "1", **environment}
    return subprocess.run([sys.executable, "-c", ASK, uri], env=world, capture_output=True, text=True, check=False)


def test_a_model_of_the_hub_is_known_by_its_commit_and_again_without_the_hub(
    server: Server, folder_of: Folder, tmp_path: Path
) -> None:
    alice = server.client("alice")
    alice.create_repo("alice/judge")
    commit = alice.upload_folder(repo_id="alice/judge", folder_path=folder_of("phi3")).oid
    online = ask("transformers/alice/judge", tmp_path, HF_ENDPOINT=server.address)
    assert online.stdout.splitlines()[0] == f"transformers/alice/judge@{commit} float32", online.stderr
    offline = ask("transformers/alice/judge", tmp_path, HF_ENDPOINT=server.address, HF_HUB_OFFLINE="1")
    assert offline.stdout == online.stdout
    pinned = ask(f"transformers/alice/judge@{commit}", tmp_path, HF_ENDPOINT="http://127.0.0.1:9")
    assert pinned.stdout == online.stdout


def test_a_model_or_a_revision_that_is_not_there_is_told_on_one_line(server: Server, tmp_path: Path) -> None:
    server.client("alice").create_repo("alice/judge")
    missing = ask("transformers/alice/juge", tmp_path, HF_ENDPOINT=server.address)
    assert missing.stderr == "no model alice/juge@main: is the name right? A private one needs HF_TOKEN\n"
    revision = ask("transformers/alice/judge@v9", tmp_path, HF_ENDPOINT=server.address)
    assert revision.stderr == "alice/judge@v9: no such revision; leave it out for the newest\n"


def test_no_network_is_told_on_one_line(tmp_path: Path) -> None:
    told = ask("transformers/alice/judge", tmp_path, HF_ENDPOINT="http://127.0.0.1:9").stderr
    assert told.startswith("alice/judge@main is not on this machine, and the Hub cannot be reached (")
    assert told.endswith("; see HF_ENDPOINT and HF_HUB_OFFLINE, or name a folder\n")
    pinned = ask(f"transformers/alice/judge@{'0' * 40}", tmp_path, HF_HUB_OFFLINE="1").stderr
    assert pinned.startswith(f"alice/judge@{'0' * 40} is not on this machine, and the Hub cannot be reached (")
    assert pinned.count("\n") == 1


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
    with pytest.raises(ModelError, match=r"it has no safetensors; pickled weights are code"), opened(folder):
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
    with pytest.raises(ModelError, match="transformers/broken@") as caught, opened(folder):
        pass
    assert "\n" not in str(caught.value)


def opened(folder: Path):  # type: ignore[no-untyped-def]
    return find(Model(f"transformers/{folder}", device="cpu")).open()
