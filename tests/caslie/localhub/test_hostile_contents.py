import hashlib
import json
import re
import socket
import threading
import time
from dataclasses import dataclass
from typing import Any

import pytest
from huggingface_hub import HfApi

from tests.caslie.serving import Response, Server

CONTENT = b"\0a content"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
COMMIT = "/api/models/alice/it/commit/main"
PREUPLOAD = "/api/models/alice/it/preupload/main"
BATCH = "/alice/it.git/info/lfs/objects/batch"


@dataclass(frozen=True, slots=True)
class Client:
    """Sends what no honest client does, as alice, who has a repository `alice/it`."""

    server: Server

    def send(self, method: str, path: str, body: bytes = b"", token: str | None = None) -> Response:
        return self.server.ask(token or self.server.tokens["alice"], method, path, body)

    def upload_path(self, content: bytes = CONTENT, size: int | None = None) -> str:
        wanted = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content) if size is None else size}
        body = json.dumps({"operation": "upload", "objects": [wanted]}).encode()
        answer: dict[str, Any] = json.loads(self.send("POST", BATCH, body).body)
        href: str = answer["objects"][0]["actions"]["upload"]["href"]
        return href.removeprefix(self.server.address)


@pytest.fixture
def client(server: Server, alice: HfApi) -> Client:
    alice.create_repo("alice/it")
    return Client(server)


def commit(*operations: tuple[str, object], title: object = "Change") -> bytes:
    lines = [("header", {"summary": title}), *operations]
    return b"".join(json.dumps({"key": key, "value": value}).encode() + b"\n" for key, value in lines)


def file(path: object, content: object = "aGk=", encoding: str = "base64") -> tuple[str, object]:
    return "file", {"path": path, "content": content, "encoding": encoding}


def lfs(**fields: object) -> tuple[str, object]:
    return "lfsFile", {"path": "a.bin", "algo": "sha256", "oid": SHA256, "size": len(CONTENT)} | fields


@pytest.mark.parametrize(
    "path",
    [
        *("", "/", "/etc/passwd", "..", "../up", "a/../../up", "a/./b", "a//b", "a//", ".git/config", "a/.GIT/hooks"),
        *("a/.git /x", "a\\b", "a\0b", "a\nb", "a\x7fb", "\ud800", "x" * 2000, "ö" * 600, 7, None, ["a"]),
    ],
    ids=lambda path: repr(path)[:20],
)
def test_a_commit_stays_inside_its_repository(client: Client, path: object) -> None:
    for operation in (file(path), lfs(path=path), ("deletedFile", {"path": path}), ("deletedFolder", {"path": path})):
        response = client.send("POST", COMMIT, commit(operation))
        assert response.status == 400
        assert re.search("cannot be the path of a file|must be a text|holds characters that are none", response.error)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "a commit needs a summary"),
        (commit(title=""), "a commit needs a summary"),
        (commit(title=7), "'summary' must be a text"),
        (commit(title="a\0b"), "'summary' holds characters that are none"),
        (commit(title="\ud800"), "'summary' holds characters that are none"),
        (commit(("header", {"summary": "x", "parentCommit": 7})), "'parentCommit' must be a text"),
        (b"{", "a line of this commit is no JSON"),
        (b"\xff\xfe\n", "a line of this commit is no JSON"),
        (b"[" * 100_000, "a line of this commit is no JSON"),
        (b"[]\n", "is not an object with a key and a value"),
        (b'{"key": "file"}\n', "is not an object with a key and a value"),
        (b'{"key": ["file"], "value": {}}\n', "'key' must be a text"),
        (commit(("rename", {})), "'rename' is nothing that a commit can do"),
        (commit(file("a.txt", "!!")), "the content of a file is not what its encoding says"),
        (commit(file("a.txt", 7)), "the content of a file must be a text"),
        (commit(file("a.txt", "\ud800", "utf-8")), "the content of a file is not what its encoding says"),
        (commit(lfs(oid="../../accounts.json")), "must be named by its sha256"),
        (commit(lfs(oid=SHA256.upper())), "must be named by its sha256"),
        (commit(lfs(algo="md5")), "must be named by its sha256"),
        (commit(lfs(size=-1)), "must be a number of bytes"),
        (commit(lfs(size=True)), "must be a number of bytes"),
        (commit(lfs()), "upload its content first"),
        (commit(("deletedFile", {"path": "gone"})), "gone cannot be deleted"),
        (commit(file("a", "x" * (21 << 20))), "a file in this commit is too large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_commit_that_makes_no_sense_is_refused_with_the_reason(client: Client, body: bytes, reason: str) -> None:
    response = client.send("POST", COMMIT, body)
    assert (response.status, reason in response.error) == (400, True), response.body
    assert list(client.server.hub.unfinished.iterdir()) == []


def test_a_parent_that_is_no_commit_is_no_revision(client: Client) -> None:
    response = client.send("POST", COMMIT, commit(("header", {"summary": "x", "parentCommit": "f" * 40})))
    assert (response.status, response.headers["X-Error-Code"]) == (404, "RevisionNotFound")


def test_the_size_of_a_content_cannot_be_made_up(client: Client) -> None:
    assert client.send("PUT", client.upload_path(), CONTENT).status == 200
    response = client.send("POST", COMMIT, commit(lfs(size=5)))
    assert (response.status, response.error) == (400, "the content of a.bin has 10 bytes, not 5")


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"[]", b"{", b"null", b'{"files": 7}', b'{"files": [7]}', b'{"files": [{}]}'),
        *(json.dumps({"files": [{"path": path, "sample": "", "size": 1}]}).encode() for path in ("../up", 7, "")),
        *(json.dumps({"files": [{"path": "a", "sample": "", "size": size}]}).encode() for size in (-1, "1", True)),
        *(json.dumps({"files": [{"path": "a", "sample": one, "size": 1}]}).encode() for one in ("!", 7, None, "é")),
        json.dumps({"files": [{"path": "a", "sample": "", "size": 1}] * 2000}).encode(),
    ],
)
def test_what_asks_nothing_sensible_of_preupload_is_refused(client: Client, body: bytes) -> None:
    response = client.send("POST", PREUPLOAD, body)
    assert response.status == 400
    assert "\n" not in response.error


