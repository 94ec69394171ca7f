"""A server to ask, and the key that it wants."""

from collections.abc import Iterator

import pytest

from tests.caslie.backends.chat_server import KEY, ChatServer


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatServer]:
    """A server that speaks OpenAI's and Anthropic's protocols; its key is in MY_KEY."""
    monkeypatch.setenv("MY_KEY", KEY)
    with ChatServer().up() as server:
        yield server
