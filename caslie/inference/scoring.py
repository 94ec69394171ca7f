"""Answers by scoring: the log probability of each answer that a sample allows, in one pass over its prompt.

Where the answers begin with different tokens, those tell them apart; else each answer is read whole. The best is the
label, the first of equals. Scores are told in steps, so that they do not depend on what else was in the batch.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from caslie.backends.transformers.company import Answer
from caslie.backends.transformers.loading import Loaded
from caslie.backends.transformers.weighing import NEAR, NOISE
from caslie.errors import ModelError
from caslie.inference.batching import Posed, padded, positions

if TYPE_CHECKING:
    from torch import Tensor

DIGITS = 2  # of a score, after the point
STEP = 10**-DIGITS


@dataclass(frozen=True, slots=True)
class Scored:
    """The scores of a prompt's answers, in their order, and the place of the best."""

    best: int
    scores: tuple[float, ...]


def score(loaded: Loaded, prompts: Sequence[Posed]) -> list[Answer[Scored]]:
    """Score the answers of each prompt of a batch."""
    import torch

    apart = [len(set(prompt.firsts)) == len(prompt.answers) for prompt in prompts]
    with torch.inference_mode():
        quick = iter(
            _first_tokens(loaded, [prompt for prompt, is_apart in zip(prompts, apart, strict=True) if is_apart])
        )
        found = [next(quick) if is_apart else None for is_apart in apart]
        return [
            _told(loaded, scores if scores is not None else _whole_answers(loaded, prompt, len(prompts)))
            for prompt, scores in zip(prompts, found, strict=True)
        ]


def _first_tokens(loaded: Loaded, prompts: Sequence[Posed]) -> list[list[float]]:
    if not prompts:
        return []
    inputs = padded(loaded, [prompt.ids for prompt in prompts])
    chances = _chances(loaded, inputs, 1)[:, -1]
    return [row[list(prompt.firsts)].tolist() for row, prompt in zip(chances, prompts, strict=True)]


def _whole_answers(loaded: Loaded, prompt: Posed, n_fit: int) -> list[float]:
    """Read each answer to its end; `n_fit` prompts fit the memory with the chances after one position each."""
    at_once = max(1, n_fit // (max(map(len, prompt.answers)) + 1))
    scores: list[float] = []
    for start in range(0, len(prompt.answers), at_once):
        some = prompt.answers[start : start + at_once]
        inputs = padded(loaded, [prompt.ids + answer for answer in some])
        longest = max(map(len, some))
        chances = _chances(loaded, inputs, longest + 1)
        for row, answer in zip(chances, some, strict=True):
            steps = row[longest - len(answer) : longest]
            scores.append(sum(step[token].item() for step, token in zip(steps, answer, strict=True)))
    return scores


def _chances(loaded: Loaded, inputs: dict[str, "Tensor"], n_last: int) -> "Tensor":
    """The log probabilities of all tokens, after each of the last positions."""
    output = loaded.model(**inputs, position_ids=positions(inputs), logits_to_keep=n_last, use_cache=False)
    chances: Tensor = output.logits.float().log_softmax(dim=-1)
    return chances


def _told(loaded: Loaded, scores: Sequence[float]) -> Answer[Scored]:
    if any(map(math.isnan, scores)):
        raise ModelError(f"{loaded.name}: gives no numbers in {loaded.placing.dtype}; choose another device")
    told = Scored(scores.index(max(scores)), tuple(round(score, DIGITS) + 0.0 for score in scores))
    return Answer(told, _is_close(loaded.placing.dtype, sorted(scores, reverse=True)))


def _is_close(dtype: str, scores: Sequence[float]) -> bool:
    """Whether another batch could turn the label, or in 32 bits a digit that is told; `scores` are sorted."""
    near = 2 * NOISE if dtype == "float32" else NEAR[dtype]
    between = dtype == "float32" and any(abs(score / STEP % 1 - 0.5) * STEP < NOISE for score in scores)
    return between or (len(scores) > 1 and scores[0] - scores[1] < near)
