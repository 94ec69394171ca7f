"""Many questions, one server: order, patience, and the end of it."""

import asyncio
import logging
import signal
import socket
import time
from dataclasses import replace

import pytest

from caslie.backends import Question, Reply
from caslie.errors import ModelError
from tests.caslie.backends.chat_client import FAST, ask, opened, problems
from tests.caslie.backends.chat_server import KEY, ChatServer, Fault, answering, closing, hanging, saying


def test_answers_come_in_the_order_of_the_questions(chat: ChatServer) -> None:
    chat.faults["q0"] = [answering(503), answering(503)]
    texts = [f"q{n}" for n in range(40)]
    assert [reply.text for reply in ask(chat, texts)] == [f"Answer to: {text}" for text in texts]


def test_questions_are_asked_inside_a_running_loop_too(chat: ChatServer) -> None:
    async def notebook() -> list[Reply]:
        return ask(chat, ["a"])

    assert asyncio.run(notebook())[0].text == "Answer to: a"


def test_interrupt_ends_the_asking(chat: ChatServer) -> None:
    chat.faults[""] = [hanging] * 40
    previous = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(KeyboardInterrupt):
            ask(chat, [f"q{n}" for n in range(40)])
    finally:
        signal.signal(signal.SIGALRM, previous)
    assert len(chat.asked) == 8


@pytest.mark.parametrize("concurrency", [1, 5])
def test_no_more_is_asked_at_once_than_may_be(chat: ChatServer, concurrency: int) -> None:
    chat.delay = 0.01
    ask(chat, [f"q{n}" for n in range(15)], concurrency=concurrency)
    assert chat.max_in_flight == concurrency


def test_batch_is_a_few_times_what_is_asked_at_once(chat: ChatServer) -> None:
    with opened(chat, concurrency=5) as model:
        assert model.batch_size(10) == model.batch_size(10_000) == 20


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
def test_what_may_pass_is_asked_again(chat: ChatServer, status: int) -> None:
    chat.faults["a"] = [answering(status)] * 3
    assert ask(chat, ["a"])[0].text == "Answer to: a"
    assert len(chat.asked) == 4


@pytest.mark.parametrize("fault", [closing, hanging])
def test_lost_connection_and_hanging_are_asked_again(chat: ChatServer, fault: Fault) -> None:
    chat.faults["a"] = [fault]
    assert ask(chat, ["a"], timeout=0.3)[0].text == "Answer to: a"


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry_After": "0.1"},
        {"Retry_After": "Wed, 21 Oct 2026 07:28:01 GMT", "Date": "Wed, 21 Oct 2026 07:28:00 GMT"},
    ],
)
def test_server_that_asks_for_a_wait_is_given_it(chat: ChatServer, headers: dict[str, str]) -> None:
    chat.faults["a"] = [answering(429, **headers)]
    start = time.monotonic()
    assert ask(chat, ["a"], replace(FAST, longest_wait=0.1))[0].text == "Answer to: a"
    assert 0.1 <= time.monotonic() - start < 1


@pytest.mark.parametrize("asked", ["3600", "Wed, 21 Oct 2099 07:28:00 GMT", "soon", "-5", "nan", "9" * 400, ""])
def test_no_wait_is_too_long_or_too_strange(chat: ChatServer, asked: str) -> None:
    chat.faults["a"] = [answering(429, Retry_After=asked)]
    start = time.monotonic()
    assert ask(chat, ["a"])[0].text == "Answer to: a"
    assert time.monotonic() - start < 1


def test_tries_come_to_an_end_for_one_question_and_not_for_the_others(chat: ChatServer) -> None:
    chat.faults["a"] = [answering(500)] * 9
    assert problems(ask(chat, ["a", "b"])) == ["no_answer", ""]
    assert len(chat.asked) == 5


