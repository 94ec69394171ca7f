"""An OpenAI-compatible server, as it is asked and understood."""

import hashlib
import math
from contextlib import AbstractContextManager

import pytest

from caslie.backends import Backend, Model, Question, Reply, Weight
from caslie.backends.asking import Patience
from caslie.backends.openai import find_openai
from caslie.errors import ModelError
from tests.caslie.backends.chat_server import KEY, ChatServer, answering, picture, saying

ONCE = Patience(tries=1)


def opened(chat: ChatServer, name: str = "tiny") -> AbstractContextManager[Backend]:
    return find_openai(Model(f"openai/{name}", base_url=chat.address, key="MY_KEY"), name, ONCE).open()


def test_model_sees_the_picture_and_then_the_words(chat: ChatServer) -> None:
    with opened(chat) as model:
        (reply,) = model.write([Question("What is it?", picture())], 128)
    assert reply == Reply(f"{hashlib.sha256(picture()).hexdigest()[:8]} Answer to: What is it?", "", 11, 6)
    assert [part["type"] for part in chat.asked[0]["messages"][0]["content"]] == ["image_url", "text"]


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "GIF", "WEBP"])
def test_picture_is_sent_as_what_it_is(chat: ChatServer, file_format: str) -> None:
    with opened(chat) as model:
        (reply,) = model.write([Question("", picture(file_format=file_format))], 128)
    assert reply.text.endswith("Answer to:")


def test_unreadable_picture_is_never_sent(chat: ChatServer) -> None:
    with opened(chat) as model:
        replies = model.write([Question("a", b"no picture"), Question("b"), Question("c", picture()[:40])], 128)
    assert [reply.problem for reply in replies] == ["unreadable_picture", "", "unreadable_picture"]
    assert len(chat.asked) == 1


def test_server_counts_the_tokens(chat: ChatServer) -> None:
    with opened(chat) as model:
        (reply,) = model.write([Question("four words, no more")], 4)
    assert (reply.n_in, reply.n_out) == (19, 4)


def test_tokens_are_guessed_where_the_server_does_not_count(chat: ChatServer) -> None:
    chat.usage = False
    with opened(chat) as model:
        (reply,) = model.write([Question("x" * 400)], 128)
    assert (reply.n_in, reply.n_out) == (100, 103)


def test_same_is_asked_of_every_server_for_the_same_answers(chat: ChatServer) -> None:
    with opened(chat) as model:
        model.write([Question("a")], 7)
    message = {"role": "user", "content": [{"type": "text", "text": "a"}]}
    assert chat.asked == [{"model": "tiny", "messages": [message], "temperature": 0, "seed": 0, "max_tokens": 7}]


def test_weight_is_the_mass_of_all_that_begins_yes_or_no(chat: ChatServer) -> None:
    spellings = ["Yes", " yes", "YES.", "▁Yes", "NO", "Ġno", " No", "Not", "None", "Yesterday", "N", "Maybe"]
    chat.first_tokens = [(token, math.log(0.05)) for token in spellings]
    with opened(chat) as model:
        (weight,) = model.weigh([Question("Does it help?")])
    assert weight and [weight.yes, weight.no] == pytest.approx([0.2, 0.15])
    assert weight.n_in == len("Does it help?")
    assert chat.asked[0]["max_tokens"] == 1


def test_weight_of_no_yes_and_no_is_nothing(chat: ChatServer) -> None:
    chat.first_tokens = [("The", -0.01), ("A", -9999.0)]
    with opened(chat) as model:
        assert model.weigh([Question("Does it help?")]) == [Weight(0, 0, 13)]


@pytest.mark.parametrize("words", ["Unrecognized request argument supplied: logprobs", "top_n_tokens must be <= 5"])
def test_server_that_refuses_logprobs_is_asked_for_words_and_not_again_for_weights(
    chat: ChatServer, words: str
) -> None:
    chat.faults[""] = [answering(400, words), answering(400, words)]
    with opened(chat) as model:
        assert model.weigh([Question("a"), Question("b")]) == [None, None]
        assert model.weigh([Question("c")]) == [None]
        assert len(chat.asked) == 2
        assert model.write([Question("c")], 3)[0].text == "Answer to: c"


