"""Anthropic's Messages API, as it is asked and understood."""

from contextlib import AbstractContextManager

import pytest

from caslie.backends import Backend, Model, Question
from caslie.backends.anthropic import find_anthropic
from caslie.backends.asking import Patience
from caslie.errors import ModelError
from tests.caslie.backends.chat_server import ChatServer, answering, picture, saying

FAST = Patience(tries=2, first_wait=0.01)


def opened(chat: ChatServer) -> AbstractContextManager[Backend]:
    return find_anthropic(Model("anthropic/tiny", base_url=chat.address, key="MY_KEY"), "tiny", FAST).open()


def test_model_sees_the_picture_and_then_the_words(chat: ChatServer) -> None:
    with opened(chat) as model:
        (reply,) = model.write([Question("What is it?", picture(file_format="JPEG"))], 128)
    assert reply.text.endswith(" Answer to: What is it?")
    assert (reply.problem, reply.n_in, reply.n_out) == ("", 11, 6)
    assert [part["type"] for part in chat.asked[0]["messages"][0]["content"]] == ["image", "text"]
    assert (chat.asked[0]["temperature"], chat.asked[0]["max_tokens"]) == (0, 128)


def test_empty_words_are_not_sent_beside_a_picture(chat: ChatServer) -> None:
    with opened(chat) as model:
        model.write([Question("", picture())], 128)
    assert [part["type"] for part in chat.asked[0]["messages"][0]["content"]] == ["image"]


def test_weights_are_not_asked_for(chat: ChatServer) -> None:
    with opened(chat) as model:
        assert model.weigh([Question("a"), Question("b")]) == [None, None]
    assert chat.asked == []


def test_refusal_is_told_as_one(chat: ChatServer) -> None:
    usage = b'"usage": {"input_tokens": 9, "output_tokens": 2}'
    chat.faults["a"] = [saying(b'{"type": "message", "content": [], "stop_reason": "refusal", %s}' % usage)]
    with opened(chat) as model:
        (reply,) = model.write([Question("a")], 16)
    assert (reply.problem, reply.text, reply.n_in, reply.n_out) == ("refused", "", 9, 2)


def test_overloaded_server_is_asked_again(chat: ChatServer) -> None:
    chat.faults["a"] = [answering(529, "Overloaded")]
    with opened(chat) as model:
        assert model.write([Question("a")], 16)[0].text == "Answer to: a"
    assert len(chat.asked) == 2


def test_prompt_that_is_too_long_is_told_as_one(chat: ChatServer) -> None:
    chat.faults["a"] = [answering(400, "prompt is too long: 211180 tokens > 200000 maximum")]
    with opened(chat) as model:
        assert [reply.problem for reply in model.write([Question("a"), Question("b")], 16)] == ["too_long", ""]


@pytest.mark.parametrize(
    "body", [b'{"type": "message"}', b'{"content": []}', b'{"type": "error", "error": {}}', b"[]"]
)
def test_nonsense_is_no_answer(chat: ChatServer, body: bytes) -> None:
    chat.faults["a"] = [saying(body)]
    with opened(chat) as model:
        assert [reply.problem for reply in model.write([Question("a"), Question("b")], 16)] == ["no_answer", ""]


def test_wrong_key_is_told_by_the_name_of_its_variable(chat: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "sk-wrong")
    with pytest.raises(ModelError, match=r"\(HTTP 401\); is the key in MY_KEY right\?$"), opened(chat) as model:
        model.write([Question("a")], 16)


def test_key_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    engine = find_anthropic(Model("anthropic/claude"), "claude")
    assert engine.identity == "anthropic/claude at api.anthropic.com/v1"
    with pytest.raises(ModelError, match=r"no key; set the environment variable ANTHROPIC_API_KEY$"), engine.open():
        pass
