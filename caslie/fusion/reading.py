"""How a base reads: its tokenizer and the frame of its prompts, the same for tuning and for answering."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from caslie.backends.controls import broken
from caslie.backends.transformers.identity import Weights
from caslie.backends.transformers.prompting import DATE, any_of, control_tokens
from caslie.errors import ModelError
from caslie.fusion.prompts import CHAT, Frame

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True, slots=True)
class Encoded:
    """A prompt and its answer in tokens."""

    prompt: list[int]
    answer: list[int]

    @property
    def n_tokens(self) -> int:
        """How many tokens both have."""
        return len(self.prompt) + len(self.answer)


@dataclass(frozen=True)
class Reader:
    """A tokenizer with the frame that prompts stand in; `name` is the base's, for messages."""

    name: str
    tokenizer: "PreTrainedTokenizerBase"
    frame: Frame

    def prompt(self, instruction: str, input: str, options: Sequence[str]) -> str:
        """Word a prompt; control tokens in what people wrote are broken by a space, and read as text."""
        text = self.frame.render(instruction, self._neutral(input), [self._neutral(line) for line in options])
        if self.frame.name != CHAT:
            return text
        chat = [{"role": "user", "content": text}]
        worded: str = self.tokenizer.apply_chat_template(
            chat, tokenize=False, add_generation_prompt=True, date_string=DATE
        )
        return worded

    def prompt_ids(self, prompt: str) -> list[int]:
        """The tokens of a prompt, with the one that begins a text where the tokenizer has one, once."""
        ids: list[int] = self.tokenizer(prompt, add_special_tokens=self.frame.name != CHAT)["input_ids"]
        ids = ids[:-1] if ids[-1:] == [self._end] else ids  # some tokenizers end every text
        begins = self.tokenizer.bos_token_id
        return ids[1:] if begins is not None and ids[:2] == [begins, begins] else ids

    def encode(self, prompt: str, answer: str) -> "Encoded":
        """The tokens of a prompt, and those that write an answer after it, with the one that ends it."""
        before, whole = self.prompt_ids(prompt), self.prompt_ids(prompt + answer)
        if whole[: len(before)] == before and len(whole) > len(before):
            return Encoded(before, [*whole[len(before) :], self._end])
        alone: list[int] = self.tokenizer(answer, add_special_tokens=False)["input_ids"]
        return Encoded(before, [*alone, self._end])

    @cached_property
    def _end(self) -> int:
        return int(self.tokenizer.eos_token_id)

    @cached_property
    def _controls(self) -> re.Pattern[str]:
        return any_of(control_tokens(self.tokenizer))

    def _neutral(self, text: str) -> str:
        return self._controls.sub(broken, text)


def open_reader(weights: Weights, frame: Frame) -> Reader:
    """Load a base's tokenizer alone.

    Raises:
        ModelError: it has none, or one that cannot end an answer or speak in this frame.
    """
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(weights.place, revision=weights.revision, trust_remote_code=False)
    except (OSError, ValueError, KeyError, TypeError, ImportError) as error:
        reason = " ".join(str(error).split())[:300]
        raise ModelError(f"{weights.name}: its tokenizer cannot be loaded ({reason})") from error
    return make_reader(weights.name, tokenizer, frame)


def make_reader(name: str, tokenizer: "PreTrainedTokenizerBase", frame: Frame) -> Reader:
    """Join a tokenizer and a frame.

    Raises:
        ModelError: it has no end token, or no chat template for a frame that needs one.
    """
    if tokenizer.eos_token_id is None:
        raise ModelError(f"{name}: its tokenizer has no end token, so no answer would ever end; choose another base")
    if frame.name == CHAT and not tokenizer.chat_template:
        raise ModelError(f"{name}: has no chat template; name the frame of its prompts: --prompt alpaca or mistral")
    return Reader(name, tokenizer, frame)
