"""Pictures that conform already, passed through as bytes, against decoding them with PIL and against a raw copy.

    python benchmarks/pictures.py

2,000 rows, each with one JPEG of 500 px and about 60 KB. Ours is the end of a build: read the bytes from the picture
store and write rows with `SplitWriter`. The other side is what most would write: open each file with PIL, fit it,
yield it to `Dataset.from_generator`, `to_parquet`; so every picture is decoded and encoded again. The raw copy reads
the same files and writes their bytes to one file. All end with fsync; time is counted from the first picture on,
without imports; the bytes of every picture of ours are checked by sha256.
"""

import hashlib
import io
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from measuring import Bench, Line, best, check, main

N = 2_000
ROUNDS = 3  # the fastest one counts


def write(folder: Path) -> dict[str, Any]:
    """Cut pictures from one large texture and check that they are what the store keeps as it is."""
    import numpy as np
    from PIL import Image, ImageFilter

    (folder / "images").mkdir()
    random = np.random.default_rng(1)
    blurred = Image.fromarray(random.integers(0, 255, (3000, 3000, 3), np.uint8)).filter(ImageFilter.GaussianBlur(2))
    texture = blurred.point(lambda level: max(0, min(255, 6 * (level - 106))))
    n_bytes = 0
    for i, (x, y) in enumerate(random.integers(0, 2500, (N, 2)).tolist()):
        path = folder / "images" / f"41{i:09}L.jpg"
        texture.crop((x, y, x + 500, y + 500)).save(path, quality=65)
        n_bytes += path.stat().st_size
    return {"bytes": n_bytes}


def check_all(folder: Path) -> dict[str, Any]:
    """Check every picture for the first time and put it into the store, as a build does once for each."""
    from mmecinstruct.images import Picture, PictureStore

    start = time.perf_counter()
    with PictureStore(folder / "store.sqlite", images_dirs=[folder / "images"], workers=2) as store:
        found = store.obtain([[f"https://m.media-amazon.com/images/I/{path.name}"] for path in _files(folder)])
        seconds = time.perf_counter() - start
        passed = store.passed_through
    pictures = [one.sha256 for one in found if isinstance(one, Picture)]
    (folder / "pictures.json").write_text(json.dumps(pictures))
    return {"seconds": seconds, "passed": passed}


@contextmanager
def _timed(found: dict[str, Any]) -> Iterator[None]:
    start, cpu = time.perf_counter(), time.process_time()
    yield
    found |= {"seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu}


def ours(folder: Path) -> dict[str, Any]:
    """Write the rows with the bytes as they are."""
    from mmecinstruct.builder.features import sample_features
    from mmecinstruct.builder.writer import SplitWriter
    from mmecinstruct.images import PictureStore

    shutil.rmtree(folder / "ours", ignore_errors=True)
    features, found = sample_features(True), dict[str, Any]()
    pictures = json.loads((folder / "pictures.json").read_text())
    with PictureStore(folder / "store.sqlite") as store, _timed(found):
        writer = SplitWriter(folder / "ours", "sa_ind", "train", features)
        for i, sha256 in enumerate(pictures):
            picture = store.read(sha256)
            writer.add(_row(i) | {"images": [{"bytes": picture, "path": None}]}, len(picture) + 200)
        for shard in writer.close():
            _sync(folder / "ours" / shard.path)
    return found


def pil(folder: Path) -> dict[str, Any]:
    """Write the rows by way of PIL pictures."""
    from datasets import Dataset

    from mmecinstruct.builder.features import sample_features

    shutil.rmtree(folder / "hf", ignore_errors=True)
    features, found = sample_features(True), dict[str, Any]()
    with _timed(found):
        rows = Dataset.from_generator(
            _pil_rows, features=features, gen_kwargs={"folder": folder}, cache_dir=folder / "hf"
        )
        rows.to_parquet(folder / "pil.parquet")
        _sync(folder / "pil.parquet")
    return found


def copy(folder: Path) -> dict[str, Any]:
    """Copy the bytes into one file."""
    found: dict[str, Any] = {}
    with _timed(found):
        with (folder / "copy").open("wb") as target:
            for path in _files(folder):
                target.write(path.read_bytes())
        _sync(folder / "copy")
    return found


def verify(folder: Path) -> dict[str, Any]:
    """Compare the pictures in our Parquet with the files."""
    import pyarrow.parquet as pq

    found = [
        hashlib.sha256(image["bytes"]).hexdigest()
        for path in sorted((folder / "ours").rglob("*.parquet"))
        for batch in pq.ParquetFile(path).iter_batches(64, columns=["images"])
        for images in batch.column(0).to_pylist()
        for image in images
    ]
    return {"same": found == [hashlib.sha256(path.read_bytes()).hexdigest() for path in _files(folder)]}


def _files(folder: Path) -> list[Path]:
    return sorted((folder / "images").iterdir())


def _row(i: int) -> dict[str, Any]:
    """A row of sentiment analysis, all but its picture."""
    item = {"role": "review", "product_id": f"B{i:09}", "title": "", "category": "Tools", "brand": "", "picture": ""}
    return {
        "id": f"sa_ind-train-{i:012}",
        "task": "sentiment_analysis",
        "domain": "ind",
        "instruction": "Given the user's review, identify the user's sentiment from the listed options.",
        "input": f"Number {i}: it works well and I have used it ever since it came. " * 3,
        "options": ["A: Very positive", "B: Positive", "C: Neutral", "D: Negative", "E: Very negative"],
        "output": "A",
        "items": [item],
        "lineage": [{"item": -1, "file": "amazon_reviews_2023/Tools.jsonl", "digest": f"{i:016x}"}],
    }


def _pil_rows(folder: Path) -> Iterator[dict[str, Any]]:
    from PIL import Image

    for i, path in enumerate(_files(folder)):
        picture = Image.open(io.BytesIO(path.read_bytes()))
        picture.thumbnail((500, 500))
        yield _row(i) | {"images": [picture]}


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def compare(bench: Bench) -> list[Line]:
    """Compare rows a second."""
    kb = bench.run("write").found["bytes"] / N / 1000
    first = bench.run("check").found
    check(first["passed"] == N, f"{first['passed']} of {N} pictures were passed through")
    runs = {side: best(runs) for side, runs in bench.rounds(ROUNDS, "ours", "pil", "copy").items()}
    check(bench.run("verify").found["same"], "the pictures in Parquet are not the files")
    rates = {side: N / run.found["seconds"] for side, run in runs.items()}
    whole = N / (first["seconds"] + runs["ours"].found["seconds"])
    cpu = {side: 1000 * run.found["cpu"] / N for side, run in runs.items()}
    what = f"{N:,} rows, one picture of {kb:.0f} KB each"
    return [
        _line(f"bytes passed through; by way of PIL: {what}", rates["ours"], rates["pil"], ">= 10"),
        Line("the same, processor time a row", "ms", cpu["ours"], cpu["pil"], cpu["pil"] / cpu["ours"]),
        _line("the same, the first check of each picture included", whole, rates["pil"]),
        _line("bytes passed through; raw copy of the bytes", rates["ours"], rates["copy"]),
    ]


def _line(what: str, ours: float, other: float, aim: str = "") -> Line:
    return Line(what, "rows/s", ours, other, ours / other, aim)


if __name__ == "__main__":
    sides = {"write": write, "check": check_all, "ours": ours, "pil": pil, "copy": copy, "verify": verify}
    main("pictures passed through", sides, compare)
