"""Questions as a model's own chat template words them, with everything in them that could command it broken."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from caslie.backends.controls import BRACKETS, broken
from caslie.backends.transformers.loading import Loaded
from caslie.errors import ModelError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

# Llama's templates write today's date into the prompt where they are not given one; this is their own default.
DATE = "26 Jul 2024"
# What marks a role for LLaVA-1.5, although it is plain text to the tokenizer.
ROLES = ("USER:", "ASSISTANT:", "SYSTEM:")
BRACKETED = re.compile(r"[<\[]\S+[>\]]")


@dataclass(frozen=True, slots=True)
class Prompter:
    """Turns a question into a prompt. `adds_special` tells of a prompt whether the tokenizer is to begin it."""

    name: str
    tokenizer: "PreTrainedTokenizerBase"
    template: str | None
    sees: bool
    controls: re.Pattern[str]

    def prompt(self, text: str, has_picture: bool) -> str:
        """Word a question.

        Raises:
            ModelError: the model sees a picture and takes no words.
        """
        if self.template is not None:
            return self._rendered(self.neutral(text), has_picture)
        if self.sees and text:
            raise ModelError(f"{self.name} has no chat template, so it takes a picture alone; set `context: none`")
        return self.neutral(text)

    def neutral(self, text: str) -> str:
        """Break each control token and role marker by a space, so that the model reads it as text."""
        return self.controls.sub(broken, text)

    def adds_special(self, prompt: str) -> bool:
        """A template writes its own first token, except those of processors which leave it to the tokenizer."""
        if self.template is None:
            return True
        begun = self.tokenizer.bos_token is not None and prompt.startswith(self.tokenizer.bos_token)
        return self.sees and not begun

    def _rendered(self, text: str, has_picture: bool) -> str:
        content: Any = text
        if self.sees:
            content = [{"type": "image"}] * has_picture + [{"type": "text", "text": text}] * bool(text)
        prompt: str = self.tokenizer.apply_chat_template(
            [{"role": "user", "content": content}],
            chat_template=self.template,
            tokenize=False,
            add_generation_prompt=True,
            date_string=DATE,
        )
        return prompt


def prompter(loaded: Loaded) -> Prompter:
    """The prompter of a model.

    Raises:
        ModelError: its chat template cannot be used.
    """
    from jinja2 import TemplateError

    sees = loaded.processor is not None
    controls = control_tokens(loaded.tokenizer) | _image_token(loaded)
    bare = Prompter(loaded.name, loaded.tokenizer, _template(loaded), sees, any_of(controls))
    if bare.template is None:
        return bare
    try:
        probe = bare.prompt("?", sees)
    except (TemplateError, TypeError, ValueError) as error:
        raise ModelError(f"{loaded.name}: its chat template fails ({error})") from error
    if sees and not any(token in probe for token in _image_token(loaded)):
        raise ModelError(f"{loaded.name}: its chat template leaves the picture out")
    roles = {role for role in ROLES if role in probe}
    return Prompter(bare.name, bare.tokenizer, bare.template, sees, any_of(controls | roles))


def _template(loaded: Loaded) -> str | None:
    found = loaded.tokenizer.chat_template
    if loaded.processor is not None:
        found = loaded.processor.chat_template or found
    return found.get("default") if isinstance(found, dict) else found


def control_tokens(tokenizer: "PreTrainedTokenizerBase") -> set[str]:
    """Every special token, and every other added one in brackets: some families do not call theirs special."""
    added = tokenizer.added_tokens_decoder.values()
    tokens = {token.content for token in added if token.special or BRACKETED.fullmatch(token.content)}
    return tokens | set(tokenizer.all_special_tokens) | set(BRACKETS)


def any_of(tokens: set[str]) -> re.Pattern[str]:
    """A pattern that any of the tokens fits, the longest first."""
    longest_first = sorted((token for token in tokens if token), key=lambda token: (-len(token), token))
    return re.compile("|".join(map(re.escape, longest_first)))


def _image_token(loaded: Loaded) -> set[str]:
    if loaded.processor is None:
        return set()
    token = vars(loaded.processor).get("image_token", "<image>")
    return {str(token)}
