"""What a user can do wrong. The command line prints these on one line and exits 1; anything else is our bug.

MmecError
 ├── RecipeError      a recipe that cannot be read, or names what does not exist
 ├── SourceError      a corpus file that is missing or cannot be read at all
 ├── OutputError      an output folder that cannot be used, or is not a build
 ├── UnknownNameError a task, corpus, config or row that does not exist
 └── ImportRefused    a published file that cannot become a dataset
"""

from collections.abc import Iterable
from difflib import get_close_matches


class MmecError(Exception):
    """Anything the user can mend; its text says what, where, and what to do."""


class RecipeError(MmecError):
    """A recipe that cannot be read, or names what does not exist."""


class SourceError(MmecError):
    """A corpus file that is missing or cannot be read at all."""


class OutputError(MmecError):
    """An output folder that cannot be used, or is not a build."""


class ImportRefused(MmecError):
    """A published file that cannot become a dataset."""


class UnknownNameError(MmecError):
    """A name that does not exist, with the nearest one that does."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        near = get_close_matches(name, names, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        available = f" Available: {', '.join(names)}" if names else ""
        super().__init__(f"Unknown {kind} {name!r}.{hint}{available}")
