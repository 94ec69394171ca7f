"""What the paper says in words, as data: percentages, claims, and the few facts from elsewhere that a proof needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

import yaml


@dataclass(frozen=True, slots=True)
class Saying:
    """Words, where they stand, and the percentage in them that is checked."""

    where: str
    words: str
    percent: float | None = None


@cache
def printed_sayings() -> Mapping[str, Saying]:
    """Read what the paper says, by name."""
    return read_sayings((Path(__file__).parent / "printed" / "text.yaml").read_text(encoding="utf-8"))


def read_sayings(text: str) -> Mapping[str, Saying]:
    """Read sayings from YAML; what is not as it should be is a ValueError that says where."""
    return MappingProxyType({name: _saying(name, one) for name, one in yaml.safe_load(text).items()})


def _saying(name: str, one: object) -> Saying:
    if not isinstance(one, dict) or not {"where", "words"} <= set(one) <= {"where", "words", "percent"}:
        raise ValueError(f"{name}: not where, words and at most a percent: {one}")
    where, words, percent = one["where"], one["words"], one.get("percent")
    if not isinstance(where, str) or not isinstance(words, str):
        raise ValueError(f"{name}: where and words are texts, not {where!r} and {words!r}")
    if percent is not None and str(percent) not in words:
        raise ValueError(f"{name}: {percent} does not stand in {words!r}")
    return Saying(where, words, percent)
