"""Votes by scoring: the mass of yes and of no as the next word, in one pass (paper, section 4.2)."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from caslie.backends.base import Weight
from caslie.backends.transformers.company import Answer
from caslie.backends.transformers.loading import Loaded
from caslie.errors import ModelError

if TYPE_CHECKING:
    from torch import Tensor

MARKS = "▁ĠĊĉ \n\t"  # how tokenizers write a space, a new line and a tab
STEP = 0.02  # logarithms of masses are told in these steps
# How far the logarithm of a mass may differ between a batch and the question alone. With 32-bit numbers less than a
# third of it was measured, so that masses can be told in steps; the others bear no more than the vote.
NOISE = 5e-5
NEAR = {"float32": 20 * NOISE, "bfloat16": 0.5, "float16": 0.5}
LEAST_MASS = 0.5  # the stages take a vote of less than this in words


@dataclass(frozen=True, slots=True)
class Words:
    """The tokens that begin yes and those that begin no, for one tokenizer."""

    yes: tuple[int, ...]
    no: tuple[int, ...]


def find_words(loaded: Loaded) -> Words:
    """Find the tokens of yes and no: capital or not, after a space or a new line or not.

    A tokenizer that has the words in pieces only is weighed by the first pieces, where those differ.

    Raises:
        ModelError: nothing tells the two apart.
    """
    special = set(loaded.tokenizer.all_special_ids)
    vocabulary = sorted((index, token) for token, index in loaded.tokenizer.get_vocab().items())
    found = {word: [i for i, token in vocabulary if token.strip(MARKS).lower() == word] for word in ("yes", "no")}
    whole = all(found.values())  # or a whole yes would be weighed against whatever begins like no
    pieces = {word: set(found[word] if whole else _first_pieces(loaded, word)) - special for word in found}
    yes, no = pieces["yes"] - pieces["no"], pieces["no"] - pieces["yes"]
    if not yes or not no:
        raise ModelError(f"{loaded.name} has no yes and no token; ask it with `votes: write`")
    return Words(tuple(sorted(yes)), tuple(sorted(no)))


def weigh(loaded: Loaded, words: Words, inputs: dict[str, Any]) -> list[Answer[Weight | None]]:
    """Weigh yes against no at the answer's first token, for each prompt of a batch."""
    import torch

    with torch.inference_mode():
        scores = loaded.model(**inputs, **_positions(inputs), logits_to_keep=1, use_cache=False).logits
        chances = scores[:, -1].float().log_softmax(dim=-1)
        yes, no = (chances[:, list(ids)].logsumexp(dim=-1).tolist() for ids in (words.yes, words.no))
    lengths = inputs["attention_mask"].sum(dim=-1).tolist()
    dtype = loaded.placing.dtype
    return [_weighed(*each, dtype) for each in zip(yes, no, lengths, strict=True)]


def _first_pieces(loaded: Loaded, word: str) -> set[int]:
    spellings = [f"{before}{each}" for before in ("", " ") for each in (word, word.capitalize(), word.upper())]
    encoded = loaded.tokenizer(spellings, add_special_tokens=False)["input_ids"]
    blank = {ids[0] for ids in loaded.tokenizer([" ", "\n"], add_special_tokens=False)["input_ids"] if ids}
    return {ids[0] for ids in encoded if ids} - blank - {loaded.tokenizer.unk_token_id}


def _positions(inputs: dict[str, Any]) -> dict[str, "Tensor"]:
    """Count positions from the first real token, so that padding moves nothing; around a picture the model counts."""
    if "pixel_values" in inputs:
        return {}
    return {"position_ids": (inputs["attention_mask"].cumsum(dim=-1) - 1).clamp_min(0)}


def _weighed(yes: float, no: float, n_in: int, dtype: str) -> Answer[Weight | None]:
    mass = math.log(math.exp(yes) + math.exp(no) + 1e-300)
    nearest = min(abs(yes - no), abs(mass - math.log(LEAST_MASS)))
    is_close = nearest < NEAR[dtype] or (dtype == "float32" and any(map(_between_steps, (yes, no))))
    return Answer(Weight(_told(yes), _told(no), n_in), is_close)


def _between_steps(logarithm: float) -> bool:
    return abs(logarithm / STEP % 1 - 0.5) * STEP < NOISE


def _told(logarithm: float) -> float:
    return math.exp(round(logarithm / STEP) * STEP)
