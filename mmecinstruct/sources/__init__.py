"""The corpora: raw files to typed rows, one module each, found by being here."""

from importlib import import_module
from pkgutil import iter_modules

from mmecinstruct.sources.base import CORPORA, Corpus, CorpusFile
from mmecinstruct.sources.find import Found, Need, find, picture_needs
from mmecinstruct.sources.staging import Corpora, listed, quoted

__all__ = ["CORPORA", "Corpora", "Corpus", "CorpusFile", "Found", "Need", "find", "listed", "picture_needs", "quoted"]

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
