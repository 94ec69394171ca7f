"""The statistics of a build as tables on a terminal."""

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from mmecinstruct.looking.view import printable

MAX_ANSWERS = 6  # beyond it answers are letters drawn at random: their range says it all

Cells = Sequence[str | int | float]


def print_statistics(console: Console, stats: dict[str, Any]) -> None:
    """Print what `statistics` gave."""
    for table in (_rows(stats), _answers(stats), _shape(stats), _lengths(stats), _licences(stats), _categories(stats)):
        console.print(table)
        console.print()
    if stats["purchases"]:
        console.print(Text(_purchases(stats["purchases"])))


def _rows(stats: dict[str, Any]) -> Table:
    lines = [
        (one["config"], one["split"], one["rows"], one["pictures"], one["distinct_pictures"], _megabytes(one["bytes"]))
        for one in stats["splits"]
    ]
    total = stats["total"]
    n_bytes = sum(one["bytes"] for one in stats["splits"])
    lines.append(("all", "", total["rows"], total["pictures"], total["distinct_pictures"], _megabytes(n_bytes)))
    return _table("Rows and pictures", ("config", "split", "rows", "pictures", "distinct", "MB"), lines, n_texts=2)


def _answers(stats: dict[str, Any]) -> Table:
    lines = [(one["config"], one["split"], _balance(one["answers"])) for one in stats["splits"]]
    return _table("Answers", ("config", "split", "share of rows"), lines, n_texts=3)


def _balance(answers: dict[str, int]) -> str:
    total = sum(answers.values())
    if len(answers) > MAX_ANSWERS:
        low, high = min(answers.values()) / total, max(answers.values()) / total
        return f"{len(answers)} answers, {min(answers)} to {max(answers)}, each {low:.1%} to {high:.1%}"
    return "   ".join(f"{answer} {n / total:.1%}" for answer, n in answers.items())


def _shape(stats: dict[str, Any]) -> Table:
    lines = [(_spoken(name), _span(one["items"]), _span(one["options"])) for name, one in stats["shape"].items()]
    return _table("A row holds", ("task", "items", "options"), lines, n_texts=1)


def _span(few: dict[str, float]) -> str:
    return f"{few['min']}" if few["min"] == few["max"] else f"{few['mean']:.1f} ({few['min']} to {few['max']})"


def _lengths(stats: dict[str, Any]) -> Table:
    lines = [
        (_spoken(name), f"{one['mean']:.1f}", one["median"], one["p95"], one["max"])
        for name, one in stats["lengths"].items()
    ]
    return _table("Figure A1: words of an input", ("task", "mean", "median", "95 %", "most"), lines, n_texts=1)


def _licences(stats: dict[str, Any]) -> Table:
    lines = [(one["name"], one["licence"], one["homepage"]) for one in stats["licences"]]
    return _table("Table A1: licences of the sources", ("source", "licence", "address"), lines, n_texts=3)


def _categories(stats: dict[str, Any]) -> Table:
    lines = [(one["category"], one["samples"], f"{one['percent']:.2f}") for one in stats["categories"]]
    return _table("Table A2: product categories", ("category", "samples", "%"), lines, n_texts=1)


def _purchases(purchases: dict[str, Any]) -> str:
    users = ", ".join(f"{split} {mean:.1f}" for split, mean in purchases["interactions_per_user"].items())
    return (
        f"Interactions per user, the one asked for included: {users} (the paper: 10.7). "
        f"Words per product: {purchases['words_per_product']:.1f} (the paper: 18)."
    )


def _table(title: str, names: Sequence[str], lines: Iterable[Cells], n_texts: int) -> Table:
    """Lay cells out; the first `n_texts` columns are text, the others numbers."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 3, 0, 0))
    for i, name in enumerate(names):
        table.add_column(name, justify="left" if i < n_texts else "right", overflow="fold", header_style="dim")
    for line in lines:
        table.add_row(*map(_cell, line))
    return table


def _cell(value: str | int | float) -> Text:
    return Text(f"{value:,}" if isinstance(value, int) else printable(str(value)))


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _megabytes(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:,.1f}"
