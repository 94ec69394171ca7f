"""Names, paths and bodies that no client sends: each is refused in one line, and nothing fails."""

import http.client
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from huggingface_hub import HfApi

from tests.caslie.serving import Server


def raw(server: Server, method: str, path: str, body: bytes = b"", user: str | None = "alice") -> tuple[int, bytes]:
    """Send a request that no client would."""
    connection = http.client.HTTPConnection(urlsplit(server.address).netloc, timeout=10)
    headers = {"Authorization": f"Bearer {server.tokens[user]}"} if user else {}
    try:
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


NAMES = [
    "..",
    ".",
    "a--b",
    "a..b",
    ".git",
    "a.git",
    "a/b/c",
    "a b",
    "é",
    "a\0b",
    "a" * 10_000,
    "-a",
    "",
    "CON\n",
    "\ud800",
]


@pytest.mark.parametrize("name", NAMES, ids=[str(n) for n in range(len(NAMES))])
def test_a_hostile_name_is_refused_in_one_line(server: Server, name: str, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    for body in ({"name": name}, {"name": "fine", "organization": name}, {"name": "fine", "type": name}):
        status, answer = raw(server, "POST", "/api/repos/create", json.dumps(body).encode())
        if body.get("organization") == "" or body.get("type") == "":
            continue
        assert status == 400 and "\n" not in json.loads(answer)["error"]
    for body in ({"fromRepo": "alice/a", "toRepo": name}, {"fromRepo": name, "toRepo": "alice/a"}):
        assert raw(server, "POST", "/api/repos/move", json.dumps(body).encode())[0] == 400
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    "path",
    [
        "/api/models/%2e%2e/%2e%2e",
        "/api/models/alice/%2e%2e%2f%2e%2e%2faccounts.json",
        "/api/models/alice/../../accounts.json",
        "/api/models/alice/one%00",
        "/api/models/%ff%fe/one",
        "/api/models/alice/" + "a" * 5000,
        "/api/models/alice/one/revision/%00",
        "/api/models/alice/one/revision/..%2f..%2fHEAD",
        "/api/models/alice/one/revision/" + "a" * 5000,
        "/api/models/alice/one/revision/refs%2Fheads%2F..%2F..%2Fx",
        "/api/models/alice/one/revision/%ed%a0%80",
        "/api/users/%00/overview",
        "/api/organizations/" + "a" * 5000 + "/overview",
        "/api/models?cursor=-1",
        "/api/models?limit=" + "9" * 5000,
        "/api/models?cursor=%D9%A3",
    ],
)
def test_a_hostile_path_is_refused_in_one_line(alice: HfApi, server: Server, path: str) -> None:
    alice.create_repo("alice/one")
    status, answer = raw(server, "GET", path)
    assert 400 <= status < 500
    assert "\n" not in answer.decode().strip()


BODIES: list[Any] = [b"{", b"\xff\xfe", b"[" * 100_000, b"1" * 10_000, b"null", b"[]", b'"text"', b" " * (5 << 20)]
BODIES += [{"name": 1}, {"name": None}, {"name": ["a"]}, {"name": "a", "type": 7}, {"name": "a", "private": "yes"}]
BODIES += [{"name": "a", "visibility": 1}, {"name": "a", "type": "space"}, {"name": "a", "type": "space", "sdk": 1}]


@pytest.mark.parametrize("body", BODIES, ids=[str(n) for n in range(len(BODIES))])
def test_a_body_that_makes_no_sense_is_refused_in_one_line(server: Server, body: Any) -> None:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    status, answer = raw(server, "POST", "/api/repos/create", sent)
    assert status in (400, 413)
    assert "\n" not in json.loads(answer)["error"]


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"gated": 3}', b'{"tag": ["x"]}', b'{"title": 4}', b'{"comment": {}, "startingPoint": 0}']
)
def test_no_body_makes_the_server_fail(alice: HfApi, server: Server, body: bytes) -> None:
    alice.create_repo("alice/one")
    alice.create_pull_request("alice/one", title="x")
    for path in ("settings", "branch/x", "tag/main", "discussions", "discussions/1/merge", "discussions/1/comment"):
        for method in ("POST", "PUT", "DELETE"):
            assert raw(server, method, f"/api/models/alice/one/{path}", body)[0] < 500, (method, path)


def test_nobody_changes_anything(alice: HfApi, server: Server) -> None:
    alice.create_repo("alice/one")
    asked = [
        ("PUT", "/api/models/alice/one/settings", {"private": True}),
        ("POST", "/api/models/alice/one/branch/x", {}),
        ("DELETE", "/api/models/alice/one/tag/x", {}),
        ("POST", "/api/models/alice/one/discussions", {"title": "x", "description": "x"}),
        ("DELETE", "/api/repos/delete", {"name": "one", "organization": "alice"}),
        ("DELETE", "/api/repos/delete", {"name": "one"}),
    ]
    for user, status in ((None, 401), ("carol", 403)):
        for method, path, body in asked:
            if user == "carol" and body == {"name": "one"}:
                continue
            assert raw(server, method, path, json.dumps(body).encode(), user)[0] == status, (user, path)
