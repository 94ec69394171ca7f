"""Which rows and items the page shows: some of every kind, drawn by hash."""

import hashlib
from collections.abc import Iterable, Mapping
from itertools import islice

from caslie.showing.items import CaptionedItem

KINDS = ("kept", "dropped", "none", "disputed", "abstained")


def kinds_of(items: Iterable[CaptionedItem]) -> frozenset[str]:
    """What is to be seen in some items."""
    found: set[str] = set()
    for item in items:
        found.add(item.verdict)
        found |= {"disputed"} if item.disputed else set()
        found |= {"abstained"} if len(item.opinions) < len(item.votes) else set()
    return frozenset(found)


def choose(kinds: Mapping[str, frozenset[str]], n: int) -> list[str]:
    """Choose `n` names: half of them so that no kind is left out, the others freely; in the given order."""
    drawn = sorted(kinds, key=_hash)
    share = max(1, n // (2 * len(KINDS)))
    first = [name for kind in KINDS for name in islice((one for one in drawn if kind in kinds[one]), share)]
    chosen = set(list(dict.fromkeys([*first, *drawn]))[:n])
    return [name for name in kinds if name in chosen]


def _hash(name: str) -> str:
    return hashlib.sha256(f"captions|{name}".encode()).hexdigest()
