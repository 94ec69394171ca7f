"""`caslie-push card`: writes what the files tell, and tells where the two differ."""

import json
import random
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

REPO = "alice/mmecinstruct"
LICENSE = ("--license", "cc-by-4.0")
NOWHERE = "http://127.0.0.1:9"  # a card is written without a Hub
MUTATIONS = 20

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def carded(one_task: Path, process: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build with its card; to read only."""
    out = Path(shutil.copytree(one_task, tmp_path_factory.mktemp("card") / "build"))
    ran = process({}, "-m", "caslie.push", "card", out, "--repo", REPO, *LICENSE)
    assert (ran.code, ran.err) == (0, "")
    return out


@pytest.fixture
def copy(carded: Path, tmp_path: Path) -> Path:
    """A build with its card, of the test's own."""
    return Path(shutil.copytree(carded, tmp_path / "build"))


@pytest.fixture
def check(push_here: Run) -> Run:
    def checked(directory: Path, *arguments: object) -> Any:
        return push_here(NOWHERE, None, "card", directory, "--check", *arguments)

    return checked


def numbers(content: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where each number of a JSON content stands."""
    if isinstance(content, dict | list):
        for key, value in content.items() if isinstance(content, dict) else enumerate(content):
            yield from numbers(value, (*path, key))
    elif isinstance(content, int | float) and not isinstance(content, bool):
        yield path


def add_one(content: Any, path: tuple[Any, ...]) -> None:
    for key in path[:-1]:
        content = content[key]
    content[path[-1]] += 1


def test_a_card_is_written_and_then_agrees(copy: Path, check: Run, push_here: Run) -> None:
    before = (copy / "README.md").read_bytes()
    said = push_here(NOWHERE, None, "card", copy).out
    assert said == f"{copy / 'README.md'} is written; next: caslie-push card --check {copy}\n"
    assert (copy / "README.md").read_bytes() == before
    ran = check(copy)
    assert (ran.code, ran.out, ran.err) == (0, f"{copy}: the card and the files agree\n", "")


def test_a_check_writes_nothing(copy: Path, check: Run) -> None:
    (copy / "README.md").write_text("# Something else\n", encoding="utf-8")
    assert check(copy).err == f"error: {copy} is not what its card tells: README.md differs\n"
    assert (copy / "README.md").read_text(encoding="utf-8") == "# Something else\n"


@pytest.mark.parametrize("name", ["manifest.json", "leakage.json"])
def test_any_number_that_changes_is_found(copy: Path, check: Run, name: str) -> None:
    text = (copy / name).read_text(encoding="utf-8")
    places = list(numbers(json.loads(text)))
    unnoticed = []
    for place in random.Random(name).sample(places, MUTATIONS):
        content = json.loads(text)
        add_one(content, place)
        (copy / name).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        ran = check(copy)
        if ran.code != 1 or not re.fullmatch(r"error: .*\n", ran.err):
            unnoticed.append((place, ran))
    assert unnoticed == []


def test_a_changed_picture_is_found(copy: Path, check: Run) -> None:
    path = copy / "data/ap_ood/test-00000-of-00001.parquet"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    ran = check(copy)
    assert ran.code == 1
    assert "data/ap_ood/test-00000-of-00001.parquet is not the one of manifest.json" in ran.err
    assert ran.err.count("\n") == 1


def test_another_licence_is_another_card(copy: Path, check: Run) -> None:
    assert check(copy, "--license", "mit").err == f"error: {copy} is not what its card tells: README.md differs\n"


def test_a_build_that_nobody_published_has_no_card_to_check(one_task: Path, check: Run) -> None:
    said = f"error: {one_task}: nobody said where it is published; add --repo user/name\n"
    assert (check(one_task).code, check(one_task).err) == (1, said)


def test_a_folder_of_neither_kind_has_no_card(tmp_path: Path, check: Run) -> None:
    ran = check(tmp_path, "--repo", REPO)
    assert ran.code == 1
    assert ran.err == f"error: {tmp_path}: neither a build of mmecinstruct nor an adapter of caslie\n"
