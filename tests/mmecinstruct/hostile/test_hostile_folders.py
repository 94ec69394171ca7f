"""Corpora that are missing or unreadable, folders of odd names, and what is too much for memory or time."""

import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mmecinstruct.builder import Request, build
from mmecinstruct.config import Recipe
from mmecinstruct.errors import OutputError, SourceError
from mmecinstruct.tasks.clean import clean
from tests.mmecinstruct.hostile.case import line
from tests.mmecinstruct.hostile.world import LABELS, OPTIONS, PRODUCTS, QUESTIONS, REVIEWS, WORLDS, review, write_world

NEEDED = [
    (world, name) for world, names in WORLDS.items() for name in names if not name.startswith(("sqid", "esci_s"))
]
ANY_OF = {LABELS: "mave/mave_*_labels.jsonl", PRODUCTS: "one of amazon_reviews_2023/meta_*.jsonl"}
NAMES = (
    *(
        "it's; DROP TABLE staged",
        "100 % %s",
        "[a-z]*",
        "a\nb",
        "日本 👍",
        "{{ 7*7 }}",
        '"quoted"',
        "$HOME",
        "-rf",
        "~",
    ),
    *("#", "a#b&c=d", "%2e%2e", "x" * 200, " "),
)

# Peak memory of a build whose only review file has a line of 100 MB amid good ones.
PEAK = """
from pathlib import Path
from mmecinstruct.builder import Request, build
from mmecinstruct.config import Recipe
manifest = build(Recipe("hostile", tasks={"sa": {}}), Request(Path("corpora"), Path("out")))
print(manifest["skipped"], sum(split["rows"] for split in manifest["configs"]["sa_ind"]["splits"].values()))
# Of this program alone: ru_maxrss begins with what the process that started it had.
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(int(peak.split()[1]) >> 10)
"""


def make(world: str, folder: Path, out: Path) -> dict[str, Any]:
    task = world[:3].rstrip("_")
    return build(Recipe("hostile", tasks={task: OPTIONS.get(world, {})}), Request(folder, out))


@pytest.mark.parametrize(("world", "name"), NEEDED, ids=str)
def test_a_missing_file_is_one_line_that_names_it(world: str, name: str, tmp_path: Path) -> None:
    write_world(world, tmp_path / "corpora")
    (tmp_path / "corpora" / name).unlink()
    named = ANY_OF.get(name, name) if world != "sr" else name
    with pytest.raises(SourceError, match=f"{world[:2]}.* needs {re.escape(named)}[,. ]") as told:
        make(world, tmp_path / "corpora", tmp_path / "out")
    assert "\n" not in str(told.value)


def test_a_missing_corpus_names_all_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "corpora").mkdir()
    with pytest.raises(SourceError) as told:
        build(Recipe("hostile", tasks={"ap": {}, "sa": {}}), Request(tmp_path / "corpora", tmp_path / "out"))
    assert all(name in str(told.value) for name in (QUESTIONS, "test-qar.jsonl", REVIEWS, "ap needs", "sa needs"))
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("name", ["nowhere", "file"])
def test_a_folder_of_corpora_that_is_none_is_one_line(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(SourceError, match=f"{name}: no such folder"):
        make("ap", tmp_path / name, tmp_path / "out")


def test_a_file_that_fails_while_it_is_read_is_one_line(tmp_path: Path) -> None:
    write_world("ap", tmp_path / "corpora")
    (tmp_path / "corpora" / PRODUCTS).unlink()
    (tmp_path / "corpora" / PRODUCTS).symlink_to("/proc/self/mem")  # its first page cannot be read
    with pytest.raises(SourceError, match=r"meta_Tools.*\.jsonl: cannot be read: Input/output error"):
        make("ap", tmp_path / "corpora", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_is_not_ours_to_read_is_one_line(tmp_path: Path) -> None:
    write_world("ap", tmp_path / "corpora")
    (tmp_path / "corpora" / PRODUCTS).chmod(0)
    with pytest.raises(SourceError, match="cannot be read: Permission denied"):
        make("ap", tmp_path / "corpora", tmp_path / "out")


def test_a_file_that_is_a_folder_is_missing(tmp_path: Path) -> None:
    write_world("ap", tmp_path / "corpora")
    (tmp_path / "corpora" / QUESTIONS).unlink()
    (tmp_path / "corpora" / QUESTIONS).mkdir()
    with pytest.raises(SourceError, match=f"ap needs {QUESTIONS}"):
        make("ap", tmp_path / "corpora", tmp_path / "out")


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_folders_may_have_any_name(name: str, tmp_path: Path) -> None:
    write_world("sa", tmp_path / name / "corpora")
    manifest = make("sa", tmp_path / name / "corpora", tmp_path / name / "out")
    assert sum(split["rows"] for split in manifest["configs"]["sa_ind"]["splits"].values()) == 12


def test_the_output_may_not_lie_where_duckdb_cannot_write(tmp_path: Path) -> None:
    write_world("sa", tmp_path / "corpora")
    with pytest.raises(OutputError, match="in its name"):
        make("sa", tmp_path / "corpora", tmp_path / "what?" / "out")


def test_a_line_of_100_megabytes_is_one_reason_and_little_memory(python: Callable[..., Any], tmp_path: Path) -> None:
    write_world("sa", tmp_path / "corpora")
    with (tmp_path / "corpora" / REVIEWS).open("ab") as file:
        file.write(b'{"user_id": "')
        for _ in range(100):
            file.write(b"u" * 1_000_000)
        file.write(b'"}\n' + line(review(30)))
    ran = python(PEAK, tmp_path)
    assert ran.out.splitlines()[0] == f"{{'{REVIEWS} (reviews)': {{'line_too_long': 1}}}} 13"
    assert int(ran.out.splitlines()[1]) < 700


@pytest.mark.parametrize(
    "unit", ["<!--", "--> <!--", "<a", "<", "</", "&", "&#", "&amp;", "<!-- a ", "<a href=", "\0", " "]
)
def test_cleaning_takes_time_in_step_with_the_text(unit: str) -> None:
    began = time.process_time()
    clean(unit * (1_000_000 // len(unit)))
    assert time.process_time() - began < 2
