"""Samples with every prompt that is rendered from them: what the captioner, the judges and uniM3 read."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from mmecinstruct import words
from mmecinstruct.builder.folder import Folder, captioned_of, sample_of
from mmecinstruct.looking.pictures import size_of
from mmecinstruct.looking.view import Line, first_rows, printable, view_of
from mmecinstruct.schema import Captioned, Sample

PLACEHOLDER = "<caption>"  # what stands for the caption that the captioner has not written yet
SAID = {True: "yes", False: "no", None: "abstained"}


def shown(folder: Folder, config: str, n: int, split: str | None = None) -> list[dict[str, Any]]:
    """The first `n` samples of a split, ready for JSON: their text, and for every item its picture's size and prompts.

    Raises:
        UnknownNameError: there is no such config or split.
    """
    return [_shown(folder, row) for row in first_rows(folder, config, n, split)]


def print_shown(console: Console, samples: Sequence[dict[str, Any]]) -> None:
    """Print what `shown` gave, for people to read."""
    for number, one in enumerate(samples, start=1):
        console.print(Rule(_plain(f"{one['id']}   {number} of {len(samples)}", "bold")))
        console.print(Group(*_parts(one)))


def _shown(folder: Folder, row: dict[str, Any]) -> dict[str, Any]:
    config, split, _ = row["id"].split("-", 2)
    sample = sample_of(row, split)
    pictures = folder.pictures(row)
    captioned = captioned_of(row) if folder.captioned else None
    return {
        "id": row["id"],
        "config": config,
        "split": split,
        "task": row["task"],
        "domain": row["domain"],
        "instruction": row["instruction"],
        "input": row["input"],
        "options": row["options"],
        "output": row["output"],
        "items": [item | _looking(sample, i, pictures[i], captioned) for i, item in enumerate(row["items"])],
    }


def _looking(sample: Sample, index: int, picture: bytes, captioned: Captioned | None) -> dict[str, Any]:
    caption = captioned.captions[index] if captioned else None
    return {
        "picture_size": size_of(picture),
        "picture_bytes": len(picture),
        "caption_prompt": words.caption_prompt(sample, index),
        "judge_prompt": words.judge_prompt(sample, index, caption or PLACEHOLDER),
        **(_captioning(captioned, index) if captioned else {}),
    }


def _captioning(captioned: Captioned, index: int) -> dict[str, Any]:
    return {
        "caption": captioned.captions[index],
        "caption_kept": captioned.kept[index],
        "caption_votes": [asdict(vote) for vote in captioned.votes[index]],
    }


def _parts(one: dict[str, Any]) -> Iterator[RenderableType]:
    view = view_of(one)
    yield _titled("instruction", [_plain(one["instruction"], "italic")])
    yield _titled("input", [_grid([*view.words, *view.history])])
    if view.options:
        yield _titled("options", [_grid(view.options)])
    yield _titled("output", [_plain(one["output"], "bold green")])
    yield _titled("items", [_items(one["items"])])
    if any("caption" in item for item in one["items"]):
        yield _titled("captions", [_captions(one["items"])])
    yield _titled("prompts", [_prompts(i, item) for i, item in enumerate(one["items"], start=1)])


def _titled(title: str, body: Sequence[RenderableType]) -> RenderableType:
    return Group(Text(title, "bold cyan"), Padding(Group(*body), (0, 0, 1, 2)))


def _grid(lines: Sequence[Line]) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for line in lines:
        style = "bold green" if line.right else ""
        grid.add_row(_plain(line.label, style or "cyan"), _plain(line.text, style))
    return grid


def _items(items: Sequence[dict[str, Any]]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("#", "role", "product", "title", "category", "brand", "picture"):
        table.add_column(name, overflow="fold")
    for i, item in enumerate(items, start=1):
        cells = (str(i), item["role"], item["product_id"], item["title"], item["category"], item["brand"])
        table.add_row(*map(_plain, cells), _plain(_picture(item)))
    return table


def _picture(item: dict[str, Any]) -> str:
    size = item["picture_size"]
    return f"{size[0]}x{size[1]}, {item['picture_bytes'] / 1000:.0f} kB" if size else "does not open"


def _captions(items: Sequence[dict[str, Any]]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("#", "caption", "verdict", "votes"):
        table.add_column(name, overflow="fold")
    for i, item in enumerate(items, start=1):
        verdict = "none" if item["caption"] is None else "kept" if item["caption_kept"] else "left out"
        votes = "\n".join(map(_vote, item["caption_votes"]))
        table.add_row(str(i), _plain(item["caption"] or ""), verdict, _plain(votes))
    return table


def _vote(vote: dict[str, Any]) -> str:
    sure = "" if vote["margin"] is None else f" ({vote['margin']:.2f})"
    return f"{vote['judge']}: {SAID[vote['useful']]}{sure}"


def _prompts(number: int, item: dict[str, Any]) -> Table:
    return _grid(
        [Line(f"{number} caption", item["caption_prompt"]), Line(f"{number} judge", item["judge_prompt"])],
    )


def _plain(text: str, style: str = "") -> Text:
    """Text as it is: a title with `[red]` in it is no markup, nor is an escape sequence a colour."""
    return Text(printable(text), style)
