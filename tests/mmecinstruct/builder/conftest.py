"""A stand-in for the image hosts, that serves a folder of pictures and counts who asked for what."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import pytest


class Origin(ThreadingHTTPServer):
    """Answers `/images/I/<image id>._SL500_.jpg` with the picture of that id."""

    daemon_threads = True

    def __init__(self, images: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.images = images
        self.hits: Counter[str] = Counter()
        self.counting = threading.Lock()
        self.address = f"http://127.0.0.1:{self.server_address[1]}"

    def picture(self, path: str) -> Path:
        return self.images / f"{unquote(path).rpartition('/')[2].partition('.')[0]}.jpg"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that was killed hangs up in the middle of an answer."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Origin

    def do_GET(self) -> None:
        with self.server.counting:
            self.server.hits[self.path] += 1
        path = self.server.picture(self.path)
        data = path.read_bytes() if path.is_file() else b""
        self.send_response(200 if data else 404)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def serve() -> Iterator[Callable[[Path], Origin]]:
    """Serve a folder of pictures until the test ends."""
    with ExitStack() as stack:

        def served(images: Path) -> Origin:
            origin = stack.enter_context(Origin(images))
            threading.Thread(target=origin.serve_forever, daemon=True).start()
            stack.callback(origin.shutdown)
            return origin

        yield served
