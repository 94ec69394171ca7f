"""The Hub's pages in headless Chromium, over its DevTools protocol: what is drawn, asked for and complained about."""

import asyncio
import hashlib
import io
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from caslie.localhub.storage.git import Changes, Pointer
from caslie.localhub.storage.names import repo_id

CHROMIUM = shutil.which("chromium")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars"),
)
WIDE, PHONE = 1200, 390

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed; .ci/run installs it where it can")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a visit came to: every address asked for, every complaint, and what the page answered."""

    requests: list[str]
    complaints: list[str]
    answer: Any


@dataclass(frozen=True, slots=True)
class Browser:
    """A Chromium that runs."""

    port: int

    def visit(
        self, address: str, question: str, width: int = WIDE, scheme: str = "light", first: str | None = None
    ) -> Seen:
        """Load a page and ask it a question in JavaScript, which works where the page itself may run none.

        What is to be done `first` leads to another page, and that one is asked.
        """
        return asyncio.run(self._visit(address, question, width, scheme, first))

    async def _visit(self, address: str, question: str, width: int, scheme: str, first: str | None) -> Seen:
        async with aiohttp.ClientSession() as session:
            async with session.put(f"http://127.0.0.1:{self.port}/json/new?about:blank") as made:
                tab = await made.json()
            async with session.ws_connect(tab["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                page = Tab(socket, [], [])
                await page.open(address, width, scheme)
                if first is not None:
                    await page.leave(first)
                return Seen(page.requests, page.complaints, await page.answer(question))


@dataclass(slots=True)
class Tab:
    """One page of the browser, by the messages it sends."""

    socket: aiohttp.ClientWebSocketResponse
    requests: list[str]
    complaints: list[str]
    n_asked: int = 0
    is_loaded: bool = False

    async def open(self, address: str, width: int, scheme: str) -> None:
        for domain in ("Page", "Network", "Log", "Runtime"):
            await self.ask(f"{domain}.enable")
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width == PHONE}
        await self.ask("Emulation.setDeviceMetricsOverride", **size)
        await self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        await self.ask("Page.navigate", url=address)
        await self.wait()

    async def leave(self, action: str) -> None:
        self.is_loaded = False
        await self.ask("Runtime.evaluate", expression=action)
        await self.wait()

    async def answer(self, question: str) -> Any:
        answer = await self.ask("Runtime.evaluate", expression=question, returnByValue=True)
        return answer["result"].get("value")

    async def wait(self) -> None:
        while not self.is_loaded:
            self.note(await self.socket.receive_json(timeout=20))

    async def ask(self, method: str, **parameters: object) -> Any:
        self.n_asked += 1
        await self.socket.send_json({"id": self.n_asked, "method": method, "params": parameters})
        while True:
            message = await self.socket.receive_json(timeout=20)
            if message.get("id") == self.n_asked:
                assert "error" not in message, message
                return message["result"]
            self.note(message)

    def note(self, message: dict[str, Any]) -> None:
        match message.get("method"):
            case "Network.requestWillBeSent":
                self.requests.append(message["params"]["request"]["url"])
            case "Log.entryAdded" | "Runtime.exceptionThrown" | "Runtime.consoleAPICalled":
                self.complaints.append(json.dumps(message["params"]))
            case "Page.loadEventFired":
                self.is_loaded = True


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    home = tmp_path_factory.mktemp("chromium")
    command = [str(CHROMIUM), *FLAGS, f"--user-data-dir={home}", "--remote-debugging-port=0", "about:blank"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield Browser(_port(home / "DevToolsActivePort"))
        finally:
            process.terminate()


def _port(path: Path) -> int:
    for _ in range(200):
        if path.is_file() and (lines := path.read_text().splitlines()):
            return int(lines[0])
        time.sleep(0.1)
    raise TimeoutError("chromium did not start within 20 s")


def picture(kind: str) -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").resize((40, 30)).save(file, kind)
    return file.getvalue()


CARD = """---
tags: ["{{ 7 }}<script>hacked = 1</script>"]
configs:
- {config_name: default, data_files: data/*.parquet}
---
# A card of <script>hacked = 1</script>

![of its own](figures/plot.png) ![of others](http://192.0.2.1/pixel.png)
<img src=x onerror="hacked = 1"> [run](javascript:hacked=1)

| right |
|--:|
| 1 |

A word that never ends: WORD
""".replace("WORD", "word" * 100)


@pytest.fixture
def page(server: Any) -> str:
    """The address of a dataset with four pictures in two rows, and one in its card."""
    file = io.BytesIO()
    images = [{"bytes": picture("PNG"), "path": None}, {"bytes": picture("WEBP"), "path": None}]
    title = "<img src=x onerror='hacked = 1'>"
    pq.write_table(pa.Table.from_pylist([{"title": title, "long": "x" * 900, "images": images}] * 2), file)
    contents = {"figures/plot.png": picture("PNG"), "data/train.parquet": file.getvalue()}
    pointers = {path: Pointer(hashlib.sha256(content).hexdigest(), len(content)) for path, content in contents.items()}
    for path, content in contents.items():
        with server.hub.objects.receive(pointers[path].sha256) as incoming:
            incoming.write(content)
    repo = server.hub.repos.create(repo_id("dataset", "alice", "rows"))
    git = repo.git()
    changes = Changes(files=(("README.md", CARD.encode()),), pointers=tuple(pointers.items()))
    git.commit("refs/heads/main", git.commit_of("main"), changes, "alice", "a" * 200)
    return f"{server.address}/datasets/alice/rows"


WIDTHS = "[...document.images].map(image => image.complete ? image.naturalWidth : -1)"


def test_every_picture_is_drawn_and_the_browser_complains_of_nothing(browser: Browser, page: str) -> None:
    seen = browser.visit(page, WIDTHS)
    assert seen.answer == [40] * 5
    assert seen.complaints == []


def test_nothing_is_asked_of_another_host_and_nothing_runs(browser: Browser, server: Any, page: str) -> None:
    seen = browser.visit(page, "[typeof hacked, document.scripts.length, document.querySelectorAll('[style]').length]")
    assert seen.answer == ["undefined", 0, 0]
    ours = (f"{server.address}/", "data:image/", "data:,")
    assert [address for address in seen.requests if not address.startswith(ours)] == []


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/login", "/none/none", "", "/tree/main", "/tree/main/data", "/blob/main/README.md"),
        *("/alice", "/commit/main", "/commits/main", "/datasets/alice/rows/discussions"),
        "/datasets/alice/rows/discussions/1",
    ],
)
def test_a_phone_needs_no_scrolling_sideways(browser: Browser, server: Any, page: str, path: str) -> None:
    server.client("bob").create_discussion("alice/rows", "t" * 200, repo_type="dataset", description="d" * 400)
    address = page + path if "main" in path or not path else server.address + path
    seen = browser.visit(address, "[document.scrollingElement.scrollWidth, innerWidth]", width=PHONE)
    assert seen.answer == [PHONE, PHONE]


@pytest.mark.parametrize(("scheme", "ground"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(20, 23, 27)")])
def test_the_page_is_light_or_dark_as_its_reader_likes(browser: Browser, page: str, scheme: str, ground: str) -> None:
    assert browser.visit(page, "getComputedStyle(document.body).backgroundColor", scheme=scheme).answer == ground


def test_a_reader_logs_in_by_the_form_and_sees_what_is_private(browser: Browser, server: Any) -> None:
    server.hub.repos.create(repo_id("model", "alice", "secret"), private=True)
    token = json.dumps(server.tokens["alice"])
    submit = f"document.forms[0].elements.token.value = {token}; document.forms[0].requestSubmit()"
    seen = browser.visit(
        f"{server.address}/login?next=/alice/secret", "[document.title, document.cookie]", first=submit
    )
    assert seen.answer == ["alice/secret", ""]
    assert seen.complaints == []
