"""Picture addresses for ESCI products: SQID (test products) and ESCI-S (91 % of all), where Amazon 2023 has none."""

from mmecinstruct.sources.base import CORPORA, Corpus, CorpusFile

ESCI_S = CorpusFile(
    table="addresses",
    glob="esci.json",
    members=("asin", "image"),
    select=("word(asin)", "word(image)"),
    key=("product_id", "address"),
)

SQID = CorpusFile(
    table="addresses",
    glob="*product_image_urls.csv",
    members=("product_id", "image_url"),
    select=("word(product_id)", "word(image_url)"),
    key=("product_id",),  # a product without an address is ordinary here: 910 of the 27,139 supplementary rows
)

CORPORA.add("esci_s", Corpus("esci_s", (ESCI_S,), preference=2))
CORPORA.add("sqid", Corpus("sqid", (SQID,), preference=3))
