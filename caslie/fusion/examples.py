"""What fusion makes: one prompt with its answer, or the reason why there is none."""

from dataclasses import dataclass
from typing import Literal

# Why a sample is left out. It would have to lose its question, its options or its answer, or it has none.
Problem = Literal["", "too_long", "empty", "label_outside_options"]


@dataclass(frozen=True, slots=True)
class Example:
    """A sample in a model's words.

    `answers` are those that the task allows, `n_tokens` counts prompt, answer and end; the last two say how much of
    the history and how many captions had to go. Where `problem` is set, the prompt is whole and not to be used.
    """

    id: str
    task: str
    config: str
    prompt: str
    answer: str
    answers: tuple[str, ...]
    n_tokens: int
    n_captions: int
    cut_history: int = 0
    cut_captions: int = 0
    problem: Problem = ""
