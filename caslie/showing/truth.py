"""Builds of the sample: whether judges keep the captions that inform, and drop those that mislead (section 4.2)."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.text import Text

from caslie.pocket.lessons import Lesson, lessons
from caslie.showing.items import CaptionedItem, captioned_rows, makers, places, short_names
from caslie.showing.printed import percent
from caslie.showing.tables import table
from mmecinstruct.builder.folder import TEXT_COLUMNS, Folder, sample_of
from mmecinstruct.errors import SourceError
from mmecinstruct.looking.view import printable
from mmecinstruct.sample.looks import Shares
from mmecinstruct.sample.world import plan_world
from mmecinstruct.schema import Sample
from mmecinstruct.tasks import TASKS

MAJORITY, ALWAYS = "majority", "uia"  # use it always (Table 6)
ALL = "all"

Bearing = Literal["informs", "misleads", "repeats"]
Key = tuple[str, str, str]
Seen = tuple[Bearing, CaptionedItem]
Keeps = Callable[[CaptionedItem], bool | None]


@dataclass(frozen=True, slots=True)
class Against:
    """What one voter does to the captions of one task, or of all tasks by item, where SR weighs most.

    A caption informs where the picture is right and shows what is asked and the text leaves open, repeats where it is
    right and shows no more than the text, and misleads where it is blurred or of another thing. `asked` are the
    captions that the voter saw: where voting stops early, that is not every caption for every judge, and their lines
    do not compare. Who abstains keeps nothing. `precision` is the share that informs of the kept that inform or
    mislead, `recall` the share kept of those that inform, `accuracy` the share that is kept if it informs, dropped if
    it does not.
    """

    task: str
    voter: str
    asked: int
    informs: int
    informs_kept: int
    misleads: int
    misleads_kept: int
    repeats: int
    repeats_kept: int
    precision: float | None
    recall: float | None
    accuracy: float | None
    uncaptioned: int
    unknown: int


def against_truth(folder: Folder, corpora: Path) -> tuple[Against, ...]:
    """Hold the votes of a build against the sample corpora that it was built from, task by task and voter by voter.

    The corpora are planned again from what their `sample.json` says, and each item is found there by its product and
    its sample's own words; one that is not found counts as unknown.

    Raises:
        OutputError: the build has no captions.
        SourceError: there are no sample corpora, or the build is of others.
    """
    judges = makers(folder).judges
    truth = bearings(corpora)
    seen: dict[str, list[Seen]] = {}
    unknown: Counter[str] = Counter()
    for sample, item in _items(folder):
        if (bearing := truth.get(item_key(sample, item.index))) is None:
            unknown[sample.task] += 1
        else:
            seen.setdefault(sample.task, []).append((bearing, item))
    if not seen:
        raise SourceError(f"{folder.out}: no item of it is of the sample in {corpora}")
    every = [one for found in seen.values() for one in found]
    tasks = [*seen.items(), (ALL, every)]
    unknown[ALL] = unknown.total()
    return tuple(
        _against(task, voter, keeps, found, unknown[task]) for task, found in tasks for voter, keeps in _voters(judges)
    )


def print_truth(console: Console, found: Sequence[Against]) -> None:
    """Print what `against_truth` gave."""
    numbers = ("asked", "precision", "recall", "right", "informs", "misleads", "repeats")
    printed_table = table("Votes against the sample's truth", ("task", "voter"), numbers)
    voters = short_names(list(dict.fromkeys(one.voter for one in found)))
    for i, one in enumerate(found):
        shares = (percent(one.precision), percent(one.recall), percent(one.accuracy))
        kept = [f"{n:,}" for n in (one.informs_kept, one.misleads_kept, one.repeats_kept)]
        task = one.task if one.task == ALL else TASKS[one.task].abbr.upper()
        ends = i + 1 == len(found) or found[i + 1].task != one.task
        printed_table.add_row(
            task, Text(printable(voters[one.voter])), f"{one.asked:,}", *shares, *kept, end_section=ends
        )
    console.print(printed_table)
    console.print("The last three columns count what is kept; uia, use it always, keeps all.")
    if n := sum(one.unknown for one in found if (one.task, one.voter) == (ALL, MAJORITY)):
        console.print(f"{n:,} items are not of this sample and are not counted.")


def bearings(corpora: Path) -> dict[Key, Bearing]:
    """What the picture of every item of a sample is worth, by `item_key`.

    Raises:
        SourceError: there are no sample corpora.
    """
    try:
        about = json.loads((corpora / "sample.json").read_text(encoding="utf-8"))
        world = plan_world(about["scale"], about["seed"], Shares(**about["shares"]))
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise SourceError(f"{corpora}: no sample corpora ({error}). `mmecinstruct sample` writes some") from error
    return {item_key(lesson.sample, lesson.index): _bearing(lesson) for lesson in lessons(world)}


def item_key(sample: Sample, index: int) -> Key:
    """Which item of the sample's world this is: its task, its product and its sample's own words."""
    # Without the choices, which are drawn: not every build offers the same.
    fields = {name: value for name, value in sample.fields.items() if name != "choices"}
    return sample.task, sample.items[index].product_id, json.dumps(fields, sort_keys=True)


def _bearing(lesson: Lesson) -> Bearing:
    if not lesson.right:
        return "misleads"
    return "informs" if lesson.useful else "repeats"


def _items(folder: Folder) -> Iterator[tuple[Sample, CaptionedItem]]:
    for config, split in places(folder):
        for row, items in captioned_rows(folder, config, split, TEXT_COLUMNS):
            sample = sample_of(row, split)
            for item in items:
                yield sample, item


def _voters(judges: Sequence[str]) -> Iterator[tuple[str, Keeps]]:
    yield MAJORITY, lambda item: item.kept
    for judge in judges:
        yield judge, _keeps(judge)
    yield ALWAYS, lambda item: True


def _keeps(judge: str) -> Keeps:
    """Whether a judge alone would keep a caption; None where it was not asked."""

    def keeps(item: CaptionedItem) -> bool | None:
        opinions = [bool(vote.useful) for vote in item.votes if vote.judge == judge]
        return opinions[0] if opinions else None

    return keeps


def _against(task: str, voter: str, keeps: Keeps, found: Sequence[Seen], unknown: int) -> Against:
    captioned = [(bearing, keeps(item)) for bearing, item in found if item.caption is not None]
    asked = Counter(bearing for bearing, keep in captioned if keep is not None)
    kept = Counter(bearing for bearing, keep in captioned if keep)
    dropped = asked.total() - kept.total() - (asked["informs"] - kept["informs"])
    return Against(
        task=task,
        voter=voter,
        asked=asked.total(),
        informs=asked["informs"],
        informs_kept=kept["informs"],
        misleads=asked["misleads"],
        misleads_kept=kept["misleads"],
        repeats=asked["repeats"],
        repeats_kept=kept["repeats"],
        precision=_share(kept["informs"], kept["informs"] + kept["misleads"]),
        recall=_share(kept["informs"], asked["informs"]),
        accuracy=_share(kept["informs"] + dropped, asked.total()),
        uncaptioned=len(found) - len(captioned),
        unknown=unknown,
    )


def _share(n: int, of: int) -> float | None:
    return n / of if of else None
