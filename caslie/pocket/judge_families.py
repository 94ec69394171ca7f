"""The architectures of the judges, drawn small, with random weights."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from caslie.pocket.shapes import name_picture, text_values

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast, ProcessorMixin


@dataclass(frozen=True, slots=True)
class Size:
    """How large a judge is."""

    width: int = 128
    layers: int = 3
    heads: int = 4


USUAL = Size()

Build = Callable[["PreTrainedTokenizerFast", Size], "PreTrainedModel"]

LONGEST = 2048


def llama(tokenizer: "PreTrainedTokenizerFast", size: Size) -> "PreTrainedModel":
    """Make a Llama, as Llama-3.1-8B is one."""
    from transformers import LlamaConfig, LlamaForCausalLM

    return LlamaForCausalLM(LlamaConfig(**_text(tokenizer, size)))


def tied_llama(tokenizer: "PreTrainedTokenizerFast", size: Size) -> "PreTrainedModel":
    """Make a Llama that writes with the embeddings it reads with, as Llama-3.2-3B does."""
    from transformers import LlamaConfig, LlamaForCausalLM

    return LlamaForCausalLM(LlamaConfig(**_text(tokenizer, size) | {"tie_word_embeddings": True}))


def mistral(tokenizer: "PreTrainedTokenizerFast", size: Size) -> "PreTrainedModel":
    """Make a Mistral; like v0.3, it looks at all that came before."""
    from transformers import MistralConfig, MistralForCausalLM

    return MistralForCausalLM(MistralConfig(**_text(tokenizer, size), sliding_window=None))


def phi3(tokenizer: "PreTrainedTokenizerFast", size: Size) -> "PreTrainedModel":
    """Make a Phi-3, which has one matrix where the others have three."""
    from transformers import Phi3Config, Phi3ForCausalLM

    longest = {"original_max_position_embeddings": LONGEST}
    return Phi3ForCausalLM(Phi3Config(**_text(tokenizer, size) | longest))


def qwen2(tokenizer: "PreTrainedTokenizerFast", size: Size) -> "PreTrainedModel":
    """Make a Qwen2, which adds a bias to what attention compares."""
    from transformers import Qwen2Config, Qwen2ForCausalLM

    return Qwen2ForCausalLM(Qwen2Config(**_text(tokenizer, size)))


def mllama(tokenizer: "PreTrainedTokenizerFast", size: Size) -> "PreTrainedModel":
    """Make a Llama-3.2-Vision that judges by text alone: nobody has taught its small tower to see.

    Its second layer is the one that looks at the tower; without a picture it is passed over.
    """
    from transformers import MllamaConfig, MllamaForConditionalGeneration

    text = _text(tokenizer, size)
    text |= {"num_hidden_layers": size.layers + 1, "cross_attention_layers": [1]}
    image_token = tokenizer.convert_tokens_to_ids("<|image|>")
    config = MllamaConfig(vision_config=_TOWER, text_config=text, image_token_index=image_token)
    model = MllamaForConditionalGeneration(config)
    unseen = (model.model.vision_model, model.model.multi_modal_projector, model.model.language_model.layers[1])
    for part in unseen:
        part.requires_grad_(False)
    made: PreTrainedModel = model
    return made


SIDE = 48
N_TILES = 4
_TOWER: dict[str, Any] = {
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_global_layers": 1,
    "attention_heads": 2,
    "image_size": SIDE,
    "patch_size": 16,
    "max_num_tiles": N_TILES,
    "intermediate_layers_indices": [0],
    "vision_output_dim": 32,
}


def _text(tokenizer: "PreTrainedTokenizerFast", size: Size) -> dict[str, Any]:
    return text_values(
        tokenizer, width=size.width, inner=2 * size.width, layers=size.layers, heads=size.heads, longest=LONGEST
    )


def make_processor(tokenizer: "PreTrainedTokenizerFast") -> "ProcessorMixin":
    """Make the processor that a Llama-3.2-Vision comes with; it asks the tokenizer for the picture's token by name."""
    from transformers import MllamaImageProcessorPil, MllamaProcessor

    named = name_picture(tokenizer, "<|image|>")
    pictures = MllamaImageProcessorPil(size={"height": SIDE, "width": SIDE}, max_image_tiles=N_TILES)
    return MllamaProcessor(image_processor=pictures, tokenizer=named, chat_template=named.chat_template)
