"""Loading a built folder: by its path, by its name with and without the package, and with its pictures apart."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from datasets import Dataset, DatasetDict, IterableDatasetDict

import mmecinstruct
from mmecinstruct.builder import Request, build
from mmecinstruct.config import load_recipe

pytestmark = pytest.mark.usefixtures("empty_folder")

NAME = "mmecinstruct"


@pytest.mark.parametrize("config", ["ap", "cc", "prp", "psi", "mpc", "sa", "sr"])
def test_a_built_folder_loads_alone(load: Any, built: Path, config: str) -> None:
    manifest = json.loads((built / "manifest.json").read_text())
    for name in (f"{config}_ind", f"{config}_ood"):
        if name not in manifest["configs"]:
            continue
        loaded = load(str(built), name)
        told = {split: one["rows"] for split, one in manifest["configs"][name]["splits"].items()}
        assert {split: rows.num_rows for split, rows in loaded.items()} == told
        first = loaded["test"][0]
        assert first["id"].startswith(f"{name}-test-")
        assert len(first["images"]) == len(first["items"])


@pytest.mark.parametrize("domain", ["ind", "ood"])
def test_all_configs_are_the_sum_of_the_others(load: Any, built: Path, domain: str) -> None:
    whole = load(str(built), f"all_{domain}", split="test")
    configs = json.loads((built / "manifest.json").read_text())["configs"]
    parts = [one["splits"]["test"]["rows"] for name, one in configs.items() if name.endswith(domain)]
    assert whole.num_rows == sum(parts)
    assert len(set(whole["task"])) == len(parts)


def test_a_folder_streams_and_its_features_are_those_of_the_builder(load: Any, built: Path, corpora: Path) -> None:
    streamed = load(str(built), "sr_ood", split="test", streaming=True)
    plain = load(NAME, "ap_ood", split="test", data_dir=str(corpora))
    assert streamed.features == plain.features
    assert len(next(iter(streamed))["images"]) >= 20


def test_a_folder_of_that_name_wins_over_the_builder(
    load: Any, built: Path, empty_folder: Path, corpora: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_folder / NAME).symlink_to(built)
    monkeypatch.setenv("MMECINSTRUCT_SOURCES", "/nowhere")
    assert load(NAME, "cc_ood", split="test").num_rows == 40


def test_a_folder_of_that_name_needs_no_import(python: Any, built: Path, empty_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(built, empty_folder / NAME)
    script = (
        "import sys\nfrom datasets import load_dataset\nrows = load_dataset('mmecinstruct', 'sr_ood')['test']\n"
        "assert 'mmecinstruct' not in sys.modules\nprint(len(rows), len(rows[0]['images']))\n"
    )
    ran = python(script, empty_folder, HF_DATASETS_CACHE=str(tmp_path / "cache"))
    assert ran.code == 0, ran.err
    n_rows, n_pictures = map(int, ran.out.split())
    assert n_rows > 20
    assert n_pictures >= 20


def test_a_package_folder_of_that_name_is_not_taken_for_a_dataset(
    load: Any, empty_folder: Path, corpora: Path
) -> None:
    (empty_folder / NAME).mkdir()
    (empty_folder / NAME / "__init__.py").touch()
    assert load(NAME, "ap_ood", split="test", data_dir=str(corpora)).num_rows == 40


def test_two_folders_of_one_name_never_give_each_others_rows(
    load: Any, corpora: Path, other_corpora: Path, tmp_path: Path
) -> None:
    ids = []
    for i, sources in enumerate((corpora, other_corpora)):
        out = tmp_path / str(i) / NAME
        build(load_recipe("sample"), Request(sources, out, tasks=("ap",), limit=3))
        ids.append(load(str(out), "ap_ood", split="test")["id"][:])
    assert len(ids[0]) == len(ids[1]) == 3
    assert ids[0] != ids[1]


def test_a_folder_that_was_built_anew_gives_its_new_rows(load: Any, corpora: Path, tmp_path: Path) -> None:
    out, counts = tmp_path / NAME, []
    for limit in (3, 5, 3):
        build(load_recipe("sample"), Request(corpora, out, tasks=("ap",), limit=limit))
        counts.append(load(str(out), "ap_ood", split="test").num_rows)
    assert counts == [3, 5, 3]


@pytest.fixture(scope="module")
def both(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """One build with the pictures in its rows, and the same with the pictures apart."""
    root = tmp_path_factory.mktemp("both")
    request = Request(corpora, root / "inline", tasks=("prp", "sr"), limit=6)
    build(load_recipe("sample"), request)
    build(replace(load_recipe("sample"), pictures="shared"), replace(request, out=root / "shared"))
    yield root / "inline", root / "shared"


def bits(row: dict[str, Any]) -> list[bytes]:
    return [image.tobytes() for image in row["images"]]


def test_shared_pictures_are_a_config_that_holds_each_once(load: Any, both: tuple[Path, Path]) -> None:
    pictures = load(str(both[1]), "pictures", split="train")
    shown = {
        i["picture"]
        for c in ("all_ind", "all_ood")
        for s in load(str(both[1]), c).values()
        for r in s["items"]
        for i in r
    }
    assert sorted(shown) == pictures["picture"][:]
    assert "images" not in load(str(both[1]), "sr_ood", split="test").features


def test_shared_pictures_make_a_smaller_folder(both: tuple[Path, Path]) -> None:
    inline, shared = (sum(path.stat().st_size for path in out.rglob("*.parquet")) for out in both)
    assert shared < inline / 2


@pytest.mark.parametrize("out", [0, 1], ids=["inline", "shared"])
def test_load_shows_the_pictures_of_either_kind(both: tuple[Path, Path], load: Any, out: int) -> None:
    expected = load(str(both[0]), "sr_ood", split="test")
    found = mmecinstruct.load(str(both[out]), "sr_ood", split="test")
    assert isinstance(found, Dataset)
    assert found[0].keys() == expected[0].keys()
    assert [bits(row) for row in found] == [bits(row) for row in expected]


def test_load_gives_every_split_without_one_named(both: tuple[Path, Path]) -> None:
    found = mmecinstruct.load(str(both[1]), "prp_ind")
    assert isinstance(found, DatasetDict)
    assert {split: len(rows[0]["images"]) for split, rows in found.items()} == {"train": 2, "validation": 2, "test": 2}


def test_load_streams_pictures_that_lie_apart(both: tuple[Path, Path], load: Any) -> None:
    found = mmecinstruct.load(str(both[1]), "prp_ind", streaming=True)
    assert isinstance(found, IterableDatasetDict)
    expected = load(str(both[0]), "prp_ind")
    for split, rows in found.items():
        assert [bits(row) for row in rows] == [bits(row) for row in expected[split]]


def test_the_builder_shows_pictures_whatever_the_recipe_says(load: Any, corpora: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "shared.yaml"
    recipe.write_text("name: apart\npictures: shared\nsizes: {ood: 3}\nfetch: {enabled: false}\ntasks: {ap: {}}\n")
    rows = load(NAME, "ap_ood", split="test", data_dir=str(corpora), recipe=str(recipe))
    assert len(rows[0]["images"]) == 1
