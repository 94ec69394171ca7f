"""The near-duplicate search measured on this build: training texts are spoilt more and more, then searched for."""

import random
from collections.abc import Sequence
from typing import Any

from mmecinstruct.builder.near_duplicates import SHINGLE, SIMILAR, Index, plain

PLANTED = 200
BANDS = ((0.6, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 1.0))  # the first one is not to be found


def measured(texts: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """How many planted pairs there were in each band of similarity, and how many of them the search found."""
    spoilt = [(id, _spoil(text, id, *BANDS[i % len(BANDS)])) for i, (id, text) in enumerate(texts)]
    found = _found(spoilt, texts)
    pairs = [(id, _similarity(_grams(text), other)) for (id, text), (_, other) in zip(texts, spoilt, strict=True)]
    bands = {}
    for low, high in BANDS:
        inside = [id for id, truth in pairs if low <= truth < high]
        bands[f"{low}-{high}"] = {"pairs": len(inside), "found": len(found.intersection(inside))}
    return {
        "bands": bands,
        "recall": _share([id in found for id, truth in pairs if truth >= SIMILAR]),
        "false": _share([id in found for id, truth in pairs if truth < SIMILAR]),
    }


def _similarity(grams: set[str], text: str) -> float:
    """The Jaccard similarity of the 5-grams themselves: the truth, which owes nothing to the hashes of the search."""
    others = _grams(text)
    shared = len(grams & others)
    return shared / (len(grams) + len(others) - shared)


def _grams(text: str) -> set[str]:
    words = plain(text)
    return {words[i : i + SHINGLE] for i in range(max(1, len(words) - SHINGLE + 1))}


def _found(spoilt: Sequence[tuple[str, str]], texts: Sequence[tuple[str, str]]) -> set[str]:
    index = Index(spoilt)
    return {id for id, text in texts if any(id in index.rows[near.text] for near in index.near(text))}


def _spoil(text: str, id: str, low: float, high: float) -> str:
    """Edit a text until it is about as similar as asked; a short one may fall far below, and counts where it falls."""
    chance = random.Random(id)
    grams, words = _grams(text), plain(text).split() or [""]
    target = low + (high - low) * chance.random()
    step = 1 + len(words) // 100
    while _similarity(grams, " ".join(words)) > target:
        for _ in range(step):
            _edit(words, chance)
    return " ".join(words)


def _edit(words: list[str], chance: random.Random) -> None:
    """Misspell, swap, leave out or add a word."""
    i = chance.randrange(len(words))
    edit = chance.choice(("misspell", "swap", "leave out", "add"))
    if edit == "leave out" and len(words) > 1:
        del words[i]
    elif edit == "swap":
        words[i - 1], words[i] = words[i], words[i - 1]
    elif edit == "add":
        words.append(f"{chance.choice(words)}{chance.choice('aeiou')}")
    else:
        at = chance.randrange(len(words[i]) + 1)
        words[i] = words[i][:at] + chance.choice("aeiou") + words[i][at + 1 :]


def _share(hits: Sequence[bool]) -> float | None:
    """None where there was nothing to hit."""
    return sum(hits) / len(hits) if hits else None
