"""Amazon Reviews 2023 (Hou et al., 2024): reviews and metadata as JSON lines, joined on `parent_asin`.

Both forms of a row are read: the raw file's (lists of objects, numbers) and the Hugging Face script's (objects of
lists, JSON inside strings, the text "None" for nothing).
"""

from mmecinstruct.sources.base import CORPORA, Corpus, CorpusFile

PRODUCTS = CorpusFile(
    table="products",
    glob="meta_*.jsonl",
    members=("parent_asin", "title", "store", "details", "categories", "images"),
    select=(
        "word(parent_asin)",
        "word(title)",
        "coalesce(word(member(details, '$.Brand')), word(store))",  # design.md, decision 14
        "$category",
        "words(categories)",
        # "medium-size images (500x500)" (3.3) is the `large` field of the MAIN picture: its longest side is at most
        # 500.
        "main_pictures(images)",
        "NULL",
        "NULL",
        "NULL",
    ),
    key=("product_id",),
)

REVIEWS = CorpusFile(
    table="reviews",
    glob="*.jsonl",
    members=(
        "user_id",
        "parent_asin",
        "asin",
        "rating",
        "text",
        "timestamp",
        "sort_timestamp",
        "sortTimestamp",
        "images",
    ),
    select=(
        "word(user_id)",
        "coalesce(word(parent_asin), word(asin))",
        "number(rating)",
        "word(text)",
        "whole(coalesce(timestamp, sort_timestamp, sortTimestamp))",
        "review_pictures(images)",
    ),
    key=("user_id", "product_id"),
    but_not="meta_",
)

CORPORA.add("amazon_reviews_2023", Corpus("amazon_reviews_2023", (PRODUCTS, REVIEWS), preference=0))
