"""A stand-in for the image hosts: a real server in a thread, and stores whose addresses lead to it."""

import asyncio
import socket
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from mmecinstruct.images import FetchRules, PictureStore

HOST = "m.media-amazon.com"
Reply = Callable[[web.Request], Awaitable[web.StreamResponse]]


class StandIn:
    """Answers every path with the reply it was given, and counts the requests."""

    def __init__(self) -> None:
        self.replies: dict[str, Reply] = {}
        self.hits: Counter[str] = Counter()
        self.seen: list[dict[str, str]] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._runner, self.origin = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result()

    async def _start(self) -> tuple[web.AppRunner, str]:
        app = web.Application()
        app.router.add_route("GET", "/{path:.*}", self._answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.hits[request.raw_path] += 1
        self.seen.append(dict(request.headers))
        reply = self.replies.get(request.raw_path)
        return await reply(request) if reply else web.Response(status=404)

    def gives(self, path: str, body: bytes, **how: Any) -> str:
        async def reply(_: web.Request) -> web.StreamResponse:
            return web.Response(body=body, **how)

        return self.does(path, reply)

    def does(self, path: str, reply: Reply) -> str:
        self.replies[path] = reply
        return f"https://{HOST}{path}"

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture
def server() -> Iterator[StandIn]:
    stand_in = StandIn()
    yield stand_in
    stand_in.close()


@pytest.fixture
def open_store(tmp_path: Path) -> Iterator[Callable[..., PictureStore]]:
    """Open the store of this test, offline unless told otherwise; all are closed at the end."""
    with ExitStack() as stack:

        def opened(**settings: Any) -> PictureStore:
            return stack.enter_context(PictureStore(tmp_path / "pictures.sqlite", **settings))

        yield opened


@pytest.fixture
def rules(server: StandIn) -> Callable[..., FetchRules]:
    """Rules under which every allowed host is the stand-in, in a hurry."""

    def made(**changes: Any) -> FetchRules:
        quick = {"enabled": True, "per_second": 10_000, "timeout_s": 5, "retries": 0, "backoff_s": 0.01}
        origins = {host: server.origin for host in FetchRules().hosts}
        return FetchRules(**{"origins": origins} | quick | changes)

    return made


@pytest.fixture
def unused_tcp_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port
