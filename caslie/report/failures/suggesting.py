"""Suggests a class for a failure by rules over words alone (paper, E.3); a suggestion is never counted as a label.

The rules go by captions, verdicts, titles and answers, in this order. What decides is the right option and the one
that was answered where options have pictures, else every item. A caption tells something if it has a word that is
neither in its item's text nor in a list of words that tell nothing. It conflicts with its item if the two name a
colour, a material or a number with a unit, and no value in common; an item's own words are its title, or the review.

1. *Helpful caption missing*: the model read no caption of the right option, or of any item where options have no
   pictures, although one was dropped that tells something without a conflict, or none was ever written. Whether it
   would have helped is not known.
2. *Context conflict*: a caption that was read conflicts with its item.
3. *Attribute missing*: no caption that was read tells anything. Whether the picture does is not known.
4. *Hard cases*: no other rule fits. That the captions are accurate, as the paper's class asks, is not known.

*Attribute hallucination* is never suggested: nobody can tell it without the picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from caslie.report.failures.attributes import conflicts, news
from caslie.report.failures.classes import CONFLICT, HARD, MISSING, UNHELPED

MOST_WORDS = 6  # of a reason


@dataclass(frozen=True, slots=True)
class Item:
    """An item that decides.

    `words` are its title, or the review; `text` is what else the model read about it. `read` tells whether it read the
    caption, and `right` whether the right answer is about this item.
    """

    label: str
    words: str
    text: str
    caption: str | None
    read: bool
    right: bool

    @property
    def told(self) -> list[str]:
        """What the caption tells beyond the text."""
        return news(self.caption or "", f"{self.words}\n{self.text}")

    @property
    def conflicts(self) -> list[str]:
        """What the caption and the item's own words name otherwise."""
        found = conflicts(self.caption or "", self.words).items()
        return [f"{kind} {_listed(said)} in its caption, {_listed(own)} in its words" for kind, (said, own) in found]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A class, and why."""

    name: str
    reason: str


def suggest(items: Sequence[Item]) -> Suggestion:
    """Suggest a class for a failure, by the items that decide it."""
    right, read = [one for one in items if one.right], [one for one in items if one.read]
    if not any(one.read for one in right) and (reason := _unhelped(right)):
        return Suggestion(UNHELPED, reason)
    if reasons := [f"{one.label}: {reason}" for one in read for reason in one.conflicts]:
        return Suggestion(CONFLICT, reasons[0])
    if not any(one.told for one in read):
        return Suggestion(MISSING, "no caption that was read tells anything beyond the text")
    return Suggestion(HARD, "no other rule fits")


def _unhelped(items: Sequence[Item]) -> str:
    if all(one.caption is None for one in items):
        return f"{', '.join(one.label for one in items)}: no caption was written"
    lost = [one for one in items if one.told and not one.conflicts]
    return "; ".join(f"{one.label}: dropped, and tells {', '.join(one.told[:MOST_WORDS])}" for one in lost)


def _listed(values: frozenset[str]) -> str:
    return " and ".join(sorted(values))
