"""Asks a model every question once: distinct ones only, in batches, each batch kept before the next is asked.

The batches are planned from all questions of a window, answered ones included, so that a run that was killed goes on
with the very batches of an undisturbed one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from time import monotonic
from typing import Any

from caslie.backends import Backend, Engine, Question
from caslie.store import Answer, Store

WINDOW = 1024  # questions sorted by length together: their pictures fit in memory

Progress = Callable[[int], None]
Only = Callable[[bytes], bool]


def nothing() -> None:
    """What is read where no picture is asked about."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A question whose answer is wanted; its picture is read when it is asked."""

    key: bytes
    text: str
    picture: Callable[[], bytes | None] = nothing

    def question(self) -> Question:
        """The question, with its picture."""
        return Question(self.text, self.picture())


@dataclass(slots=True)
class Asked:
    """What a run asked of one model: `wishes` in all, `distinct` among them, and the `calls` and tokens of this run.

    `unanswered` are calls that gave nothing that could be kept, by problem; the next run asks them again.
    """

    wishes: int = 0
    distinct: int = 0
    calls: int = 0
    n_in: int = 0
    n_out: int = 0
    n_bytes: int = 0  # of pictures
    unanswered: dict[str, int] | None = None
    seconds: float = 0.0

    def lack(self, problem: str) -> None:
        """Count a question that stays unanswered."""
        self.unanswered = {**(self.unanswered or {}), problem: (self.unanswered or {}).get(problem, 0) + 1}


# Makes one record to keep of each question, None for one that is to be asked again.
Ask = Callable[[Backend, Sequence[Question], Asked], "list[Answer | None]"]


def silent(done: int) -> None:
    """Tell nobody how far it went."""


def all_of(key: bytes) -> bool:
    """Choose every question."""
    return True


def ask_all(
    wishes: Iterable[Wish],
    store: Store,
    engine: Engine,
    ask: Ask,
    only: Only = all_of,
    progress: Progress = silent,
) -> Asked:
    """Ask what the store does not know, if it is chosen; the model is loaded only if there is such a thing."""
    asked = Asked()
    with ExitStack() as stack:
        backend: Backend | None = None
        for window in _windows(wish for wish in _distinct(wishes, asked) if only(wish.key)):
            if any(wish.key not in store for wish in window):
                backend = backend or stack.enter_context(engine.open())
                began = monotonic()
                for batch in batches(window, backend):
                    _ask_batch(batch, store, backend, ask, asked)
                asked.seconds += monotonic() - began
            progress(asked.wishes)
    return asked


def batches(window: Sequence[Wish], backend: Backend) -> Iterator[list[Wish]]:
    """Yield the questions, long ones first, as many at once as the model takes of the longest."""
    left = sorted(window, key=lambda wish: -len(wish.text))
    while left:
        n = max(1, backend.batch_size(len(left[0].text)))
        yield left[:n]
        left = left[n:]


def _ask_batch(batch: Sequence[Wish], store: Store, backend: Backend, ask: Ask, asked: Asked) -> None:
    new = [wish for wish in batch if wish.key not in store]
    if not new:
        return
    questions = [wish.question() for wish in new]
    answers = ask(backend, questions, asked)
    asked.calls += len(new)
    asked.n_bytes += sum(len(question.picture) for question in questions if question.picture)
    store.add([(wish.key, answer) for wish, answer in zip(new, answers, strict=True) if answer is not None])


def _distinct(wishes: Iterable[Wish], asked: Asked) -> Iterator[Wish]:
    seen: set[bytes] = set()
    for wish in wishes:
        asked.wishes += 1
        if wish.key not in seen:
            seen.add(wish.key)
            asked.distinct += 1
            yield wish


def _windows(wishes: Iterator[Wish]) -> Iterator[list[Wish]]:
    while window := list(islice(wishes, WINDOW)):
        yield window


def records(counts: Mapping[str, Asked]) -> dict[str, dict[str, Any]]:
    """The counts by model, for a file or a machine; no seconds, which differ from run to run."""
    return {
        name: {
            "wishes": one.wishes,
            "distinct": one.distinct,
            "calls": one.calls,
            "tokens_in": one.n_in,
            "tokens_out": one.n_out,
            "picture_bytes": one.n_bytes,
            "unanswered": one.unanswered or {},
        }
        for name, one in counts.items()
    }
