"""The captioners' real architectures, drawn small: configurations and processors, weights random (paper, 4.1).

What is made here is saved, loaded and run like any model of the Hub. No picture processor needs torchvision.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from transformers import CLIPVisionConfig, PreTrainedModel, PreTrainedTokenizerFast, ProcessorMixin


class Captioner(NamedTuple):
    """A model that sees, and the processor that prepares its pictures and prompts."""

    model: "PreTrainedModel"
    processor: "ProcessorMixin"


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a captioner is drawn. A picture becomes `side` x `side` pixels, cut into patches."""

    side: int = 48
    patch: int = 16
    width: int = 64
    tower_layers: int = 2
    layers: int = 2
    heads: int = 4
    longest: int = 512


MOST_TILES = 4
N_QUERIES = 8
TINY = Shape()
TRAINED = Shape(side=96, width=128, tower_layers=4, layers=3)


def llava(tokenizer: "PreTrainedTokenizerFast", seed: int, shape: Shape = TINY) -> Captioner:
    """Make a LLaVA-1.5: a CLIP tower, whose every token reaches a Llama, the one of the whole picture first."""
    from transformers import (
        CLIPImageProcessorPil,
        LlamaConfig,
        LlavaConfig,
        LlavaForConditionalGeneration,
        LlavaProcessor,
    )

    config = LlavaConfig(
        vision_config=tower_config(shape),
        text_config=LlamaConfig(**_text(tokenizer, shape)),
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
        vision_feature_select_strategy="full",
        vision_feature_layer=-1,
        tie_word_embeddings=False,
    )
    processor = LlavaProcessor(
        image_processor=CLIPImageProcessorPil(**_square(shape.side)),
        tokenizer=tokenizer,
        patch_size=shape.patch,
        vision_feature_select_strategy="full",
        num_additional_image_tokens=1,
        chat_template=tokenizer.chat_template,
    )
    return Captioner(_seeded(LlavaForConditionalGeneration, config, seed), processor)


def llava_next(tokenizer: "PreTrainedTokenizerFast", seed: int, shape: Shape = TINY) -> Captioner:
    """Make a LLaVA-NeXT: the picture is seen whole and in four tiles, and a Mistral reads both."""
    from transformers import (
        LlavaNextConfig,
        LlavaNextForConditionalGeneration,
        LlavaNextImageProcessorPil,
        LlavaNextProcessor,
        MistralConfig,
    )

    tiles = [[2 * shape.side, 2 * shape.side]]
    config = LlavaNextConfig(
        vision_config=tower_config(shape),
        text_config=MistralConfig(**_text(tokenizer, shape), sliding_window=None),
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
        image_grid_pinpoints=tiles,
        vision_feature_layer=-1,
        tie_word_embeddings=False,
    )
    processor = LlavaNextProcessor(
        image_processor=LlavaNextImageProcessorPil(**_square(shape.side), image_grid_pinpoints=tiles),
        tokenizer=tokenizer,
        patch_size=shape.patch,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=tokenizer.chat_template,
    )
    return Captioner(_seeded(LlavaNextForConditionalGeneration, config, seed), processor)


def mllama(tokenizer: "PreTrainedTokenizerFast", seed: int, shape: Shape = TINY) -> Captioner:
    """Make a Llama-3.2-Vision: every second layer of its text model looks at the picture by cross-attention."""
    from transformers import MllamaConfig, MllamaForConditionalGeneration, MllamaImageProcessorPil, MllamaProcessor

    named = name_picture(tokenizer, "<|image|>")
    config = MllamaConfig(
        vision_config=_tiled_tower(shape),
        text_config=_text(named, shape) | {"cross_attention_layers": list(range(1, shape.layers, 2))},
        image_token_index=named.convert_tokens_to_ids("<|image|>"),
    )
    size = {"height": shape.side, "width": shape.side}
    processor = MllamaProcessor(
        image_processor=MllamaImageProcessorPil(size=size, max_image_tiles=MOST_TILES),
        tokenizer=named,
        chat_template=named.chat_template,
    )
    return Captioner(_seeded(MllamaForConditionalGeneration, config, seed), processor)


