"""The Hub's pages as a browser without scripts reads them; see also test_pages_in_a_browser.py."""

import html
import io
import re
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from caslie.localhub.storage.names import repo_id
from tests.caslie.localhub.reading import ask, cookie, log_in, made, parquet, png, put, row, rows_with

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
