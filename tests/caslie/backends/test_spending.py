"""A budget ends the questions, not the run."""

from caslie.backends import Question
from tests.caslie.backends.chat_client import ask, opened, problems
from tests.caslie.backends.chat_server import ChatServer, hanging


def test_budget_ends_the_questions_and_not_the_run(chat: ChatServer) -> None:
    texts = [f"question {n:03}" for n in range(50)]  # 12 tokens each, as this server counts
    replies = ask(chat, texts, price_in=1e6, budget=123.0)
    assert problems(replies) == [""] * 10 + ["out_of_budget"] * 40
    assert len(chat.asked) == 10


def test_written_tokens_are_paid_for_too(chat: ChatServer) -> None:
    replies = ask(chat, ["a"] * 10, price_out=1e6, budget=25.0, concurrency=1)  # 3 each, and 16 at the most
    assert problems(replies) == [""] * 4 + ["out_of_budget"] * 6


def test_budget_is_spent_by_guesses_where_the_server_does_not_count(chat: ChatServer) -> None:
    chat.usage = False
    replies = ask(chat, ["x" * 40] * 10, price_in=1e6, budget=45.0)
    assert problems(replies) == [""] * 4 + ["out_of_budget"] * 6


def test_budget_is_for_all_that_one_run_asks(chat: ChatServer) -> None:
    with opened(chat, price_in=1e6, budget=2.5) as model:
        batches = [problems(model.write([Question("a")], 16)) for _ in range(4)]
    assert batches == [[""], [""], ["out_of_budget"], ["out_of_budget"]]


def test_what_a_hanging_server_may_have_read_is_paid_for(chat: ChatServer) -> None:
    chat.faults["aaaa"] = [hanging]
    replies = ask(chat, ["aaaa", "b"], price_in=1e6, budget=1.5, timeout=0.05, concurrency=1)
    assert problems(replies) == ["out_of_budget"] * 2


def test_no_budget_at_all_asks_nothing(chat: ChatServer) -> None:
    assert problems(ask(chat, ["a", "b"], price_in=1.0, budget=0.0)) == ["out_of_budget"] * 2
    assert chat.asked == []
