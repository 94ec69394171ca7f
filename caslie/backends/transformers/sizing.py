"""How many questions go through a model at once: what fits the memory, and half of that where it was too little."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from caslie.errors import ModelError
from mmecinstruct.config import MEMORY

T = TypeVar("T")
R = TypeVar("R")

MOST = 256
CHARS_A_TOKEN = 3  # of English titles and reviews; too few rather than too many
N_NEW = 128  # a caption's most tokens (protocol.md, 3.1)
SCALES = {"K": 1, "M": 2, "G": 3, "T": 4}
# Hidden states that are alive at once in a layer: its input, what is normed, queries, keys, values, and their sum.
ALIVE = 6


def n_bytes(memory: str) -> int:
    """Read `4GB` or `512 MiB`.

    Raises:
        ModelError: it is no such size.
    """
    if not MEMORY.fullmatch(memory):
        raise ModelError(f"memory must be a size such as 4GB, not {memory!r}")
    number, unit = memory.rstrip("iIbB")[:-1], memory.rstrip("iIbB")[-1].upper()
    return int(float(number) * (1024 if "i" in memory.lower() else 1000) ** SCALES[unit])


def batch_size(config: Any, n_chars: int, memory: int, bytes_a_number: int) -> int:
    """How many questions of so many characters fit; it depends on nothing else, so batches are the same anywhere."""
    text = config.get_text_config(decoder=True)
    seen, vision = _seen(config)
    n_tokens = math.ceil(n_chars / CHARS_A_TOKEN) + seen
    one = _text_numbers(text, n_tokens) * bytes_a_number + _score_bytes(text, n_tokens) + vision * bytes_a_number
    return max(1, min(MOST, memory // one))


def _text_numbers(text: Any, n_tokens: int) -> int:
    """The keys and values of all layers, and what lives in the one at work."""
    heads = text.num_attention_heads
    width = text.hidden_size // heads
    keys = 2 * text.num_hidden_layers * getattr(text, "num_key_value_heads", heads) * width * (n_tokens + N_NEW)
    inner = getattr(text, "intermediate_size", None) or getattr(text, "ffn_dim", 4 * text.hidden_size)
    return int(keys + n_tokens * (ALIVE * text.hidden_size + 3 * inner))


def _score_bytes(text: Any, n_tokens: int) -> int:
    """The last position's scores, three times in 32 bits; and a mask of all positions by all."""
    return 3 * 4 * int(text.vocab_size) + 4 * n_tokens**2


def _seen(config: Any) -> tuple[int, int]:
    """How many tokens a picture adds to the text at most, and how many numbers its way there takes."""
    vision = getattr(config, "vision_config", None)
    if vision is None:
        return 0, 0
    side, patch = getattr(vision, "image_size", 448), vision.patch_size
    n_tiles = getattr(vision, "max_num_tiles", 1)
    if pinpoints := getattr(config, "image_grid_pinpoints", None):
        n_tiles = 1 + max(math.ceil(height / side) * math.ceil(width / side) for height, width in pinpoints)
    n_patches = n_tiles * ((side // patch) ** 2 + 1)
    numbers = 2 * 3 * n_tiles * side**2 + n_patches * 2 * ALIVE * vision.hidden_size
    if config.model_type == "mllama":  # its text looks at the picture from beside: no token is added
        return 0, numbers + n_patches * config.get_text_config().hidden_size * ALIVE
    return getattr(config, "num_query_tokens", None) or n_patches, numbers


@dataclass(slots=True)
class Halving:
    """Runs batches, in halves where the memory is too little, and does not try again what was too much before."""

    name: str
    memory: str
    too_much: list[tuple[int, int]] = field(default_factory=list)

    def run(self, items: Sequence[T], n_chars: int, call: Callable[[Sequence[T]], list[R]]) -> list[R]:
        """Run all items, in order.

        Raises:
            ModelError: not even one fits.
        """
        most = min((size for length, size in self.too_much if n_chars >= length), default=len(items) + 1) - 1
        if len(items) > most:
            return self._halves(items, n_chars, call)
        if (results := _tried(items, call)) is not None:
            return results
        if len(items) == 1:
            raise ModelError(f"{self.name}: one question of {n_chars} characters does not fit, beside {self.memory}")
        self.too_much.append((n_chars, len(items)))
        return self._halves(items, n_chars, call)

    def _halves(self, items: Sequence[T], n_chars: int, call: Callable[[Sequence[T]], list[R]]) -> list[R]:
        middle = (len(items) + 1) // 2
        return self.run(items[:middle], n_chars, call) + self.run(items[middle:], n_chars, call)


def _tried(items: Sequence[T], call: Callable[[Sequence[T]], list[R]]) -> list[R] | None:
    """What the call gives; None where memory is too little. What it held is free again when this returns."""
    import torch

    try:
        return call(items)
    except torch.OutOfMemoryError:
        torch.cuda.empty_cache()
        return None
    except RuntimeError as error:
        if "can't allocate memory" not in str(error) and "not enough memory" not in str(error):
            raise
        return None
