"""What a model is to the stages: one small face for every engine (paper, sections 4.1 and 4.2)."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

from mmecinstruct.errors import RecipeError

# Why a question has no answer. The first four are about the question and are kept; the others may pass, and are asked
# again by the next run.
Problem = Literal["", "no_picture", "unreadable_picture", "too_long", "refused", "no_answer", "out_of_budget"]
LASTING: frozenset[Problem] = frozenset({"", "no_picture", "unreadable_picture", "too_long", "refused"})


@dataclass(frozen=True, slots=True)
class Model:
    """A model as a recipe names it, and how to run it.

    `uri` is `transformers/<Hub name or folder>[@<revision>]`, `pocket/<name>`, `openai/<model>`, `anthropic/<model>`
    or `echo/<manner>`. The second group of values is for local engines, the third for servers.
    """

    uri: str

    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    device: str = "auto"
    memory: str = "4GB"  # what the activations of one batch may take
    batch: int | None = None  # a fixed batch size, instead of the one found for `memory`
    sees: bool = False  # as a judge: is shown the picture too; the paper's judges read text alone (4.2)

    base_url: str | None = None
    key: str | None = None  # the environment variable that holds the key
    concurrency: int = 8
    timeout: float = 60.0  # seconds that one request may take
    price_in: float = 0.0  # dollars for a million tokens read
    price_out: float = 0.0  # dollars for a million tokens written
    budget: float | None = None  # dollars that one run may spend on this model
    rate: float | None = None  # calls in a second, stated for `caslie estimate`

    def __post_init__(self) -> None:
        """Refuse numbers that nothing can be done with."""
        below = {"price_in": self.price_in, "price_out": self.price_out, "budget": self.budget or 0.0}
        for name, value in below.items():
            if not value >= 0:  # nor is it, of what is no number
                raise RecipeError(f"{self.uri}: {name} must not be below 0, not {value}")
        above = {"concurrency": self.concurrency, "timeout": self.timeout, "rate": self.rate, "batch": self.batch}
        for name, number in above.items():
            if number is not None and not number > 0:
                raise RecipeError(f"{self.uri}: {name} must be more than 0, not {number}")


@dataclass(frozen=True, slots=True)
class Question:
    """What a model is asked: one user message of words, a picture (the bytes of its file), or both."""

    text: str
    picture: bytes | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model wrote, without what it read; where `problem` is set, `text` is empty."""

    text: str = ""
    problem: Problem = ""
    n_in: int = 0
    n_out: int = 0


@dataclass(frozen=True, slots=True)
class Weight:
    """How probable yes and no are as the next word: the mass of all tokens that begin the one or the other."""

    yes: float
    no: float
    n_in: int = 0


class Backend(Protocol):
    """A model that is ready. Answers come in the order of the questions and do not depend on their company."""

    def batch_size(self, n_chars: int) -> int:
        """How many questions of this length (the longest of them) to hand over at once."""
        ...

    def write(self, questions: Sequence[Question], n_tokens: int) -> list[Reply]:
        """Answer in words, greedily, with at most so many tokens each."""
        ...

    def weigh(self, questions: Sequence[Question]) -> list[Weight | None]:
        """Weigh yes against no in one pass; None where this engine cannot."""
        ...


@dataclass(frozen=True, slots=True)
class Engine:
    """A model that is known and not loaded yet: work that is done already needs no more than `identity`.

    `identity` names the model and its exact weights, such as `transformers/org/name@<commit> bfloat16`; equal
    identities give equal answers. `open` loads it, for as long as the context lasts.
    """

    identity: str
    open: Callable[[], AbstractContextManager[Backend]]
