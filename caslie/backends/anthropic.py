"""Models behind Anthropic's Messages API, which gives no logprobs: they judge in words."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from caslie.backends.asking import PATIENCE, Ask, Patience, asking
from caslie.backends.base import Backend, Engine, Model, Question, Reply, Weight
from caslie.backends.chatting import BATCHES, Wording, answers, reply, tokens
from caslie.backends.hearing import Call, Said, count, found
from caslie.backends.serving import Service, place_of, server_at


def _headers(key: str) -> Mapping[str, str]:
    version = {"anthropic-version": "2023-06-01"}
    return {**version, "x-api-key": key} if key else version


_SERVICE = Service("https://api.anthropic.com/v1", "/messages", "ANTHROPIC_API_KEY", _headers)


def find_anthropic(model: Model, name: str, patience: Patience = PATIENCE) -> Engine:
    """A model at Anthropic, with the key in ANTHROPIC_API_KEY, or at a `base_url` that ends as theirs, in `/v1`.

    Raises:
        ModelError: something in the recipe's model cannot be meant like that.
    """
    place = place_of(model, _SERVICE)

    def wording(question: Question, media: str, n_tokens: int) -> Mapping[str, object]:
        message = {"role": "user", "content": _content(question, media)}
        return {"model": name, "messages": [message], "temperature": 0, "max_tokens": n_tokens}

    @contextmanager
    def opened() -> Iterator[Backend]:
        with asking(server_at(place, _SERVICE), _read, model, patience) as ask:
            yield _Anthropic(ask, wording, model.concurrency * BATCHES)

    return Engine(place.identity, opened)


class _Anthropic:
    def __init__(self, ask: Ask, wording: Wording, batch: int) -> None:
        self._ask = ask
        self._wording = wording
        self._batch = batch

    def batch_size(self, n_chars: int) -> int:
        """The same for every length: the server's memory is its own matter."""
        return self._batch

    def write(self, questions: Sequence[Question], n_tokens: int) -> list[Reply]:
        """Answer in words."""
        return [reply(answer) for answer in answers(self._ask, self._wording, questions, n_tokens)]

    def weigh(self, questions: Sequence[Question]) -> list[Weight | None]:
        """Weigh nothing, and ask nothing."""
        return [None] * len(questions)


def _content(question: Question, media: str) -> list[Mapping[str, object]]:
    parts: list[Mapping[str, object]] = []
    if question.picture is not None:
        data = base64.b64encode(question.picture).decode()
        parts.append({"type": "image", "source": {"type": "base64", "media_type": media, "data": data}})
    if question.text:  # an empty part is refused
        parts.append({"type": "text", "text": question.text})
    return parts


def _read(content: object, call: Call) -> Said | None:
    blocks = found(content, "content")
    if found(content, "type") != "message" or not isinstance(blocks, list):
        return None
    texts = [text for block in blocks if isinstance(text := found(block, "text"), str)]
    text = "".join(texts)
    n_in, n_out = count(content, "usage", "input_tokens"), count(content, "usage", "output_tokens")
    return Said(text, tokens(call, text, n_in, n_out), found(content, "stop_reason") == "refusal")
