"""How many captions the judges keep: the row "caption used" of Table 4."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console

from caslie.showing.items import CaptionedItem, captioned_rows, makers, places
from caslie.showing.printed import percent, printed
from caslie.showing.tables import table
from mmecinstruct.builder.folder import Folder
from mmecinstruct.looking.verdicts import wilson


@dataclass(frozen=True, slots=True)
class UseRate:
    """The captions of one split. `rate` is the share of them that is kept, None where there is none.

    `low` and `high` are its 95 % interval after Wilson, which takes every item for one of its own: SR shows most of
    its products many times, so that its true interval is wider. `printed` is what the paper has for the same column.
    `disputed` counts captions that one judge finds useful and another does not, of `compared`, those with two
    opinions at least; where voting stops early, judges that were not asked might have differed too.
    """

    config: str
    split: str
    task: str
    items: int
    captioned: int
    kept: int
    rate: float | None
    low: float
    high: float
    printed: float | None
    votes: int
    abstained: int
    compared: int
    disputed: int


def use_rates(folder: Folder) -> tuple[UseRate, ...]:
    """Count every split of every config.

    Raises:
        OutputError: the build has no captions.
    """
    makers(folder)
    return tuple(_rate(folder, config, split) for config, split in places(folder))


def print_use_rates(console: Console, rates: Sequence[UseRate]) -> None:
    """Print what `use_rates` gave."""
    numbers = ("items", "captions", "kept", "used", "95 %", "paper", "differ", "no vote")
    printed_table = table("Captions used (Table 4)", ("split",), numbers)
    for one in rates:
        printed_table.add_row(*_cells(one))
    console.print(printed_table)
    console.print("differ: captions on which the judges do; no vote: of all votes asked for, those not given.")


def _rate(folder: Folder, config: str, split: str) -> UseRate:
    counts: Counter[str] = Counter()
    for _, items in captioned_rows(folder, config, split):
        counts.update(_counts(items))
    low, high = wilson(counts["kept"], counts["captioned"])
    return UseRate(
        config=config,
        split=split,
        task=folder.manifest["configs"][config]["task"],
        items=counts["items"],
        captioned=counts["captioned"],
        kept=counts["kept"],
        rate=counts["kept"] / counts["captioned"] if counts["captioned"] else None,
        low=low,
        high=high,
        printed=printed("caption_used").get(config) if split == "test" else None,
        votes=counts["votes"],
        abstained=counts["abstained"],
        compared=counts["compared"],
        disputed=counts["disputed"],
    )


def _counts(items: Iterable[CaptionedItem]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for item in items:
        counts["items"] += 1
        counts["captioned"] += item.verdict != "none"
        counts["kept"] += item.verdict == "kept"
        counts["votes"] += len(item.votes)
        counts["abstained"] += len(item.votes) - len(item.opinions)
        counts["compared"] += len(item.opinions) > 1
        counts["disputed"] += item.disputed
    return counts


def _cells(one: UseRate) -> list[str]:
    shares = (
        percent(one.rate),
        f"{100 * one.low:.0f}-{100 * one.high:.0f}" if one.captioned else "",
        percent(one.printed),
        percent(one.disputed / one.compared if one.compared else None),
        percent(one.abstained / one.votes if one.votes else None),
    )
    return [f"{one.config} {one.split}", f"{one.items:,}", f"{one.captioned:,}", f"{one.kept:,}", *shares]
