"""One sample and one build of it for the whole session, to read only; the command line; a stand-in for image hosts."""

import gzip
import hashlib
import json
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from mmecinstruct.builder import Request, build
from mmecinstruct.cli import main
from mmecinstruct.config import load_recipe
from mmecinstruct.sample import write_sample

ROOT = Path(__file__).parent.parent.parent
COMMAND = (sys.executable, "-c", "from mmecinstruct.cli import main; main()")


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str


class Origin(ThreadingHTTPServer):
    """A stand-in for the image hosts: answers `/images/I/<image id>._SL500_.jpg`, and counts who asked for what."""

    daemon_threads = True

    def __init__(self, find: Callable[[str], Path]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.find = find
        self.hits: Counter[str] = Counter()
        self.counting = threading.Lock()
        self.address = f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that was killed hangs up in the middle of an answer."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Origin

    def do_GET(self) -> None:
        with self.server.counting:
            self.server.hits[self.path] += 1
        path = self.server.find(unquote(self.path).rpartition("/")[2].partition(".")[0])
        data = path.read_bytes() if path.is_file() else b""
        self.send_response(200 if data else 404)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[Callable[[str], Path]], Origin]]:
    """Serve pictures by image id; an id whose path is no file is not found."""
    with ExitStack() as stack:

        def served(find: Callable[[str], Path]) -> Origin:
            origin = stack.enter_context(Origin(find))
            threading.Thread(target=origin.serve_forever, daemon=True).start()
            stack.callback(origin.shutdown)
            return origin

        yield served


@pytest.fixture(scope="session")
def other_corpora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample corpora of another world."""
    folder = tmp_path_factory.mktemp("other") / "corpora"
    write_sample(folder, seed=2)
    return folder


@pytest.fixture(scope="session")
def built(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole build of the sample corpora."""
    out = tmp_path_factory.mktemp("built") / "mmecinstruct"
    build(load_recipe("sample"), Request(corpora, out))
    return out


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run the command line in this process."""

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["mmecinstruct", *map(str, arguments)])
        code: object = 0
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
        said = capsys.readouterr()
        return Ran(code if isinstance(code, int) else 1, said.out, said.err)

    return run


@pytest.fixture(scope="session")
def start() -> Callable[..., subprocess.Popen[str]]:
    """Start the command line in a process of its own, with other variables in its environment where given."""

    def started(*arguments: object, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*COMMAND, *map(str, arguments)],
            env=os.environ | {"PYTHONPATH": str(ROOT)} | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return started


@pytest.fixture(scope="session")
def python() -> Callable[..., Ran]:
    """Run a script in a fresh interpreter, in a folder of its own."""

    def run(script: str, folder: Path, **variables: str) -> Ran:
        ended = subprocess.run(
            [sys.executable, "-c", script],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | variables,
            capture_output=True,
            text=True,
            check=False,
        )
        return Ran(ended.returncode, ended.stdout, ended.stderr)

    return run


@pytest.fixture(scope="session")
def content() -> Callable[[Path], dict[str, str]]:
    """The sha256 of every file under the `data` of a build."""

    def digests(out: Path) -> dict[str, str]:
        paths = sorted((out / "data").rglob("*"))
        return {
            path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in paths
            if path.is_file()
        }

    return digests


@pytest.fixture(scope="session")
def records() -> Callable[[Path], list[dict[str, Any]]]:
    """The rows of a file of JSON lines as a plain reader finds them: what is no JSON object is left out."""

    def read(path: Path) -> list[dict[str, Any]]:
        data = path.read_bytes()
        lines = dict.fromkeys((gzip.decompress(data) if path.suffix == ".gz" else data).split(b"\n"))
        found = []
        for line in lines:
            with suppress(ValueError):
                found.append(json.loads(line.decode()))
        return found

    return read


@pytest.fixture
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in an empty folder of the test's own."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Any]:
    """`load_dataset` with a cache of this test's own."""
    from datasets import load_dataset

    def loaded(*arguments: str, **options: Any) -> Any:
        return load_dataset(*arguments, cache_dir=str(tmp_path / "cache"), **options)

    return loaded
