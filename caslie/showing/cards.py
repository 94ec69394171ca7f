"""What the page shows of a row: the words a judge saw, and a card for each item."""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from caslie.showing.choosing import choose, kinds_of
from caslie.showing.items import CaptionedItem, Verdict
from mmecinstruct.looking.pictures import jpeg, thumbnail
from mmecinstruct.looking.view import View, printable, view_of

MOST_ITEMS = 8  # of the thirty of an SR row
SIDE, QUALITY = 160, 72  # pixels; JPEG
SAID = {True: "yes", False: "no", None: "abstained"}


@dataclass(frozen=True, slots=True)
class Chip:
    """What one judge said of one caption."""

    judge: str
    said: str
    margin: str


@dataclass(frozen=True, slots=True)
class Card:
    """One item. `picture` is a JPEG as base64, empty for one that does not open."""

    label: str
    text: str
    picture: str
    caption: str | None
    verdict: Verdict
    judges: str  # "disagree", "agree", or empty where fewer than two have an opinion
    chips: tuple[Chip, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A row of the page; `more` items are not on it."""

    view: View
    cards: tuple[Card, ...]
    more: int


def show(
    row: Mapping[str, Any], items: tuple[CaptionedItem, ...], pictures: list[bytes], judges: Mapping[str, str]
) -> Shown:
    """Make a row ready for the page; `judges` are short names by identity, in the order of asking."""
    view = view_of(row)
    lines = dict(_lines(view))
    chosen = choose({f"{row['id']} {item.index}": kinds_of([item]) for item in items}, MOST_ITEMS)
    shown = [items[int(name.rpartition(" ")[2])] for name in chosen]
    cards = tuple(_card(*lines[item.index], item, pictures[item.index], judges) for item in shown)
    return Shown(view, cards, len(items) - len(cards))


def _lines(view: View) -> Iterator[tuple[int | None, tuple[str, str]]]:
    """Yield the place of every item with its label and its text."""
    for line in view.alone:
        yield line.item, (line.label, line.text)
    for line in view.history:
        yield line.item, (f"{line.label} purchase", line.text)
    for line in view.options:
        yield line.item, (f"option {line.label}", line.text)


def _card(label: str, text: str, item: CaptionedItem, picture: bytes, judges: Mapping[str, str]) -> Card:
    image = thumbnail(picture, SIDE)
    return Card(
        label=label,
        text=text,
        picture=base64.b64encode(jpeg(image, QUALITY)).decode() if image else "",
        caption=None if item.caption is None else printable(item.caption),
        verdict=item.verdict,
        judges=("disagree" if item.disputed else "agree") if len(item.opinions) > 1 else "",
        chips=tuple(_chips(item, judges)) if item.caption is not None else (),
    )


def _chips(item: CaptionedItem, judges: Mapping[str, str]) -> Iterator[Chip]:
    votes = {vote.judge: vote for vote in item.votes}
    for judge, name in judges.items():
        if judge not in votes:
            yield Chip(name, "not asked", "")
            continue
        margin = votes[judge].margin
        yield Chip(name, SAID[votes[judge].useful], "" if margin is None else f"{margin:+.2f}")
