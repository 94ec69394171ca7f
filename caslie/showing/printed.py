"""What the paper prints beside our own numbers (Tables 4 and A5), and how both are printed."""

from functools import cache

from caslie.paper.tables import table
from mmecinstruct.errors import UnknownNameError

# A row by the name it has in this room: the table it stands in, and what its numbers are.
ROWS = {
    "caption_used": ("4, caption used", "caption_used"),
    "jaccard": ("A5", "jaccard"),
    "semantic": ("A5", "cosine"),
}


@cache
def printed(column: str) -> dict[str, float]:
    """A row of a table of the paper, as shares by config.

    Raises:
        UnknownNameError: there is no such row.
    """
    if column not in ROWS:
        raise UnknownNameError("row of the paper", column, ROWS)
    number, metric = ROWS[column]
    found = table(number)
    [row] = found.rows
    return {
        one.config: value
        for one, value in zip(found.columns, row.values, strict=True)
        if one.metric == metric and value is not None
    }


def percent(share: float | None) -> str:
    """A share for people; nothing where there is none."""
    return "" if share is None else f"{share:.1%}"
