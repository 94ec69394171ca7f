"""The sample lies on disk as the real corpora do."""

from collections import Counter

import pyarrow.parquet as pq
import pytest
from PIL import Image

from mmecinstruct.errors import OutputError
from mmecinstruct.sample import write_sample

CATEGORIES = ("Sports_and_Outdoors", "Tools_and_Home_Improvement")


def test_every_file_of_every_corpus_is_there(sample):
    found = {str(path.relative_to(sample.root)) for path in sample.root.rglob("*") if path.is_file()}
    assert {name for name in found if not name.startswith("images/")} == {
        "sample.json",
        "truth.jsonl",
        *(f"amazonqa/{part}-qar.jsonl" for part in ("train", "val", "test")),
        *(f"mave/mave_{sign}_labels.jsonl" for sign in ("positives", "negatives")),
        *(f"amazon_reviews_2018/meta_{category}.json.gz" for category in CATEGORIES),
        *(f"amazon_reviews_2023/{category}.jsonl" for category in CATEGORIES),
        *(f"amazon_reviews_2023/meta_{category}.jsonl" for category in CATEGORIES),
        *(f"shopping_queries/shopping_queries_dataset_{table}.parquet" for table in ("examples", "products")),
        *(f"sqid/{name}product_image_urls.csv" for name in ("", "supp_")),
    }


def test_questions_have_the_fields_of_amazonqa(sample):
    for row in sample.rows("amazonqa/train-qar.jsonl"):
        assert row["category"] == "Tools_and_Home_Improvement"
        assert row["is_answerable"] in (0, 1)
        assert 1 <= len(row["review_snippets"]) <= 10
        assert row["answers"][0].keys() == {"answerText", "answerType", "helpful"}
        assert {"asin", "questionText", "questionType", "qid", "top_review_wilson"} <= row.keys()


def test_ood_questions_stand_in_the_test_file_alone(sample):
    held = Counter(row["category"] for row in sample.rows("amazonqa/test-qar.jsonl"))
    assert held == {"Tools_and_Home_Improvement": 40, "Sports_and_Outdoors": 40}


def test_spans_of_mave_point_at_the_words_they_name(sample):
    titles = sample.metadata()
    for row in sample.rows("mave/mave_positives_labels.jsonl"):
        (span,) = row["attributes"][0]["evidences"]
        assert titles[row["id"]]["title"][span["begin"] : span["end"]] == span["value"]


def test_every_ind_category_is_more_frequent_than_every_ood_one(sample):
    rows = sample.rows(*sample.names("mave", "*.jsonl"))
    ranked = Counter(row["category"] for row in rows).most_common()
    assert len(ranked) == 40
    assert ranked[19][1] > 3 * ranked[20][1]
    assert all("Hammers" not in name and "Mugs" not in name for name, _ in ranked[20:])


def test_examples_and_products_have_the_real_columns(sample):
    folder = sample.root / "shopping_queries"
    examples = pq.read_table(folder / "shopping_queries_dataset_examples.parquet")
    products = pq.read_table(folder / "shopping_queries_dataset_products.parquet")
    assert set(["example_id", "query", "query_id", "product_id", "product_locale", "esci_label", "split"]) < set(
        examples.schema.names
    )
    assert str(examples.schema.field("example_id").type) == "int64"
    assert str(products.schema.field("product_color").type) == "string"
    listed = {(row["product_locale"], row["product_id"]) for row in products.to_pylist()}
    assert all((row["product_locale"], row["product_id"]) in listed for row in examples.to_pylist())


def test_no_query_stands_in_both_parts(sample):
    table = pq.read_table(sample.root / "shopping_queries/shopping_queries_dataset_examples.parquet")
    parts = {(row["query"], row["split"]) for row in table.to_pylist()}
    assert len(parts) == len({query for query, _ in parts})


def test_comparison_tables_hold_each_asin_where_the_predecessor_looks_for_it(sample):
    rows = {row["asin"]: row for row in sample.rows(*sample.names("amazon_reviews_2018", "*.gz"))}
    tables = [row for row in rows.values() if row["similar_item"]]
    assert tables
    for row in tables:
        named = [piece[1:11] for piece in row["similar_item"].split("asin")]
        assert row["asin"] in named
        assert named[0] not in rows
        assert all(asin in rows for asin in named[1:])


def test_every_product_of_a_record_has_an_address_somewhere(sample):
    known = set(sample.metadata())
    for name in ("product_image_urls", "supp_product_image_urls"):
        lines = (sample.root / f"sqid/{name}.csv").read_text().splitlines()
        assert lines[0] == "product_id,image_url"
        known |= {line.partition(",")[0] for line in lines[1:]}
    assert all(product["asin"] in known for truth in sample.truths for product in truth["products"])


def test_a_third_of_the_judged_products_are_known_to_sqid_alone(sample):
    judged = {truth["products"][0]["asin"] for truth in sample.of("multiclass_product_classification")}
    assert 0.2 < len(judged - set(sample.metadata())) / len(judged) < 0.45


def test_pictures_are_500_by_500_and_small(sample):
    spoilt = {
        truth["products"][0]["picture"]["id"] for truth in sample.truths if truth["products"][0]["picture"]["fault"]
    }
    paths = sorted((sample.root / "images").iterdir())
    assert len(paths) <= 950
    assert sum(path.stat().st_size for path in paths) / len(paths) < 14_000
    for path in paths[::40]:
        with Image.open(path) as image:
            assert path.stem in spoilt or (image.format, image.size, image.mode) == ("JPEG", (500, 500), "RGB")


def test_titles_are_unlike(sample):
    titles = [row["title"] for row in sample.metadata().values() if "getTime" not in row["title"]]
    assert len(titles) == len(set(titles))


def test_a_folder_of_something_else_is_refused_and_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputError, match="is not a sample"):
        write_sample(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_failed_write_leaves_the_old_sample_and_no_litter(tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old/sample.json").write_text("{}")

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_sample(tmp_path / "old", progress=stop)
    assert [str(path.relative_to(tmp_path)) for path in sorted(tmp_path.rglob("*"))] == ["old", "old/sample.json"]