def blip2(tokenizer: "PreTrainedTokenizerFast", seed: int, shape: Shape = TINY) -> Captioner:
    """Make a BLIP-2: a few queries carry what the tower sees to an OPT, which has no chat template."""
    from transformers import Blip2Config, Blip2ForConditionalGeneration, Blip2Processor, BlipImageProcessorPil

    tokenizer.chat_template = None
    size = {"height": shape.side, "width": shape.side}
    processor = Blip2Processor(BlipImageProcessorPil(size=size), tokenizer, num_query_tokens=N_QUERIES)
    part = {"hidden_size": shape.width, "intermediate_size": 2 * shape.width, "num_attention_heads": shape.heads}
    seeing = {"num_hidden_layers": shape.tower_layers, "image_size": shape.side, "patch_size": shape.patch}
    speaking = {"model_type": "opt", "ffn_dim": 2 * shape.width, "word_embed_proj_dim": shape.width}
    config = Blip2Config(
        vision_config=part | seeing | {"initializer_range": 0.02},
        qformer_config=part | {"num_hidden_layers": 2, "vocab_size": 1},
        text_config=_text(tokenizer, shape) | speaking,
        num_query_tokens=N_QUERIES,
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
    )
    return Captioner(_seeded(Blip2ForConditionalGeneration, config, seed), processor)


def tower_config(shape: Shape) -> "CLIPVisionConfig":
    """Return the configuration of the CLIP tower."""
    from transformers import CLIPVisionConfig

    return CLIPVisionConfig(
        hidden_size=shape.width,
        intermediate_size=4 * shape.width,
        num_hidden_layers=shape.tower_layers,
        num_attention_heads=shape.heads,
        image_size=shape.side,
        patch_size=shape.patch,
    )


def _tiled_tower(shape: Shape) -> dict[str, Any]:
    return {
        "hidden_size": shape.width,
        "intermediate_size": 2 * shape.width,
        "num_hidden_layers": shape.tower_layers,
        "num_global_layers": 1,
        "attention_heads": shape.heads,
        "image_size": shape.side,
        "patch_size": shape.patch,
        "max_num_tiles": MOST_TILES,
        "intermediate_layers_indices": [0],
        "vision_output_dim": 2 * shape.width,  # the last layer's and that one's, side by side
    }


def name_picture(tokenizer: "PreTrainedTokenizerFast", token: str) -> "PreTrainedTokenizerFast":
    """Return the tokenizer with a name for the picture's token, by which the processor asks for it."""
    from transformers import PreTrainedTokenizerFast

    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer._tokenizer,
        bos_token=tokenizer.bos_token,
        eos_token=tokenizer.eos_token,
        pad_token=tokenizer.pad_token,
        extra_special_tokens={"image_token": token},
        chat_template=tokenizer.chat_template,
        padding_side=tokenizer.padding_side,
    )


def text_values(
    tokenizer: "PreTrainedTokenizerFast", *, width: int, inner: int, layers: int, heads: int, longest: int
) -> dict[str, Any]:
    """Return what the configurations of all language models have in common."""
    return {
        "vocab_size": len(tokenizer),
        "hidden_size": width,
        "intermediate_size": inner,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": heads,
        "max_position_embeddings": longest,
        "tie_word_embeddings": False,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }


def _text(tokenizer: "PreTrainedTokenizerFast", shape: Shape) -> dict[str, Any]:
    return text_values(
        tokenizer,
        width=shape.width,
        inner=3 * shape.width,
        layers=shape.layers,
        heads=shape.heads,
        longest=shape.longest,
    )


def _square(side: int) -> dict[str, dict[str, int]]:
    return {"size": {"shortest_edge": side}, "crop_size": {"height": side, "width": side}}


def _seeded(architecture: Any, config: Any, seed: int) -> "PreTrainedModel":
    import torch

    torch.manual_seed(seed)
    model: PreTrainedModel = architecture(config)
    return model.eval()
