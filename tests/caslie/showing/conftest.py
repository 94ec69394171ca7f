"""Captioned builds: a small one made by hand, with text that tries everything, and one of the sample."""

import hashlib
import io
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from mmecinstruct import words
from mmecinstruct.builder import Request, build
from mmecinstruct.builder.features import caption_columns, row_of, sample_features
from mmecinstruct.builder.folder import Folder
from mmecinstruct.builder.manifest import Config, write_json
from mmecinstruct.builder.writer import SplitWriter
from mmecinstruct.config import load_recipe
from mmecinstruct.schema import Captioned, Item, Sample, Split
from tests.caslie.showing.votes import HOSTILE, JUDGES, kept_by_two

ABOUT = {"captioner": f"pocket/{HOSTILE}", "context": "task", "lineup": "mv3", "judges": list(JUDGES)}
TASKS = {
    "ap": "answerability_prediction",
    "prp": "product_relation_prediction",
    "sa": "sentiment_analysis",
    "sr": "sequential_recommendation",
}
FIELDS: dict[str, dict[str, Any]] = {
    "ap": {"question": "How heavy is the hammer?", "document": ["It is light.", HOSTILE]},
    "sa": {"review": "A good red hammer."},
}
ROLES: dict[str, tuple[Any, ...]] = {
    "prp": ("product", "product"),
    "sa": ("review",),
    "sr": ("history",) * 4 + ("option",) * 6,
}
ANSWERS = {"ap": "yes", "prp": "A", "sa": "E", "sr": "C"}

Say = Callable[[Sample], Captioned]
Make = Callable[..., Folder]


@cache
def picture(number: int) -> bytes:
    image = Image.new("RGB", (200, 150), "white")
    ImageDraw.Draw(image).ellipse((10, 10, 40 + number, 80), fill=(number * 7 % 256, 90, 160))
    file = io.BytesIO()
    image.save(file, "JPEG")
    return file.getvalue()


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write a captioned build with `n` rows in both splits of four tasks, and open it."""

    def made(say: Say = kept_by_two, n: int = 2, broken: bool = False, **more: Any) -> Folder:
        pictures = [b"no picture" if broken else picture(number) for number in range(10)]
        configs = [_config(tmp_path / "out", abbr, n, pictures, say) for abbr in TASKS]
        about = {one.name: {"task": one.task, "domain": "ind", "splits": one.splits} for one in configs}
        captions = ABOUT | {"configs": {}, "source": "0" * 64} | more
        write_json(tmp_path / "out" / "manifest.json", {"format": 1, "configs": about, "captions": captions})
        return Folder(tmp_path / "out")

    return made


def _config(out: Path, abbr: str, n: int, pictures: list[bytes], say: Say) -> Config:
    config = Config(f"{abbr}_ind", TASKS[abbr], "ind")
    splits: tuple[Split, ...] = ("train", "test")
    for split in splits:
        writer = SplitWriter(out, config.name, split, sample_features(True, with_captions=True))
        for sample in _samples(abbr, split, n):
            images = [{"bytes": data, "path": None} for data in pictures[: len(sample.items)]]
            row = row_of(sample, words.input_text(sample)) | {"images": images} | caption_columns(say(sample))
            writer.add(row, 1000)
        config.add(split, writer)
    return config


def _samples(abbr: str, split: Split, n: int) -> Iterator[Sample]:
    for i in range(n):
        items = tuple(
            Item(role, f"B{i}{k}", "" if role == "review" else f"Red hammer {HOSTILE}", "Tools", "Veko", f"{k:064}")
            for k, role in enumerate(ROLES.get(abbr, ("product",)))
        )
        id = f"{abbr}_ind-{split}-{hashlib.sha256(f'{abbr}{split}{i}'.encode()).hexdigest()[:12]}"
        sample = Sample(id, TASKS[abbr], "ind", split, FIELDS.get(abbr, {}), items, ANSWERS[abbr])
        yield Sample(*(getattr(sample, name) for name in sample.__slots__[:7]), words.options(sample))


@pytest.fixture(scope="session")
def built(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """A small build of them, without captions."""
    out = tmp_path_factory.mktemp("built") / "mmecinstruct"
    build(load_recipe("sample"), Request(corpora, out, tasks=("cc", "psi", "mpc", "sr"), limit=8))
    return Folder(out)
