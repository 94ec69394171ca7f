"""Answers in words: greedy, the same in any company."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from caslie.backends.base import Reply
from caslie.backends.transformers.company import Answer
from caslie.backends.transformers.loading import Loaded

if TYPE_CHECKING:
    from torch import Tensor

# What ends a turn; a base's configuration often names only what ends a text.
ENDS = ("<|eot_id|>", "<|eom_id|>", "<|im_end|>", "<|end|>", "<end_of_turn>")
# Of the spread of a step's scores. Numbers of 32 bits differ between batches by about a hundredth of that.
CLOSE = 1e-4


class Choices:
    """Watches generation: at each step, how near the second best token comes to the best, for each prompt."""

    def __init__(self) -> None:
        self._gaps: list[Tensor] = []

    def __call__(self, input_ids: "Tensor", scores: "Tensor") -> "Tensor":
        """Note the gaps, as parts of the spread of the scores; change nothing."""
        best = scores.topk(2, dim=-1).values
        spread = (best[:, 0] - scores.amin(dim=-1)).clamp_min(1e-30)
        self._gaps.append((best[:, 0] - best[:, 1]) / spread)
        return scores

    def least(self, lengths: Sequence[int]) -> list[float]:
        """The smallest gap within each answer; what is generated after its end does not count."""
        import torch

        gaps = torch.stack(self._gaps, dim=-1).tolist()
        return [min(row[:length]) for row, length in zip(gaps, lengths, strict=True)]


def write(loaded: Loaded, inputs: dict[str, Any], n_tokens: int) -> list[Answer[Reply]]:
    """Write on, for each prompt of a batch."""
    import torch
    from transformers import GenerationConfig, LogitsProcessorList

    ends = end_tokens(loaded)
    choices = Choices()
    config = GenerationConfig(
        do_sample=False,
        num_beams=1,
        max_new_tokens=n_tokens,
        eos_token_id=ends,
        pad_token_id=loaded.tokenizer.pad_token_id,
    )
    with torch.inference_mode():
        tokens = loaded.model.generate(
            **inputs, generation_config=config, logits_processor=LogitsProcessorList([choices])
        )
    answers = tokens[:, inputs["input_ids"].shape[1] :].tolist()
    lengths = inputs["attention_mask"].sum(dim=-1).tolist()
    replies = [_reply(loaded, *each, ends) for each in zip(answers, lengths, strict=True)]
    if loaded.placing.dtype != "float32":  # where nearly every caption has a close choice on its way
        return [Answer(reply, is_close=False) for reply in replies]
    gaps = choices.least([reply.n_out for reply in replies])
    return [Answer(reply, gap < CLOSE) for reply, gap in zip(replies, gaps, strict=True)]


def end_tokens(loaded: Loaded) -> list[int]:
    """Every token at which an answer ends: the checkpoint's, the tokenizer's and its family's end of a turn."""
    configured = loaded.model.generation_config.eos_token_id
    ids = set(configured if isinstance(configured, list) else [configured])
    known = loaded.tokenizer.get_added_vocab()
    return sorted((ids | {loaded.tokenizer.eos_token_id} | {known[end] for end in ENDS if end in known}) - {None})


def _reply(loaded: Loaded, answer: list[int], n_in: int, ends: list[int]) -> Reply:
    length = next((place for place, token in enumerate(answer) if token in ends), len(answer))
    text = loaded.tokenizer.decode(answer[:length], skip_special_tokens=True)
    return Reply(" ".join(text.split()), "", n_in, min(length + 1, len(answer)))
