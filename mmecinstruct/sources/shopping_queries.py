"""Shopping Queries (ESCI; Reddy et al., 2022): the two Parquet files, or tasksource/esci's joined rows."""

from mmecinstruct.sources.base import CORPORA, Corpus, CorpusFile, Table

_READ = {
    # "E" in the publisher's files, "Exact" in tasksource's
    "esci_label": "CASE WHEN regexp_full_match(word(esci_label), '(?i)[esci]|exact|substitute|complement|irrelevant')"
    " THEN upper(word(esci_label)[1]) END",
    # tasksource's joined rows keep the split in the file's name only
    "split": "CASE WHEN split IS NOT NULL THEN word(split) WHEN $category LIKE '%test%' THEN 'test' ELSE 'train' END",
}
_EXAMPLE = ("example_id", "query_id", "query", "product_id", "product_locale", "esci_label", "split")
_LISTING = ("product_id", "product_locale", "product_title", "product_brand")


def _file(table: Table, glob: str) -> CorpusFile:
    examples = table == "examples"
    return CorpusFile(
        table=table,
        glob=glob,
        members=_EXAMPLE if examples else _LISTING,
        select=tuple(_READ.get(name, f"word({name})") for name in (_EXAMPLE if examples else _LISTING)),
        key=("example_id", "query", "product_id") if examples else ("product_id",),
    )


CORPORA.add(
    "shopping_queries",
    Corpus(
        "shopping_queries",
        (
            _file("examples", "shopping_queries_dataset_examples.parquet"),
            _file("listings", "shopping_queries_dataset_products.parquet"),
            _file("examples", "esci*.csv"),
            _file("listings", "esci*.csv"),
            _file("examples", "esci*.parquet"),
            _file("listings", "esci*.parquet"),
        ),
    ),
)
