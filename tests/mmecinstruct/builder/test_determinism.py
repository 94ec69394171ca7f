"""The same corpora give the same bytes: whatever the workers, the hash seed, and the order of the lines."""

import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

Digests = Callable[[Path], dict[str, str]]


def shuffle_file(source: Path, target: Path, dice: random.Random) -> None:
    """Copy a corpus file with its rows in another order."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix == ".parquet":
        table = pq.read_table(source)
        pq.write_table(table.take(pa.array(dice.sample(range(len(table)), len(table)))), target)
        return
    data = gzip.decompress(source.read_bytes()) if source.suffix == ".gz" else source.read_bytes()
    lines = data.removesuffix(b"\n").split(b"\n")
    first, rest = (lines[:1], lines[1:]) if source.suffix == ".csv" else ([], lines)
    data = b"\n".join([*first, *dice.sample(rest, len(rest))]) + b"\n"
    target.write_bytes(gzip.compress(data) if source.suffix == ".gz" else data)


@pytest.fixture(scope="module")
def shuffled(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shuffled")
    dice = random.Random(1)
    for path in sorted(corpora.rglob("*")):
        if path.parent.name in ("images", corpora.name) or not path.is_file():
            continue
        shuffle_file(path, folder / path.relative_to(corpora), dice)
    (folder / "images").symlink_to(corpora / "images")
    return folder


def test_the_shuffled_corpora_hold_the_same_rows_in_another_order(corpora: Path, shuffled: Path) -> None:
    name = "sqid/product_image_urls.csv"
    before, after = ((root / name).read_text().splitlines() for root in (corpora, shuffled))
    assert before != after
    assert sorted(before) == sorted(after)


def test_neither_workers_nor_the_hash_seed_change_a_byte(
    start: Any, content: Digests, corpora: Path, built: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    cache = str(tmp_path / "cache")
    command = ("build", "sample", "--sources", corpora, "--out", out, "--workers", 2)
    with start(*command, PYTHONHASHSEED="0", MMECINSTRUCT_CACHE=cache) as process:
        _, err = process.communicate()
    assert process.returncode == 0, err
    assert content(out) == content(built)
    for name in ("manifest.json", "README.md", "leakage.json"):
        assert (out / name).read_bytes() == (built / name).read_bytes()


def test_the_order_of_the_lines_changes_no_byte(
    start: Any, content: Digests, shuffled: Path, built: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    cache = str(tmp_path / "cache")
    command = ("build", "sample", "--sources", shuffled, "--out", out)
    with start(*command, PYTHONHASHSEED="1", MMECINSTRUCT_CACHE=cache) as process:
        _, err = process.communicate()
    assert process.returncode == 0, err
    assert content(out) == content(built)
    told, expected = (json.loads((root / "manifest.json").read_text()) for root in (out, built))
    assert told["dropped"] == expected["dropped"]
    assert told["skipped"] == expected["skipped"]
