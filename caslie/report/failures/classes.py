"""The five classes of failures, in the paper's words (paper, E.3)."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from caslie.paper.tables import table
from mmecinstruct.errors import UnknownNameError

MISSING, HALLUCINATION, CONFLICT = "attribute missing", "attribute hallucination", "context conflict"
UNHELPED, HARD = "helpful caption missing", "hard cases"


@dataclass(frozen=True, slots=True)
class ErrorClass:
    """A class of failures; `printed` is its share of the paper's 100."""

    name: str
    quoted: str
    printed: float


@cache
def classes() -> tuple[ErrorClass, ...]:
    """The classes in the paper's order."""
    content = yaml.safe_load((Path(__file__).parent / "classes.yaml").read_text(encoding="utf-8"))
    printed = {row.labels[0].lower(): row.values[0] for row in table("E.3").rows}
    return tuple(ErrorClass(one["name"], one["quoted"], printed[one["name"]] or 0.0) for one in content)


def class_named(text: str) -> str:
    """Read a label as a person writes it: in any case, with `_` or `-` between the words, or as its number.

    Raises:
        UnknownNameError: there is no such class.
    """
    names = [one.name for one in classes()]
    numbers = {str(number): name for number, name in enumerate(names, start=1)}
    plain = re.sub(r"[\s_-]+", " ", text).strip(" .()").casefold()
    name = numbers.get(plain, plain)
    if name not in names:
        raise UnknownNameError("label", text[:60], names)
    return name
