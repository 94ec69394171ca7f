"""Models behind an OpenAI-compatible server: GPT-4o, or one's own by vLLM, TGI, Ollama, llama.cpp or SGLang."""

import base64
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from caslie.backends.asking import PATIENCE, Ask, Patience, asking
from caslie.backends.base import Backend, Engine, Model, Question, Reply, Weight
from caslie.backends.chatting import BATCHES, Wording, answers, reply, tokens
from caslie.backends.hearing import Call, Missed, Said, count, found
from caslie.backends.serving import Service, place_of, server_at


def _headers(key: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


_SERVICE = Service("https://api.openai.com/v1", "/chat/completions", "OPENAI_API_KEY", _headers)
_N_LOGPROBS = 20  # the most that OpenAI and vLLM give
_NEVER = -9999.0  # OpenAI's own word for a logprob of nothing
_YES_OR_NO = re.compile(r"[\WĠ_]*(yes|no)\W*", re.IGNORECASE)  # some servers give pieces: "Ġyes", "▁Yes"


def find_openai(model: Model, name: str, patience: Patience = PATIENCE) -> Engine:
    """A model at `base_url`; without one, at OpenAI, with the key in OPENAI_API_KEY.

    OpenAI's own models that reason refuse a temperature, so that no answer of theirs could be had again: they are no
    engines here.

    Raises:
        ModelError: something in the recipe's model cannot be meant like that.
    """
    place = place_of(model, _SERVICE)
    limit = "max_completion_tokens" if place.official else "max_tokens"  # the one name is deprecated, the other new

    def wording(question: Question, media: str, n_tokens: int) -> Mapping[str, object]:
        message = {"role": "user", "content": _content(question, media)}
        return {"model": name, "messages": [message], "temperature": 0, "seed": 0, limit: n_tokens}

    @contextmanager
    def opened() -> Iterator[Backend]:
        with asking(server_at(place, _SERVICE), _read, model, patience) as ask:
            yield _OpenAI(ask, wording, model.concurrency * BATCHES)

    return Engine(place.identity, opened)


class _OpenAI:
    def __init__(self, ask: Ask, wording: Wording, batch: int) -> None:
        self._ask = ask
        self._wording = wording
        self._batch = batch
        self._weighs = False  # the server has given logprobs
        self._mute = False  # it never has, and has shown that it will not

    def batch_size(self, n_chars: int) -> int:
        """The same for every length: the server's memory is its own matter."""
        return self._batch

    def write(self, questions: Sequence[Question], n_tokens: int) -> list[Reply]:
        """Answer in words."""
        return [reply(answer) for answer in answers(self._ask, self._wording, questions, n_tokens)]

    def weigh(self, questions: Sequence[Question]) -> list[Weight | None]:
        """Weigh yes against no, by the logprobs of the first token; None where the server gives none."""
        if self._mute:
            return [None] * len(questions)
        said = answers(self._ask, self._weighing, questions, 1)
        weights = [_weight(answer) for answer in said]
        self._weighs = self._weighs or any(weights)
        self._mute = not self._weighs and any(map(_is_mute, said))
        return weights

    def _weighing(self, question: Question, media: str, n_tokens: int) -> Mapping[str, object]:
        return {**self._wording(question, media, n_tokens), "logprobs": True, "top_logprobs": _N_LOGPROBS}


def _content(question: Question, media: str) -> list[Mapping[str, object]]:
    parts: list[Mapping[str, object]] = []
    if question.picture is not None:
        url = f"data:{media};base64,{base64.b64encode(question.picture).decode()}"
        parts.append({"type": "image_url", "image_url": {"url": url}})
    if question.text:
        parts.append({"type": "text", "text": question.text})
    return parts


def _read(content: object, call: Call) -> Said | None:
    choice = found(content, "choices", 0)
    text, refusal = found(choice, "message", "content"), found(choice, "message", "refusal")
    refused = bool(refusal) or found(choice, "finish_reason") == "content_filter"
    if not isinstance(text, str):
        if not refused:
            return None
        text = ""
    n_in, n_out = count(content, "usage", "prompt_tokens"), count(content, "usage", "completion_tokens")
    return Said(text, tokens(call, text, n_in, n_out), refused, found(choice, "logprobs", "content"))


def _is_mute(answer: Said | Missed) -> bool:
    if isinstance(answer, Missed):
        return answer.about == "logprobs"
    return not answer.refused and answer.logprobs is None


def _weight(answer: Said | Missed) -> Weight | None:
    if isinstance(answer, Missed) or answer.refused:
        return None
    masses = _masses(found(answer.logprobs, 0))
    if not masses:
        return None
    yes, no = (min(1.0, sum(mass for token, mass in masses if _begins(token) == word)) for word in ("yes", "no"))
    return Weight(yes, no, answer.tokens.n_in)


def _masses(first: object) -> list[tuple[str, float]]:
    """The likely first tokens and their probabilities; none if one is not as it must be."""
    likely = found(first, "top_logprobs")
    masses = []
    for entry in likely if isinstance(likely, list) and likely else [first]:
        token, logprob = found(entry, "token"), found(entry, "logprob")
        if not isinstance(token, str) or not isinstance(logprob, int | float) or not logprob <= math.inf:
            return []
        masses.append((token, math.exp(min(0.0, max(_NEVER, logprob)))))
    return masses


def _begins(token: str) -> str:
    """Which of the words a token begins; only whole words do, as `N` or `Not` may begin another."""
    word = _YES_OR_NO.fullmatch(token)
    return word[1].lower() if word else ""
