"""What a server answers that is no answer."""

import pytest

from tests.caslie.backends.chat_client import ask, problems
from tests.caslie.backends.chat_server import ChatServer, Fault, answering, flooding, saying

NONSENSE = {
    "nothing": saying(b""),
    "html": saying(b"<html>Bad gateway</html>"),
    "a list": saying(b"[]"),
    "an error": saying(b'{"error": {"message": "Model is loading"}}'),
    "no choice": saying(b'{"choices": []}'),
    "no content": saying(b'{"choices": [{"message": {"content": null}}]}'),
    "a number": saying(b'{"choices": [{"message": {"content": 7}}]}'),
    "an abyss": saying(b"[" * 100_000),
    "a long number": saying(b"9" * 100_000),
    "bytes": saying(bytes(range(256))),
    "a packed bomb": saying(b"\x1f\x8b not really", Content_Encoding="gzip"),
    "bad request": answering(400, "Unrecognized request argument"),
    "100 MB": flooding,
}


@pytest.mark.parametrize("nonsense", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_is_no_answer_and_is_not_asked_again(chat: ChatServer, nonsense: Fault) -> None:
    chat.faults["a"] = [nonsense]
    assert problems(ask(chat, ["a", "b"], timeout=5)) == ["no_answer", ""]
    assert len(chat.asked) == 2


@pytest.mark.parametrize("usage", [b"null", b"[]", b'{"prompt_tokens": -1}', b'{"prompt_tokens": true}'])
def test_nonsense_for_a_count_is_guessed_anew(chat: ChatServer, usage: bytes) -> None:
    chat.faults["question"] = [saying(b'{"choices": [{"message": {"content": "yes"}}], "usage": %s}' % usage)]
    (reply,) = ask(chat, ["question"])
    assert (reply.text, reply.n_in, reply.n_out) == ("yes", 2, 1)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "This model's maximum context length is 4097 tokens. However, you requested 4120 tokens"),
        (400, "max_tokens must be at least 1, got -186."),
        (400, "the request exceeds the available context size, try increasing it"),
        (413, ""),
        (422, "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000"),
        (500, "Input prompt (35247 tokens) is too long and exceeds limit of 1000"),
    ],
)
def test_question_that_is_too_long_is_told_as_one(chat: ChatServer, status: int, message: str) -> None:
    chat.faults["a"] = [answering(status, message)] * 4
    expected = "too_long" if status < 500 else "no_answer"
    assert problems(ask(chat, ["a", "b"])) == [expected, ""]


def test_review_that_a_server_repeats_is_not_read_as_its_own_words(chat: ChatServer) -> None:
    chat.faults["a"] = [answering(400, "cannot parse: 'the sleeves are too long'")]
    assert problems(ask(chat, ["a", "b"])) == ["no_answer", ""]


def test_filtered_question_is_refused(chat: ChatServer) -> None:
    chat.faults["a"] = [answering(400, "The response was filtered", "content_filter")]
    assert problems(ask(chat, ["a"])) == ["refused"]
