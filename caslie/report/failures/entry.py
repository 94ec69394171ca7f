"""A failure made ready: its line of the sheet, its case for the page, and the class that rules suggest (E.3)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from caslie.fusion.weaving import shown
from caslie.report.cases import Answers, Case, case_of_row, decisive
from caslie.report.failures.finding import Failure
from caslie.report.failures.sheet import SheetRow
from caslie.report.failures.suggesting import Item, suggest
from caslie.schema import Variant
from caslie.showing.items import CaptionedItem, items_of
from mmecinstruct.builder.folder import Folder, captioned_of
from mmecinstruct.looking.view import View, printable, view_of
from mmecinstruct.words import Captions

MOST_TEXT, MOST_LINE = 800, 300  # characters of a cell, and of one caption or option in it
LAST = 3  # of a purchase history


@dataclass(frozen=True, slots=True)
class Entry:
    """A failure as the page has it: `row` as in the sheet, with a person's label where there is one."""

    row: SheetRow
    case: Case


def entry_of(folder: Folder, failure: Failure, variant: Variant) -> Entry:
    """Make a failure ready; `variant` tells which captions the model read, but for those cut to fit its budget."""
    row, answer = folder.row(failure.id), failure.prediction.label
    view, items = view_of(row), items_of(folder, row)
    places = decisive(view, [failure.target, *([answer] if answer else [])])
    read = shown(variant, captioned_of(row), len(items))
    suggestion = suggest([_item(row, view, read, items[place]) for place in places])
    case = case_of_row(folder, row, [Answers("answer", {failure.id: failure.prediction})])
    sheet_row = SheetRow(
        id=failure.id,
        config=failure.config,
        text=short("\n".join(_text(view)), MOST_TEXT),
        target=_option(view, failure.target),
        answer=_option(view, answer) if answer else "",
        raw=case.answers[0].raw,
        captions="\n".join(_told(item, _labels(view)[item.index]) for item in items),
        suggestion=suggestion.name,
        suggestion_reason=suggestion.reason,
    )
    return Entry(sheet_row, case)


def short(text: str, most: int) -> str:
    """A text for a cell; what is left out is said."""
    more = len(text) - most
    return text if more <= 0 else f"{text[:most]} … (+{more:,} characters)"


def _item(row: Mapping[str, Any], view: View, read: Captions, item: CaptionedItem) -> Item:
    """What suggestions go by."""
    place = item.index
    right = {line.item: line.right for line in view.options}.get(place, True)
    text = "\n".join(line.text for line in view.words)
    return Item(
        label=_labels(view)[place],
        words=row["items"][place]["title"] or text,
        text=text,
        caption=item.caption,
        read=read[place] is not None,
        right=right,
    )


def _labels(view: View) -> dict[int | None, str]:
    """What each item is called."""
    groups = (("{}", view.alone), ("{} purchase", view.history), ("option {}", view.options))
    return {line.item: name.format(line.label) for name, lines in groups for line in lines}


def _text(view: View) -> Iterator[str]:
    for line in view.words:
        yield f"{line.label}: {short(' '.join(line.text.split()), MOST_LINE)}"
    for line in view.alone:
        if line.text:
            yield f"{line.label}: {line.text}"
    if len(view.history) > LAST:
        yield f"{len(view.history)} purchases, the last {LAST}:"
    for line in view.history[-LAST:]:
        yield f"{line.label}: {line.text}"


def _option(view: View, answer: str) -> str:
    """An answer with its option's text, where it has one."""
    texts: Sequence[str] = [line.text for line in view.options if line.label == answer]
    return f"{answer}: {short(texts[0], MOST_LINE)}" if texts else answer


def _told(item: CaptionedItem, label: str) -> str:
    if item.caption is None:
        return f"{label}: no caption"
    caption = printable(" ".join(item.caption.split()))
    return f"{label}: {item.verdict}: {short(caption, MOST_LINE)}"
