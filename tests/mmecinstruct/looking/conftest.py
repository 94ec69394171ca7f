"""A build of a few rows, made with the builder's own writer, with titles that try everything."""

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from mmecinstruct import words
from mmecinstruct.builder.features import picture_features, row_of, sample_features
from mmecinstruct.builder.folder import Folder
from mmecinstruct.builder.manifest import Config, write_json
from mmecinstruct.builder.writer import SplitWriter
from mmecinstruct.schema import Item, Sample, Split

HOSTILE = (
    "<script>window.pwned = 1</script>",
    "[red]no markup[/red] [/]",
    "\x1b[31mred\x1b]0;owned\x07 \u202egnp.exe",
    "مطرقة صغيرة زرقاء",
    "Hammer \U0001f528 \U0001f600",
    "two\nlines",
    "x" * 10_000,
    '"quoted" & </textarea> {{ 7 * 7 }} </script>',
)
TASKS = {
    "ap": "answerability_prediction",
    "cc": "category_classification",
    "prp": "product_relation_prediction",
    "psi": "product_substitute_identification",
    "sa": "sentiment_analysis",
    "sr": "sequential_recommendation",
}
FIELDS: dict[str, dict[str, Any]] = {
    "ap": {"question": "How heavy is it?", "document": ["It is light.", HOSTILE[0]]},
    "cc": {"choices": ["Hammers", "Saws"]},
    "prp": {},
    "psi": {"query": HOSTILE[1]},
    "sa": {"review": "I have used this hammer for ten days and I like it."},
    "sr": {},
}
ANSWERS = {"ap": "yes", "cc": "B", "prp": "A", "psi": "no", "sa": "E", "sr": "C"}
ROLES: dict[str, tuple[Any, ...]] = {
    "prp": ("product", "product"),
    "sa": ("review",),
    "sr": ("history",) * 3 + ("option",) * 4,
}
CATEGORIES = ("Tools and Home Improvement", "Sports_and_Outdoors")

Build = Callable[..., Folder]


@cache
def picture(number: int) -> bytes:
    """A picture that is like no other."""
    image = Image.new("RGB", (200, 150), "white")
    ImageDraw.Draw(image).ellipse((10, 10, 20 + number, 80), fill=(number * 7 % 256, 90, 160))
    file = io.BytesIO()
    image.save(file, "PNG" if number % 2 else "JPEG")
    return file.getvalue()


@pytest.fixture
def make_build(tmp_path: Path) -> Build:
    """Write a build with `n` rows in every split, and open it."""

    def made(n: int = 2, *, shared: bool = False, broken: bool = False, name: str = "out") -> Folder:
        out = tmp_path / name
        pictures = {hashlib.sha256(data).hexdigest(): data for data in map(picture, range(40))}
        if broken:
            pictures[next(iter(pictures))] = b"no picture at all"
        configs = [_config(out, abbr, n, pictures, shared) for abbr in TASKS]
        if shared:
            configs.append(_shared(out, pictures))
        write_json(out / "manifest.json", _manifest(configs))
        return Folder(out)

    return made


@pytest.fixture
def small_build(make_build: Build) -> Folder:
    """Two rows in every split of six tasks."""
    return make_build()


def samples(abbr: str, split: Split, n: int, pictures: list[str]) -> Iterator[Sample]:
    """Yield samples of a task; the SR rows repeat each other's pictures, as real ones do."""
    for i in range(n):
        items = tuple(
            Item(
                role, f"B{i}{k}", "" if role == "review" else HOSTILE[(i + k) % 8], _category(abbr, i), "Veko", sha256
            )
            for k, (role, sha256) in enumerate(zip(ROLES.get(abbr, ("product",)), pictures[i % 3 :], strict=False))
        )
        digest = hashlib.sha256(f"{abbr}{split}{i}".encode()).hexdigest()[:12]
        sample = Sample(f"{abbr}_ind-{split}-{digest}", TASKS[abbr], "ind", split, FIELDS[abbr], items, ANSWERS[abbr])
        yield replace(sample, options=words.options(sample))


def _category(abbr: str, number: int) -> str:
    if abbr == "cc" and number == 20:
        return "Rare, Odd & New Things"
    return "Tools & Home Improvement. Hammers" if abbr == "sr" else CATEGORIES[number % 2]


def _config(out: Path, abbr: str, n: int, pictures: dict[str, bytes], shared: bool) -> Config:
    config = Config(f"{abbr}_ind", TASKS[abbr], "ind")
    names: tuple[Split, ...] = ("train", "test")
    for split in names:
        writer = SplitWriter(out, config.name, split, sample_features(not shared))
        for sample in samples(abbr, split, n, list(pictures)):
            row = row_of(sample, words.input_text(sample))
            if not shared:
                row["images"] = [{"bytes": pictures[item.picture], "path": None} for item in sample.items]
            writer.add(row, 1000)
        config.add(split, writer)
    return config


def _shared(out: Path, pictures: dict[str, bytes]) -> Config:
    writer = SplitWriter(out, "pictures", "train", picture_features())
    for sha256, data in pictures.items():
        writer.add({"picture": sha256, "image": {"bytes": data, "path": None}}, len(data))
    config = Config("pictures", "", "")
    config.add("train", writer)
    return config


def _manifest(configs: list[Config]) -> dict[str, Any]:
    return {
        "format": 1,
        "configs": {one.name: {"task": one.task, "domain": one.domain, "splits": one.splits} for one in configs},
        "corpora": [{"file": "mave/mave_positives_labels.jsonl"}, {"file": "amazonqa/train-qar.jsonl"}],
    }
