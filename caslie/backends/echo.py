"""Models that are none: answers made of the question itself, for tests and dry runs (paper, sections 4.1 and 4.2)."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from caslie.backends.base import Backend, Engine, Model, Question, Reply, Weight
from caslie.backends.sight import media_type
from mmecinstruct.errors import UnknownNameError

_BATCH = 16
_N_WORDS = 8  # of the prompt, in a caption
_UNSURE = ("Yes.", "No, it will not help.", "The picture shows a product.")


@dataclass(frozen=True, slots=True)
class _Manner:
    """How a model answers: in words, and by weights where it weighs. None for words is a refusal."""

    write: Callable[[Question], str | None]
    weigh: Callable[[Question], Weight | None]
    needs_picture: bool = False


def find_echo(model: Model, name: str) -> Engine:
    """A model that answers in one manner.

    `caption` tells the picture's digest and the prompt's first words. `mixed` does too, but for empty captions and
    refusals. `yes`, `no` and `hash` are judges; `hash` is torn on a quarter of all prompts. `empty` says nothing.

    Raises:
        UnknownNameError: there is no such manner.
    """
    if name not in _MANNERS:
        raise UnknownNameError("manner of echo", name, _MANNERS)

    @contextmanager
    def opened() -> Iterator[Backend]:
        yield _Echo(_MANNERS[name], model.batch or _BATCH)

    return Engine(f"echo/{name}", opened)


class _Echo:
    """A backend without a model. A word is a token."""

    def __init__(self, manner: _Manner, batch: int) -> None:
        self._manner = manner
        self._batch = batch

    def batch_size(self, n_chars: int) -> int:
        """The same for every length."""
        return self._batch

    def write(self, questions: Sequence[Question], n_tokens: int) -> list[Reply]:
        """Answer in words."""
        return [self._reply(question, n_tokens) for question in questions]

    def weigh(self, questions: Sequence[Question]) -> list[Weight | None]:
        """Weigh yes against no; None in the manners of a captioner."""
        return [self._manner.weigh(question) for question in questions]

    def _reply(self, question: Question, n_tokens: int) -> Reply:
        if question.picture is None and self._manner.needs_picture:
            return Reply(problem="no_picture")
        if question.picture is not None and not media_type(question.picture):
            return Reply(problem="unreadable_picture")
        text = self._manner.write(question)
        if text is None:
            return Reply(problem="refused")
        words = text.split(" ")[:n_tokens] if text else []
        return Reply(" ".join(words), n_in=_n_words(question), n_out=len(words))


def _n_words(question: Question) -> int:
    return len(question.text.split())


def _caption(question: Question) -> str:
    digest = hashlib.sha256(question.picture or b"").hexdigest()[:12]
    return " ".join([f"picture {digest}:", *question.text.split()[:_N_WORDS]])


def _mixed(question: Question) -> str | None:
    match _draw(question)[0] % 4:
        case 0:
            return ""
        case 1:
            return None
        case _:
            return _caption(question)


def _draw(question: Question) -> bytes:
    return hashlib.sha256(question.text.encode() + b"\0" + (question.picture or b"")).digest()


def _torn(question: Question) -> Weight:
    torn, share, *_ = _draw(question)
    mass = 0.05 if torn < 64 else 0.98
    yes = mass * share / 255
    return Weight(yes, mass - yes, _n_words(question))


def _torn_words(question: Question) -> str:
    torn, share, word, *_ = _draw(question)
    if torn < 64:
        return _UNSURE[word % len(_UNSURE)]
    return _UNSURE[0] if share > 127 else _UNSURE[1]


def _unweighed(question: Question) -> None:
    return None


_MANNERS = {
    "caption": _Manner(_caption, _unweighed, needs_picture=True),
    "mixed": _Manner(_mixed, _unweighed, needs_picture=True),
    "yes": _Manner(lambda question: "Yes.", lambda question: Weight(0.97, 0.01, _n_words(question))),
    "no": _Manner(lambda question: "No.", lambda question: Weight(0.01, 0.97, _n_words(question))),
    "hash": _Manner(_torn_words, _torn),
    "empty": _Manner(lambda question: "", lambda question: Weight(0.0, 0.0, _n_words(question))),
}
