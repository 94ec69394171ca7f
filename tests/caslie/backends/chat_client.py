"""Asking the server of a test, with little patience."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from caslie.backends import Backend, Model, Question, Reply
from caslie.backends.asking import Patience
from caslie.backends.openai import find_openai
from tests.caslie.backends.chat_server import ChatServer

FAST = Patience(tries=4, first_wait=0.005, longest_wait=0.05)


def opened(chat: ChatServer, patience: Patience = FAST, **wishes: Any) -> AbstractContextManager[Backend]:
    model = replace(Model("openai/tiny", base_url=chat.address, key="MY_KEY", timeout=5), **wishes)
    return find_openai(model, model.uri.removeprefix("openai/"), patience).open()


def ask(chat: ChatServer, texts: Sequence[str], patience: Patience = FAST, **wishes: Any) -> list[Reply]:
    with opened(chat, patience, **wishes) as model:
        return model.write([Question(text) for text in texts], 16)


def problems(replies: Sequence[Reply]) -> list[str]:
    return [reply.problem for reply in replies]