def test_seconds_come_to_an_end_too(chat: ChatServer) -> None:
    chat.faults["a"] = [hanging] * 9
    assert problems(ask(chat, ["a", "b"], replace(FAST, seconds=0.2), timeout=0.1)) == ["no_answer", ""]
    assert len(chat.asked) == 3


def test_redirect_is_not_followed(chat: ChatServer) -> None:
    chat.faults["a"] = [answering(307, Location=f"{chat.address}/elsewhere")]
    assert problems(ask(chat, ["a", "b"])) == ["no_answer", ""]


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (answering(401, "bad key"), r"\(HTTP 401\); is the key in MY_KEY right\?"),
        (answering(403), r"\(HTTP 403\); may this key use this model\?"),
        (answering(404), r"\(HTTP 404\); are the model's name and base_url right\?"),
        (answering(429, "quota"), r"\(HTTP 429\); run again later, or set a smaller `concurrency`"),
        (saying(b"<html>"), r"\(not the answer of a model\); is base_url right, and the server up\?"),
        (answering(400, "no\x1b[31m temperature\nhere"), r"\(HTTP 400: no \[31m temperature here; .*\);"),
        (hanging, r"\(no answer in 0\.05 s\); is base_url right, and the server up\?"),
        (closing, r"\(the connection broke\); is base_url right, and the server up\?"),
    ],
)
def test_server_that_never_answers_is_one_line(chat: ChatServer, fault: Fault, told: str) -> None:
    chat.faults[""] = [fault] * 200
    identity = f"openai/tiny at {chat.address.removeprefix('http://')}"
    with pytest.raises(ModelError, match=rf"^{identity}: none of 12 questions was answered {told}"):
        ask(chat, [f"q{n}" for n in range(12)], replace(FAST, tries=2), timeout=0.05)


def test_server_that_is_down_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        down = ChatServer(address=f"http://127.0.0.1:{free.getsockname()[1]}/v1")
        with pytest.raises(ModelError, match=r"none of 1 questions was answered \(no connection\); is base_url right"):
            ask(down, ["a"])


def test_model_that_the_server_does_not_have_is_told(chat: ChatServer) -> None:
    with pytest.raises(ModelError, match=r"HTTP 404\); are the model's name"):
        ask(chat, ["a"], uri="openai/huge")


def test_many_questions_are_not_asked_of_a_server_that_is_down(chat: ChatServer) -> None:
    chat.faults[""] = [answering(401)] * 200
    with pytest.raises(ModelError, match="none of 100 questions was answered"):
        ask(chat, [f"q{n}" for n in range(100)], concurrency=4)
    assert len(chat.asked) <= 8


def test_server_that_goes_down_later_ends_the_run(chat: ChatServer) -> None:
    with opened(chat) as model:
        model.write([Question("a")], 16)
        chat.faults[""] = [answering(503)] * 200
        with pytest.raises(
            ModelError, match=r"none of 16 questions was answered \(HTTP 503\); run again to ask the rest"
        ):
            model.write([Question(f"q{n}") for n in range(16)], 16)


def test_last_questions_of_a_server_that_has_answered_may_fail(chat: ChatServer) -> None:
    with opened(chat) as model:
        model.write([Question("a")], 16)
        chat.faults["b"] = [answering(503)] * 4
        assert problems(model.write([Question("b")], 16)) == ["no_answer"]


@pytest.mark.parametrize("status", [400, 401, 403, 500, 503])
def test_key_is_in_no_error_and_no_log(chat: ChatServer, caplog: pytest.LogCaptureFixture, status: int) -> None:
    caplog.set_level(logging.DEBUG)
    chat.faults[""] = [answering(status, f"Wrong key: {KEY}, also known as {KEY[:14]}***")] * 200
    with pytest.raises(ModelError, match=rf"HTTP {status}\)") as told:
        ask(chat, ["a", "b"], replace(FAST, tries=2))
    assert "secret" not in f"{told.value!r} {caplog.text}"
