"""A real Hub on a port of this machine with four who use it, and a small base with rows to tune it on."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import huggingface_hub.constants
import pytest
from huggingface_hub import HfApi

from caslie import cli
from mmecinstruct.builder.folder import Folder
from tests.caslie.serving import Server, serve_hub
from tests.caslie.tuned import captioned_build, cook_in, save_base, tokenizer


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


@pytest.fixture(scope="session")
def dataset(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A captioned build of three tasks; to read only."""
    return captioned_build(corpora, tmp_path_factory.mktemp("captioned"))


@pytest.fixture(scope="session")
def base(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tied Llama that reads it; to read only."""
    return save_base(tmp_path_factory.mktemp("base") / "base", tokenizer(Folder(dataset)))


@pytest.fixture
def cook(tmp_path: Path, dataset: Path, base: Path) -> Callable[..., Path]:
    """Write a recipe over the two."""
    return cook_in(tmp_path, dataset, base)
