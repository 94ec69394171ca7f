"""Loading a checkpoint: its base, and the adapter on top, unmerged and whole or not at all."""

import gc
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from caslie.backends.transformers.loading import DAMAGE, Loaded, load
from caslie.backends.transformers.numbers import Placing
from caslie.errors import ModelError
from caslie.inference.checkpoints import Checkpoint
from caslie.inference.fetching import WEIGHTS, Files

if TYPE_CHECKING:
    from transformers import PreTrainedModel


@contextmanager
def loaded(checkpoint: Checkpoint, placing: Placing) -> Iterator[Loaded]:
    """Load a checkpoint for as long as a block runs.

    Raises:
        ModelError: it cannot be loaded, or its adapter is for another base.
    """
    import torch

    yield _load(checkpoint, placing)
    gc.collect()
    if placing.device.startswith("cuda"):
        torch.cuda.empty_cache()


def _load(checkpoint: Checkpoint, placing: Placing) -> Loaded:
    base = replace(load(checkpoint.base, placing), name=checkpoint.name, tokenizer=checkpoint.reader.tokenizer)
    if checkpoint.adapter is None:
        return base
    return replace(base, model=_adapted(checkpoint.name, base.model, checkpoint.adapter))


def _adapted(name: str, base: "PreTrainedModel", files: Files) -> "PreTrainedModel":
    from safetensors import SafetensorError

    if not (files.folder / WEIGHTS).is_file():
        raise ModelError(f"{name} has no {WEIGHTS}: pickled weights are code, which is never run; save it again")
    try:
        return _with_lora(name, base, files)
    except RuntimeError as error:
        if "size mismatch" in str(error):
            raise ModelError(f"{name}: is an adapter for a base of another shape than {base.name_or_path}") from error
        raise ModelError(f"{name}: {_line(error)}") from error
    except (*DAMAGE, OSError, ImportError, SafetensorError) as error:
        raise ModelError(f"{name}: its adapter cannot be loaded ({_line(error)})") from error


def _with_lora(name: str, base: "PreTrainedModel", files: Files) -> "PreTrainedModel":
    """Put the adapter on the base, never into it: a head that is the embedding too would change both."""
    from peft import PeftConfig, PeftModelForCausalLM, set_peft_model_state_dict
    from safetensors.torch import load_file

    tensors = load_file(files.folder / WEIGHTS)
    config: Any = PeftConfig.from_pretrained(str(files.folder))
    config.inference_mode = True
    with warnings.catch_warnings(action="ignore"):  # that a tied head must not be merged, and it is not
        model = PeftModelForCausalLM(base, config)
        result = set_peft_model_state_dict(model, tensors)
    lacking = [key for key in result.missing_keys if "lora_" in key or "modules_to_save." in key]
    if lacking or result.unexpected_keys:
        what = (
            f"lacks {lacking[0]}" if lacking else f"has {result.unexpected_keys[0]}, which the base has no place for"
        )
        raise ModelError(f"{name}: is an adapter for another base: it {what}")
    adapted: PreTrainedModel = model.eval().get_base_model()
    return adapted


def _line(error: BaseException) -> str:
    return (" ".join(str(error).split()) or type(error).__name__)[:300]
