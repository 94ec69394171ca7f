"""Choices without a random state: each one is a hash of the seed and of the name of what is chosen."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Chance:
    """A point in the tree of choices. Equal paths choose equally, whatever was chosen before or in which process."""

    path: str

    def at(self, *names: object) -> "Chance":
        """Return the point below this one."""
        return Chance("/".join([self.path, *map(str, names)]))

    def digest(self, name: object) -> bytes:
        """Return 32 bytes that look random."""
        return hashlib.sha256(f"{self.path}/{name}".encode()).digest()

    def number(self, name: object) -> float:
        """Return a number in [0, 1)."""
        return int.from_bytes(self.digest(name)[:6], "big") / 2**48

    def whole(self, low: int, high: int, name: object) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return low + int(self.number(name) * (high - low + 1))

    def one(self, options: Sequence[T], name: object) -> T:
        """Return one of the options."""
        return options[self.whole(0, len(options) - 1, name)]

    def order(self, options: Sequence[T], name: object) -> list[T]:
        """Return the options in a chosen order."""
        ranked = sorted(range(len(options)), key=lambda i: self.digest(f"{name}/{i}"))
        return [options[i] for i in ranked]

    def some(self, options: Sequence[T], n: int, name: object) -> list[T]:
        """Return `n` different options."""
        return self.order(options, name)[:n]

    def deal(self, n: int, shares: Mapping[T, float], name: object) -> list[T]:
        """Return `n` values whose counts follow the shares exactly, up to rounding, in a chosen order."""
        ends = [round(n * share / sum(shares.values())) for share in accumulate(shares.values())]
        hand = [value for value, n_held in zip(shares, _steps(ends), strict=True) for _ in range(n_held)]
        return self.order(hand, name)


def _steps(ends: Sequence[int]) -> list[int]:
    return [end - start for start, end in zip([0, *ends], ends, strict=False)]
