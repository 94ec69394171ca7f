"""A real Hub on a port of this machine, and four who use it: alice and bob, carol who may only read, and nobody."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import huggingface_hub.constants
import pytest
from aiohttp import web
from huggingface_hub import HfApi

from caslie.localhub.app import make_app
from caslie.localhub.storage.git import Changes
from caslie.localhub.storage.hub import Hub
from caslie.localhub.storage.names import repo_id

TOKENS = {name: f"hf_{name}{'0' * (34 - len(name))}" for name in ("alice", "bob", "carol")}


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


@pytest.fixture(autouse=True)
def online(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the client ask: the tests' world is offline, and its only way out leads to the Hub of the test."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)


@pytest.fixture
def serve() -> Callable[[Path], AbstractContextManager[Server]]:
    """Serve a folder for as long as a block runs, in a thread: `with serve(tmp_path / "hub") as server`."""
    return _serve


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A Hub of the test's own."""
    with _serve(tmp_path / "hub") as server:
        yield server


@pytest.fixture
def alice(server: Server) -> HfApi:
    """May write in `alice` and in `acme`."""
    return server.client("alice")


@pytest.fixture
def bob(server: Server) -> HfApi:
    """May write in `bob`."""
    return server.client("bob")


@pytest.fixture
def carol(server: Server) -> HfApi:
    """Has a token that may only read."""
    return server.client("carol")


@pytest.fixture
def nobody(server: Server) -> HfApi:
    """Has no token."""
    return server.client(None)


@contextmanager
def _serve(root: Path) -> Iterator[Server]:
    hub = Hub(root)
    hub.accounts.add_user("alice", TOKENS["alice"], "write")
    hub.accounts.add_user("bob", TOKENS["bob"], "write")
    hub.accounts.add_user("carol", TOKENS["carol"], "read")
    hub.accounts.add_member("acme", "alice")
    hub.keep_accounts()
    with hub.served(), _listening(hub) as port:
        yield Server(f"http://127.0.0.1:{port}", hub, TOKENS)


@contextmanager
def _listening(hub: Hub) -> Iterator[int]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    runner = web.AppRunner(make_app(hub, ["127.0.0.1", "localhost"]), access_log=None, shutdown_timeout=1)
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
