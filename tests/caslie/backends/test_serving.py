"""What a recipe may say of a server."""

from typing import Any

import pytest

from caslie.errors import ModelError
from mmecinstruct.errors import MmecError
from tests.caslie.backends.chat_client import ask
from tests.caslie.backends.chat_server import ChatServer


@pytest.mark.parametrize(
    ("wishes", "told"),
    [
        (
            {"key": "sk-the-secret-key"},
            "`key` is the name of an environment variable such as OPENAI_API_KEY, not a key",
        ),
        ({"key": "hf_thesecretkey"}, "`key` is the name of an environment variable"),
        ({"base_url": "localhost:8000"}, "base_url is no address of a server"),
        ({"base_url": "ftp://localhost"}, "base_url is no address of a server"),
        ({"base_url": "http://localhost:port/v1"}, "base_url is no address of a server"),
        ({"base_url": "http://[::1/v1"}, "base_url is no address of a server"),
        ({"base_url": "http://local\nhost/v1"}, "base_url is no address of a server"),
        ({"base_url": "http://me:secret@localhost/v1"}, "a key belongs in the variable of `key`"),
        ({"base_url": "http://localhost/v1?api-key=secret"}, "a key belongs in the variable of `key`"),
        ({"concurrency": 0}, "concurrency must be more than 0"),
        ({"timeout": float("nan")}, "timeout must be more than 0"),
        ({"price_in": -1.0}, "price_in must not be below 0"),
        ({"budget": 1.0}, "a budget needs price_in and price_out"),
    ],
)
def test_model_that_cannot_be_meant_is_one_line(chat: ChatServer, wishes: dict[str, Any], told: str) -> None:
    with pytest.raises(MmecError, match=told) as error:
        ask(chat, ["a"], **wishes)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("key", ["", "  ", "sk-\nsecret", "sk-süsecret"])
def test_key_that_is_none_is_refused_unshown(chat: ChatServer, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("MY_KEY", key)
    with pytest.raises(ModelError, match="MY_KEY") as error:
        ask(chat, ["a"])
    assert "secret" not in str(error.value)