@pytest.mark.parametrize(
    "objects",
    [7, [7], [{"oid": "x", "size": 1}], [{"oid": SHA256, "size": -1}], [{"oid": SHA256, "size": 1 << 60}]],
)
def test_what_asks_nothing_sensible_of_lfs_is_refused(client: Client, objects: object) -> None:
    response = client.send("POST", BATCH, json.dumps({"operation": "upload", "objects": objects}).encode())
    assert response.status == 400
    assert "'objects' must" in response.error


def test_lfs_takes_uploads_only(client: Client) -> None:
    response = client.send("POST", BATCH, b'{"operation": "download", "objects": []}')
    assert (response.status, "this Hub takes uploads by LFS" in response.error) == (400, True)


@pytest.mark.parametrize(
    ("content", "status", "reason"),
    [
        (b"\0b content", 400, "the content sent is"),
        (CONTENT + b"!", 400, "10 bytes were announced, and 11 come"),
        (CONTENT[:-1], 400, "10 bytes were announced, and 9 come"),
        (b"", 400, "10 bytes were announced"),
    ],
)
def test_only_what_was_announced_is_taken(client: Client, content: bytes, status: int, reason: str) -> None:
    response = client.send("PUT", client.upload_path(), content)
    assert (response.status, reason in response.error) == (status, True)
    assert client.server.hub.objects.size(SHA256) is None
    assert list(client.server.hub.unfinished.iterdir()) == []


def test_an_upload_needs_the_permission_for_it(client: Client) -> None:
    path = client.upload_path()
    other = hashlib.sha256(b"other").hexdigest()
    for forged in (path[:-1], path.partition("?")[0], path + "0", path.replace(SHA256, other), path + "%C3%A9"):
        response = client.send("PUT", forged, CONTENT)
        assert response.status == 403
        assert "this permission to upload" in response.error
    assert client.send("POST", path.replace("?", "/verify?")).status == 404


def test_no_token_stands_in_an_address(client: Client) -> None:
    assert client.server.tokens["alice"] not in client.upload_path()


def test_an_upload_that_breaks_off_leaves_nothing(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    path = client.upload_path(size=1 << 20)
    host, _, port = client.server.address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as connection:
        request = f"PUT {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {1 << 20}\r\n\r\n"
        connection.sendall(request.encode() + bytes(1000))
        _wait(lambda: list(client.server.hub.unfinished.iterdir()) != [])
    _wait(lambda: list(client.server.hub.unfinished.iterdir()) == [])
    assert client.server.hub.objects.size(SHA256) is None
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_many_uploads_of_one_content_at_once_store_it_once(client: Client) -> None:
    path = client.upload_path()
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda: statuses.append(client.send("PUT", path, CONTENT).status)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 8
    assert client.server.hub.objects.path(SHA256).read_bytes() == CONTENT


@pytest.mark.parametrize(
    "path",
    [
        "/alice/it/resolve/main/../../../accounts.json",
        "/alice/it/resolve/main/%2e%2e/%2e%2e/accounts.json",
        "/alice/it/resolve/main/..%2f..%2faccounts.json",
        "/alice/it/resolve/main/%00",
        "/alice/it/resolve/main/.git/config",
        "/alice/it/resolve/main/" + "x" * 5000,
        "/alice/it/resolve/%2e%2e/hub.json",
        "/alice/it/resolve/%ff/x",
        "/alice/it/resolve/HEAD/%ff",
        "/alice/it/resolve/refs%2F..%2F..%2Fhub.json/x",
        "/alice/it/resolve/main/",
        "/alice/it/raw/main/..%5c..%5caccounts.json",
        "/alice/%2e%2e/resolve/main/accounts.json",
    ],
    ids=lambda path: path[:60],
)
def test_a_download_stays_inside_its_repository(client: Client, path: str) -> None:
    for method in ("GET", "HEAD"):
        response = client.send(method, path)
        assert 400 <= response.status < 500
        assert b"orgs" not in response.body


def test_a_folder_is_no_file(client: Client) -> None:
    client.send("POST", COMMIT, commit(file("a/b.txt")))
    response = client.send("GET", "/alice/it/resolve/main/a")
    assert (response.status, response.headers["X-Error-Code"]) == (404, "EntryNotFound")


def _wait(is_true: Any) -> None:
    for _ in range(200):
        if is_true():
            return
        time.sleep(0.02)
    raise AssertionError("this took more than four seconds")
