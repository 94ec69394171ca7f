"""What a page must not do: obey what it shows, tell a stranger what is private, log anybody in from elsewhere."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest

from caslie.localhub.storage.git import Changes
from tests.caslie.localhub.reading import ask, cookie, log_in, made, parquet, rows_with

HOSTILE = """
<script>alert(1)</script> {{ 7 * 7 }} {% raw %}
[a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) [c](data:text/html,x) [d](<java\tscript:alert(1)>) [e](vbscript:x)
<img src=x onerror=alert(1)> ![outside](http://192.0.2.1/pixel.png) ![data](data:image/png;base64,AAAA)
\u202egnp.exe\u2066
[f](http://[) [g](../../../etc/passwd) ![h](..\\x) &lt;script&gt;alert(2)&lt;/script&gt;

| a |
|--:|
| " onmouseover="alert(1) |
"""


def test_a_hostile_card_comes_out_inert(server: Any) -> None:
    made(server, "evil", {"README.md": HOSTILE})
    page = ask(server, "/alice/evil")
    tags = re.findall(r"<[a-z][^>]*>", page.source)
    assert not [tag for tag in tags if re.match(r"<(script|img|svg)", tag) or re.search(r"\bon\w+=|\bstyle=", tag)]
    links = re.findall(r'href="([^"]*)"', page.source)
    assert not [
        link for link in links if not re.match(r"/(?!/)|#|http://(192\.0\.2\.1/pixel\.png|%5B)$|data:,$", link)
    ]
    assert "passwd" not in "".join(links)
    assert '<a href="http://192.0.2.1/pixel.png" rel="nofollow noopener noreferrer">outside</a>' in page.source
    assert "{{ 7 * 7 }} {% raw %}" in page.text
    assert "\ufffdgnp.exe\ufffd" in page.text
    assert '<td class="right">&quot; onmouseover=&quot;alert(1)</td>' in page.source


def test_a_hostile_title_path_and_message_come_out_as_text(server: Any) -> None:
    evil = "<b onclick=x>{{ 1 }}\u202e"
    repo = rows_with(server, f"---\ntags: ['{evil}']\n---\n", parquet([{"title": evil, evil: [{evil: evil}]}]))
    git = repo.git()
    git.commit("refs/heads/main", git.commit_of("main"), Changes(files=((f"{evil[:-1]}.md", b""),)), "alice", evil)
    for path in ("/", "/datasets/alice/rows", "/datasets/alice/rows/tree/main"):
        source = ask(server, path).source
        assert "<b onclick" not in source
        assert "\u202e" not in source
        assert "&lt;b onclick=x&gt;{{ 1 }}" in source


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/login",
        "/static/style.css",
        "/alice/card",
        "/alice/card/tree/main",
        "/alice/none",
        "/api/none",
        "/a%00b/c",
    ],
)
def test_every_page_carries_the_safe_headers(server: Any, path: str) -> None:
    made(server, "card", {})
    headers = ask(server, path).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; img-src 'self' data:; style-src 'self'")
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/alice/card/tree/none", 404),
        ("/alice/card/tree/main/none", 404),
        ("/alice/card/tree/main/README.md", 404),
        ("/alice/card/blob/main/none", 404),
        ("/alice/card/blob/main/sub", 404),
        ("/alice/card/blob/main/..%2F..%2Fhub.json", 400),
        ("/alice/card/tree/..%2F..", 404),
        ("/alice/card/tree/%00", 404),
        ("/alice/card/tree/%FF", 404),
        ("/alice/card/blob/main/%FF%00", 400),
        ("/alice/%2e%2e", 400),
        ("/datasets/alice", 404),
        ("/api/none", 404),
        ("/static/base.html.jinja", 404),
        ("/alice/card?config=%FF&split=%00", 200),
    ],
)
def test_what_is_not_there_is_a_page_that_says_so(server: Any, path: str, status: int) -> None:
    made(server, "card", {"README.md": "", "sub/a": ""})
    page = ask(server, path)
    assert page.status == status
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert str(status) in page.text or status == 200


def test_a_private_repository_and_one_that_is_not_there_look_the_same(server: Any) -> None:
    made(server, "secret", {"README.md": "hidden"}, private=True)
    secret, none = ask(server, "/alice/secret"), ask(server, "/alice/nosuch")
    assert secret.status == none.status == 401
    assert secret.source.replace("secret", "nosuch") == none.source
    assert '<a href="/login?next=/alice/secret">' in secret.source
    bob = cookie(log_in(server, "bob"))
    assert ask(server, "/alice/secret", Cookie=bob).status == 404
    assert "hidden" in ask(server, "/alice/secret", Cookie=cookie(log_in(server, "alice"))).text


def test_clients_are_told_as_clients_are(server: Any) -> None:
    answer = ask(server, "/alice/nosuch", Accept="*/*")
    assert answer.headers["X-Error-Code"] == "RepoNotFound"
    assert answer.headers["Content-Type"].startswith("application/json")


def test_the_rows_and_files_of_a_gated_dataset_are_for_whom_its_owner_lets_in(server: Any) -> None:
    server.hub.repos.change(rows_with(server), gated="manual", admitted=("bob",))
    path = "/datasets/alice/rows/blob/main/data/train-0.parquet"
    assert "The rows cannot be shown: Access to alice/rows is restricted" in ask(server, "/datasets/alice/rows").text
    assert "cannot be shown: Access to alice/rows is restricted" in ask(server, path).text
    bob = cookie(log_in(server, "bob"))
    assert "row-4" in ask(server, "/datasets/alice/rows", Cookie=bob).text
    assert "gated" in ask(server, "/datasets/alice/rows", Cookie=bob).text


def test_a_browser_that_logged_in_may_look_and_no_more(server: Any) -> None:
    made(server, "card", {}, private=True)
    page = log_in(server, "alice", next="/alice/card")
    assert (page.status, page.headers["Location"]) == (303, "/alice/card")
    assert "; HttpOnly; " in page.headers["Set-Cookie"]
    assert "SameSite=Strict" in page.headers["Set-Cookie"]
    assert len(cookie(page)) > 43
    assert server.tokens["alice"] not in str(page)
    answer = ask(server, "/api/models/alice/card/branch/new", "POST", "{}", Cookie=cookie(page))
    assert answer.status == 403
    assert "may only read" in answer.source


def test_a_browser_that_logged_out_is_forgotten(server: Any) -> None:
    made(server, "card", {}, private=True)
    session = cookie(log_in(server, "alice"))
    assert ask(server, "/logout", "POST", "", Cookie=session).headers["Location"] == "/"
    assert ask(server, "/alice/card", Cookie=session).status == 401


def test_an_unknown_token_logs_nobody_in(server: Any) -> None:
    page = ask(server, "/login", "POST", urlencode({"token": "hf_stranger", "next": "/x"}))
    assert page.status == 401
    assert "This Hub does not know that token." in page.text
    assert "Set-Cookie" not in page.headers
    assert "hf_stranger" not in page.source


@pytest.mark.parametrize("next", ["//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nX: y", "", "ö"])
def test_logging_in_leads_to_no_other_host(server: Any, next: str) -> None:
    assert log_in(server, "alice", next).headers["Location"] == "/"


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://["])
def test_another_site_can_log_nobody_in_or_out(server: Any, origin: str) -> None:
    body = urlencode({"token": server.tokens["alice"]})
    for path in ("/login", "/logout"):
        page = ask(server, path, "POST", body, Origin=origin)
        assert page.status == 403
        assert "a form of another site" in page.text
