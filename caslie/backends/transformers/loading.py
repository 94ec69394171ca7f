"""Loading a model by its configuration: safetensors only, and never code that comes with it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from caslie.backends.transformers.identity import Weights
from caslie.backends.transformers.numbers import Placing
from caslie.backends.transformers.sizing import batch_size
from caslie.errors import ModelError

if TYPE_CHECKING:
    from torch import dtype
    from transformers import PreTrainedModel, PreTrainedTokenizerBase, ProcessorMixin


# What the library trips over where a configuration is not as it must be, or of a family that it builds otherwise.
DAMAGE = (ValueError, KeyError, TypeError, AttributeError, IndexError, ZeroDivisionError, NotImplementedError)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model on its device, with what prepares its prompts; a model that sees no pictures has no processor."""

    name: str
    model: "PreTrainedModel"
    tokenizer: "PreTrainedTokenizerBase"
    processor: "ProcessorMixin | None"
    placing: Placing

    @property
    def dtype(self) -> "dtype":
        """The kind of its numbers; a few of its parts may keep a finer one."""
        import torch

        return getattr(torch, self.placing.dtype)

    @property
    def context(self) -> int:
        """How many tokens the model can hold."""
        return int(self.model.config.get_text_config(decoder=True).max_position_embeddings)


def load(weights: Weights, placing: Placing) -> Loaded:
    """Load a model.

    Raises:
        ModelError: it cannot be had, is no model of words, or comes as code or pickles.
    """
    from safetensors import SafetensorError
    from transformers.utils import logging

    folder = weights.folder()
    if not any(folder.glob("*.safetensors")):
        reason = (
            "pickled weights are code, which is never run; choose a converted revision, or fetch it with a network"
        )
        raise ModelError(f"{weights.name} has no safetensors here: {reason}")
    logging.disable_progress_bar()
    try:
        return _load(weights.name, folder, placing)
    except (*DAMAGE, OSError, ImportError, RuntimeError, SafetensorError) as error:
        raise ModelError(f"{weights.name}: {_reason(error)}") from error


def _load(name: str, folder: Path, placing: Placing) -> Loaded:
    from transformers import AutoConfig, AutoProcessor, AutoTokenizer
    from transformers.tokenization_utils_base import VERY_LARGE_INTEGER

    config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
    if config.get_text_config(decoder=True).is_encoder_decoder:
        raise ModelError(f"{name}: reads and writes by two models; choose one that writes on, as Llama or OPT does")
    batch_size(config, 1, 1, 1)  # tells whether it is built as those are that are known here
    model = _model(name, folder, config, placing)
    kind = AutoProcessor if sees(config) else AutoTokenizer
    reader = kind.from_pretrained(folder, trust_remote_code=False)
    tokenizer = reader.tokenizer if sees(config) else reader
    tokenizer.padding_side = "left"
    tokenizer.model_max_length = VERY_LARGE_INTEGER  # what is too long is told by us
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return Loaded(name, model, tokenizer, reader if sees(config) else None, placing)


def sees(config: Any) -> bool:
    """Tell whether a configuration is of a model that sees pictures."""
    from transformers import AutoModelForImageTextToText

    return type(config) in AutoModelForImageTextToText._model_mapping


def _model(name: str, folder: Path, config: Any, placing: Placing) -> "PreTrainedModel":
    import torch
    from transformers import AutoModelForCausalLM, AutoModelForImageTextToText

    kind = AutoModelForImageTextToText if sees(config) else AutoModelForCausalLM
    model, report = kind.from_pretrained(
        folder,
        config=config,
        dtype=getattr(torch, placing.dtype),
        use_safetensors=True,
        trust_remote_code=False,
        output_loading_info=True,
    )
    if missing := sorted([*report["missing_keys"], *map(str, report["mismatched_keys"])]):
        raise ModelError(f"{name}: its files lack weights, {missing[0]} first; they would be drawn at random")
    silence(model)
    return model.eval().to(placing.device)


def silence(model: Any) -> None:
    """Drop the checkpoint's own ways of sampling, from every part that writes; keep only where it ends."""
    from transformers import GenerationConfig

    for part in model.modules():
        if saved := vars(part).get("generation_config"):
            part.generation_config = GenerationConfig(eos_token_id=saved.eos_token_id, bos_token_id=saved.bos_token_id)


def _reason(error: BaseException) -> str:
    """The library's words, by what the user can do."""
    words = " ".join(str(error).split()) or type(error).__name__
    if "trust_remote_code" in words or "custom code" in words:
        return "it needs code of its own repository, which is never run; choose a model that transformers knows"
    return words[:300]
