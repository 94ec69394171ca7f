"""`load_dataset("mmecinstruct", ...)` with the package imported: it builds from the corpora that are configured."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from datasets import (
    IterableDataset,
    get_dataset_config_names,
    get_dataset_split_names,
    load_dataset,
)
from PIL import Image

from mmecinstruct.errors import RecipeError, SourceError

pytestmark = pytest.mark.usefixtures("empty_folder")

NAME = "mmecinstruct"
TABLES = ("amazonqa", "amazon_reviews_2018", "amazon_reviews_2023", "sqid")  # what AP is made of


@pytest.fixture
def ap_corpora(corpora: Path, tmp_path: Path) -> Path:
    """The corpora of AP, to be changed."""
    folder = tmp_path / "corpora"
    folder.mkdir()
    shutil.copytree(corpora / "amazonqa", folder / "amazonqa")
    for name in ("sample.json", "images", *TABLES[1:]):
        (folder / name).symlink_to(corpora / name)
    return folder


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A recipe of two small tasks."""
    path = tmp_path_factory.mktemp("few") / "few.yaml"
    sizes = "{train: 9, validation: 9, test: 9, ood: 9}"
    tasks = "{ap: {}, cc: {ind_ranks: [1, 20], ood_ranks: [21, 40]}}"
    path.write_text(f"name: few\nsizes: {sizes}\nfetch: {{enabled: false}}\ntasks: {tasks}\n")
    return str(path)


def test_the_exact_call_works_anywhere_and_says_that_it_is_the_sample(
    python: Any, empty_folder: Path, tmp_path: Path
) -> None:
    script = (
        "import json, mmecinstruct\n"
        "from datasets import load_dataset\n"
        "rows = load_dataset('mmecinstruct', 'sr_ood')['test']\n"
        "print(json.dumps([[image.size for image in row['images']] for row in rows]))\n"
    )
    ran = python(script, empty_folder, MMECINSTRUCT_CACHE=str(tmp_path / "cache"), HF_DATASETS_CACHE=str(tmp_path))
    assert ran.code == 0, ran.err
    assert "MMECINSTRUCT_SOURCES" in ran.err
    assert "sample" in ran.err
    sizes = json.loads(ran.out.splitlines()[-1])
    assert len(sizes) > 20
    assert all(len(row) >= 20 for row in sizes)
    assert all(side <= 500 for row in sizes for size in row for side in size)
    assert list(empty_folder.iterdir()) == []


@pytest.mark.parametrize(
    "imports", ["import datasets, mmecinstruct", "import mmecinstruct, datasets", "import mmecinstruct.cli, datasets"]
)
def test_the_order_of_imports_does_not_matter(python: Any, empty_folder: Path, imports: str) -> None:
    ran = python(f"{imports}\nprint(datasets.load._PACKAGED_DATASETS_MODULES['mmecinstruct'])", empty_folder)
    assert ran.code == 0, ran.err
    assert "mmecinstruct.loading" in ran.out


def test_importing_the_package_leaves_other_datasets_alone(load: Any, empty_folder: Path) -> None:
    (empty_folder / "rows.jsonl").write_text('{"a": 1}\n')
    assert load("json", data_files="rows.jsonl", split="train")[0] == {"a": 1}


