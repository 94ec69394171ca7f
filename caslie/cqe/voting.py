"""One vote: yes weighed against no in one pass; where neither is likely, a few words are written and read strictly."""

import math
import re
from collections.abc import Sequence
from typing import Literal

from caslie.asking import Asked
from caslie.backends import LASTING, Backend, Question, Weight
from caslie.store import Answer

Way = Literal["weigh", "write"]

SURE = 0.5  # mass of yes and no together, below which the model wants to say something else
FEW_TOKENS = 16  # the authors' code lets a judge write so many
NEVER = 1e-9  # no probability is smaller, so that the margin of a certain vote is a number
_WORDS = re.compile(r"[a-z]+")


def parse(text: str) -> bool | None:
    """Read an answer: its first word must be yes or no, and the other word must not occur.

    The authors' code counts any three first letters as a vote, `the` among them.
    """
    words = _WORDS.findall(text.lower())
    if not words or words[0] not in ("yes", "no") or {"yes", "no"} <= set(words):
        return None
    return bool(words[0] == "yes")


def ask(backend: Backend, questions: Sequence[Question], asked: Asked, *, way: Way) -> list[Answer | None]:
    """Ask a judge; None for a question that has no answer for now."""
    weights = backend.weigh(questions) if way == "weigh" else [None] * len(questions)
    asked.n_in += sum(weight.n_in for weight in weights if weight)
    answers: list[Answer | None] = [_weighed(weight) for weight in weights]
    doubtful = [number for number, answer in enumerate(answers) if answer is None]
    for number, answer in zip(doubtful, _write(backend, [questions[n] for n in doubtful], asked), strict=True):
        answers[number] = answer
    return answers


def _weighed(weight: Weight | None) -> Answer | None:
    if weight is None or weight.yes + weight.no < SURE:
        return None
    margin = math.log(max(weight.yes, NEVER)) - math.log(max(weight.no, NEVER))
    return {"useful": weight.yes > weight.no, "margin": round(margin, 4), "tokens": [weight.n_in, 0]}


def _write(backend: Backend, questions: Sequence[Question], asked: Asked) -> list[Answer | None]:
    if not questions:
        return []
    answers: list[Answer | None] = []
    for reply in backend.write(questions, FEW_TOKENS):
        asked.n_in += reply.n_in
        asked.n_out += reply.n_out
        if reply.problem:
            asked.problems[reply.problem] += 1
        if reply.problem in LASTING:
            answers.append({"useful": parse(reply.text), "raw": reply.text, "tokens": [reply.n_in, reply.n_out]})
        else:
            answers.append(None)
    return answers
