"""Amazon Reviews 2018 (Ni et al., 2019): the only release that says what is bought, viewed or similar together."""

from mmecinstruct.sources.base import CORPORA, Corpus, CorpusFile

PRODUCTS = CorpusFile(
    table="products",
    glob="meta_*.json",
    members=(
        "asin",
        "title",
        "brand",
        "category",
        "imageURLHighRes",
        "imageURL",
        "image",  # some downloads have this instead of the two above
        "also_buy",
        "also_view",
        "similar_item",
    ),
    select=(
        "word(asin)",
        "word(title)",
        "word(brand)",
        "$category",
        "words(category)",
        "list_concat(words(imageURLHighRes), words(image), words(imageURL))[:1]",
        "words(also_buy)",
        "words(also_view)",
        # The comparison table is HTML; what follows each "asin" by one character is a product (eCeLLM, PRP.ipynb).
        "regexp_extract_all(word(similar_item), 'asin.([A-Z0-9]{10})', 1)",
    ),
    key=("product_id",),
)

REVIEWS = CorpusFile(
    table="reviews",
    glob="*.json",
    members=("reviewerID", "asin", "overall", "reviewText", "unixReviewTime", "image"),
    select=(
        "word(reviewerID)",
        "word(asin)",
        "number(overall)",
        "word(reviewText)",
        "TRY(1000 * whole(unixReviewTime))",  # NULL where it overflows
        "words(image)",
    ),
    key=("user_id", "product_id"),
    but_not="meta_",
)

CORPORA.add("amazon_reviews_2018", Corpus("amazon_reviews_2018", (PRODUCTS, REVIEWS), preference=1))
