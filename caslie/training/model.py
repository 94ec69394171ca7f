"""The base as it is tuned: its weights frozen, LoRA on every projection and the head (paper, 4.3 and appendix D)."""

from typing import TYPE_CHECKING

from caslie.backends.transformers.identity import Weights
from caslie.backends.transformers.loading import DAMAGE
from caslie.backends.transformers.numbers import place
from caslie.errors import ModelError
from caslie.recipe import Base, LoraShape
from caslie.record_checks import check_repository

if TYPE_CHECKING:
    from peft import LoraConfig
    from transformers import BitsAndBytesConfig, PreTrainedModel


def hub_name(base: Base, weights: Weights) -> str:
    """The name under which others find the base.

    Raises:
        ModelError: it is a folder, and the recipe does not say.
        PushError: what the recipe says is no name on a Hub.
    """
    if weights.revision is None and base.name is None:
        raise ModelError(f"{base.model.uri}: lies on this machine; say as `base: name:` where others find it on a Hub")
    name = base.name or weights.place
    check_repository(name, "base: name")
    return name


def load_base(base: Base, weights: Weights) -> "PreTrainedModel":
    """Load the weights that are tuned.

    Raises:
        ModelError: they cannot be had or are no model that writes.
    """
    import torch
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    logging.disable_progress_bar()
    placing = place(base.model, weights)
    try:
        model: PreTrainedModel = AutoModelForCausalLM.from_pretrained(
            weights.folder(),
            dtype=getattr(torch, placing.dtype),
            use_safetensors=True,
            trust_remote_code=False,
            quantization_config=_four_bit(base) if base.four_bit else None,
        )
    except (*DAMAGE, OSError, ImportError, RuntimeError, SafetensorError) as error:
        raise ModelError(f"{weights.name}: {' '.join(str(error).split())[:300]}") from error
    return model


def lora_config(lora: LoraShape) -> "LoraConfig":
    """The adapter's shape, in PEFT's words."""
    from peft import LoraConfig

    return LoraConfig(
        r=lora.r,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=list(lora.targets),
        bias="none",
        task_type="CAUSAL_LM",
    )


def refuse_missing_targets(model: "PreTrainedModel", lora: LoraShape, name: str) -> None:
    """Refuse an adapter on parts that the base does not have; PEFT would leave them out and say nothing.

    Raises:
        ModelError: it names them.
    """
    ends = {module.rpartition(".")[2] for module, _ in model.named_modules()}
    if missing := [target for target in lora.targets if target not in ends]:
        raise ModelError(f"{name}: has no {', '.join(missing)}; set lora.targets to what this architecture has")


def _four_bit(base: Base) -> "BitsAndBytesConfig":
    from importlib.util import find_spec

    import torch
    from transformers import BitsAndBytesConfig

    if find_spec("bitsandbytes") is None:
        raise ModelError(f"{base.model.uri}: four_bit needs bitsandbytes; pip install bitsandbytes")
    return BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.bfloat16)
