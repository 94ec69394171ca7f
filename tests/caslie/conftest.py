"""A real Hub on a port of this machine, and four who use it: alice and bob, carol who may only read, and nobody."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import huggingface_hub.constants
import pytest
from huggingface_hub import HfApi

from caslie import cli
from tests.caslie.serving import Server, serve_hub


@pytest.fixture(autouse=True)
def online(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the client ask: the tests' world is offline, and its only way out leads to the Hub of the test."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)


@pytest.fixture
def serve() -> Callable[[Path], AbstractContextManager[Server]]:
    """Serve a folder for as long as a block runs, in a thread: `with serve(tmp_path / "hub") as server`."""
    return serve_hub


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A Hub of the test's own."""
    with serve_hub(tmp_path / "hub") as server:
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


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run a command line in this process; return its exit code and what it said."""

    def ran(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["caslie", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        said = capsys.readouterr()
        return int(end.value.code or 0), said.out, said.err

    return ran
