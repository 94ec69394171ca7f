"""The records that flow from the corpora to the dataset (paper, section 3).

One record is one instruction example. Item *i* owns picture *i* and, later, caption *i* and verdict *i*; so what comes
after never asks which task a sample belongs to: an AP sample has one item, PRP two, SR its history and its candidates.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Domain = Literal["ind", "ood"]
Split = Literal["train", "validation", "test"]
Role = Literal["product", "review", "history", "option"]

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Ref:
    """Where a fact was read: a corpus file and (64 bits of) the md5 of the raw line.

    A digest instead of a line number keeps the rows the same when the lines of a file change places; line numbers live
    in `lineage.sqlite`. `item` is the item it is about, -1 if it is about the sample.
    """

    file: str
    digest: str
    item: int = -1


@dataclass(frozen=True, slots=True)
class Item:
    """One pictured thing. `picture` is the sha256 of the stored bytes, empty until the picture is at hand."""

    role: Role
    product_id: str
    title: str
    category: str = ""
    brand: str = ""
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item whose picture is still to be had: addresses in order of preference, and the records it was read from."""

    item: Item
    addresses: tuple[str, ...]
    refs: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """What a task proposes: a sample before its pictures are at hand.

    `answer` is the output text (`yes`, `B`), or, where items are the options, the product_id of the right one.
    `reserve` holds spare options in the order in which they replace one whose picture cannot be had.
    `query` and `user` are units of the leakage report; they do not appear in the dataset.
    """

    key: str
    fields: Mapping[str, Any]
    candidates: tuple[Candidate, ...]
    answer: str
    refs: tuple[Ref, ...]
    reserve: tuple[Candidate, ...] = ()
    query: str = ""
    user: str = ""


@dataclass(frozen=True, slots=True)
class Drop:
    """A row that does not become a sample, and why: a short snake_case reason that is counted in the manifest."""

    reason: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One instruction example.

    `fields` are the template's own variables (question, document, query, review, choices); the rest of the words come
    from `items`. `target` is the expected answer. `options` are rendered lines such as `A: Very positive`.
    """

    id: str
    task: str
    domain: Domain
    split: Split
    fields: Mapping[str, Any]
    items: tuple[Item, ...]
    target: str
    options: tuple[str, ...] = ()
    lineage: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class CaptionVote:
    """One judge's answer to whether a caption helps the task (paper, 4.2).

    `useful` is None if the judge abstained; `margin` tells how sure it was, where its answer was scored.
    """

    judge: str
    useful: bool | None
    margin: float | None


@dataclass(frozen=True, slots=True)
class Captioned:
    """What a sample gets of captions and verdicts: one entry an item, in the order of the items.

    A caption is None where there is none. A judge that was not asked, since the majority was certain, has no vote.
    """

    captions: tuple[str | None, ...]
    votes: tuple[tuple[CaptionVote, ...], ...]
    kept: tuple[bool, ...]
