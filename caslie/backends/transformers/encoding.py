"""Prompts and pictures as a model takes them: one batch, padded on the left, on its device."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from caslie.backends.base import Problem, Question
from caslie.backends.transformers.loading import Loaded
from caslie.backends.transformers.pictures import opened
from caslie.backends.transformers.prompting import Prompter
from caslie.errors import ModelError

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the tokenizer and the processor get."""

    text: str
    picture: "Image | None" = None


def word(prompter: Prompter, questions: Sequence[Question]) -> list[Prompt | Problem]:
    """Make the prompts, or tell why there is none; a picture that is asked about twice is opened once.

    Raises:
        ModelError: the model takes no words, or no pictures.
    """
    files = {question.picture for question in questions if question.picture is not None}
    if files and not prompter.sees:
        raise ModelError(f"{prompter.name} sees no pictures; choose a captioner that does, or a judge without `sees`")
    pictures = {data: opened(data) for data in files}
    return [_worded(prompter, question, pictures) for question in questions]


def _worded(prompter: Prompter, question: Question, pictures: dict[bytes, "Image | None"]) -> Prompt | Problem:
    if question.picture is None:
        needs_picture = prompter.sees and (prompter.template is None or not question.text)
        return "no_picture" if needs_picture else Prompt(prompter.prompt(question.text, has_picture=False))
    picture = pictures[question.picture]
    if picture is None:
        return "unreadable_picture"
    return Prompt(prompter.prompt(question.text, has_picture=True), picture)


def encode(loaded: Loaded, prompter: Prompter, prompts: Sequence[Prompt]) -> dict[str, Any]:
    """Encode prompts that all have a picture, or none of which has one."""
    texts = [prompt.text for prompt in prompts]
    how = {"padding": True, "add_special_tokens": prompter.adds_special(texts[0]), "return_tensors": "pt"}
    if loaded.processor is None or prompts[0].picture is None:
        encoded = loaded.tokenizer(texts, **how)
    else:
        encoded = loaded.processor(images=[[prompt.picture] for prompt in prompts], text=texts, **how)
    encoded.pop("token_type_ids", None)  # a tokenizer made by hand gives them; no model here takes them
    return {name: _placed(loaded, values) for name, values in encoded.items()}


def _placed(loaded: Loaded, values: Any) -> Any:
    dtype = loaded.dtype if values.is_floating_point() else values.dtype
    return values.to(loaded.model.device, dtype)
