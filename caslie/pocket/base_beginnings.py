"""How a base's embeddings begin: the forms of a word are alike, as any large model has learnt (a shortcut)."""

from typing import TYPE_CHECKING, Any

from mmecinstruct.sample.looks import ALL_KINDS, BRANDS, COLOURS, PATTERNS, SIZES
from mmecinstruct.sample.text import NUMBERS, plural

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

SPREAD = 0.2  # of embeddings; at the usual 0.02, what the first layer adds drowns which word it was
FORM = 0.3  # how far a form strays from its word, as a share of that
_WORDS = {word.lower(): word.lower() for word in (*COLOURS, *PATTERNS, *SIZES, *NUMBERS, *BRANDS, *ALL_KINDS)}
_WORDS |= {plural(kind): kind for kind in ALL_KINDS}


def begin(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerFast") -> None:
    """Draw the embeddings anew: a token that only spells words of the world is near the sum of those words."""
    import torch

    embeddings = model.get_input_embeddings().weight
    words = {word: number for number, word in enumerate(dict.fromkeys(_WORDS.values()))}
    roots = SPREAD * torch.randn(len(words), embeddings.shape[1])
    drawn = SPREAD * torch.randn_like(embeddings)
    for token in range(len(drawn)):
        known = _spelt(tokenizer.decode([token]))
        if known:
            drawn[token] = FORM * drawn[token] + torch.stack([roots[words[word]] for word in known]).sum(0)
    with torch.no_grad():
        embeddings.copy_(drawn)
        model.get_output_embeddings().weight.copy_(drawn)
        for layer in model.get_decoder().layers:
            _look_for_likes(layer.self_attn)


def _look_for_likes(attention: Any) -> None:
    """Let half of the heads look from each word for words like it, and all look sharply: a small model is narrow."""
    for part in (attention.q_proj, attention.k_proj, attention.v_proj):
        part.weight.normal_(std=part.in_features**-0.5)
    half = attention.q_proj.out_features // 2
    attention.k_proj.weight[:half] = attention.q_proj.weight[:half]


def _spelt(text: str) -> list[str]:
    """Return the words of a text that is made of words of the world alone."""
    found = text.strip(" :").lower().split()
    return [_WORDS[word] for word in found] if all(word in _WORDS for word in found) else []
