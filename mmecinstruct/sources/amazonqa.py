"""AmazonQA: questions about products, with the review snippets found for them (Gupta et al., 2019)."""

from mmecinstruct.sources.base import CORPORA, Corpus, CorpusFile

QUESTIONS = CorpusFile(
    table="questions",
    glob="*-qar.jsonl",
    members=("qid", "asin", "category", "questionText", "review_snippets", "is_answerable"),
    select=(
        "word(qid)",
        "word(asin)",
        "word(category)",
        "word(questionText)",
        "words(review_snippets)",
        "flag(is_answerable)",  # 0/1 in the files, though their README says boolean
        "$category",
    ),
    key=("qid", "product_id"),
)

CORPORA.add("amazonqa", Corpus("amazonqa", (QUESTIONS,)))
