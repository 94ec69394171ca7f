"""A loaded model behind the face that the stages know: problems told, batches cut to what fits."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from caslie.backends.base import Model, Problem, Question, Reply, Weight
from caslie.backends.transformers import sizing, weighing, writing
from caslie.backends.transformers.company import Answer, settle
from caslie.backends.transformers.encoding import Prompt, encode, word
from caslie.backends.transformers.identity import Weights
from caslie.backends.transformers.loading import Loaded, load
from caslie.backends.transformers.numbers import Placing
from caslie.backends.transformers.prompting import prompter

R = TypeVar("R")


@contextmanager
def running(model: Model, weights: Weights, placing: Placing) -> Iterator["Running"]:
    """Load a model for as long as a block runs.

    Raises:
        ModelError: it cannot be loaded.
    """
    import torch

    run = Running(load(weights, placing), model)
    try:
        yield run
    finally:
        run.close()
        gc.collect()
        if placing.device.startswith("cuda"):
            torch.cuda.empty_cache()


@dataclass(frozen=True, slots=True)
class Asking(Generic[R]):
    """A way to ask: how many tokens an answer may take, what a batch says, and what stands for a problem."""

    n_new: int
    ask: Callable[[dict[str, Any]], list[Answer[R]]]
    refuse: Callable[[Problem], R]


class Running:
    """A model that is ready.

    Votes do not depend on their company in any kind of numbers; the weights behind them and words do not in those of
    32 bits.
    """

    def __init__(self, loaded: Loaded, model: Model):
        self._loaded = loaded
        self._model = model
        self._prompter = prompter(loaded)
        self._words: weighing.Words | None = None
        self._halving = sizing.Halving(loaded.name, model.memory)

    def batch_size(self, n_chars: int) -> int:
        """How many questions of this length to hand over at once."""
        if self._model.batch is not None:
            return self._model.batch
        memory = sizing.n_bytes(self._model.memory)
        return sizing.batch_size(self._loaded.model.config, n_chars, memory, self._loaded.dtype.itemsize)

    def write(self, questions: Sequence[Question], n_tokens: int) -> list[Reply]:
        """Answer in words.

        Raises:
            ModelError: the model takes no words or no pictures, or not even one question fits the memory.
        """
        ask = partial(writing.write, self._loaded, n_tokens=n_tokens)
        return self._each(questions, Asking(n_tokens, ask, lambda problem: Reply(problem=problem)))

    def weigh(self, questions: Sequence[Question]) -> list[Weight | None]:
        """Weigh yes against no; None where a question cannot be asked, for the reason that `write` tells.

        Raises:
            ModelError: as for `write`, or the tokenizer has no yes and no.
        """
        self._words = self._words or weighing.find_words(self._loaded)
        ask = partial(weighing.weigh, self._loaded, self._words)
        asking: Asking[Weight | None] = Asking(1, ask, lambda problem: None)
        return self._each(questions, asking)

    def close(self) -> None:
        """Let go of the model."""
        del self._loaded

    def _each(self, questions: Sequence[Question], asking: Asking[R]) -> list[R]:
        worded = word(self._prompter, questions)
        results = {place: asking.refuse(one) for place, one in enumerate(worded) if isinstance(one, str)}
        for sees in (True, False):
            alike = {
                place: one
                for place, one in enumerate(worded)
                if isinstance(one, Prompt) and (one.picture is not None) == sees
            }
            results |= dict(zip(alike, self._run(list(alike.values()), asking), strict=True))
        return [results[place] for place in range(len(questions))]

    def _run(self, prompts: Sequence[Prompt], asking: Asking[R]) -> list[R]:
        longest = max((len(prompt.text) for prompt in prompts), default=0)
        return self._halving.run(prompts, longest, lambda piece: settle(piece, partial(self._ask, asking)))

    def _ask(self, asking: Asking[R], prompts: Sequence[Prompt]) -> list[Answer[R]]:
        if not prompts:
            return []
        inputs = encode(self._loaded, self._prompter, prompts)
        fits = (inputs["attention_mask"].sum(dim=-1) + asking.n_new <= self._loaded.context).tolist()
        if all(fits):
            return asking.ask(inputs)
        short = iter(self._ask(asking, [prompt for prompt, fit in zip(prompts, fits, strict=True) if fit]))
        return [next(short) if fit else Answer(asking.refuse("too_long"), is_close=False) for fit in fits]
