"""Texts that are nearly the same: every pair whose sets of 5-grams have a Jaccard similarity of at least 0.7.

Two sets of which most is shared share some of their rarest members too, so only pairs that do are compared whole, and
none is missed: the prefix filter (Chaudhuri et al., ICDE 2006). MinHash tuned to find 99 % of them was no faster here.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIMILAR = 0.7
SHINGLE = 5
SHARE = 0.1  # the part of a set that must be among the rarest of both; the fastest of 0, 0.05, 0.1 and 0.2
RARITY_BITS = 20

_SEPARATORS = re.compile(r"[\W_]+")
_SHIFT = np.uint64(64 - RARITY_BITS)
_FACTORS = np.array(  # odd and without pattern: the fractions of the square roots of 2, 3, 5, 7 and 11
    [0x6A09E667F3BCC909, 0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B, 0xA54FF53A5F1D36F1, 0x510E527FADE682D1], np.uint64
)


@dataclass(frozen=True, slots=True)
class Near:
    """A text of an index, by its number, and how similar it is to the one asked about."""

    text: int
    similarity: float


class Index:
    """Texts to be found again by what is nearly the same. `rows` holds the ids of each distinct text, in order."""

    def __init__(self, texts: Iterable[tuple[str, str]]) -> None:
        ids: dict[bytes, list[str]] = {}
        for id, text in texts:
            ids.setdefault(shingles(text).tobytes(), []).append(id)
        self.rows = list(ids.values())
        self._sets = [np.frombuffer(one, np.uint64) for one in ids]
        self._sizes = np.array([len(one) for one in self._sets], np.int64)
        self._common = np.zeros(1 << RARITY_BITS, np.int32)
        for one in self._sets:
            np.add.at(self._common, _bucket(one), 1)
        self._index([self._rarest(one) for one in self._sets])

    def _index(self, rarest: list[NDArray[np.uint64]]) -> None:
        """Lay out who has which rare shingle: `_texts[_starts[i]:_starts[i + 1]]` have `_shingles[i]`."""
        lengths = [len(one) for one in rarest]
        everything = np.concatenate([*rarest, np.empty(0, np.uint64)])
        order = np.argsort(everything, kind="stable")
        self._texts = np.repeat(np.arange(len(rarest)), lengths)[order]
        self._shingles, starts = np.unique(everything[order], return_index=True)
        self._starts = np.append(starts, len(order))

    def near(self, text: str) -> list[Near]:
        """Every text that is nearly the same as this one."""
        asked = shingles(text)
        return [
            Near(n, similarity)
            for n in self._candidates(asked)
            if (similarity := jaccard(self._sets[n], asked)) >= SIMILAR
        ]

    def retire(self, text: int) -> None:
        """Find a text no more."""
        self._sizes[text] = 0

    def _candidates(self, asked: NDArray[np.uint64]) -> Iterator[int]:
        """Yield the texts of about the same size that share enough of the rarest shingles."""
        shared = np.bincount(self._having(np.sort(self._rarest(asked))), minlength=len(self._sets))
        small, large = np.minimum(self._sizes, len(asked)), np.maximum(self._sizes, len(asked))
        enough = (shared >= _needed(small)) & (small / large >= SIMILAR)
        return (int(n) for n in np.flatnonzero(enough))

    def _having(self, rare: NDArray[np.uint64]) -> NDArray[np.int64]:
        """The texts that have one of these shingles among their rarest, once for each."""
        places = _places(self._shingles, rare)
        starts = self._starts[places]
        lengths = self._starts[places + 1] - starts
        before = np.cumsum(lengths) - lengths
        found: NDArray[np.int64] = self._texts[np.repeat(starts - before, lengths) + np.arange(lengths.sum())]
        return found

    def _rarest(self, shingled: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """As many of the rarest as a similar set cannot do without, and SHARE more."""
        size = len(shingled)
        n = size - int(SIMILAR * size) + int(_needed(size))
        return shingled[np.argsort(self._common[_bucket(shingled)], kind="stable")[:n]]


def shingles(text: str) -> NDArray[np.uint64]:
    """The 5-grams of a text as sorted 64-bit hashes; a shorter text is its own and only one."""
    codes = np.frombuffer(plain(text).ljust(SHINGLE, "\0").encode("utf-32-le"), "<u4").astype(np.uint64)
    n = len(codes) - SHINGLE + 1
    mixed = np.zeros(n, np.uint64)
    for i, factor in enumerate(_FACTORS):
        mixed += codes[i : i + n] * factor
    return np.unique((mixed ^ (mixed >> np.uint64(32))) * _FACTORS[0])


def plain(text: str) -> str:
    """Lower case, and one space for whatever is neither letter nor digit."""
    return _SEPARATORS.sub(" ", text.lower()).strip()


def jaccard(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> float:
    """How much of two sets is shared."""
    shared = len(_places(one, other))
    return shared / (len(one) + len(other) - shared)


def _places(within: NDArray[np.uint64], wanted: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Where in a sorted set are those of the wanted that it has."""
    if not len(within):
        return np.empty(0, np.int64)
    places = np.minimum(np.searchsorted(within, wanted), len(within) - 1)
    found: NDArray[np.int64] = places[within[places] == wanted]
    return found


def _bucket(shingled: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Where rarity is counted. Shingles may meet there: any order is a right one, if it is everywhere the same."""
    return (shingled >> _SHIFT).astype(np.int64)


def _needed(size: int | NDArray[np.int64]) -> NDArray[np.int64]:
    return np.maximum(1, np.asarray(size * SHARE, np.int64))
