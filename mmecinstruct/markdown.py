"""Values in Markdown: whatever a category, a file name or a title holds, it comes out as text and nothing else."""

import re
import unicodedata
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

# All that could open markup, a cell, an entity, a template's braces or a link; `_` is common inside names.
_MARKS = re.compile(r"[!\"#$&*;<>?@\[\\\]^`{|}~]|:(?=\S)|(?<![^\W_])_|_(?![^\W_])|(?<=www)\.", re.IGNORECASE)
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # they turn the words around them


class Verbatim(str):
    """Text that was checked and is to stand as it is, such as the name of a repository in a block of code."""


def inert(text: str) -> str:
    """The text on one line, with every mark that Markdown or HTML would obey as a character reference."""
    seen = "".join("\ufffd" if _obeyed(char) else char for char in " ".join(text.split()))
    return _MARKS.sub(lambda mark: f"&#{ord(mark[0])};", seen)


def environment(folder: Path) -> Environment:
    """Templates of a folder; every value they print is made inert, but for those marked `verbatim`."""
    made = Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        finalize=_finalized,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {"verbatim": Verbatim, "spoken": _spoken, "grouped": _grouped}
    return made


def _finalized(value: object) -> str:
    return value if isinstance(value, Verbatim) else inert(str(value))


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _grouped(n: int) -> str:
    return f"{n:,}"


def _obeyed(char: str) -> bool:
    return char in _TURNS or unicodedata.category(char) == "Cc"
