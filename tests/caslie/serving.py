"""A real Hub in a thread, the unmodified clients that ask it, and raw requests that no client makes."""

import asyncio
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from aiohttp import web
from huggingface_hub import HfApi

from caslie.localhub.app import make_app
from caslie.localhub.storage.git import Changes
from caslie.localhub.storage.hub import Hub
from caslie.localhub.storage.names import repo_id

TOKENS = {name: f"hf_{name}{'0' * (34 - len(name))}" for name in ("alice", "bob", "carol")}


@dataclass(frozen=True, slots=True)
class Response:
    """What was answered to a raw request."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def content(self) -> Any:
        """The JSON of it."""
        return json.loads(self.body)

    @property
    def error(self) -> str:
        """The reason of a refusal."""
        return str(self.content["error"])


@dataclass(frozen=True, slots=True)
class Server:
    """A Hub that answers. Subprocesses reach it by `environment`, clients in this process by `client`."""

    address: str
    hub: Hub
    tokens: dict[str, str]

    def client(self, name: str | None) -> HfApi:
        """The unmodified client, with the token of a user or with none."""
        return HfApi(endpoint=self.address, token=self.tokens[name] if name else False)

    def put(self, name: str, files: dict[str, str], ref: str = "refs/heads/main") -> str:
        """Commit files to the model `name` without asking the server; returns the commit."""
        namespace, _, rest = name.partition("/")
        repo = self.hub.repos.find(repo_id("model", namespace, rest), self.hub.accounts.caller(self.tokens["alice"]))
        git = repo.git()
        changes = Changes(files=tuple((path, content.encode()) for path, content in files.items()))
        return git.commit(ref, git.commit_of(ref), changes, namespace, f"put {', '.join(sorted(files)[:3])}")

    def environment(self, name: str, home: Path) -> dict[str, str]:
        """What a client in a subprocess needs, on top of `os.environ`; each server asks for a home of its own."""
        return {
            "HF_ENDPOINT": self.address,
            "HF_TOKEN": self.tokens[name],
            "HF_HOME": str(home),
            "HF_HUB_CACHE": str(home / "hub"),
            "HF_DATASETS_CACHE": str(home / "datasets"),
            "HF_HUB_OFFLINE": "0",
        }

    def ask(
        self, who: str, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Response:
        """Send a request as it is, as a user or with a token."""
        connection = HTTPConnection(self.address.removeprefix("http://"), timeout=30)
        with closing(connection):
            connection.request(
                method, path, body, {"Authorization": f"Bearer {self.tokens.get(who, who)}"} | dict(headers or {})
            )
            answer = connection.getresponse()
            return Response(answer.status, dict(answer.headers), answer.read())


@contextmanager
def serve_hub(root: Path) -> Iterator[Server]:
    hub = Hub(root)
    hub.accounts.add_user("alice", TOKENS["alice"], "write")
    hub.accounts.add_user("bob", TOKENS["bob"], "write")
    hub.accounts.add_user("carol", TOKENS["carol"], "read")
    hub.accounts.add_member("acme", "alice")
    hub.keep_accounts()
    with hub.served(), listening(make_app(hub, ["127.0.0.1", "localhost"])) as port:
        yield Server(f"http://127.0.0.1:{port}", hub, TOKENS)


@contextmanager
def listening(app: web.Application) -> Iterator[int]:
    """Let an application answer in a thread, for as long as a block runs; its port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    try:
        yield asyncio.run_coroutine_threadsafe(_start(runner), loop).result(10)
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        asyncio.run_coroutine_threadsafe(loop.shutdown_default_executor(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _start(runner: web.AppRunner) -> int:
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    assert isinstance(port, int)
    return port
