"""A Hub for a whole module of tests, which can be made to lie about a file, and the processes that use it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from huggingface_hub import HfApi

from caslie.localhub.app import make_app
from caslie.localhub.storage.hub import Hub
from tests.caslie.serving import listening

ROOT = Path(__file__).parents[3]
TOKENS = {name: f"hf_{name}{'0' * (34 - len(name))}" for name in ("alice", "bob")}


@dataclass(frozen=True, slots=True)
class Ran:
    """What a process said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def outcome(self) -> Any:
        """What it printed, as JSON."""
        assert self.code == 0, self.err
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class ModelHub:
    """A Hub, and a home for whoever asks it from a process of their own; `lies` are served in place of files."""

    address: str
    folder: Path
    lies: dict[str, bytes] = field(default_factory=dict)

    def client(self, name: str) -> HfApi:
        """The unmodified client of a user."""
        return HfApi(endpoint=self.address, token=TOKENS[name])

    def python(self, module: str, *arguments: object, **variables: str) -> Ran:
        """Run a module as alice; HF_ENDPOINT is read when the clients are imported, so it takes a process."""
        env = {
            "PYTHONPATH": str(ROOT),
            "HF_ENDPOINT": self.address,
            "HF_TOKEN": TOKENS["alice"],
            "TOKEN_OF_BOB": TOKENS["bob"],
            "HF_HOME": str(self.folder / "home"),
            "HF_HUB_CACHE": str(self.folder / "home" / "hub"),
            "HF_DATASETS_CACHE": str(self.folder / "home" / "datasets"),
            "HF_HUB_OFFLINE": "0",
        }
        ran = subprocess.run(
            [sys.executable, "-m", module, *map(str, arguments)],
            env=os.environ | env | variables,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        return Ran(ran.returncode, ran.stdout, ran.stderr)

    def push(self, *arguments: object) -> Ran:
        """Run `caslie-push` as alice, who has agreed to what it will do."""
        return self.python("caslie.push", *arguments, "--yes", "--json")


@pytest.fixture(scope="session")
def model_hub() -> Callable[[Path], AbstractContextManager[ModelHub]]:
    """Serve a Hub in a folder for as long as a block runs, in a thread."""
    return _model_hub


@contextmanager
def _model_hub(folder: Path) -> Iterator[ModelHub]:
    hub, lies = Hub(folder / "hub"), dict[str, bytes]()
    for name, token in TOKENS.items():
        hub.accounts.add_user(name, token, "write")
    app = make_app(hub, ["127.0.0.1"])
    app.middlewares.append(_lying(lies))
    with hub.served(), listening(app) as port:
        yield ModelHub(f"http://127.0.0.1:{port}", folder, lies)


def _lying(lies: dict[str, bytes]) -> Middleware:
    @web.middleware
    async def lie(request: web.Request, handler: Handler) -> web.StreamResponse:
        told = next((lies[start] for start in lies if request.path.startswith(start)), None)
        if told is None or request.method != "GET" or not request.path.endswith(".safetensors"):
            return await handler(request)
        return web.Response(body=told)

    return lie
