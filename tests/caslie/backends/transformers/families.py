"""Tiny models of every family the paper uses, with random weights, saved as a Hub would hold them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from caslie.pocket import shapes
from caslie.pocket.tokens import (
    LLAMA_3,
    LLAMA_3_VISION,
    LLAVA,
    LLAVA_NEXT,
    MISTRAL,
    PHI_3,
    QWEN,
    Speech,
    train_tokenizer,
)

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

TEXTS = [
    "Does the caption help to answer? Answer yes or no. Yes, it does. No, it does not. yes no YES NO",
    "The picture shows three red striped mugs labelled Veko. A large blue hammer, a plain green scarf.",
]
CAPTIONERS: dict[str, tuple[Speech, Callable[..., shapes.Captioner]]] = {
    "mllama": (LLAMA_3_VISION, shapes.mllama),
    "llava": (LLAVA, shapes.llava),
    "llava_next": (LLAVA_NEXT, shapes.llava_next),
    "blip2": (LLAVA, shapes.blip2),
}
CONDITIONED = ("mllama", "llava", "llava_next")
# Class, speech, and what sets the family apart.
JUDGES: dict[str, tuple[str, Speech, dict[str, Any]]] = {
    "llama": ("Llama", LLAMA_3, {}),
    "llama_tied": ("Llama", LLAMA_3, {"tie_word_embeddings": True}),
    "llama_3_8b": ("Llama", replace(LLAMA_3, template="llama3"), {}),
    "mistral": ("Mistral", MISTRAL, {"sliding_window": None}),
    "phi3": ("Phi3", PHI_3, {}),
    "qwen2": ("Qwen2", QWEN, {}),
}


def tokenizer(speech: Speech, texts: list[str] = TEXTS) -> "PreTrainedTokenizerFast":
    """Train a tokenizer of a family."""
    return train_tokenizer(texts * 4, speech, vocabulary=500)


def save_captioner(family: str, folder: Path) -> Path:
    """Draw a captioner and save it."""
    speech, make = CAPTIONERS[family]
    model, processor = make(tokenizer(speech), seed=1)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def save_judge(family: str, folder: Path, texts: list[str] = TEXTS, **more: Any) -> Path:
    """Draw a model of text and save it."""
    import torch
    import transformers

    kind, speech, own = JUDGES[family]
    reader = tokenizer(speech, texts)
    shape = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4}
    ids = {
        "bos_token_id": reader.bos_token_id,
        "eos_token_id": reader.eos_token_id,
        "pad_token_id": reader.pad_token_id,
    }
    values = {"num_key_value_heads": 2, "max_position_embeddings": 512, "vocab_size": len(reader), **shape, **ids}
    torch.manual_seed(1)
    config = getattr(transformers, f"{kind}Config")(**{**values, "initializer_range": 0.3, **own, **more})
    getattr(transformers, f"{kind}ForCausalLM")(config).save_pretrained(folder)
    reader.save_pretrained(folder)
    return folder


def save(family: str, folder: Path) -> Path:
    """Draw a model of any family and save it."""
    return save_captioner(family, folder) if family in CAPTIONERS else save_judge(family, folder)
