"""What a server's answer means: words, a refusal, a question that is too long, or a failure and what it is about."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from caslie.backends.base import Problem
from caslie.backends.spending import Tokens
from caslie.backends.wire import Heard, Lost

_PASSING = frozenset({408, 409, 429, 500, 502, 503, 504, 529})  # 529: Anthropic's "overloaded"
_ABOUT_THE_QUESTION = frozenset({400, 413, 422, 500})

# The words of OpenAI, Azure, Anthropic, vLLM, SGLang, TGI and llama.cpp, which have no status of their own for these.
_TOO_LONG = re.compile(
    r"context.?(length|limit|size|window)|maximum model length|(prompt|input|request|string)\b.{0,40}too.(long|large)"
    r"|too many tokens|max_tokens must be at least 1, got -|`inputs` tokens \+ `max_new_tokens`",
    re.IGNORECASE,
)
_REFUSED = re.compile(r"content.(filter|policy|management)|safety system|moderation", re.IGNORECASE)
_NO_LOGPROBS = re.compile(r"log.?prob|top_n_tokens", re.IGNORECASE)
_WORDS = (("error", "message"), ("error", "code"), ("error", "type"), ("error",), ("message",), ("type",))
_MAX_WORDS = 500  # characters; an answer may repeat the question, which must not be read as the server's own words


@dataclass(frozen=True, slots=True)
class Call:
    """A request that can be made: the JSON to send, and what it may cost."""

    content: Mapping[str, object]
    guess: Tokens


@dataclass(frozen=True, slots=True)
class Said:
    """What a model said, and what was counted: by the server, or else guessed."""

    text: str
    tokens: Tokens
    refused: bool = False
    logprobs: object = None


@dataclass(frozen=True, slots=True)
class Missed:
    """Why a call was not answered, and what the reason is about."""

    problem: Problem
    cause: str = ""
    about: Literal["the question", "the server", "logprobs"] = "the question"
    status: int = 0


@dataclass(frozen=True, slots=True)
class Passing:
    """A failure that may pass; `wait` is the seconds that the server asked for."""

    missed: Missed
    wait: float = 0.0


# Finds what a model said in the JSON of an answer; None if it is not there.
Read = Callable[[object, Call], Said | None]


def understood(heard: Heard | Lost, call: Call, read: Read) -> Said | Missed | Passing:
    """Tell what an answer means."""
    if isinstance(heard, Lost):
        return Passing(Missed("no_answer", heard.cause, "the server"))
    if heard.status == 200:
        return read(heard.content, call) or Missed("no_answer", "not the answer of a model")
    missed = _missed(heard)
    return Passing(missed, heard.wait) if heard.status in _PASSING else missed


def cost_of(heard: Heard | Lost, answer: Said | Missed | Passing, call: Call) -> Tokens:
    """What a request cost. Where a server had it and did not count: all that it may have cost."""
    if isinstance(answer, Said):
        return answer.tokens
    had = heard.had if isinstance(heard, Lost) else heard.status == 200
    return call.guess if had else Tokens()


def found(content: object, *path: str | int) -> object:
    """Find what lies at a path inside JSON; None if nothing does."""
    for step in path:
        if isinstance(step, str) and isinstance(content, dict):
            content = content.get(step)
        elif isinstance(step, int) and isinstance(content, list) and len(content) > step:
            content = content[step]
        else:
            return None
    return content


def count(content: object, *path: str | int) -> int | None:
    """Find a number of tokens at a path inside JSON."""
    n = found(content, *path)
    return n if isinstance(n, int) and not isinstance(n, bool) and 0 <= n < 10**9 else None


def _missed(heard: Heard) -> Missed:
    if heard.status not in _ABOUT_THE_QUESTION:
        return Missed("no_answer", f"HTTP {heard.status}", "the server", heard.status)
    words = _words(heard.content)
    cause = f"HTTP {heard.status}: {words}" if words else f"HTTP {heard.status}"
    if heard.status == 500:
        return Missed("no_answer", cause)
    if _NO_LOGPROBS.search(words):
        return Missed("no_answer", cause, "logprobs")
    if heard.status == 413 or _TOO_LONG.search(words):
        return Missed("too_long", cause)
    return Missed("refused" if _REFUSED.search(words) else "no_answer", cause)


def _words(content: object) -> str:
    """What a server says of its error, on one line without control characters."""
    said = [part for path in _WORDS if isinstance(part := found(content, *path), str)]
    line = "".join(char if char.isprintable() else " " for char in "; ".join(said)[:_MAX_WORDS])
    return " ".join(line.split())
