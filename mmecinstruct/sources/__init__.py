"""The corpora: raw files to typed rows. Importing this package registers every corpus."""

from mmecinstruct.sources import amazon_2018, amazon_2023, amazonqa, mave, picture_lists, shopping_queries
from mmecinstruct.sources.base import CORPORA, Corpus, CorpusFile
from mmecinstruct.sources.find import Found, Need, find, picture_needs
from mmecinstruct.sources.staging import Corpora, listed, quoted

__all__ = [
    "CORPORA",
    "Corpora",
    "Corpus",
    "CorpusFile",
    "Found",
    "Need",
    "amazon_2018",
    "amazon_2023",
    "amazonqa",
    "find",
    "listed",
    "mave",
    "picture_lists",
    "picture_needs",
    "quoted",
    "shopping_queries",
]
