"""What a check found: a claim, what is printed, what comes out, and the proof."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Verdict(StrEnum):
    """Whether what is printed holds; `OPEN` is what can neither be reproduced nor refuted."""

    OK = "ok"
    WRONG = "wrong"
    OPEN = "not reproducible"


class Place(NamedTuple):
    """What a row of a table prints for one test set."""

    table: str
    labels: tuple[str, ...]
    config: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One claim of the paper, checked; `where` is its section or table, `blamed` the cells it proves wrong.

    Where cells contradict each other and this check cannot tell which is right, it blames all.
    """

    where: str
    claim: str
    printed: str
    recomputed: str
    verdict: Verdict
    proof: str
    blamed: tuple[Place, ...] = ()


def judged(holds: bool, otherwise: Verdict = Verdict.WRONG) -> Verdict:
    """The verdict on what holds or not."""
    return Verdict.OK if holds else otherwise


def rounds_to(exact: float, printed: float, digits: int) -> bool:
    """Whether a number is printed as this one, with so many digits after the point."""
    return abs(exact - printed) <= float(f"0.5e-{digits}") + 1e-9


def signed(share: float, digits: int = 2) -> str:
    """A gain in percent, for people."""
    return f"{100 * share:+z.{digits}f} %"


def task_of(config: str) -> str:
    """The task of a config as the paper writes it, with its domain: AP IND."""
    return config.replace("_", " ").upper()
