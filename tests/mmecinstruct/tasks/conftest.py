"""Tiny corpora, written by hand in the real layouts, and what one task makes of them."""

import csv
import gzip
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from mmecinstruct.builder import Request, build
from mmecinstruct.builder.folder import Folder
from mmecinstruct.config import Recipe

Row = dict[str, Any]
Make = Callable[..., "Made"]

TOOLS, SPORTS = "Tools_and_Home_Improvement", "Sports_and_Outdoors"
ADDRESS = "https://m.media-amazon.com/images/I/{}._AC_.jpg"


@dataclass(frozen=True, slots=True)
class Made:
    """The rows that came of the corpora, each with its config and split, and the counted rest."""

    rows: list[Row]
    dropped: dict[str, Counter[str]]
    out: Path

    def of(self, config: str, split: str = "") -> list[Row]:
        return [row for row in self.rows if row["config"] == config and split in ("", row["split"])]


class World:
    """Writers of records as their publishers write them; a picture whose id begins with `gone` is not there."""

    def listed(self, asin: str, title: str | None = None, picture: str = "", **more: Any) -> Row:
        """A product of 2023."""
        images = [{"variant": "MAIN", "large": ADDRESS.format(picture or f"41{asin}L"), "thumb": None, "hi_res": None}]
        row = {"parent_asin": asin, "title": title or f"Product {asin}", "store": "Some Store", "details": {}}
        return row | {"categories": ["Tools", "Hand Tools", "Hammers"], "images": images} | more

    def listed_2018(self, asin: str, title: str | None = None, **more: Any) -> Row:
        """A product of 2018."""
        row = {"asin": asin, "title": title or f"Product {asin}", "brand": "Some Brand", "category": ["Tools"]}
        return row | {"imageURLHighRes": [ADDRESS.format(f"41{asin}L")], "imageURL": []} | more

    def review(self, user: str, asin: str, time: int = 0, **more: Any) -> Row:
        row = {"user_id": user, "parent_asin": asin, "asin": asin, "rating": 5.0, "text": "Good.", "images": []}
        return row | {"timestamp": 1_600_000_000_000 + time} | more


@pytest.fixture(scope="session")
def world() -> World:
    return World()


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Write files, give every picture they name a stand-in, and build one task of them."""

    def made(files: Mapping[str, Sequence[Row]], task: str, **options: Any) -> Made:
        root = tmp_path_factory.mktemp(task)
        sources, out = root / "corpora", root / "out"
        for name, rows in files.items():
            path = sources / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_encoded(rows, path))
        _draw(sources / "images", json.dumps(files))
        recipe = Recipe(name="tiny", tasks={task: options})
        manifest = build(recipe, Request(sources, out))
        dropped = {config: sum(map(Counter, by.values()), Counter()) for config, by in manifest["dropped"].items()}
        folder = Folder(out)
        rows = [
            row | {"config": config, "split": split}
            for config in folder.configs
            for split in folder.splits(config)
            for row in folder.rows(config, split)
        ]
        return Made(rows, dropped, out)

    return made


def _encoded(rows: Sequence[Row], path: Path) -> bytes:
    if path.suffix == ".csv":
        text = io.StringIO()
        table = csv.DictWriter(text, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
        return text.getvalue().encode()
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    return gzip.compress(lines) if path.suffix == ".gz" else lines


def _draw(folder: Path, text: str) -> None:
    folder.mkdir()
    picture = Image.linear_gradient("L").convert("RGB").resize((80, 60))
    for name in set(re.findall(r"images/I/([^.\"]+)\.", text)):
        if not name.startswith("gone"):
            picture.save(folder / f"{name}.jpg")
