"""Marks that travel inside a text through the templates: whether the word before fits what was said before it."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from mmecinstruct.sample.looks import Look
from mmecinstruct.sample.text import NUMBERS, plural

Fit = bool | None  # None of a word that nothing was said about
FITS: tuple[Fit, ...] = (True, False, None)
_SEALS = dict(zip(FITS, "\ue001\ue002\ue003", strict=True))  # no text holds these characters
_TRUTHS = {seal: fits for fits, seal in _SEALS.items()}
_SEAL = re.compile(f"[{''.join(_TRUTHS)}]")


class Marked(NamedTuple):
    """A text without its marks, and where they stood: the place of a word's last character, and whether it fits."""

    text: str
    marks: tuple[tuple[int, Fit], ...]


def mark(text: str, look: Look, fits: Mapping[str, Fit]) -> str:
    """Mark the words that tell these attributes of a look, the kind among them."""
    truths = {word: truth for name, truth in fits.items() for word in _words(look, name)}
    return re.sub(r"[A-Za-z]+", lambda found: _marked(found[0], truths), text)


def unmark(text: str) -> Marked:
    """Take the marks out of a text."""
    found = enumerate(_SEAL.finditer(text))
    marks = tuple((each.start() - number - 1, _TRUTHS[each[0]]) for number, each in found)
    return Marked(_SEAL.sub("", text), marks)


def seal(fits: Fit) -> str:
    """Return the mark itself."""
    return _SEALS[fits]


def _marked(word: str, truths: Mapping[str, Fit]) -> str:
    return word + seal(truths[word.lower()]) if word.lower() in truths else word


def _words(look: Look, name: str) -> tuple[str, ...]:
    if name == "kind":
        return look.kind, plural(look.kind)
    if name == "count":
        return (NUMBERS[look.count],)
    return (str(getattr(look, name)).lower(),)
