"""The page of captions: pictures, captions, votes and verdicts of some rows of every task, in one HTML file."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from caslie.showing.cards import Shown, show
from caslie.showing.choosing import choose, kinds_of
from caslie.showing.items import captioned_rows, items_of, makers, short_names
from caslie.showing.printed import percent
from caslie.showing.rates import use_rates
from mmecinstruct.builder.folder import Folder
from mmecinstruct.looking.pages import csp_hash, environment
from mmecinstruct.looking.review import build_digest
from mmecinstruct.looking.view import printable

Progress = Callable[[str, int, int], None]


def write_page(folder: Folder, out: Path, *, per_config: int = 40, progress: Progress | None = None) -> None:
    """Write `per_config` rows of every config as one HTML page that needs nothing else.

    Rows are drawn by hash. Half of them are drawn so that captions that are kept, dropped, missing or disputed are all
    there, so that the page is no measure of how many there are; the use rates on it are those of the whole build.

    Raises:
        OutputError: the build has no captions.
    """
    about = makers(folder)
    judges = short_names(about.judges)
    rows = list(_shown(folder, judges, per_config, progress))
    style, script = _part("captions.css"), _part("captions.js")
    text = _template().generate(
        build=build_digest(folder),
        makers=about,
        judges=judges,
        rows=rows,
        n_items=sum(len(row.cards) for row in rows),
        tasks=list(dict.fromkeys(row.view.task for row in rows)),
        rates=[asdict(rate) for rate in use_rates(folder) if rate.split == "test"],
        problems=_problems(folder),
        style=style,
        script=script,
        style_hash=csp_hash(style),
        script_hash=csp_hash(script),
    )
    partial = out.with_name(f".{out.name}.partial")
    with partial.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(text)
    partial.rename(out)


def _shown(folder: Folder, judges: dict[str, str], n: int, progress: Progress | None) -> Iterator[Shown]:
    for i, config in enumerate(folder.configs):
        for id in choose(_kinds(folder, config), n):
            row = folder.row(id)
            yield show(row, items_of(folder, row), folder.pictures(row), judges)
        if progress:
            progress("draw rows", i + 1, len(folder.configs))


def _kinds(folder: Folder, config: str) -> dict[str, frozenset[str]]:
    return {
        row["id"]: kinds_of(items)
        for split in folder.splits(config)
        for row, items in captioned_rows(folder, config, split)
    }


def _problems(folder: Folder) -> list[tuple[str, str, int]]:
    """Why captions are missing, as the manifest has it: config, reason, number."""
    told = folder.manifest["captions"].get("problems", {})
    return [(config, reason, n) for config, reasons in told.items() for reason, n in reasons.items()]


def _part(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


@cache
def _template() -> Any:
    pages = environment(Path(__file__).parent)
    pages.filters.update(percent=percent, printable=printable)
    return pages.get_template("captions.html.jinja")
