"""Asks a checkpoint every prompt once: batches of like length, each kept before the next is asked.

Batches are planned from all prompts of a config, answered ones included, so that a run that was killed goes on with
the very batches of an undisturbed one.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from caslie.backends.transformers import sizing
from caslie.backends.transformers.company import Answer, settle
from caslie.backends.transformers.loading import Loaded
from caslie.backends.transformers.numbers import Placing
from caslie.inference.batching import Posed
from caslie.inference.checkpoints import Checkpoint
from caslie.inference.generating import generate
from caslie.inference.loading import loaded
from caslie.inference.scoring import score
from caslie.inference.writing import writing
from caslie.schema import Mode
from caslie.store import Answer as Kept
from caslie.store import Store, key_of

R = TypeVar("R")

TAIL = 256  # characters of a prompt that can decide how an answer after it falls into tokens


@dataclass(frozen=True, slots=True)
class Wish:
    """A prompt to ask, and the answers that may be given."""

    key: bytes
    prompt: str
    answers: tuple[str, ...]


def wish_of(prompt: str, answers: tuple[str, ...], mode: Mode, n_tokens: int) -> Wish:
    """Make a wish; its key holds all that decides the answer, but for the checkpoint."""
    more = (str(n_tokens),) if mode == "generate" else answers
    return Wish(key_of(sha256(prompt), mode, *more), prompt, answers)


def sha256(prompt: str) -> str:
    """The hash of a prompt."""
    return hashlib.sha256(prompt.encode(errors="surrogatepass")).hexdigest()


@dataclass(slots=True)
class Asker:
    """Asks a checkpoint, which is loaded at the first question and let go at the end of the block."""

    checkpoint: Checkpoint
    placing: Placing
    n_tokens: int
    batch: int | None
    _stack: ExitStack = field(default_factory=ExitStack)
    _loaded: list[Loaded] = field(default_factory=list)
    _answer_ids: dict[tuple[str, tuple[str, ...]], tuple[tuple[int, ...], ...]] = field(default_factory=dict)

    def __enter__(self) -> "Asker":
        return self

    def __exit__(self, *error: object) -> None:
        self._loaded.clear()
        self._stack.close()

    def ask_all(self, wishes: Sequence[Wish], mode: Mode, store: Store, progress: Callable[[int], None]) -> int:
        """Ask what the store does not know; return how many prompts that were.

        Raises:
            ModelError: the checkpoint cannot be loaded, or not even one prompt fits the memory.
        StageError: the disk is full.
        """
        distinct = list({wish.key: wish for wish in wishes}.values())
        n_new = sum(wish.key not in store for wish in distinct)
        if n_new:
            done = len(distinct) - n_new
            for batch in self._batches(distinct):
                new = [(wish, posed) for wish, posed in batch if wish.key not in store]
                answers = self._answers(new, mode)
                with writing(store.path):
                    store.add(answers)
                progress(done := done + len(new))
        return n_new

    def _batches(self, wishes: Sequence[Wish]) -> Iterator[list[tuple[Wish, Posed]]]:
        left = sorted(((wish, self._posed(wish)) for wish in wishes), key=lambda one: -len(one[1].ids))
        while left:
            n = self._batch_size(left[0][1])
            yield left[:n]
            left = left[n:]

    def _posed(self, wish: Wish) -> Posed:
        reader, tail = self.checkpoint.reader, wish.prompt[-TAIL:]
        if (tail, wish.answers) not in self._answer_ids:  # most prompts end alike
            encoded = tuple(tuple(reader.encode(tail, answer).answer) for answer in wish.answers)
            self._answer_ids[tail, wish.answers] = encoded
        return Posed(tuple(reader.prompt_ids(wish.prompt)), self._answer_ids[tail, wish.answers])

    def _batch_size(self, longest: Posed) -> int:
        if self.batch is not None:
            return self.batch
        model = self._model()
        n_chars = (len(longest.ids) + self.n_tokens) * sizing.CHARS_A_TOKEN
        return sizing.batch_size(
            model.model.config, n_chars, sizing.n_bytes(self.checkpoint.model.memory), model.dtype.itemsize
        )

    def _answers(self, asked: Sequence[tuple[Wish, Posed]], mode: Mode) -> list[tuple[bytes, Kept]]:
        if not asked:
            return []
        wishes, prompts = zip(*asked, strict=True)
        if mode == "generate":
            texts = self._run(prompts, partial(generate, n_tokens=self.n_tokens))
            return [(wish.key, {"text": text}) for wish, text in zip(wishes, texts, strict=True)]
        rows = self._run(prompts, score)
        return [
            (wish.key, {"label": wish.answers[row.best], "scores": dict(zip(wish.answers, row.scores, strict=True))})
            for wish, row in zip(wishes, rows, strict=True)
        ]

    def _run(self, prompts: Sequence[Posed], ask: Callable[[Loaded, Sequence[Posed]], list[Answer[R]]]) -> list[R]:
        model = self._model()
        halving = sizing.Halving(self.checkpoint.name, self.checkpoint.model.memory)
        longest = max(len(prompt.ids) for prompt in prompts) * sizing.CHARS_A_TOKEN
        return halving.run(prompts, longest, lambda piece: settle(piece, partial(ask, model)))

    def _model(self) -> Loaded:
        if not self._loaded:
            self._loaded.append(self._stack.enter_context(loaded(self.checkpoint, self.placing)))
        return self._loaded[0]
