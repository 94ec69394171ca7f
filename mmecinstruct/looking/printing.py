"""Summaries for the terminal. Titles and reviews are data, so markup in them is escaped."""

import re
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from mmecinstruct.builder.why import Why

SPLITS = ("train", "validation", "test")
MAY_PASS = re.compile("timeout|connection_failed|http_403|http_429|http_5..")  # a pause of the network or the host


def print_summary(console: Console, manifest: dict[str, Any]) -> None:
    """Configs, splits, rows and pictures; rows dropped and lines skipped, by reason."""
    table = Table("config", *(f"{split} rows" for split in SPLITS), "pictures", "MB", title="Rows")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, config in manifest["configs"].items():
        splits = config["splits"]
        files = [file for split in splits.values() for file in split["files"]]
        table.add_row(
            name,
            *(f"{splits[split]['rows']:,}" if split in splits else "" for split in SPLITS),
            f"{sum(split['pictures'] for split in splits.values()):,}",
            f"{sum(file['bytes'] for file in files) / 1e6:.1f}",
        )
    console.print(table)
    _print_counts(console, "Dropped rows", "config", _flat(manifest["dropped"]))
    _print_counts(console, "Skipped lines", "file", manifest["skipped"])
    for name, places in manifest["dropped"].items():
        there = manifest["configs"].get(name, {"splits": {}})["splits"]
        if empty := [split for split in SPLITS if split in places and split not in there]:
            console.print(f"[yellow]{escape(name)} has no row left for {', '.join(empty)}[/]")
    failed = manifest["pictures"]["failed"]
    _print_counts(console, "Pictures that could not be had", "of", {"all tasks": failed})
    if passing := sum(n for reason, n in failed.items() if MAY_PASS.fullmatch(reason)):
        console.print(
            f"{passing:,} of them may be had later: the same command again asks for those, and for no others"
        )


def _flat(dropped: dict[str, dict[str, dict[str, int]]]) -> dict[str, dict[str, int]]:
    return {f"{name} {place}": reasons for name, places in dropped.items() for place, reasons in places.items()}


def _print_counts(console: Console, title: str, where: str, counts: dict[str, dict[str, int]]) -> None:
    rows = [(place, reasons) for place, reasons in counts.items() if reasons]
    if not rows:
        return
    table = Table(where, "reasons", title=title)
    for place, reasons in rows:
        table.add_row(escape(place), ", ".join(f"{escape(reason)} {n:,}" for reason, n in reasons.items()))
    console.print(table)


def print_why(console: Console, found: "Why") -> None:
    """The rule, the draw, the raw lines and the pictures of one row, and whether they still give it."""
    console.print(f"[bold]{escape(found.id)}[/]  {found.task}")
    console.print(f"rule: {escape(found.rule)}")
    drawn = {key: value for key, value in found.drawn.items() if not isinstance(value, (list, dict))}
    console.print("drawn: " + escape(", ".join(f"{key}={value}" for key, value in drawn.items())))
    for line in found.lines:
        of = "row" if line.item < 0 else f"item {line.item}"
        console.print(f"{of:>8}  {escape(line.file)}:{line.line}", soft_wrap=True, highlight=False)
    for picture in found.pictures:
        place = f"{picture['item']:>12}  {picture['picture'][:12]}  {picture['addresses']}"
        place += "" if picture["at_hand"] == "yes" else "  (not at hand: not compared)"
        console.print(escape(place), soft_wrap=True, highlight=False)
    if not found.differs:
        console.print("[green]derived again from these lines: equal[/]")
    for key, (has, gives) in found.differs.items():
        console.print(f"[red]{escape(key)}[/] is {escape(repr(has))}, the lines give {escape(repr(gives))}")


def print_sources(console: Console, found: dict[str, Any]) -> None:
    """What is there and what is missing, by task; where each corpus comes from."""
    table = Table("task", "there", "missing", title="Files", show_lines=True)
    for task in found["tasks"].values():
        there, missing = "\n".join(task["found"]) or "-", "\n".join(task["missing"])
        table.add_row(task["abbr"], escape(there), f"[red]{escape(missing)}[/]" if missing else "[green]nothing[/]")
    console.print(table)
    about = Table("corpus", "licence", "how to get it", title="Corpora", show_lines=True)
    for name, corpus in found["corpora"].items():
        about.add_row(name, corpus["licence"], f"{corpus['homepage']}\n{escape(corpus['get'])}")
    console.print(about)


def print_tasks(console: Console, found: list[dict[str, Any]]) -> None:
    """The tasks by name."""
    table = Table("task", "short", "configs", "one sample is")
    for task in found:
        table.add_row(task["name"], task["abbr"], ", ".join(task["configs"]), escape(task["about"].split("\n")[0]))
    console.print(table)
