"""`why` traces every row to its raw lines, derives it again, and says what differs where the lines have changed."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mmecinstruct.builder import Request, build
from mmecinstruct.builder.folder import Folder
from mmecinstruct.builder.why import Why, why
from mmecinstruct.config import load_recipe
from mmecinstruct.errors import MmecError, OutputError, SourceError
from mmecinstruct.images import image_id

CONFIGS = [f"{abbr}_ind" for abbr in ("ap", "cc", "prp", "psi", "mpc", "sa", "sr")]
CONFIGS += [f"{abbr}_ood" for abbr in ("ap", "cc", "prp", "sa", "sr")]


def ids(folder: Folder, config: str) -> list[str]:
    """The first, the middle and the last row of a config."""
    found = [row["id"] for split in folder.splits(config) for row in folder.rows(config, split, ["id"])]
    return [found[0], found[len(found) // 2], found[-1]]


@pytest.mark.parametrize("config", CONFIGS)
def test_a_row_is_derived_again_from_its_raw_lines(built: Path, config: str) -> None:
    folder = Folder(built)
    for id in ids(folder, config):
        found = why(folder, id)
        assert found.differs == {}
        assert {(line.item, line.file) for line in found.lines} == {
            (one["item"], one["file"]) for one in folder.row(id)["lineage"]
        }
        assert all(line.text.startswith("{") for line in found.lines)


def test_the_lines_are_those_of_the_files(built: Path, corpora: Path) -> None:
    folder = Folder(built)
    for line in why(folder, ids(folder, "ap_ood")[0]).lines:
        if line.file.endswith(".jsonl"):
            assert (corpora / line.file).read_text("utf-8", "replace").split("\n")[line.line - 1] == line.text.rstrip()


@pytest.fixture
def mine(corpora: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A small build of corpora that may be changed, and these corpora."""
    sources = tmp_path / "corpora"
    shutil.copytree(corpora, sources, ignore=shutil.ignore_patterns("images"))
    (sources / "images").symlink_to(corpora / "images")
    build(load_recipe("sample"), Request(sources, tmp_path / "out", tasks=("ap",), limit=3))
    return tmp_path / "out", sources


def edit(sources: Path, found: Why, corpus: str, member: str) -> None:
    """Write X for every letter of a member of the record that a row was read from."""
    line = next(line for line in found.lines if line.file.startswith(corpus) and line.file.endswith(".jsonl"))
    old = json.dumps(json.loads(line.text)[member], ensure_ascii=False).encode()
    path = sources / line.file
    lines = path.read_bytes().split(b"\n")
    lines[line.line - 1] = lines[line.line - 1].replace(old, re.sub(rb"[A-Za-z]", b"X", old))
    path.write_bytes(b"\n".join(lines))


def test_a_product_that_is_called_otherwise_now_is_told(mine: tuple[Path, Path], cli: Callable[..., Any]) -> None:
    out, sources = mine
    id = ids(Folder(out), "ap_ood")[0]
    edit(sources, why(Folder(out), id), "amazon_reviews_2023", "title")
    differs = why(Folder(out), id).differs
    before, now = differs.pop("items")
    assert re.sub(r"[A-Za-z]", "X", before[0]["title"]) == now[0]["title"]
    lineage, line = differs
    assert lineage == "lineage"
    assert line.startswith("amazon_reviews_2023/meta_Sports_and_Outdoors.jsonl:")
    ran = cli("why", out, id)
    assert ran.code == 1
    assert ran.err == f"error: {id}: its raw lines give something else now: items, lineage, {line}\n"


def test_a_record_that_is_no_longer_there_is_told(mine: tuple[Path, Path], cli: Callable[..., Any]) -> None:
    out, sources = mine
    id = ids(Folder(out), "ap_ood")[0]
    edit(sources, why(Folder(out), id), "amazonqa", "questionText")
    ran = cli("why", out, id)
    assert ran.code == 1
    assert "its records are not what they were" in ran.out
    assert ran.err.startswith(f"error: {id}: its raw lines give something else now: row, amazonqa/test-qar.jsonl:")


def test_a_picture_at_hand_that_shows_something_else_now_is_told(mine: tuple[Path, Path], corpora: Path) -> None:
    out, sources = mine
    id = ids(Folder(out), "ap_ood")[0]
    found = why(Folder(out), id)
    assert [picture["at_hand"] for picture in found.pictures] == ["yes"]
    (sources / "images").unlink()
    (sources / "images").mkdir()
    assert [picture["at_hand"] for picture in why(Folder(out), id).pictures] == ["no"]
    name = image_id(found.pictures[0]["addresses"].split()[0])
    other = next(path for path in sorted((corpora / "images").iterdir()) if path.stem != name)
    shutil.copy(other, sources / "images" / f"{name}.jpg")
    differs = why(Folder(out), id).differs
    assert list(differs) == [f"picture of {found.pictures[0]['item']}"]


def test_the_last_line_of_a_file_needs_no_line_end(mine: tuple[Path, Path]) -> None:
    out, sources = mine
    id = ids(Folder(out), "ap_ood")[0]
    line = next(line for line in why(Folder(out), id).lines if line.file.startswith("amazonqa"))
    path, text = sources / line.file, line.text.strip().encode()
    path.write_bytes(path.read_bytes().replace(text + b"\n", b"") + text)
    build(load_recipe("sample"), Request(sources, out, tasks=("ap",), limit=3))
    assert why(Folder(out), id).differs == {}


def test_corpora_that_have_moved_are_named(mine: tuple[Path, Path], tmp_path: Path) -> None:
    out, sources = mine
    id = ids(Folder(out), "ap_ood")[0]
    moved = sources.rename(tmp_path / "moved")
    with pytest.raises(SourceError, match="--sources"):
        why(Folder(out), id)
    assert why(Folder(out), id, moved).differs == {}


@pytest.mark.parametrize("id", ["ap_ood-test-000000000000", "ap_ood-train-000000000000", "ap-1", "nonsense", ""])
def test_an_unknown_row_is_told_in_one_line(built: Path, id: str) -> None:
    with pytest.raises(MmecError, match="Unknown") as error:
        why(Folder(built), id)
    assert "\n" not in str(error.value)


def test_a_build_without_its_lineage_says_so(mine: tuple[Path, Path]) -> None:
    out, _ = mine
    (out / "lineage.sqlite").unlink()
    with pytest.raises(OutputError, match="only a build from corpora"):
        why(Folder(out), ids(Folder(out), "ap_ood")[0])
