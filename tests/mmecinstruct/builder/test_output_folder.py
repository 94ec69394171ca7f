"""OUT appears whole or not at all, belongs to one build at a time, and nothing that is not ours is touched."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mmecinstruct.builder import Request, build
from mmecinstruct.config import Recipe, Sizes, load_recipe
from mmecinstruct.errors import MmecError, OutputError, RecipeError, SourceError

Digests = Callable[[Path], dict[str, str]]


@pytest.fixture
def recipe() -> Recipe:
    return load_recipe("sample")


@pytest.fixture
def request_of(corpora: Path, tmp_path: Path) -> Request:
    """A small build of one task."""
    return Request(corpora, tmp_path / "out", tasks=("ap",), limit=3)


def test_a_build_leaves_nothing_beside_its_output(recipe: Recipe, request_of: Request) -> None:
    build(recipe, request_of)
    assert [path.name for path in request_of.out.parent.iterdir()] == ["out"]
    assert sorted(path.name for path in request_of.out.iterdir()) == [
        *("README.md", "data", "leakage.json", "lineage.sqlite", "manifest.json")
    ]


def test_a_second_build_replaces_the_first(recipe: Recipe, request_of: Request, content: Digests) -> None:
    build(recipe, request_of)
    before = content(request_of.out)
    (request_of.out / "data" / "ap_ood" / "stray.parquet").touch()
    build(recipe, replace(request_of, limit=5))
    after = content(request_of.out)
    assert before.keys() == after.keys()
    assert before != after


def test_an_empty_folder_may_become_the_output(recipe: Recipe, request_of: Request) -> None:
    request_of.out.mkdir()
    build(recipe, request_of)
    assert (request_of.out / "manifest.json").is_file()


@pytest.mark.parametrize("beside", ["out.partial", "out.old"])
def test_a_folder_beside_the_output_is_not_ours_by_its_name(recipe: Recipe, request_of: Request, beside: str) -> None:
    folder = request_of.out.with_name(beside)
    folder.mkdir()
    (folder / "thesis.tex").write_text("precious")
    if beside == "out.partial":
        with pytest.raises(OutputError, match=r"out\.partial: exists and is no build"):
            build(recipe, request_of)
    else:
        build(recipe, request_of)
    assert (folder / "thesis.tex").read_text() == "precious"


def test_what_no_build_made_is_not_replaced_with_an_old_build(recipe: Recipe, request_of: Request) -> None:
    build(recipe, request_of)
    (request_of.out / "notes.txt").write_text("precious")
    with pytest.raises(OutputError, match=r"holds notes\.txt, which no build made"):
        build(recipe, request_of)
    assert (request_of.out / "notes.txt").read_text() == "precious"


def test_the_verdicts_of_a_review_are_not_replaced(recipe: Recipe, request_of: Request) -> None:
    manifest = build(recipe, request_of)
    (request_of.out / "manifest.json").write_text(json.dumps(manifest | {"review": {"n_reviewed": 990}}))
    with pytest.raises(OutputError, match="holds the verdicts of a review"):
        build(recipe, request_of)
    assert json.loads((request_of.out / "manifest.json").read_text())["review"] == {"n_reviewed": 990}


def test_an_output_taken_away_by_a_killed_build_is_given_back(
    recipe: Recipe, request_of: Request, content: Digests
) -> None:
    build(recipe, request_of)
    before = content(request_of.out)
    partial = request_of.out.with_name("out.partial")
    partial.mkdir()
    (partial / "build.json").write_text("{}")
    request_of.out.rename(partial / "replaced")
    with pytest.raises(SourceError, match="no sample passed"):
        build(replace(recipe, sizes=Sizes(0, 0, 0, 0)), request_of)
    assert content(request_of.out) == before


def test_an_output_that_is_a_link_stays_one(recipe: Recipe, request_of: Request, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    request_of.out.symlink_to(tmp_path / "elsewhere")
    build(recipe, request_of)
    assert request_of.out.is_symlink()
    assert (tmp_path / "elsewhere" / "manifest.json").is_file()


def test_a_folder_of_pictures_that_is_not_there_is_refused(
    recipe: Recipe, request_of: Request, tmp_path: Path
) -> None:
    with pytest.raises(SourceError, match="no such folder of pictures"):
        build(recipe, replace(request_of, images=(tmp_path / "pictuers",)))


@pytest.mark.parametrize("name", ["thesis.tex", "manifest.json"])
def test_a_folder_that_is_not_ours_is_refused_and_left_alone(recipe: Recipe, request_of: Request, name: str) -> None:
    request_of.out.mkdir()
    (request_of.out / name).write_text('{"name": "an app of mine"}')
    with pytest.raises(OutputError, match="is no build of mmecinstruct"):
        build(recipe, request_of)
    assert [path.name for path in request_of.out.iterdir()] == [name]
    assert [path.name for path in request_of.out.parent.iterdir()] == ["out"]


def test_a_file_in_the_place_of_the_output_is_refused(recipe: Recipe, request_of: Request) -> None:
    request_of.out.write_text("mine")
    with pytest.raises(OutputError, match="is no build of mmecinstruct"):
        build(recipe, request_of)
    assert request_of.out.read_text() == "mine"


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"tasks": ("sequential_recomendation",)}, MmecError, "Did you mean"),
        ({"sources": Path("/nowhere")}, SourceError, "no such folder"),
    ],
)
def test_a_build_that_cannot_begin_makes_nothing(
    recipe: Recipe, request_of: Request, changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        build(recipe, replace(request_of, **changes))
    assert list(request_of.out.parent.iterdir()) == []


def test_a_build_that_fails_midway_leaves_no_output_and_the_next_one_is_not_locked_out(
    recipe: Recipe, request_of: Request
) -> None:
    nothing = replace(recipe, tasks={"ap": {"ind": ["Pottery"], "ood": ["Pottery"]}})
    with pytest.raises(SourceError, match="no sample passed the checks: other_category") as failure:
        build(nothing, request_of)
    assert not request_of.out.exists()
    assert build(recipe, request_of)["configs"]
    assert failure.value.args  # which holds on to the frames of the failed build


def test_a_failed_rebuild_leaves_the_old_output(recipe: Recipe, request_of: Request, content: Digests) -> None:
    build(recipe, request_of)
    before = content(request_of.out)
    with pytest.raises(SourceError):
        build(replace(recipe, tasks={"ap": {"ind": ["Pottery"], "ood": ["Pottery"]}}), request_of)
    assert content(request_of.out) == before


def test_two_builds_of_one_output_do_not_mix(recipe: Recipe, request_of: Request) -> None:
    refused: list[str] = []

    def meanwhile(what: str, done: int, total: int) -> None:
        if not refused:
            with pytest.raises(OutputError) as error:
                build(recipe, replace(request_of, limit=5))
            refused.append(str(error.value))

    manifest = build(recipe, replace(request_of, progress=meanwhile))
    assert refused == [f"{request_of.out}: another build is writing it"]
    assert manifest["configs"]["ap_ood"]["splits"]["test"]["rows"] == 3


def test_an_unknown_unit_to_keep_apart_is_refused(recipe: Recipe, request_of: Request) -> None:
    with pytest.raises(MmecError, match=r"prodct.*Did you mean 'product'"):
        build(replace(recipe, disjoint=("prodct",)), request_of)
    assert list(request_of.out.parent.iterdir()) == []


@pytest.mark.parametrize("unit", ["text", "product", "picture"])
def test_evaluation_is_kept_free_of_a_unit_of_training(
    recipe: Recipe, corpora: Path, tmp_path: Path, unit: str
) -> None:
    request = Request(corpora, tmp_path / "out", tasks=("prp",))
    loose, tight = (build(replace(recipe, disjoint=units), request) for units in ((), (unit,)))
    left_out = sum(by_split.get(f"{unit}_in_train", 0) for by_split in tight["dropped"]["prp_ind"].values())
    assert tight["leakage"][unit] == 0
    assert (left_out > 0) is (loose["leakage"][unit] > 0)


def test_a_limit_takes_the_first_of_the_same_rows(recipe: Recipe, request_of: Request, built: Path) -> None:
    from mmecinstruct.builder.folder import Folder

    build(recipe, request_of)
    few, all_of_them = (
        [row["id"] for row in Folder(out).rows("ap_ind", "train", ["id"])] for out in (request_of.out, built)
    )
    assert few == all_of_them[:3]


def test_another_seed_draws_other_rows(recipe: Recipe, request_of: Request, content: Digests) -> None:
    contents = []
    for seed in (1, 2, 1):
        build(replace(recipe, seed=seed), request_of)
        contents.append(content(request_of.out))
    assert contents[0] == contents[2]
    assert contents[0] != contents[1]


def test_a_task_that_the_recipe_leaves_out_cannot_be_asked_for(recipe: Recipe, request_of: Request) -> None:
    with pytest.raises(RecipeError, match="has no sequential_recommendation; it has answerability_prediction"):
        build(replace(recipe, tasks={"ap": {}}), replace(request_of, tasks=("sr",)))


def test_pictures_at_hand_may_lie_in_another_folder(
    recipe: Recipe, request_of: Request, corpora: Path, tmp_path: Path, content: Digests
) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    for path in corpora.iterdir():
        if path.name != "images":
            (sources / path.name).symlink_to(path)
    with pytest.raises(SourceError, match=r"no sample passed the checks: .*picture_missing"):
        build(recipe, replace(request_of, sources=sources))
    build(recipe, request_of)
    expected = content(request_of.out)
    build(recipe, replace(request_of, sources=sources, images=(corpora / "images",)))
    assert content(request_of.out) == expected


def test_the_card_says_how_many_rows_there_are(built: Path) -> None:
    manifest = json.loads((built / "manifest.json").read_text())
    card = (built / "README.md").read_text()
    assert "More Information Needed" not in card
    assert "{{" not in card
    for name, config in manifest["configs"].items():
        for split in config["splits"].values():
            assert f"num_examples: {split['rows']}" in card
        assert f"config_name: {name}" in card
