"""A small captioned build, two bases that read it, and adapters for them."""

import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from caslie.fusion import frame
from caslie.records import write_training
from caslie.schema import Lora, Training, Variant
from mmecinstruct.builder.folder import Folder
from tests.caslie.tuned import captioned_build, cook_in, save_base, tokenizer

PROJECTIONS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj", "lm_head")


@pytest.fixture(scope="session")
def dataset(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A captioned build of three tasks; to read only."""
    return captioned_build(corpora, tmp_path_factory.mktemp("inference"))


@pytest.fixture(scope="session")
def base(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama whose head is its embedding; to read only."""
    return save_base(tmp_path_factory.mktemp("base") / "llama", tokenizer(Folder(dataset)))


@pytest.fixture(scope="session")
def mistral(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Mistral, whose head is its own; to read only."""
    return save_base(tmp_path_factory.mktemp("base") / "mistral", tokenizer(Folder(dataset)), tied=False)


@pytest.fixture
def cook(tmp_path: Path, dataset: Path, base: Path) -> Callable[..., Path]:
    """Write a recipe over the dataset and the Llama."""
    return cook_in(tmp_path, dataset, base)


@pytest.fixture
def tune() -> Callable[..., Path]:
    """Write an adapter whose numbers are drawn, with the records of a training or without."""
    return _tune


def _tune(
    out: Path, base: Path, seed: int = 3, records: bool = True, prompt: str = "alpaca", variant: Variant = "caslie"
) -> Path:
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    logging.disable_progress_bar()  # else it is in what the command is heard to say
    torch.manual_seed(seed)
    shape = LoraConfig(
        r=4, lora_alpha=4, target_modules=list(PROJECTIONS), init_lora_weights=False, task_type="CAUSAL_LM"
    )
    with warnings.catch_warnings(action="ignore"):  # that its head is tied
        model = get_peft_model(AutoModelForCausalLM.from_pretrained(base), shape)
        model.save_pretrained(out, save_embedding_layers=False)
    (out / "README.md").unlink()  # PEFT's own, which names a folder of this machine
    if records:
        (out / "prompt.jinja").write_text(frame(prompt).source)
        (out / "recipe.yaml").write_text("name: tuned\n")
        write_training(out, _training(base, variant))
    return out


def _training(base: Path, variant: Variant) -> Training:
    from caslie.backends.transformers.identity import find_weights

    return Training(
        base_model="me/base",
        base_revision=None,
        base_digest=find_weights(str(base)).name.partition("@")[2],
        dataset=None,
        dataset_digest="0" * 64,
        configs=("ap_ind",),
        recipe="tuned",
        variant=variant,
        hyperparameters={"max_length": 1400},
        lora=Lora(r=4, alpha=4, targets=PROJECTIONS),
        rows=8,
        best_epoch=1.0,
        validation_loss=1.0,
        libraries={"peft": "0"},
    )
