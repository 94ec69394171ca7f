"""Captioned rows, to read: every item with its caption, what the judges said of it, and what became of it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mmecinstruct.builder.features import CAPTION_COLUMNS
from mmecinstruct.builder.folder import Folder, captioned_of
from mmecinstruct.errors import OutputError
from mmecinstruct.schema import CaptionVote

Verdict = Literal["kept", "dropped", "none"]


@dataclass(frozen=True, slots=True)
class CaptionedItem:
    """An item of a row. A judge that abstained has a vote without an opinion, one that was not asked has none."""

    index: int
    caption: str | None
    votes: tuple[CaptionVote, ...]
    kept: bool

    @property
    def verdict(self) -> Verdict:
        """What became of the caption."""
        if self.caption is None:
            return "none"
        return "kept" if self.kept else "dropped"

    @property
    def opinions(self) -> tuple[bool, ...]:
        """The votes of those who did not abstain."""
        return tuple(vote.useful for vote in self.votes if vote.useful is not None)

    @property
    def disputed(self) -> bool:
        """Whether one judge said yes and another no."""
        return len(set(self.opinions)) > 1


@dataclass(frozen=True, slots=True)
class Makers:
    """Who captioned and judged: models by their identities, the judges in the order in which they are asked."""

    captioner: str
    lineup: str
    judges: tuple[str, ...]


def makers(folder: Folder) -> Makers:
    """Who made the captions of a build.

    Raises:
        OutputError: it has none.
    """
    if not folder.captioned:
        raise OutputError(f"{folder.out}: has no captions; `caslie caption` and `caslie judge` make them")
    about = folder.manifest["captions"]
    if missing := [name for name in ("captioner", "lineup") if name not in about]:
        raise OutputError(f"{folder.out / 'manifest.json'}: its captions lack {', '.join(missing)}")
    return Makers(str(about["captioner"]), str(about["lineup"]), tuple(map(str, about["judges"])))


def captioned_rows(
    folder: Folder, config: str, split: str, columns: Sequence[str] = ("id",)
) -> Iterator[tuple[dict[str, Any], tuple[CaptionedItem, ...]]]:
    """Yield the rows of a split with these columns, and the captioned items of each."""
    for row in folder.rows(config, split, (*columns, *CAPTION_COLUMNS)):
        yield row, items_of(folder, row)


def items_of(folder: Folder, row: dict[str, Any]) -> tuple[CaptionedItem, ...]:
    """The captioned items of a row that was read with its columns of captions.

    Raises:
        OutputError: the columns are not there, or do not fit each other.
    """
    columns = [row.get(name) or [] for name in CAPTION_COLUMNS]
    whole = len({len(column) for column in columns}) == 1 and columns[0] and None not in [*columns[1], *columns[2]]
    if not whole:
        told = "has no captions, or not one for each item; `mmecinstruct validate` tells more"
        raise OutputError(f"{folder.out}: {row['id']}: {told}")
    captioned = captioned_of(row)
    entries = zip(captioned.captions, captioned.votes, captioned.kept, strict=True)
    return tuple(CaptionedItem(i, *entry) for i, entry in enumerate(entries))


def short_names(judges: Sequence[str]) -> dict[str, str]:
    """Each judge's identity with the name of its model, or with all of it where two have the same name."""
    names = {judge: judge.partition(" ")[0].partition("@")[0].rpartition("/")[2] for judge in judges}
    counts = Counter(names.values())
    return {judge: name if counts[name] == 1 else judge for judge, name in names.items()}


def places(folder: Folder) -> list[tuple[str, str]]:
    """Every config with each of its splits."""
    return [(config, split) for config in folder.configs for split in folder.splits(config)]
