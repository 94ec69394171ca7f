"""The sheet for the human check: "manual scrutiny on the 1,000 randomly sampled instances" (paper, 3.3)."""

import base64
import hashlib
import heapq
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from mmecinstruct.builder.folder import Folder
from mmecinstruct.looking.pages import csp_hash, environment
from mmecinstruct.looking.pictures import jpeg, thumbnail
from mmecinstruct.looking.view import Line, View, columns, view_of

VERDICTS = ("accept", "reject", "unsure")
CRITERIA = (
    "accuracy",
    "clarity",
    "relevance",
)  # "to ensure the overall data quality of accuracy, clarity, and relevance"

SMALL_SIDE, LARGE_SIDE = 144, 320  # pixels; of the 30 pictures of an SR row, and of the one or two of another
QUALITY = 72


class _Chosen(NamedTuple):
    config: str
    split: str
    id: str


class _Page:
    """The pictures of a page, each once however many rows show it."""

    def __init__(self) -> None:
        self._pictures: dict[str, int] = {}
        self._places: dict[tuple[str, int], int] = {}

    @property
    def pictures(self) -> list[str]:
        """The pictures as base64, in order of their places."""
        return list(self._pictures)

    def place(self, sha256: str, data: bytes, side: int) -> int:
        """Where the picture is in `pictures`, -1 for one that does not open."""
        if (sha256, side) not in self._places:
            image = thumbnail(data, side)
            self._places[sha256, side] = self._add(jpeg(image, QUALITY)) if image else -1
        return self._places[sha256, side]

    def _add(self, data: bytes) -> int:
        return self._pictures.setdefault(base64.b64encode(data).decode(), len(self._pictures))


def write_review(folder: Folder, path: Path, n: int = 1000, seed: int = 1) -> int:
    """Write `n` rows, drawn uniformly over all configs, as one HTML page that needs nothing else; return how many."""
    page = _Page()
    chosen = _choose(folder, n, seed)
    rows = [_row(page, row, folder.pictures(row)) for row in _read(folder, chosen)]
    style, script = _part("review.css"), _part("review.js")
    text = _template().generate(
        build=build_digest(folder),
        seed=seed,
        n=n,
        rows=rows,
        configs=list(dict.fromkeys(one.config for one in chosen)),
        pictures=page.pictures,
        verdicts=VERDICTS,
        criteria=CRITERIA,
        style=style,
        script=script,
        style_hash=csp_hash(style),
        script_hash=csp_hash(script),
    )
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(text)
    partial.rename(path)
    return len(rows)


def sampled_ids(folder: Folder, n: int, seed: int) -> list[str]:
    """The ids of the rows that `write_review` shows for the same `n` and `seed`."""
    return [one.id for one in _choose(folder, n, seed)]


def build_digest(folder: Folder) -> str:
    """A hash of all rows, so that verdicts on one build are not taken for those on another."""
    configs = folder.manifest["configs"].values()
    files = [file["sha256"] for config in configs for split in config["splits"].values() for file in split["files"]]
    return hashlib.sha256("".join(files).encode()).hexdigest()[:16]


def _choose(folder: Folder, n: int, seed: int) -> list[_Chosen]:
    """The rows with the smallest hashes, config by config: one task at a time is easier to judge."""
    places = {config: i for i, config in enumerate(folder.configs)}
    smallest = heapq.nsmallest(n, ((_hash(seed, one.id), one) for one in _all(folder)))
    return [one for _, one in sorted(smallest, key=lambda drawn: (places[drawn[1].config], drawn[0]))]


def _all(folder: Folder) -> Iterator[_Chosen]:
    for config in folder.configs:
        for split in folder.splits(config):
            for row in folder.rows(config, split, ("id",)):
                yield _Chosen(config, split, row["id"])


def _hash(seed: int, id: str) -> str:
    return hashlib.sha256(f"{seed}|{id}".encode()).hexdigest()


def _read(folder: Folder, chosen: Sequence[_Chosen]) -> Iterator[dict[str, Any]]:
    """Yield the chosen rows with their pictures, reading each split once."""
    for config, split in dict.fromkeys((one.config, one.split) for one in chosen):
        wanted = {one.id for one in chosen if (one.config, one.split) == (config, split)}
        for row in folder.rows(config, split, columns(folder)):
            if row["id"] in wanted:
                yield row


def _row(page: _Page, row: dict[str, Any], pictures: Sequence[bytes]) -> dict[str, Any]:
    """A row as the template wants it: lines with the places of their pictures on the page."""
    view: View = view_of(row)

    def shown(lines: Sequence[Line], side: int) -> list[tuple[Line, int | None]]:
        return [
            (line, None if line.item is None else page.place(_sha256(row, line.item), pictures[line.item], side))
            for line in lines
        ]

    return {
        "view": view,
        "alone": shown(view.alone, LARGE_SIDE),
        "history": shown(view.history, SMALL_SIDE),
        "options": shown(view.options, SMALL_SIDE),
    }


def _sha256(row: dict[str, Any], index: int) -> str:
    sha256: str = row["items"][index]["picture"]
    return sha256


def _part(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


@cache
def _template() -> Any:
    return environment(Path(__file__).parent).get_template("review.html.jinja")
