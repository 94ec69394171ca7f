"""Repositories made for the pages to show, and a browser without scripts that reads them."""

import hashlib
import html
import io
import re
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from caslie.localhub.storage.git import Changes, Pointer
from caslie.localhub.storage.names import repo_id
from caslie.localhub.storage.repos import Repo

LARGE = (".parquet", ".safetensors", ".png")
CONFIGS = """---
license: cc-by-4.0
size_categories: [n<1K]
configs:
- config_name: shop
  data_files:
  - {split: train, path: data/train-*}
  - {split: test, path: [data/test-*]}
- config_name: other
  data_files: data/test-*
---
# A card
"""


@dataclass(frozen=True, slots=True)
class Page:
    status: int
    headers: dict[str, str]
    source: str

    @property
    def text(self) -> str:
        """What a reader sees of it, on one line."""
        return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", self.source)).split())


def ask(server: Any, path: str, method: str = "GET", body: str | None = None, **headers: str) -> Page:
    connection = HTTPConnection(urlsplit(server.address).netloc, timeout=20)
    try:
        sent = {"Accept": "text/html"} | {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, sent)
        answer = connection.getresponse()
        return Page(answer.status, dict(answer.getheaders()), answer.read().decode("utf-8", "replace"))
    finally:
        connection.close()


def log_in(server: Any, name: str, next: str = "/") -> Page:
    return ask(server, "/login", "POST", urlencode({"token": server.tokens[name], "next": next}))


def cookie(page: Page) -> str:
    return page.headers["Set-Cookie"].partition(";")[0]


def put(server: Any, repo: Repo, files: dict[str, bytes | str], branch: str = "main") -> Repo:
    contents = {path: content.encode() if isinstance(content, str) else content for path, content in files.items()}
    pointers = []
    for path, content in contents.items():
        if path.endswith(LARGE):
            pointers.append((path, Pointer(hashlib.sha256(content).hexdigest(), len(content))))
            with server.hub.objects.receive(pointers[-1][1].sha256) as incoming:
                incoming.write(content)
    plain = tuple((path, content) for path, content in contents.items() if not path.endswith(LARGE))
    git = repo.git()
    git.commit(
        f"refs/heads/{branch}", git.commit_of("main"), Changes(files=plain, pointers=tuple(pointers)), "alice", "add"
    )
    return repo


def made(server: Any, name: str, files: dict[str, bytes | str], type: str = "model", private: bool = False) -> Repo:
    return put(server, server.hub.repos.create(repo_id(type, "alice", name), private), files)


def png(size: int = 8) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (size, size), "red").save(file, "PNG")
    return file.getvalue()


def parquet(rows: list[dict[str, object]]) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), file)
    return file.getvalue()


def row(number: int, *pictures: bytes) -> dict[str, object]:
    images = [{"bytes": content, "path": None} for content in pictures]
    return {"id": f"row-{number}", "input": '{"query": "two hammers"}', "output": "yes", "images": images}


def rows_with(server: Any, card: str | bytes = CONFIGS, train: bytes | None = None) -> Repo:
    content = train or parquet([row(number, png()) for number in range(9)])
    files = {"README.md": card, "data/train-0.parquet": content, "data/test-0.parquet": parquet([row(100)])}
    return made(server, "rows", files, "dataset")