def test_server_that_gives_no_logprobs_is_not_asked_again_for_weights(chat: ChatServer) -> None:
    chat.logprobs = False
    with opened(chat) as model:
        assert model.weigh([Question("a")]) == model.weigh([Question("b")]) == [None]
    assert len(chat.asked) == 1


def test_one_failure_does_not_end_the_weighing(chat: ChatServer) -> None:
    chat.faults["a"] = [answering(503)]
    with opened(chat) as model:
        first, second = model.weigh([Question("a"), Question("b")])
        (again,) = model.weigh([Question("a")])
    assert first is None and second and again == second


@pytest.mark.parametrize(
    "logprobs",
    [
        b"[]",
        b'[{"token": "Yes"}]',
        b'[{"token": 1, "logprob": 0}]',
        b'[{"token": "Yes", "logprob": NaN}]',
        b'[{"token": "Yes", "logprob": "high"}]',
        b"7",
        b'[{"token": "Yes", "logprob": 0, "top_logprobs": [{"logprob": 0}]}]',
    ],
)
def test_nonsense_for_weights_is_no_weight(chat: ChatServer, logprobs: bytes) -> None:
    body = b'{"choices": [{"message": {"content": "Yes"}, "logprobs": {"content": %s}}]}' % logprobs
    chat.faults["a"] = [saying(body)]
    with opened(chat) as model:
        first, second = model.weigh([Question("a"), Question("b")])
    assert first is None and second


@pytest.mark.parametrize(
    "choice",
    [
        b'{"message": {"content": null, "refusal": "I cannot help with that."}, "finish_reason": "stop"}',
        b'{"message": {"content": ""}, "finish_reason": "content_filter"}',
        b'{"message": {"content": null}, "finish_reason": "content_filter"}',
    ],
)
def test_refusal_is_told_as_one(chat: ChatServer, choice: bytes) -> None:
    chat.faults["a"] = [saying(b'{"choices": [%s]}' % choice)]
    with opened(chat) as model:
        (reply,) = model.write([Question("a")], 16)
    assert (reply.problem, reply.text) == ("refused", "")


def test_half_a_character_is_replaced(chat: ChatServer) -> None:
    chat.faults["a"] = [saying(b'{"choices": [{"message": {"content": "caf\\u00e9 \\ud83d"}}]}')]
    with opened(chat) as model:
        (reply,) = model.write([Question("a")], 16)
    assert reply.text == "café �"


def test_identity_tells_the_place_and_no_key() -> None:
    model = Model("openai/org/tiny", base_url="http://gpu:8000/v1/", key="MY_KEY")
    assert find_openai(model, "org/tiny").identity == "openai/org/tiny at gpu:8000/v1"
    assert find_openai(Model("openai/gpt-4o"), "gpt-4o").identity == "openai/gpt-4o at api.openai.com/v1"


def test_key_of_openai_is_never_sent_elsewhere(chat: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    model = Model("openai/tiny", base_url=chat.address)
    with (
        pytest.raises(ModelError, match=r"\(HTTP 401\); name the environment variable with the key as `key`"),
        find_openai(model, "tiny").open() as backend,
    ):
        backend.write([Question("a")], 16)


def test_server_of_ones_own_needs_no_key(chat: ChatServer) -> None:
    chat.keyless = True
    with find_openai(Model("openai/tiny", base_url=chat.address), "tiny").open() as model:
        assert model.write([Question("a")], 16)[0].text == "Answer to: a"


@pytest.mark.parametrize(("key", "name"), [(None, "OPENAI_API_KEY"), ("OTHER_KEY", "OTHER_KEY")])
def test_key_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch, key: str | None, name: str) -> None:
    monkeypatch.delenv(name, raising=False)
    engine = find_openai(Model("openai/gpt-4o", key=key), "gpt-4o")
    with pytest.raises(ModelError, match=f"no key; set the environment variable {name}$"), engine.open():
        pass
