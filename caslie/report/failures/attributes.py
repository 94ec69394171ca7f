"""What a text names of a product: colours, materials, numbers with their units; and the words that carry meaning."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import yaml

KINDS = ("colour", "material")
WORD = re.compile(r"[^\W_]+")


def named(text: str) -> dict[str, frozenset[str]]:
    """The values that a text names of each kind of attribute."""
    lists, plain = _lists(), text.lower()
    for phrase in lists.background:
        plain = plain.replace(phrase, " ")
    words = set(WORD.findall(plain))
    found = {kind: frozenset(lists.values[kind][word] for word in words & lists.values[kind].keys()) for kind in KINDS}
    for unit, number in _measures(plain):
        kind = f"number in {unit}" if unit != "pack" else "number in a pack"
        found[kind] = found.get(kind, frozenset()) | {number}
    return {kind: values for kind, values in found.items() if values}


def conflicts(first: str, second: str) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """The kinds of attribute of which two texts name values, but none in common."""
    one, other = named(first), named(second)
    return {kind: (one[kind], other[kind]) for kind in one if kind in other and not one[kind] & other[kind]}


def news(caption: str, text: str) -> list[str]:
    """The words of a caption that tell something and are not in a text, singular or plural, in order."""
    known = {_singular(word) for word in WORD.findall(text.lower())} | _lists().filler
    said = (_singular(word) for word in WORD.findall(caption.lower()))
    return [word for word in dict.fromkeys(said) if word not in known]


@dataclass(frozen=True)
class _Lists:
    values: Mapping[str, Mapping[str, str]]
    units: Mapping[str, str]
    numbers: Mapping[str, int]
    background: tuple[str, ...]
    filler: frozenset[str]

    @cached_property
    def number(self) -> re.Pattern[str]:
        """In digits or, where it is small, as a word."""
        return re.compile(rf"(?:\d+(?:\.\d+)?|{'|'.join(self.numbers)})")

    @cached_property
    def measure(self) -> re.Pattern[str]:
        """`17 x 10 x 5 inches`, `six-pack`, `pack of 6`; no part of `1,000 ml` or `1/2 inch`."""
        number = self.number.pattern
        units = "|".join(sorted(map(re.escape, self.units), key=len, reverse=True))
        return re.compile(
            rf"(?<![\w.,/])({number}(?:\s*[x\u00d7]\s*{number})*)\s*-?\s*({units})(?!\w)|\bpacks? of ({number})(?!\w)"
        )


def _measures(text: str) -> Iterator[tuple[str, str]]:
    lists = _lists()
    for before, unit, of in lists.measure.findall(text):
        for number in lists.number.findall(before or of):
            yield lists.units.get(unit, "pack"), f"{float(lists.numbers.get(number, number)):g}"


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


@cache
def _lists() -> _Lists:
    content = yaml.safe_load((Path(__file__).parent / "attributes.yaml").read_text(encoding="utf-8"))
    return _Lists(
        values={kind: _by_word(content[kind]) for kind in KINDS},
        units=_by_word(content["units"]),
        numbers=content["numbers"],
        background=tuple(content["background"]),
        filler=frozenset(map(_singular, content["filler"].split())),
    )


def _by_word(values: Mapping[str, list[str]]) -> dict[str, str]:
    return {word: value for value, words in values.items() for word in words}
