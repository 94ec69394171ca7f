"""Case studies: rows with pictures, captions, votes and what every system answered (paper, figures A2 to A6)."""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from caslie.errors import StageError
from caslie.schema import Prediction
from caslie.showing.cards import MOST_ITEMS, Card, Shown, show
from caslie.showing.items import CaptionedItem, items_of, makers, short_names
from mmecinstruct.builder.folder import Folder
from mmecinstruct.looking.view import View, printable, view_of

# Of the last system against those before it.
Kind = Literal["captions help", "captions hurt", "all wrong", "all right"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# Where the systems differ there is most to see: four of six cases are such, as long as there are any.
TURNS: tuple[Kind, ...] = (*KINDS[:2], *KINDS)

MOST_RAW = 300  # characters of a raw answer


@dataclass(frozen=True, slots=True)
class Answers:
    """What one system answered in one mode, to one config or to several."""

    system: str
    by_id: Mapping[str, Prediction]


@dataclass(frozen=True, slots=True)
class Said:
    """One system's answer to one row; `label` is None where `raw` could not be read, or nothing was asked."""

    system: str
    label: str | None
    raw: str
    right: bool


@dataclass(frozen=True, slots=True)
class Case:
    """A row with all that is to be seen of it; where it is not `captioned`, its cards hold pictures alone."""

    id: str
    config: str
    task: str
    target: str
    captioned: bool
    shown: Shown
    answers: tuple[Said, ...]
    kind: Kind


@dataclass(frozen=True, slots=True)
class Chosen:
    """Rows to show, by kind, and how many rows there are of each kind: the chosen ones are no measure of that."""

    ids: tuple[str, ...]
    counts: Counter[Kind]


def choose_cases(references: Mapping[str, str], systems: Sequence[Answers], n: int) -> Chosen:
    """Choose up to `n` rows, most of them where the systems differ, drawn by hash within a kind.

    Args:
        references: the right answers by id.
        systems: at least one; the last is the one that the kinds are about.
        n: how many rows.

    Raises:
        StageError: a system did not answer a row.
    """
    kinds = {id: _kind(_answers(systems, id, target)) for id, target in references.items()}
    turns: dict[str, tuple[int, int]] = {}
    for kind in KINDS:
        mine = sorted((id for id in kinds if kinds[id] == kind), key=_hash)
        places = [place for place, turn in enumerate(TURNS) if turn == kind]
        turns |= {id: (i // len(places), places[i % len(places)]) for i, id in enumerate(mine)}
    drawn = sorted(turns, key=turns.__getitem__)[:n]
    ids = sorted(drawn, key=lambda id: (KINDS.index(kinds[id]), turns[id]))
    return Chosen(tuple(ids), Counter(kinds.values()))


def case_of(folder: Folder, id: str, systems: Sequence[Answers]) -> Case:
    """Show one row and what the systems answered to it.

    Raises:
        UnknownNameError: there is no such row.
        StageError: a system did not answer it.
    """
    return case_of_row(folder, folder.row(id), systems)


def case_of_row(folder: Folder, row: dict[str, Any], systems: Sequence[Answers]) -> Case:
    """Show a row that was read with all its columns."""
    view = view_of(row)
    answers = _answers(systems, view.id, view.answer)
    labels = {view.answer, *(one.label for one in answers if one.label is not None)}
    return Case(
        id=view.id,
        config=view.config,
        task=view.task,
        target=view.answer,
        captioned=folder.captioned,
        shown=_shown(folder, row, view, labels),
        answers=answers,
        kind=_kind(answers),
    )


def decisive(view: View, labels: Collection[str]) -> list[int]:
    """The items that an answer is decided by: those of these options, or all where the options are no items."""
    options = [line for line in view.options if line.item is not None]
    if not options:
        return [line.item for line in (*view.history, *view.alone) if line.item is not None]
    return [line.item for line in options if line.item is not None and line.label in labels]


def _answers(systems: Sequence[Answers], id: str, target: str) -> tuple[Said, ...]:
    if lacking := [one.system for one in systems if id not in one.by_id]:
        raise StageError(f"{lacking[0]}: no answer to {id}; compare predictions on the same rows")
    return tuple(_said(one.system, one.by_id[id], target) for one in systems)


def _said(system: str, one: Prediction, target: str) -> Said:
    more = len(one.raw) - MOST_RAW
    raw = one.raw if more <= 0 else f"{one.raw[:MOST_RAW]} … (+{more:,} characters)"
    return Said(system, one.label, printable(raw), one.label == target)


def _kind(answers: Sequence[Said]) -> Kind:
    *others, last = (one.right for one in answers)
    if last:
        return "all right" if all(others) else "captions help"
    return "captions hurt" if any(others) else "all wrong"


def _shown(folder: Folder, row: dict[str, Any], view: View, labels: Collection[str]) -> Shown:
    items, judges = _uncaptioned(row), {}
    if folder.captioned:
        items, judges = items_of(folder, row), short_names(makers(folder).judges)
    pictures, places = folder.pictures(row), _places(view, labels)
    cards: list[Card] = []
    for start in range(0, len(places), MOST_ITEMS):
        some = places[start : start + MOST_ITEMS]
        alone = tuple(replace(items[place], index=i) for i, place in enumerate(some))
        cards += show(_only(row, some), alone, [pictures[place] for place in some], judges).cards
    return Shown(view, tuple(cards), len(items) - len(cards))


def _uncaptioned(row: Mapping[str, Any]) -> tuple[CaptionedItem, ...]:
    return tuple(CaptionedItem(i, None, (), False) for i in range(len(row["items"])))


def _places(view: View, labels: Collection[str]) -> list[int]:
    """Which items are shown: what decides, and of a history as much of its end as there is room for."""
    found = set(decisive(view, labels))
    past = [line.item for line in view.history if line.item is not None]
    return sorted(found | set(past[-max(2, MOST_ITEMS - len(found)) :]))


def _only(row: dict[str, Any], places: Sequence[int]) -> dict[str, Any]:
    """A row of these items alone: where a history or options are items, their words go with them."""
    texts = {"history": json.loads(row["input"]), "option": row["options"]}
    for role in texts:
        mine = [i for i, item in enumerate(row["items"]) if item["role"] == role]
        if mine:
            texts[role] = [text for i, text in zip(mine, texts[role], strict=True) if i in places]
    items = [row["items"][place] for place in places]
    return row | {"input": json.dumps(texts["history"]), "options": texts["option"], "items": items}


def _hash(id: str) -> str:
    return hashlib.sha256(f"cases|{id}".encode()).hexdigest()
