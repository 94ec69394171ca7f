"""What a row of the release shows, task by task: its texts, its things, its options (protocol.md, section 1.0)."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mmecinstruct.schema import Drop, Item

CUT = 25  # words; "Truncate every item text to 25 words + ..." (protocol.md, 1.7, step 7)

_ORDINAL = re.compile(r"^\s*\d+(?:st|nd|rd|th)\s*:\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Shown:
    """Template variables and items without pictures; `query` is a unit of the leakage report."""

    items: tuple[Item, ...]
    fields: Mapping[str, Any] = field(default_factory=dict)
    query: str = ""


def show(task: str, told: object, options: Sequence[str]) -> Shown | Drop:
    """Read the parsed input and the options (without letters) of a row."""
    return _READERS[task](told, options)


def _answerability(told: object, options: Sequence[str]) -> Shown | Drop:
    question, document = _text(told, "question"), _texts(told, "document")
    if not question or not document:
        return Drop("no_text")
    return Shown((_thing(""),), {"question": question, "document": document})


def _category(told: object, options: Sequence[str]) -> Shown | Drop:
    title = _text(told, "title")
    if not title or not options:
        return Drop("no_options" if title else "no_text")
    return Shown((_thing(title),), {"choices": list(options)})


def _relation(told: object, options: Sequence[str]) -> Shown | Drop:
    titles = [_text(told, f"product {i}") for i in (1, 2)]
    return Shown(tuple(map(_thing, titles))) if all(titles) else Drop("no_text")


def _query(told: object, options: Sequence[str]) -> Shown | Drop:
    query, title = _text(told, "query"), _text(told, "product title", "product")
    return Shown((_thing(title),), {"query": query}, query) if query and title else Drop("no_text")


def _sentiment(told: object, options: Sequence[str]) -> Shown | Drop:
    review = told if isinstance(told, str) else _text(told, "review")
    return Shown((Item("review", "", ""),), {"review": review}) if review.strip() else Drop("no_text")


def _sequential(told: object, options: Sequence[str]) -> Shown | Drop:
    if not isinstance(told, list) or not told or not all(isinstance(one, str) for one in told):
        return Drop("no_text")
    history = [_title(_ORDINAL.sub("", one)) for one in told]
    candidates = [_title(one) for one in options]
    if not all(history) or not all(candidates):
        return Drop("no_text")
    if not candidates:
        return Drop("no_options")
    return Shown(
        (*(Item("history", "", title) for title in history), *(Item("option", "", title) for title in candidates))
    )


_READERS: dict[str, Callable[[object, Sequence[str]], Shown | Drop]] = {
    "answerability_prediction": _answerability,
    "category_classification": _category,
    "product_relation_prediction": _relation,
    "product_substitute_identification": _query,
    "multiclass_product_classification": _query,
    "sentiment_analysis": _sentiment,
    "sequential_recommendation": _sequential,
}


def _thing(title: str) -> Item:
    return Item("product", "", title)


def _title(text: str) -> str:
    """The text of an item as its title, so that the template, which cuts at 25 words, makes the same of it again.

    A text that was cut already ends in "..."; as a word of its own, the 26th, it is cut off and written anew.
    """
    text = text.strip()
    was_cut = text.endswith("...") and len(text.split()) == CUT
    return f"{text.removesuffix('...')} ..." if was_cut else text


def _text(told: object, *names: str) -> str:
    """The first text under one of these keys; ECInstruct writes `Product 1:` for `product 1`."""
    if not isinstance(told, dict):
        return ""
    by_key = {str(key).strip().rstrip(":").lower(): value for key, value in told.items()}
    found = [by_key[name] for name in names if isinstance(by_key.get(name), str) and by_key[name].strip()]
    return found[0] if found else ""


def _texts(told: object, name: str) -> list[str]:
    """The texts of a list, without the blank ones; one text alone is a list of one."""
    value = told.get(name) if isinstance(told, dict) else None
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        return []
    return [one for one in listed if one.strip()]
