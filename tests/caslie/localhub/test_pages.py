"""The Hub's pages as a browser without scripts reads them; see also test_pages_in_a_browser.py."""

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
import pytest
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
SCORES = """---
library_name: peft
base_model: alice/base
datasets: [alice/rows, elsewhere/rows]
model-index:
- name: m
  results:
  - task: {type: text-generation}
    dataset: {name: Rows, type: alice/rows, config: sr_ood, split: test}
    metrics:
    - {type: recall, name: recall@1, value: 0.51234567, args: {interval: [0.4871111, 0.5399999], n: 42}}
---
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


def test_the_first_page_lists_what_all_may_see_and_the_rest_after_logging_in(server: Any) -> None:
    made(server, "open", {"a": ""})
    made(server, "secret", {}, "dataset", private=True)
    assert "alice/secret" not in (anyone := ask(server, "/").text)
    assert "Models alice/open add" in anyone
    assert "Datasets alice/secret private" in ask(server, "/", Cookie=cookie(log_in(server, "alice"))).text


def test_an_empty_hub_says_how_clients_find_it(server: Any) -> None:
    assert f"export HF_ENDPOINT={server.address}" in ask(server, "/").text


def test_a_dataset_shows_its_first_rows_with_their_pictures(server: Any) -> None:
    rows_with(server)
    page = ask(server, "/datasets/alice/rows")
    assert "5 of 9 in data/train-0.parquet" in page.text
    assert page.source.count('<img src="data:image/png;base64,') == 5
    assert "row-4" in page.text
    assert "row-5" not in page.text
    assert "query two hammers" in page.text
    assert f"export HF_ENDPOINT={server.address} python >>> from datasets import load_dataset" in page.text
    assert 'load_dataset("alice/rows", "shop", split="train")' in page.text


def test_the_rows_of_another_config_and_split_are_a_link_away(server: Any) -> None:
    rows_with(server)
    first = ask(server, "/datasets/alice/rows").source
    link = next(found for found in re.findall(r'href="(\?[^"]+)"', first) if "split=test" in found)
    page = ask(server, "/datasets/alice/rows" + html.unescape(link).partition("#")[0])
    assert "row-100" in page.text
    assert 'load_dataset("alice/rows", "shop", split="test")' in page.text


def test_a_dataset_without_stated_configs_is_shown_by_the_names_of_its_files(server: Any) -> None:
    rows_with(server, card="no header")
    assert 'load_dataset("alice/rows", "default", split="train")' in ask(server, "/datasets/alice/rows").text


def test_only_real_pictures_of_a_bearable_size_and_number_are_put_into_the_page(server: Any) -> None:
    large = png() + bytes(2 << 20)
    odd = [b"<svg onload=alert(1)>", large, *[png()] * 9]
    rows_with(server, train=parquet([row(1, *odd)]))
    page = ask(server, "/datasets/alice/rows")
    assert "not a JPEG, PNG or WebP (21 bytes)" in page.text
    assert f"too large to show ({len(large):,} bytes)" in page.text
    assert page.source.count("<img ") == 6
    assert "and 3 more" in page.text


def test_rows_of_any_shape_are_shown(server: Any) -> None:
    shapes = {"none": None, "bytes": b"\xff", "list": ["a", "b"], "empty": [], "struct": {"x": {"y": 1}}, "n": 1.5}
    rows_with(server, train=parquet([shapes | {"records": [{"title": "A"}, {"title": "B"}], "json": "[1, 2]"}]))
    text = ask(server, "/datasets/alice/rows").text
    assert "none — bytes 1 bytes list a b empty — struct x {&quot;y&quot;: 1} n 1.5".replace("&quot;", '"') in text
    assert "records 2 records title A B" in text


@pytest.mark.parametrize(
    ("card", "reason"),
    [
        ("---\na: [\n---\nstill *here*", "the YAML at the head of README.md is broken: while parsing a flow node"),
        ("---\n- a\n---\nstill *here*", "the YAML at the head of README.md is no mapping"),
        (
            "---\na: 2024-99-99\n---\nstill *here*",
            "the YAML at the head of README.md is broken: month must be in 1..12",
        ),
        (f"---\na: {'[' * 5000}\n---\nstill *here*", "the YAML at the head of README.md is broken: nested too deeply"),
        (f"---\na: {'b' * 300_000}\n---\nstill *here*", "the YAML at the head of README.md is longer than 262,144"),
        (
            b"---\na: \xff\x00\n---\nstill *here*",
            "the YAML at the head of README.md is broken: unacceptable character",
        ),
    ],
)
def test_a_broken_header_is_told_and_the_rest_shown(server: Any, card: str, reason: str) -> None:
    rows_with(server, card)
    page = ask(server, "/datasets/alice/rows")
    assert f"The card cannot be shown: {reason}" in page.text
    assert "still <em>here</em>" in page.source
    assert "row-4" in page.text


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("configs: 7", "The rows cannot be shown: no config names a Parquet file"),
        ("configs: [{config_name: {a: b}, data_files: {train: [data/*]}}]", 'load_dataset("alice/rows", "default"'),
        ("configs: &a [*a, *a]", "The rows cannot be shown: no config names a Parquet file"),
        (f"license: 0x{'f' * 9000}\ntags: [1, {{}}, null, ok]", "tag ok"),
    ],
)
def test_a_header_of_an_odd_shape_breaks_nothing(server: Any, header: str, told: str) -> None:
    rows_with(server, f"---\n{header}\n---\n")
    page = ask(server, "/datasets/alice/rows")
    assert page.status == 200
    assert told in page.text


@pytest.mark.parametrize("content", [b"", b"PAR1PAR1", b"not Parquet at all", parquet([row(1)])[:-40] + bytes(40)])
def test_a_broken_parquet_file_is_told_in_the_place_of_its_rows(server: Any, content: bytes) -> None:
    rows_with(server, train=content or b"\0")
    page = ask(server, "/datasets/alice/rows")
    assert "The rows cannot be shown: data/train-0.parquet cannot be read:" in page.text
    assert "A card" in page.text


def test_a_content_that_is_not_there_is_told(server: Any) -> None:
    repo = rows_with(server)
    entry = repo.git().entry(repo.git().commit_of("main"), "data/train-0.parquet")
    assert entry.lfs
    server.hub.objects.path(entry.lfs.sha256).unlink()
    reason = "the content of data/train-0.parquet is not on this Hub"
    assert f"The rows cannot be shown: {reason}" in ask(server, "/datasets/alice/rows").text
    assert f"cannot be shown: {reason}" in ask(server, "/datasets/alice/rows/blob/main/data/train-0.parquet").text


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


def test_a_card_shows_the_pictures_and_links_of_its_own_repository(server: Any) -> None:
    card = "# Top part\n![plot](figures/a b.png)\n[file](./notes.txt#end) [up](#top-part) [page](/alice/other)"
    made(server, "card", {"README.md": card.replace("a b", "a%20b"), "figures/a b.png": png()})
    source = ask(server, "/alice/card").source
    assert '<img src="/alice/card/resolve/main/figures/a%20b.png" alt="plot"' in source
    assert ask(server, "/alice/card/resolve/main/figures/a%20b.png").headers["Content-Type"] == "image/png"
    assert '<a href="/alice/card/blob/main/notes.txt#end">' in source
    assert '<h1 id="top-part">' in source
    assert '<a href="#top-part">' in source


def test_a_card_that_is_too_long_is_cut(server: Any) -> None:
    made(server, "long", {"README.md": "word " * 300_000})
    page = ask(server, "/alice/long")
    assert "The card is longer; this is its start." in page.text
    assert len(page.source) < 1_100_000


def test_a_model_shows_its_scores_with_their_intervals_and_what_it_is_made_of(server: Any) -> None:
    made(server, "base", {})
    results = "- dataset: {id: alice/rows, task_id: sr_ood}\n  value: 0.5\n  notes: 95 % interval 0.4 to 0.6\n"
    made(server, "adapter", {"README.md": SCORES, ".eval_results/a.yaml": results, ".eval_results/b.yaml": "- ["})
    page = ask(server, "/alice/adapter")
    assert "alice/rows · sr_ood · test recall@1 0.5123 0.4871 to 0.5400 n: 42" in page.text
    assert 'title="0.51234567"' in page.source
    assert "alice/rows · sr_ood 0.5000 95 % interval 0.4 to 0.6" in page.text
    assert ".eval_results/b.yaml cannot be shown: it is not as it should be" in page.text
    assert 'base model: <a href="/alice/base">alice/base</a>' in page.source
    assert "dataset: elsewhere/rows" in page.text
    assert 'AutoPeftModelForCausalLM.from_pretrained("alice/adapter")' in page.text


@pytest.mark.parametrize("index", ["7", "[[]]", "[{results: 1}]", "[{results: [{dataset: [], metrics: []}]}]"])
def test_scores_of_an_odd_shape_are_told(server: Any, index: str) -> None:
    made(server, "adapter", {"README.md": f"---\nmodel-index: {index}\n---\nthe card"})
    text = ask(server, "/alice/adapter").text
    assert "README.md cannot be shown: its model-index is not as it should be" in text
    assert "the card" in text


def test_a_space_says_that_it_does_not_run(server: Any) -> None:
    repo = server.hub.repos.create(repo_id("space", "alice", "metric"), space_sdk="static")
    put(server, repo, {"README.md": "---\nsdk: static\ntags: [evaluate]\n---\n# Measures"})
    text = ask(server, "/spaces/alice/metric").text
    assert "it does not run" in text
    assert 'evaluate.load("alice/metric")' in text
    assert "Measures" in text


def test_every_revision_can_be_looked_at(server: Any) -> None:
    repo = made(server, "many", {"a.txt": "old"})
    git = repo.git()
    git.create_ref("refs/pr/1", git.commit_of("main"))
    git.create_ref("refs/heads/release/one", git.commit_of("main"))
    put(server, repo, {"sub/ö #?.txt": "<new>"}, branch="release/one")
    source = ask(server, "/alice/many").source
    assert 'href="/alice/many/tree/refs%2Fpr%2F1">#1<' in source
    assert 'href="/alice/many/tree/release%2Fone">release/one<' in source
    assert (
        'href="/alice/many/blob/release%2Fone/sub/%C3%B6%20%23%3F.txt"'
        in ask(server, "/alice/many/tree/release%2Fone/sub").source
    )
    assert "&lt;new&gt;" in ask(server, "/alice/many/blob/release%2Fone/sub/%C3%B6%20%23%3F.txt").source
    assert "old" in ask(server, "/alice/many/blob/refs%2Fpr%2F1/a.txt").text


def test_a_file_is_shown_as_what_it_is(server: Any) -> None:
    files = {"a.png": png(), "b.bin": b"\0\1", "c.txt": "x" * 300_000, "d.html": "<script>alert(1)</script>"}
    made(server, "files", files)
    assert '<img src="/alice/files/resolve/main/a.png"' in ask(server, "/alice/files/blob/main/a.png").source
    assert "neither a text nor a picture" in ask(server, "/alice/files/blob/main/b.bin").text
    assert "This is its start." in ask(server, "/alice/files/blob/main/c.txt").text
    assert "<script>" not in ask(server, "/alice/files/blob/main/d.html").source


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


def test_the_first_rows_are_read_without_what_comes_after_them(server: Any) -> None:
    file = io.BytesIO()
    table = pa.Table.from_pylist([{"images": [{"bytes": png(100 + number), "path": None}]} for number in range(200)])
    pq.write_table(table, file, data_page_size=1024, write_batch_size=4, compression="none", use_dictionary=False)
    content = bytearray(file.getvalue())
    content[len(content) // 5 : -20_000] = bytes(len(content) - 20_000 - len(content) // 5)
    rows_with(server, train=bytes(content))
    page = ask(server, "/datasets/alice/rows")
    assert "5 of 200" in page.text
    assert page.source.count("<img ") == 5
