"""What each stage asked of which model and how long that took: `effort.log` beside its results, a line a stage.

It is no result: nothing reads it but a report, and it differs from run to run where results are the same bytes. What
was asked by a run that was killed is not in it.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from mmecinstruct.config import read
from mmecinstruct.errors import RecipeError

LOG = "effort.log"


@dataclass(frozen=True, slots=True)
class Effort:
    """What one stage asked of one model; training counts steps as calls. Tokens of pictures are not counted.

    `place` is the folder that it was noted in first, where several runs share its answers.
    """

    stage: str
    model: str
    calls: int
    tokens_in: int
    tokens_out: int
    seconds: float
    dollars: float = 0.0
    place: str = ""


def note(place: Path, efforts: Sequence[Effort]) -> None:
    """Add what was done, if anything was; a log that cannot be written is no reason to fail after the work."""
    lines = [json.dumps(asdict(one), ensure_ascii=False) for one in efforts if one.calls]
    if not lines:
        return
    try:
        with (place / LOG).open("a", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    except OSError:
        return


def borrow(place: Path, run: Path) -> None:
    """Note in a run what was asked elsewhere for the answers that it uses, under that place; nothing twice."""
    if place.resolve() == run.resolve():
        return
    there = set(read_efforts(run))
    theirs = (replace(one, place=one.place or str(place)) for one in read_efforts(place))
    note(run, [one for one in theirs if one not in there])


def read_efforts(place: Path) -> tuple[Effort, ...]:
    """Read what was noted in a folder; lines that a kill cut short are left out."""
    path = place / LOG
    if not path.is_file():
        return ()
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return tuple(one for line in lines if (one := _effort(line)))


def _effort(line: str) -> Effort | None:
    try:
        return read(Effort, json.loads(line), LOG)
    except (ValueError, RecursionError, RecipeError):
        return None
