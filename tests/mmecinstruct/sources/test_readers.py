"""Each corpus in every form in which it is published, read into the same columns."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from mmecinstruct.errors import RecipeError, UnknownNameError
from mmecinstruct.sources import CORPORA, Corpora, Need, find, picture_needs
from mmecinstruct.sources.lines import LineFile
from mmecinstruct.sources.tabular import open_lines

Row = dict[str, Any]
Read = Callable[..., list[tuple[Any, ...]]]

REVIEW_2023: Row = {
    "user_id": "U1",
    "parent_asin": "P1",
    "asin": "A1",
    "rating": 5.0,
    "text": "fine",
    "timestamp": 1600,
}
PRODUCT_2023: Row = {
    "parent_asin": "P1",
    "title": "A saw",
    "store": "Shop",
    "details": {},
    "categories": ["Tools", "Saws"],
}
PRODUCT_2018: Row = {"asin": "P1", "title": "A saw", "brand": "B", "category": ["Tools"]}
EXAMPLE: Row = {"example_id": 1, "query_id": 2, "query": "saw", "product_id": "P1", "product_locale": "us"}
EXAMPLES = "shopping_queries/shopping_queries_dataset_examples.parquet"


def lines(*rows: Row) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str, bytes], Path]:
    def written(name: str, data: bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    return written


@pytest.fixture
def read(tmp_path: Path, put: Callable[[str, bytes], Path]) -> Read:
    """Read one file, or what lies there, and select from a table."""

    def rows(table: Any, columns: str, name: str, data: bytes = b"") -> list[tuple[Any, ...]]:
        if data:
            put(name, data)
        with Corpora() as corpora:
            for found in find(tmp_path, [Need(name.partition("/")[0], table)])[0]:
                corpora.stage(tmp_path, found)
            source = table if columns != "reason, n" else "skipped"
            return corpora.rows(f"SELECT {columns} FROM {source} ORDER BY ALL")

    return rows


@pytest.mark.parametrize("name", ["timestamp", "sort_timestamp", "sortTimestamp"])
def test_the_time_of_a_2023_review_has_three_names(read: Read, name: str) -> None:
    row = {key: value for key, value in REVIEW_2023.items() if key != "timestamp"} | {name: 1600}
    assert read("reviews", "time_ms", "amazon_reviews_2023/T.jsonl", lines(row)) == [(1600,)]


def test_the_time_of_a_2018_review_is_in_seconds(read: Read) -> None:
    row = {"reviewerID": "U", "asin": "A", "overall": 4, "reviewText": "x", "unixReviewTime": 1400000000}
    found = read("reviews", "time_ms, rating", "amazon_reviews_2018/T.json", lines(row))
    assert found == [(1400000000000, 4.0)]


def test_a_2023_review_is_of_the_parent_product(read: Read) -> None:
    alone = {key: value for key, value in REVIEW_2023.items() if key != "parent_asin"} | {"user_id": "U2"}
    found = read("reviews", "user_id, product_id", "amazon_reviews_2023/T.jsonl", lines(REVIEW_2023, alone))
    assert found == [("U1", "P1"), ("U2", "A1")]


@pytest.mark.parametrize(
    "images",
    [
        [{"variant": "PT01", "large": "b"}, {"variant": "MAIN", "large": "a", "hi_res": "c"}],
        {"variant": ["PT01", "MAIN"], "large": ["b", "a"], "hi_res": [None, "c"]},
    ],
    ids=["a list of objects", "an object of lists"],
)
def test_the_picture_of_a_2023_product_is_the_large_main_one(read: Read, images: object) -> None:
    row = PRODUCT_2023 | {"images": images}
    assert read("products", "addresses", "amazon_reviews_2023/meta_T.jsonl", lines(row)) == [(["a"],)]


@pytest.mark.parametrize("images", [None, [], {}, "None", [{"variant": "PT01", "large": "b"}]], ids=str)
def test_a_2023_product_may_have_no_main_picture(read: Read, images: object) -> None:
    row = PRODUCT_2023 | {"images": images}
    ((addresses,),) = read("products", "addresses", "amazon_reviews_2023/meta_T.jsonl", lines(row))
    assert not addresses


@pytest.mark.parametrize(
    "images",
    [[{"large_image_url": "a"}, {"large_image_url": "b"}], {"large_image_url": ["a", "b"]}],
    ids=["a list of objects", "an object of lists"],
)
def test_the_pictures_of_a_2023_review_keep_their_order(read: Read, images: object) -> None:
    row = REVIEW_2023 | {"images": images}
    assert read("reviews", "addresses", "amazon_reviews_2023/T.jsonl", lines(row)) == [(["a", "b"],)]


@pytest.mark.parametrize(
    ("details", "brand"),
    [
        ({"Brand": "Bosch"}, "Bosch"),
        ('{"Brand": "Bosch"}', "Bosch"),
        ({}, "Shop"),
        ("{}", "Shop"),
        ("{'Brand': 'Bosch'}", "Shop"),
        ({"Brand": ""}, "Shop"),
        (None, "Shop"),
    ],
    ids=str,
)
def test_the_brand_of_a_2023_product_is_in_its_details_or_its_store(read: Read, details: object, brand: str) -> None:
    row = PRODUCT_2023 | {"details": details}
    assert read("products", "brand", "amazon_reviews_2023/meta_T.jsonl", lines(row)) == [(brand,)]


def test_the_hugging_face_form_of_a_2023_product_is_read(read: Read) -> None:
    row: Row = {
        "parent_asin": "P1",
        "title": "A saw",
        "price": "None",
        "store": "Shop",
        "details": '{"Brand": "Bosch"}',
    }
    row |= {"images": {"hi_res": [None], "large": ["a"], "thumb": ["c"], "variant": ["MAIN"]}, "categories": ["T"]}
    columns = "product_id, title, brand, category, categories, addresses"
    found = read("products", columns, "amazon_reviews_2023/meta_T.jsonl", lines(row))
    assert found == [("P1", "A saw", "Bosch", "T", ["T"], ["a"])]


@pytest.mark.parametrize(
    ("pictures", "address"),
    [
        ({"imageURLHighRes": ["a"], "imageURL": ["b"]}, "a"),
        ({"imageURLHighRes": [], "imageURL": ["b"]}, "b"),
        ({"image": ["c"]}, "c"),
        ({"image": "c"}, "c"),
        ({"imageURLHighRes": [None, ""], "image": ["c"], "imageURL": ["b"]}, "c"),
    ],
    ids=str,
)
def test_the_picture_of_a_2018_product_has_three_names(read: Read, pictures: Row, address: str) -> None:
    row = PRODUCT_2018 | pictures
    assert read("products", "addresses", "amazon_reviews_2018/meta_T.json", lines(row)) == [([address],)]


def test_similar_items_of_a_2018_product_are_read_out_of_their_table(read: Read) -> None:
    table = "<table><a href='/x?asin=B000000001&y'>x</a><td class='asin:B000000002'>asin=short</td></table>"
    row = PRODUCT_2018 | {"similar_item": table, "also_buy": ["P2", None, "P3"], "also_view": "P4"}
    columns = "similar_items, also_buy, also_view"
    found = read("products", columns, "amazon_reviews_2018/meta_T.json", lines(row))
    assert found == [(["B000000001", "B000000002"], ["P2", "P3"], ["P4"])]


@pytest.mark.parametrize(
    ("value", "truth"), [(1, True), (0, False), (True, True), ("1", True), ("no", None), (2, None)]
)
def test_answerable_is_said_in_numbers_or_in_truths(read: Read, value: object, truth: bool | None) -> None:
    row = {"qid": 7, "asin": "P1", "category": "Tools", "questionText": "?", "review_snippets": ["a", "b"]}
    found = read(
        "questions", "qid, answerable, split", "amazonqa/val-qar.jsonl", lines(row | {"is_answerable": value})
    )
    assert found == [("7", truth, "val")]


@pytest.mark.parametrize("label", ["E", "Exact", "exact"])
def test_esci_labels_may_be_spelled_out(read: Read, put: Callable[[str, bytes], Path], label: str) -> None:
    row = {**EXAMPLE, "esci_label": label, "split": "test"}
    pq.write_table(pa.Table.from_pylist([row]), put(EXAMPLES, b""))
    assert read("examples", "example_id, label, split", EXAMPLES) == [("1", "E", "test")]


@pytest.mark.parametrize(("name", "split"), [("esci-train.csv", "train"), ("esci-test.csv", "test")])
def test_joined_esci_rows_give_a_judgement_and_a_listing(read: Read, name: str, split: str) -> None:
    header = "example_id,query,query_id,product_id,product_locale,esci_label,product_title,product_brand\n"
    name = f"shopping_queries/{name}"
    data = (header + '1,"a ""big"" saw",2,P1,us,Substitute,"A saw,\nthe big one",B\n').encode()
    assert read("examples", "query, label, split", name, data) == [('a "big" saw', "S", split)]
    assert read("listings", "product_id, title, locale", name) == [("P1", "A saw,\nthe big one", "us")]


def test_a_split_of_a_wrong_type_is_no_split(read: Read, put: Callable[[str, bytes], Path]) -> None:
    pq.write_table(pa.Table.from_pylist([{**EXAMPLE, "esci_label": "E", "split": ["test"]}]), put(EXAMPLES, b""))
    assert read("examples", "split", EXAMPLES) == [(None,)]


def test_a_file_may_be_packed(read: Read) -> None:
    row = lines(REVIEW_2023)
    assert read("reviews", "user_id", "amazon_reviews_2023/T.jsonl.gz", gzip.compress(row)) == [("U1",)]
    other = lines(REVIEW_2023 | {"user_id": "U2"})
    assert read("reviews", "user_id", "amazon_reviews_2023/S.jsonl.zst", zstandard.compress(other)) == [
        ("U1",),
        ("U2",),
    ]


@pytest.mark.parametrize(
    ("names", "taken"),
    [
        (("T.json", "T.json.gz"), "T.json"),
        (("T.json.gz", "T.json.zst"), "T.json.gz"),
        (("T_5.json.gz", "T.json.gz"), "T.json.gz"),
        (("T_5.json",), "T_5.json"),
        (("T.json.bak", "T.json.gz.part", "T.jsonl", "meta_T.json", "T_5.json"), "T_5.json"),
    ],
    ids=str,
)
def test_one_file_stands_for_a_category(put: Callable[[str, bytes], Path], names: tuple[str, ...], taken: str) -> None:
    paths = [put(f"amazon_reviews_2018/{name}", b"") for name in names]
    corpus = CORPORA["amazon_reviews_2018"]
    (reviews,) = (file for file in corpus.files if file.table == "reviews")
    found = corpus.paths(paths[0].parent.parent, reviews)
    assert {category: path.name for category, path in found.items()} == {"T": taken}


def test_a_line_that_comes_again_is_counted_and_read_once(read: Read) -> None:
    data = lines(REVIEW_2023, REVIEW_2023, REVIEW_2023 | {"rating": 4.0}, REVIEW_2023)
    assert read("reviews", "rating", "amazon_reviews_2023/T.jsonl", data) == [(4.0,), (5.0,)]
    assert read("reviews", "reason, n", "amazon_reviews_2023/T.jsonl") == [("duplicate_line", 2)]


def test_a_file_that_was_read_is_not_read_again(tmp_path: Path, put: Callable[[str, bytes], Path]) -> None:
    put("mave/mave_positives_labels.jsonl", lines({"id": "P1", "category": "Saws"}))
    (found,), _ = find(tmp_path, [Need("mave", "labels")])
    with Corpora(tmp_path / "corpora.duckdb") as corpora:
        corpora.stage(tmp_path, found)
    put("mave/mave_positives_labels.jsonl", b"")
    with Corpora(tmp_path / "corpora.duckdb") as corpora:
        corpora.stage(tmp_path, found)
        assert corpora.rows("SELECT product_id, category FROM labels") == [("P1", "Saws")]


def test_lines_are_found_again_by_number_and_offset(put: Callable[[str, bytes], Path]) -> None:
    data = b"\xef\xbb\xbf" + lines({"id": 1}, {"id": 2}, {"id": "é"})
    for path in (put("a.jsonl", data), put("a.jsonl.gz", gzip.compress(data)), put("a.zst", zstandard.compress(data))):
        places = {
            line: offset
            for batch in LineFile(path).batches()
            for line, offset in zip(batch["line"].to_pylist(), batch["offset"].to_pylist(), strict=True)
        }
        found = LineFile(path).at({line: places[line] for line in (1, 3)})
        assert [json.loads(found[line])["id"] for line in (1, 3)] == [1, "é"]


def test_rows_of_a_table_are_found_again_by_number(put: Callable[[str, bytes], Path]) -> None:
    path = put("a.csv", b'id,name\n1,a\n2,"b\n3,c\n4,d\n')
    assert [json.loads(open_lines(path, ("id",)).at({3: 3})[3])] == [{"id": "3"}]
    pq.write_table(pa.table({"id": range(10), "name": ["x"] * 10}), path.with_suffix(".parquet"), row_group_size=3)
    found = open_lines(path.with_suffix(".parquet"), ("id",)).at({1: 1, 8: 8})
    assert {line: json.loads(text) for line, text in found.items()} == {1: {"id": 0}, 8: {"id": 7}}


def test_pictures_may_come_from_any_of_four_corpora(tmp_path: Path, put: Callable[[str, bytes], Path]) -> None:
    assert find(tmp_path, picture_needs())[1][0].startswith("one of amazon_reviews_2023/meta_*.jsonl, ")
    put("sqid/product_image_urls.csv", b"product_id,image_url\n")
    found, missing = find(tmp_path, picture_needs())
    assert ([one.path.name for one in found], missing) == (["product_image_urls.csv"], [])


def test_a_corpus_that_is_not_known_gets_the_nearest_that_is(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'amazonqa'"):
        find(tmp_path, [Need("amazonqna", "questions")])
    with pytest.raises(RecipeError, match="corpus 'mave' has no reviews"):
        find(tmp_path, [Need("mave", "reviews", ("T",))])
