"""Which adapter a folder holds, by what decides its answers."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from caslie.errors import ModelError
from caslie.inference.fetching import Files, adapter_files

CONFIG = {"peft_type": "LORA", "r": 4, "base_model_name_or_path": "pocket/bases/tied_llama", "revision": None}


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    """A folder as training leaves it, with no weights that could be loaded."""
    folder = tmp_path / "runs" / "t" / "adapter"
    folder.mkdir(parents=True)
    write_config(folder, CONFIG)
    for name in ("adapter_model.safetensors", "prompt.jinja", "tokenizer.json", "training.json", "recipe.yaml"):
        (folder / name).write_text(name)
    return folder


def write_config(folder: Path, config: dict[str, object]) -> None:
    (folder / "adapter_config.json").write_text(json.dumps(config))


def found(name: Path | str) -> Files:
    files = adapter_files(str(name))
    assert files is not None
    return files


def test_an_adapter_is_the_same_after_it_was_pushed(adapter: Path) -> None:
    before = found(adapter)
    pushed = CONFIG | {"revision": "0" * 40, "base_model_name_or_path": "alice/base"}
    (adapter / "adapter_config.json").write_text(json.dumps(pushed, indent=2, sort_keys=True))
    for name in ("training.json", "README.md", "scores.json", "publication.json"):
        (adapter / name).write_text("with commits")
    assert found(adapter) == before


def changed_rank(adapter: Path) -> None:
    write_config(adapter, CONFIG | {"r": 8})


@pytest.mark.parametrize(
    "change",
    [
        changed_rank,
        *(
            lambda adapter, name=name: (adapter / name).write_text("other")
            for name in ("adapter_model.safetensors", "prompt.jinja", "tokenizer.json", "chat_template.jinja")
        ),
    ],
)
def test_what_decides_its_answers_makes_it_another(adapter: Path, change: Callable[[Path], None]) -> None:
    before = found(adapter)
    change(adapter)
    assert found(adapter).name != before.name


@pytest.mark.parametrize("name", ["runs/t", "runs/t/", "runs/t/adapter", "./runs/t"])
def test_a_folder_of_the_name_comes_before_any_hub(adapter: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(adapter.parents[2])
    assert found(name) == found(adapter)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", r"adapter_config\.json cannot be read"),
        ("[" * 100_000, r"adapter_config\.json cannot be read"),
        ("[]", "describes no LoRA adapter"),
        ('{"peft_type": "IA3"}', "describes no LoRA adapter"),
    ],
)
def test_another_kind_of_adapter_is_told(adapter: Path, content: str, told: str) -> None:
    (adapter / "adapter_config.json").write_text(content)
    with pytest.raises(ModelError, match=told):
        adapter_files(str(adapter))
