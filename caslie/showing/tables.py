"""How this room prints tables: narrow enough for eighty columns."""

from rich.box import SIMPLE_HEAD
from rich.table import Table


def table(title: str, labels: tuple[str, ...], numbers: tuple[str, ...]) -> Table:
    """An empty table: labels on the left, numbers on the right."""
    made = Table(title=title, box=SIMPLE_HEAD, show_edge=False, pad_edge=False, collapse_padding=True)
    for name in labels:
        made.add_column(name, no_wrap=True)
    for name in numbers:
        made.add_column(name, justify="right", no_wrap=True)
    return made
