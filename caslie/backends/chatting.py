"""Questions as calls to a server, and its answers as replies."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from caslie.backends.asking import Ask
from caslie.backends.base import Question, Reply
from caslie.backends.controls import neutral
from caslie.backends.hearing import Call, Missed, Said
from caslie.backends.sight import media_type
from caslie.backends.spending import Tokens, n_tokens_of

# Makes the JSON to send of a question, the media type of its picture, and how many tokens may be written.
Wording = Callable[[Question, str, int], Mapping[str, object]]

BATCHES = 4  # as many questions as are asked at once, handed over together: one slow answer holds up little
_TOKENS_A_PICTURE = 400  # of 500x500 pixels: 255 (GPT-4o), 333 (Claude); mended by what the server counts


def answers(ask: Ask, wording: Wording, questions: Sequence[Question], n_tokens: int) -> list[Said | Missed]:
    """Ask all questions whose pictures can be seen."""
    calls = [_call(wording, question, n_tokens) for question in questions]
    answered = iter(ask([call for call in calls if call]))
    return [next(answered) if call else Missed("unreadable_picture") for call in calls]


def reply(answer: Said | Missed) -> Reply:
    """What an answer is to the stages."""
    if isinstance(answer, Missed):
        return Reply(problem=answer.problem)
    if answer.refused:
        return Reply(problem="refused", n_in=answer.tokens.n_in, n_out=answer.tokens.n_out)
    return Reply(_whole(answer.text), n_in=answer.tokens.n_in, n_out=answer.tokens.n_out)


def tokens(call: Call, text: str, n_in: int | None, n_out: int | None) -> Tokens:
    """What an answer cost, guessed where the server does not count."""
    return Tokens(call.guess.n_in if n_in is None else n_in, n_tokens_of(text) if n_out is None else n_out)


def _call(wording: Wording, question: Question, n_tokens: int) -> Call | None:
    media = media_type(question.picture) if question.picture is not None else ""
    if question.picture is not None and not media:
        return None
    n_in = n_tokens_of(question.text) + (_TOKENS_A_PICTURE if question.picture else 0)
    # A server's own chat template may take what is written in a title for a command.
    told = replace(question, text=neutral(question.text))
    return Call(wording(told, media, n_tokens), Tokens(n_in, n_tokens))


def _whole(text: str) -> str:
    # JSON can hold one half of a character, which no file can.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