def test_every_config_and_split_is_known_before_anything_is_built(
    corpora: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MMECINSTRUCT_SOURCES", str(corpora))
    ind, ood = ("ap", "cc", "prp", "psi", "mpc", "sa", "sr"), ("ap", "cc", "prp", "sa", "sr")
    expected = ["all_ind", "all_ood", *(f"{abbr}_ind" for abbr in ind), *(f"{abbr}_ood" for abbr in ood)]
    assert get_dataset_config_names(NAME) == expected


def test_configured_corpora_are_built_with_one_split_out_of_domain(
    load: Any, corpora: Path, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MMECINSTRUCT_SOURCES", str(corpora))
    loaded = load(NAME, "ap_ood")
    assert list(loaded) == get_dataset_split_names(NAME, "ap_ood") == ["test"]
    assert loaded["test"]["id"][:] == load(str(built), "ap_ood")["test"]["id"][:]


def test_data_dir_wins_over_the_variable(
    load: Any, corpora: Path, other_corpora: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MMECINSTRUCT_SOURCES", str(corpora))
    ours = load(NAME, "ap_ood", split="test")["id"][:]
    theirs = load(NAME, "ap_ood", split="test", data_dir=str(other_corpora))["id"][:]
    assert len(ours) == len(theirs) == 40
    assert not set(ours) & set(theirs)


def test_corpora_without_a_task_build_the_others(load: Any, ap_corpora: Path) -> None:
    assert len(load(NAME, "ap_ood", split="test", data_dir=str(ap_corpora))) == 40
    with pytest.raises(SourceError, match="cc needs mave"):
        load(NAME, "cc_ood", data_dir=str(ap_corpora))


def test_changed_corpora_give_changed_rows(load: Any, ap_corpora: Path) -> None:
    def count() -> int:
        return len(load(NAME, "ap_ood", split="test", data_dir=str(ap_corpora)))

    path = ap_corpora / "amazonqa" / "test-qar.jsonl"
    before = path.read_bytes()
    counts = [count()]
    line = next(line for line in before.splitlines() if b'"category": "Sports_and_Outdoors"' in line)
    more = json.dumps(json.loads(line) | {"qid": 1, "questionText": "Does it float?"}).encode()
    path.write_bytes(before + more + b"\n")
    counts.append(count())
    path.write_bytes(before.replace(line + b"\n", b""))
    counts.append(count())
    path.write_bytes(before)
    counts.append(count())
    assert counts == [40, 41, 39, 40]


def test_a_recipe_counts_by_what_it_says(load: Any, corpora: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "small.yaml"
    recipe.write_text("name: small\nsizes: {ood: 5}\nfetch: {enabled: false}\ntasks: {ap: {}}\n")
    small = load(NAME, "ap_ood", split="test", data_dir=str(corpora), recipe=str(recipe))
    recipe.write_text("name: small\nsizes: {ood: 7}\nfetch: {enabled: false}\ntasks: {ap: {}}\n")
    larger = load(NAME, "ap_ood", split="test", data_dir=str(corpora), recipe=str(recipe))
    assert (len(small), len(larger)) == (5, 7)
    assert larger["id"][:5] == small["id"][:]


def test_a_recipe_that_does_not_exist_is_told(load: Any, corpora: Path) -> None:
    with pytest.raises(RecipeError, match="no such recipe"):
        load(NAME, "ap_ood", data_dir=str(corpora), recipe="papre")


def test_an_unknown_config_is_told_with_those_there_are(load: Any, corpora: Path) -> None:
    with pytest.raises(ValueError, match=r"'sr_odd' not found.*sr_ood"):
        load(NAME, "sr_odd", data_dir=str(corpora))


def test_an_unknown_split_is_told_with_those_there_are(load: Any, corpora: Path) -> None:
    with pytest.raises(ValueError, match=r'Unknown split "train".*test'):
        load(NAME, "ap_ood", split="train", data_dir=str(corpora))


def test_two_processes_give_the_same_rows(load: Any, corpora: Path, few: str, tmp_path: Path) -> None:
    asked = {"split": "test", "data_dir": str(corpora), "recipe": few}
    one = load(NAME, "all_ood", **asked)
    two = load_dataset(NAME, "all_ood", num_proc=2, cache_dir=str(tmp_path / "two"), **asked)
    assert one["id"][:] == two["id"][:]
    assert len(set(one["task"])) == 2


def test_streaming_gives_the_same_rows(load: Any, corpora: Path) -> None:
    streamed = load(NAME, "ap_ood", split="test", data_dir=str(corpora), streaming=True)
    plain = load(NAME, "ap_ood", split="test", data_dir=str(corpora))
    assert isinstance(streamed, IterableDataset)
    rows = list(streamed)
    assert [row["id"] for row in rows] == plain["id"][:]
    assert rows[0]["images"][0].tobytes() == plain[0]["images"][0].tobytes()


def test_the_default_config_is_all_in_domain(load: Any, corpora: Path, few: str) -> None:
    whole, named = (load(NAME, *name, data_dir=str(corpora), recipe=few) for name in ((), ("all_ind",)))
    assert list(whole) == ["train", "validation", "test"]
    assert {split: rows["id"][:] for split, rows in whole.items()} == {s: rows["id"][:] for s, rows in named.items()}


def test_changed_pictures_give_changed_rows(load: Any, ap_corpora: Path, corpora: Path) -> None:
    first = load(NAME, "ap_ood", data_dir=str(ap_corpora))["test"][0]["items"][0]["picture"]
    (ap_corpora / "images").unlink()
    shutil.copytree(corpora / "images", ap_corpora / "images")
    for path in (ap_corpora / "images").iterdir():
        mirrored(path)
    assert load(NAME, "ap_ood", data_dir=str(ap_corpora))["test"][0]["items"][0]["picture"] != first


def mirrored(path: Path) -> None:
    """Turn a picture left to right; what is no picture stays."""
    try:
        with Image.open(path) as image:
            turned = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    except OSError:
        return
    turned.save(path, quality=90)


def test_processes_that_ask_first_at_the_same_time_all_get_it(python: Any, empty_folder: Path, tmp_path: Path) -> None:
    script = (
        "import mmecinstruct\n"
        "from datasets import load_dataset\n"
        "print(len(load_dataset('mmecinstruct', 'cc_ood')['test']))\n"
    )

    def ask(number: int) -> Any:
        caches = {"MMECINSTRUCT_CACHE": str(tmp_path / "cache"), "HF_DATASETS_CACHE": str(tmp_path / str(number))}
        return python(script, empty_folder, **caches)

    with ThreadPoolExecutor(3) as pool:
        ended = list(pool.map(ask, range(3)))
    assert [ran.code for ran in ended] == [0, 0, 0], ended
    assert {ran.out for ran in ended} == {"40\n"}
