"""A row as people read it: which words belong to which picture, and which answer is right."""

import json
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from mmecinstruct.builder.features import CAPTION_COLUMNS
from mmecinstruct.builder.folder import TEXT_COLUMNS, Folder
from mmecinstruct.errors import UnknownNameError

_HIDDEN_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # they turn the words around them


@dataclass(frozen=True, slots=True)
class Line:
    """Printable text with its label (`question`, `1st`, `B`), and the place of the item it is about, if any."""

    label: str
    text: str
    item: int | None = None
    right: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """A row in parts. `words` is the input but for a purchase history; `alone` are items that no other line shows."""

    id: str
    config: str
    split: str
    task: str
    instruction: str
    words: tuple[Line, ...]
    history: tuple[Line, ...]
    options: tuple[Line, ...]
    alone: tuple[Line, ...]
    answer: str


def view_of(row: Mapping[str, Any]) -> View:
    """Take a row apart; its id names its config and split."""
    config, _, rest = row["id"].partition("-")
    content = json.loads(row["input"])
    past = content if isinstance(content, list) else []
    fields = content if isinstance(content, dict) else {}
    return View(
        id=row["id"],
        config=config,
        split=rest.partition("-")[0],
        task=row["task"],
        instruction=row["instruction"],
        words=tuple(Line(label, printable(_text(value))) for label, value in fields.items()),
        history=tuple(_lines(past, _places(row, "history"))),
        options=tuple(_lines(row["options"], _places(row, "option"), row["output"])),
        alone=tuple(_alone(row)),
        answer=row["output"],
    )


def first_rows(folder: Folder, config: str, n: int, split: str | None = None) -> Iterator[dict[str, Any]]:
    """Yield the first `n` rows of a split, by default the config's last, with their pictures."""
    if config not in folder.configs:
        raise UnknownNameError("config", config, folder.configs)
    yield from islice(folder.rows(config, split or folder.splits(config)[-1], columns(folder)), n)


def columns(folder: Folder) -> tuple[str, ...]:
    """The columns to read when the pictures are wanted: they are in the rows, or in a config of their own."""
    names = (*TEXT_COLUMNS, *CAPTION_COLUMNS) if folder.captioned else TEXT_COLUMNS
    return names if "pictures" in folder.manifest["configs"] else (*names, "images")


def printable(text: str) -> str:
    """The text with what a terminal or a font would obey made visible: a title is never a command."""
    return "".join("\ufffd" if _obeyed(char) else char for char in text)


def _obeyed(char: str) -> bool:
    return char in _HIDDEN_MARKS or (unicodedata.category(char) == "Cc" and char != "\n")


def _places(row: Mapping[str, Any], role: str) -> list[int]:
    return [i for i, item in enumerate(row["items"]) if item["role"] == role]


def _lines(texts: list[str], places: list[int], answer: str = "") -> Iterator[Line]:
    """Yield `B: text` as a line, with the place of its item where the lines are items."""
    for i, text in enumerate(texts):
        label, _, rest = text.partition(": ")
        yield Line(printable(label), printable(rest), places[i] if places else None, label == answer)


def _alone(row: Mapping[str, Any]) -> Iterator[Line]:
    shown = [(i, item) for i, item in enumerate(row["items"]) if item["role"] in ("product", "review")]
    for number, (i, item) in enumerate(shown, start=1):
        label = f"{item['role']} {number}" if len(shown) > 1 else item["role"]
        # The title only where the input has none: an AP reviewer would not know what the picture shows.
        told = json.dumps(item["title"], ensure_ascii=False) in row["input"]
        yield Line(label, "" if told else printable(item["title"]), i)


def _text(value: object) -> str:
    return "\n\n".join(map(str, value)) if isinstance(value, list) else str(value)
