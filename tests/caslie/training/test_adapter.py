"""What a training leaves: an adapter that moved, on its own, with all that others need."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from caslie.fusion import fuse_all
from caslie.publish.adapter import read_adapter
from caslie.recipe import TARGETS, Recipe, load_recipe
from caslie.training import train_all
from mmecinstruct.builder.folder import Folder
from tests.caslie.tuned import save_base, tokenizer

pytestmark = pytest.mark.slow

Run = Callable[..., tuple[int, str, str]]


def trained(path: Path) -> Recipe:
    recipe = load_recipe(str(path))
    fuse_all(recipe, lambda *_: None)
    train_all(recipe, lambda *_: None)
    return recipe


@pytest.mark.parametrize("tied", [True, False])
def test_every_target_has_moved_and_nothing_of_the_base_is_saved(
    cook: Callable[..., Path], dataset: Path, tmp_path: Path, tied: bool
) -> None:
    from safetensors.torch import load_file

    base = save_base(tmp_path / "base", tokenizer(Folder(dataset)), tied=tied)
    recipe = trained(cook(base={"model": {"uri": f"transformers/{base}"}, "name": "me/base"}))
    tensors = load_file(recipe.run_dir / "adapter" / "adapter_model.safetensors")
    assert all(".lora_A." in name or ".lora_B." in name for name in tensors)
    moved = {name.split(".lora_B.")[0].rpartition(".")[2] for name, one in tensors.items() if one.abs().max() > 0}
    assert moved >= set(TARGETS)
    assert all(one.abs().max() > 0 for name, one in tensors.items() if ".lora_B." in name)


def test_the_folder_can_be_published_and_names_no_path(cook: Callable[..., Path], tmp_path: Path, base: Path) -> None:
    recipe = trained(cook(train={"learning_rate": "5e-3"}))
    folder = recipe.run_dir / "adapter"
    adapter = read_adapter(folder)
    assert adapter.left_out() == []
    assert adapter.training.base_model == "me/caslie-pocket-base-s"
    assert adapter.training.hyperparameters["learning_rate"] == 5e-3
    assert adapter.training.configs == ("ap_ind", "prp_ind", "sr_ind")
    assert yaml.safe_load((folder / "recipe.yaml").read_text())["lora"]["targets"] == list(TARGETS)
    for path in folder.iterdir():
        for private in (tmp_path, base, recipe.dataset):
            assert str(private).encode() not in path.read_bytes(), path.name
    config = json.loads((folder / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == "me/caslie-pocket-base-s"


@pytest.mark.filterwarnings("ignore:Model has `tie_word_embeddings=True`", "ignore:.*gradient_checkpointing")
def test_what_is_loaded_again_says_the_same_to_the_last_digit(cook: Callable[..., Path], base: Path) -> None:
    import torch
    from peft import PeftModel
    from safetensors.torch import load_file
    from transformers import AutoModelForCausalLM

    recipe = trained(cook())
    checkpoints = recipe.run_dir / "training" / "checkpoints"
    log = [json.loads(line) for line in (recipe.run_dir / "training" / "log.jsonl").read_text().splitlines()]
    best = min((line for line in log if "eval_loss" in line), key=lambda line: line["eval_loss"])
    kept = load_file(checkpoints / f"checkpoint-{best['step']}" / "adapter_model.safetensors")
    saved = load_file(recipe.run_dir / "adapter" / "adapter_model.safetensors")
    assert kept.keys() == saved.keys()
    assert all(torch.equal(kept[name], saved[name]) for name in kept)
    plain = AutoModelForCausalLM.from_pretrained(base)
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), recipe.run_dir / "adapter")
    ids = torch.arange(5, 25)[None]
    with torch.inference_mode():
        assert not torch.allclose(plain(ids).logits, model(ids).logits, atol=1e-2)


def test_a_finished_training_is_not_done_again_unless_asked(cook: Callable[..., Path], run: Run) -> None:
    path = cook()
    recipe = trained(path)
    weights = (recipe.run_dir / "adapter" / "adapter_model.safetensors").read_bytes()
    code, said, _ = run("train", path, "--json")
    assert (code, json.loads(said)["steps"]) == (0, 0)
    code, said, _ = run("train", path, "--json", "--restart")
    assert json.loads(said)["steps"] > 0
    assert (recipe.run_dir / "adapter" / "adapter_model.safetensors").read_bytes() == weights


def test_curves_and_a_log_are_kept(cook: Callable[..., Path]) -> None:
    from PIL import Image

    home = trained(cook()).run_dir / "training"
    lines = [json.loads(line) for line in (home / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines if "loss" in line] == [1, 2, 3, 4, 5, 6]
    assert sum("eval_loss" in line for line in lines) == 2
    with Image.open(home / "curves.png") as picture:
        assert picture.format == "PNG" and min(picture.size) > 500
