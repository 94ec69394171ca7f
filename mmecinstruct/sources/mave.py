"""MAVE: fine-grained categories of Amazon products; only the label files are needed (Yang et al., 2022)."""

from mmecinstruct.sources.base import CORPORA, Corpus, CorpusFile

LABELS = CorpusFile(
    table="labels",
    glob="mave_*_labels.jsonl",  # positives and negatives: what differs is the attributes, not the category
    members=("id", "category"),
    select=("word(id)", "word(category)"),
    key=("product_id", "category"),
)

CORPORA.add("mave", Corpus("mave", (LABELS,)))
