"""Asks a model every question once: distinct ones only, in batches, each batch kept before the next is asked.

The batches are planned from all questions of a window, answered ones included, so that a run that was killed goes on
with the very batches of an undisturbed one.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from time import monotonic
from typing import Any

from caslie.backends import Backend, Engine, Problem, Question
from caslie.store import Answer, Store

WINDOW = 1024  # questions sorted by length together: their pictures fit in memory

PASSING: tuple[Problem, ...] = ("no_answer", "out_of_budget")

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

    `problems` counts what came back without a text or a vote, by reason; what may pass the next run asks again.
    """

    wishes: int = 0
    distinct: int = 0
    calls: int = 0
    n_in: int = 0
    n_out: int = 0
    n_bytes: int = 0  # of pictures
    problems: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def passing(self) -> int:
        """How many questions have no answer that could be kept."""
        return sum(n for problem, n in self.problems.items() if problem in PASSING)


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
            # Read in the order of the dataset, where those that follow each other lie together.
            questions = {wish.key: wish.question() for wish in window if wish.key not in store}
            if questions and not asked.problems["out_of_budget"]:
                backend = backend or stack.enter_context(engine.open())
                began = monotonic()
                for batch in batches(window, backend):
                    _ask_batch(
                        [wish for wish in batch if wish.key in questions], questions, store, backend, ask, asked
                    )
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


def _ask_batch(
    new: Sequence[Wish],
    questions: Mapping[bytes, Question],
    store: Store,
    backend: Backend,
    ask: Ask,
    asked: Asked,
) -> None:
    if not new or asked.problems["out_of_budget"]:
        return
    given = [questions[wish.key] for wish in new]
    answers = ask(backend, given, asked)
    asked.calls += len(new) - asked.problems["out_of_budget"]
    asked.n_bytes += sum(len(question.picture) for question in given if question.picture)
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
            "problems": dict(sorted(one.problems.items())),
        }
        for name, one in counts.items()
    }
