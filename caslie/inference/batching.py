"""Prompts in tokens, and batches of them: padded on the left, so that every answer begins at the same place."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from caslie.backends.transformers.loading import Loaded

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, slots=True)
class Posed:
    """A prompt in tokens, with those of each answer that may be given, its end included."""

    ids: tuple[int, ...]
    answers: tuple[tuple[int, ...], ...] = ()

    @property
    def firsts(self) -> tuple[int, ...]:
        """The first token of each answer."""
        return tuple(answer[0] for answer in self.answers)


def padded(loaded: Loaded, rows: Sequence[Sequence[int]]) -> dict[str, "Tensor"]:
    """Put rows of tokens side by side; what is added in front is masked, and no position is counted there."""
    import torch

    longest = max(map(len, rows))
    blank = loaded.tokenizer.pad_token_id
    blank = loaded.tokenizer.eos_token_id if blank is None else blank
    ids = torch.tensor([[blank] * (longest - len(row)) + list(row) for row in rows])
    mask = torch.tensor([[0] * (longest - len(row)) + [1] * len(row) for row in rows])
    return {"input_ids": ids.to(loaded.model.device), "attention_mask": mask.to(loaded.model.device)}


def positions(inputs: dict[str, "Tensor"]) -> "Tensor":
    """Count from the first real token."""
    return (inputs["attention_mask"].cumsum(dim=-1) - 1).clamp_min(0)
