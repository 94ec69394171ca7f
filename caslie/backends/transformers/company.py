"""Answers that do not depend on their company.

The numbers of a prompt differ in the last digits with what else is in its batch. Where an answer is so near to another
one that this could turn it, the prompt is asked again alone, and what is said then counts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

P = TypeVar("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Answer(Generic[R]):
    """What one pass gives for a prompt, and whether that is close to something else."""

    value: R
    is_close: bool


def settle(prompts: Sequence[P], ask: Callable[[Sequence[P]], list[Answer[R]]]) -> list[R]:
    """Ask all at once, and those that are close again."""
    answers = ask(prompts)
    if len(prompts) == 1:
        return [answers[0].value]
    return [
        ask([prompt])[0].value if answer.is_close else answer.value
        for prompt, answer in zip(prompts, answers, strict=True)
    ]
