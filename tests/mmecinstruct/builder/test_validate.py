"""The check of a build: silent on what was built, and by name about whatever was changed since."""

import hashlib
import io
import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from mmecinstruct.builder import Request, build
from mmecinstruct.builder.card import write_card
from mmecinstruct.builder.folder import Folder
from mmecinstruct.builder.manifest import write_json
from mmecinstruct.builder.validate import Problem, validate
from mmecinstruct.config import load_recipe

Row = dict[str, Any]
Change = Callable[[Row], object]
Changed = Callable[..., list[Problem]]

RECIPE = load_recipe("sample")


@pytest.fixture(scope="session")
def small(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few rows of three tasks; to be copied, never changed."""
    out = tmp_path_factory.mktemp("small") / "out"
    build(RECIPE, Request(corpora, out, tasks=("ap", "cc", "prp"), limit=3))
    return out


@pytest.fixture
def copy(small: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small, tmp_path / "out"))


@pytest.fixture
def changed(copy: Path) -> Changed:
    """Change the first rows of a split, with the manifest and the card as if it had been built so, and check it."""

    def run(config: str, *changes: Change, split: str = "train") -> list[Problem]:
        (path,) = Folder(copy).files(config, split)
        table = pq.ParquetFile(path).read()
        rows = table.to_pylist()
        for row, change in zip(rows, changes, strict=False):
            change(row)
        sign(copy, config, split, path, pa.Table.from_pylist(rows, table.schema))
        return validate(Folder(copy))

    return run


def sign(out: Path, config: str, split: str, path: Path, table: pa.Table) -> None:
    pq.write_table(table, path)
    manifest = Folder(out).manifest
    (file,) = manifest["configs"][config]["splits"][split]["files"]
    file["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    write_json(out / "manifest.json", manifest)
    write_card(out, manifest)


def put(**values: object) -> Change:
    return lambda row: row.update(values)


def paint(data: bytes) -> Change:
    """Give the first picture of a row other bytes, under their own name."""

    def change(row: Row) -> None:
        row["images"][0]["bytes"] = data
        row["items"][0]["picture"] = hashlib.sha256(data).hexdigest()

    return change


def picture(width: int, height: int, **how: Any) -> bytes:
    image, file = Image.frombytes("L", (width, height), random.Random(1).randbytes(width * height)), io.BytesIO()
    image.save(file, "JPEG", **how)
    return file.getvalue()


def test_a_build_has_no_problem(built: Path) -> None:
    assert validate(Folder(built)) == []


def test_a_build_with_shared_pictures_has_no_problem(corpora: Path, tmp_path: Path) -> None:
    request = Request(corpora, tmp_path / "out", tasks=("prp",), limit=3)
    build(replace(RECIPE, pictures="shared"), request)
    assert validate(Folder(tmp_path / "out")) == []


def test_a_shared_picture_that_is_lost_is_found(corpora: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(replace(RECIPE, pictures="shared"), Request(corpora, out, tasks=("prp",), limit=3))
    (path,) = Folder(out).files("pictures", "train")
    sign(out, "pictures", "train", path, pq.ParquetFile(path).read().slice(1))
    problems = " ".join(one.problem for one in validate(Folder(out)))
    assert "is not in the config pictures" in problems
    assert "rows, not" in problems


@pytest.mark.parametrize(
    ("config", "change", "problem"),
    [
        ("ap_ind", put(id="ap_ood-test-0"), "the id does not name its config and split"),
        ("ap_ind", put(task="sentiment_analysis"), "task 'sentiment_analysis', domain 'ind' in a config of answ"),
        ("ap_ind", put(domain="ood"), "domain 'ood' in a config of answerability_prediction, ind"),
        ("ap_ind", put(output="Yes"), "output 'Yes' is none of yes, no"),
        ("ap_ind", put(output="A"), "output 'A' is none of yes, no"),
        ("cc_ind", put(output="Z"), "output 'Z' is none of A, B"),
        ("cc_ind", put(output="yes"), "output 'yes' is none of A, B"),
        ("ap_ind", put(output=None), "a value is missing"),
        ("ap_ind", put(items=[None]), "a value is missing"),
        ("ap_ind", put(items=[]), "empty: items"),
        ("ap_ind", put(instruction=" "), "empty: instruction"),
        ("ap_ind", put(instruction="Answer."), "not what the template renders: instruction"),
        ("ap_ind", put(input="{"), "input is not JSON"),
        ("ap_ind", put(input="[" * 100_000), "input is not JSON"),
        ("ap_ind", put(input='{"question": "Why?"}'), "the template cannot render it: 'document' is undefined"),
        ("ap_ind", put(input='{"document": ["a"], "question": "b"}'), "not what the template renders: input"),
        ("ap_ind", put(input='{"question": "", "document": ["a"]}'), "empty: a text of the input"),
        ("ap_ind", put(input='{"question": "a", "document": [" "]}'), "empty: a text of the input"),
        ("cc_ind", put(options=["A: Drills", "C: Saws"]), "not what the template renders: options"),
        ("cc_ind", put(options=["A: Drills", "B:"], output="A"), "empty: an option"),
        ("prp_ind", put(options=[]), "not what the template renders: options"),
        ("prp_ind", lambda row: row["images"].pop(), "2 items, 1 images"),
        ("prp_ind", lambda row: row["images"].reverse(), "image 0: not the bytes of picture"),
        ("ap_ind", put(images=[{"bytes": None, "path": "a.jpg"}]), "image 0: not the bytes of picture"),
        ("ap_ind", paint(b"no picture"), "image 0: does not open: not_an_image"),
        ("ap_ind", paint(picture(80, 80)[:-200]), "image 0: does not open: truncated"),
        ("ap_ind", paint(picture(80, 501)), "image 0: larger than the recipe's box"),
        ("ap_ind", paint(picture(80, 80, comment=b"hello")), "no plain JPEG or PNG"),
    ],
)
def test_a_changed_row_is_found(changed: Changed, config: str, change: Change, problem: str) -> None:
    found = changed(config, change)
    assert problem in found[0].problem
    assert (found[0].config, found[0].split) == (config, "train")


def test_a_problem_names_its_row(changed: Changed, copy: Path) -> None:
    second = list(Folder(copy).rows("cc_ind", "train"))[1]["id"]
    (problem,) = changed("cc_ind", put(), put(output="Z"))
    assert problem.row == second


def test_an_id_that_is_used_twice_is_found(changed: Changed, copy: Path) -> None:
    first = next(Folder(copy).rows("ap_ind", "train"))["id"]
    (problem,) = changed("ap_ind", put(), put(id=first))
    assert problem.problem == "another row has this id"


def test_a_sample_in_two_splits_is_found(changed: Changed, copy: Path) -> None:
    first = next(Folder(copy).rows("cc_ind", "train", ["id", "input", "options", "output", "items", "images"]))
    name = first.pop("id")
    (problem,) = changed("cc_ind", put(**first), split="test")
    assert (problem.split, problem.problem) == ("test", f"the same sample as {name}")


def test_other_bytes_of_a_file_are_found(copy: Path) -> None:
    (path,) = Folder(copy).files("ap_ind", "test")
    pq.write_table(pq.ParquetFile(path).read(), path, compression="none")
    (problem,) = validate(Folder(copy))
    assert "not" in problem.problem and "as built" in problem.problem


@pytest.mark.parametrize("n", [0, 4, 1000])
def test_a_broken_file_is_a_problem_not_an_exception(copy: Path, n: int) -> None:
    (path,) = Folder(copy).files("ap_ind", "test")
    path.write_bytes(path.read_bytes()[:n])
    problems = [one.problem for one in validate(Folder(copy))]
    assert any("cannot be read" in problem for problem in problems)


def test_a_page_that_was_overwritten_is_a_problem_not_an_exception(copy: Path) -> None:
    (path,) = Folder(copy).files("prp_ind", "train")
    data = bytearray(path.read_bytes())
    data[len(data) // 4 : len(data) // 2] = bytes(len(data) // 2 - len(data) // 4)
    path.write_bytes(data)
    assert "as built" in validate(Folder(copy))[0].problem


def test_a_lost_file_is_found(copy: Path) -> None:
    (path,) = Folder(copy).files("ap_ind", "test")
    path.unlink()
    (problem,) = validate(Folder(copy))
    assert problem.problem.startswith("data/ap_ind/test-00000-of-00001.parquet: cannot be read")


def test_a_file_that_does_not_belong_is_found(copy: Path) -> None:
    (copy / "data" / "ap_ind" / "train-old.parquet").write_bytes(b"")
    (problem,) = validate(Folder(copy))
    assert problem.problem.startswith("data/ap_ind/train-old.parquet: not in the manifest")


@pytest.mark.parametrize("column", ["output", "images", "lineage"])
def test_a_lost_column_is_found(copy: Path, column: str) -> None:
    (path,) = Folder(copy).files("ap_ind", "test")
    sign(copy, "ap_ind", "test", path, pq.ParquetFile(path).read().drop_columns([column]))
    (problem,) = validate(Folder(copy))
    assert problem.problem.endswith(f"of another type: {column}")


def test_a_column_of_another_type_is_found(copy: Path) -> None:
    (path,) = Folder(copy).files("ap_ind", "test")
    table = pq.ParquetFile(path).read()
    place = table.column_names.index("output")
    sign(copy, "ap_ind", "test", path, table.set_column(place, "output", table["output"].cast(pa.large_string())))
    (problem,) = validate(Folder(copy))
    assert problem.problem.endswith("of another type: output")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("config_name: cc_ood", "config_name: cc_old", "configs has no cc_ood"),
        ("num_examples: 3", "num_examples: 4", "is not as the manifest has it"),
        ("data/ap_ind/test-*", "data/ap_ind/train-*", "configs of ap_ind is not as the manifest has it"),
        ("configs:", "configs: [", "cannot be read"),
        ("---\n", "", "dataset_info has no ap_ind"),
    ],
)
def test_a_card_that_says_something_else_is_found(copy: Path, old: str, new: str, problem: str) -> None:
    card = copy / "README.md"
    card.write_text(card.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert any(problem in one.problem for one in validate(Folder(copy)))


def test_a_folder_without_its_card_is_found(copy: Path) -> None:
    (copy / "README.md").unlink()
    assert "README.md: cannot be read" in validate(Folder(copy))[0].problem


def test_more_than_fifty_problems_are_told_as_a_number(copy: Path) -> None:
    for i in range(60):
        (copy / "data" / f"{i}.txt").write_text("")
    problems = validate(Folder(copy))
    assert len(problems) == 51
    assert problems[-1].problem == "10 more problems"


def test_progress_counts_the_splits(small: Path) -> None:
    calls: list[tuple[str, int, int]] = []
    validate(Folder(small), lambda *call: calls.append(call))
    n = sum(len(Folder(small).splits(config)) for config in Folder(small).configs)
    assert calls[-1] == ("check rows", n, n)
