"""Small contents that would stand for very large ones: told on the page, at once, and no client waits for pages."""

import io
import os
import time
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from huggingface_hub import HfApi

from tests.caslie.localhub.reading import ask, made, rows_with

MERGES = "a0: &a0 {k: v}\n" + "".join(f"a{n}: &a{n}\n  <<: [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9))
REASON = "merge keys (<<) are not read"


def packed(rows: list[dict[str, object]], has_dictionary: bool = False) -> bytes:
    file = io.BytesIO()
    table = pa.Table.from_pylist(rows)
    pq.write_table(table, file, compression="zstd", use_dictionary=has_dictionary, write_statistics=False)
    return file.getvalue()


def test_yaml_that_merges_itself_over_and_over_is_refused_at_once(server: Any, alice: HfApi) -> None:
    card = f"---\n{MERGES}---\nstill *here*"
    made(server, "m", {"README.md": card, ".eval_results/a.yaml": MERGES})
    start = time.monotonic()
    page = ask(server, "/alice/m")
    assert f"The card cannot be shown: the YAML at the head of README.md is broken: {REASON}" in page.text
    assert f".eval_results/a.yaml cannot be shown: it is not as it should be: {REASON}" in page.text
    assert "still <em>here</em>" in page.source
    assert alice.model_info("alice/m").card_data is None
    with pytest.raises(ValueError, match=r"the metadata is no YAML: merge keys \(<<\) are not read"):
        alice.upload_file(path_or_fileobj=card.encode(), path_in_repo="README.md", repo_id="alice/m")
    assert time.monotonic() - start < 5


@pytest.mark.parametrize("value", ["!!bool x", "!!int ''", "!!timestamp x", f"1{':59' * 400}.5", "!!set [a]"])
def test_yaml_that_trips_its_own_reader_is_told(server: Any, value: str) -> None:
    made(server, "m", {"README.md": f"---\na: {value}\n---\nthe card", ".eval_results/a.yaml": f"[{value}]"})
    page = ask(server, "/alice/m")
    assert "The card cannot be shown: the YAML at the head of README.md is broken: " in page.text
    assert ".eval_results/a.yaml cannot be shown: it is not as it should be: " in page.text


def test_rows_that_unpack_to_very_much_are_not_shown(server: Any) -> None:
    content = packed([{"id": 1, "text": "x" * (301 << 20)}])
    assert len(content) < 1 << 17
    rows_with(server, train=content)
    page = ask(server, "/datasets/alice/rows")
    assert "The rows cannot be shown: the first rows of data/train-0.parquet unpack to 315," in page.text
    assert "A card" in page.text


def test_what_unpacks_to_very_much_beside_the_shown_columns_does_not_matter(server: Any) -> None:
    rows_with(server, train=packed([{f"c{number}": 1 for number in range(40)} | {"text": "x" * (301 << 20)}]))
    assert "1 of 1 in data/train-0.parquet, without 1 more columns" in ask(server, "/datasets/alice/rows").text


def test_a_text_that_stands_in_every_row_is_not_multiplied(server: Any) -> None:
    rows_with(server, train=packed([{"text": "x" * (30 << 20)}] * 5, has_dictionary=True))
    text = ask(server, "/datasets/alice/rows").text
    assert "The rows cannot be shown: the first rows of data/train-0.parquet unpack to 157," in text


def test_comments_are_left_out_of_a_card_and_nothing_else_is(server: Any) -> None:
    card = """<!-- one line -->
# Title
before <!-- in a
line --> after
<!-- of several

lines, blank ones too
-->
- item
  <!-- in a list -->
<div>bold</div> <!---->
`<!-- code -->` \\<!-- escaped --> --> <!-- open

```
<!-- fenced -->
```

    <!-- indented -->
"""
    made(server, "m", {"README.md": card})
    page = ask(server, "/alice/m")
    for gone in ("one line", "in a line", "blank ones", "in a list"):
        assert gone not in page.text
    assert "Title before after item <div>bold</div> <!-- code --> <!-- escaped --> --> <!-- open" in page.text
    assert "<!-- fenced -->" in page.text
    assert "<!-- indented -->" in page.text


@pytest.mark.parametrize("piece", ["<!-- ", "<!--\n\n", "> <!--\n", "a <!--\n", "<!--x-->", "- <!--\n\n", "`<!--`` "])
@pytest.mark.parametrize("end", ["", "\n\n--> x"])
def test_a_card_of_nothing_but_comments_is_answered_in_time(server: Any, piece: str, end: str) -> None:
    made(server, "m", {"README.md": piece * (100_000 // len(piece)) + end})
    start = time.monotonic()
    assert ask(server, "/alice/m").status == 200
    assert time.monotonic() - start < 10


def test_pages_that_take_long_keep_no_client_waiting(server: Any, alice: HfApi) -> None:
    repo = made(server, "m", {})
    alice.create_discussion("alice/m", "slow")
    slow = repo.path / "discussions" / "1.json"
    slow.unlink()
    os.mkfifo(slow)  # who reads it waits for a writer
    pages = [HTTPConnection(urlsplit(server.address).netloc, timeout=20) for _ in range(40)]
    for page in pages:
        page.request("GET", "/alice/m/discussions/1")
    try:
        ask(server, "/static/style.css")  # by then the pages are being read
        assert alice.model_info("alice/m", timeout=5).id == "alice/m"
    finally:
        writer = os.open(slow, os.O_WRONLY)
        slow.unlink()
        os.close(writer)
        answers = [page.getresponse().status for page in pages]
        for page in pages:
            page.close()
    assert answers.count(404) >= 36
