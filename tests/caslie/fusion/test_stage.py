"""`caslie fuse` and `caslie show`: files, counts, and what is refused."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from caslie.fusion import fuse_all, read_examples, read_fused
from caslie.recipe import load_recipe
from tests.caslie.tuned import captioned_build

pytestmark = pytest.mark.slow

Run = Callable[..., tuple[int, str, str]]


def files(run_dir: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((run_dir / "fused").iterdir())}


def test_every_row_of_every_split_is_fused_and_counted(cook: Callable[..., Path], run: Run, dataset: Path) -> None:
    code, said, _ = run("fuse", path := cook(), "--json")
    assert code == 0
    counts = json.loads(said)["counts"]
    rows = {(split, config): one["rows"] for split, configs in counts.items() for config, one in configs.items()}
    manifest = json.loads((dataset / "manifest.json").read_text())
    wanted = {
        (split, config): one["rows"]
        for config, about in manifest["configs"].items()
        for split, one in about["splits"].items()
    }
    assert rows == wanted
    lines = (load_recipe(str(path)).run_dir / "fused" / "train.jsonl").read_text().splitlines()
    assert len(lines) == sum(n for (split, _), n in wanted.items() if split == "train")


def test_fusing_again_changes_nothing_and_anew_gives_the_same_bytes(cook: Callable[..., Path]) -> None:
    first, second = load_recipe(str(cook("first"))), load_recipe(str(cook("second")))
    fuse_all(first, lambda *_: None)
    then = files(first.run_dir)
    stamp = (first.run_dir / "fused" / "train.jsonl").stat().st_mtime_ns
    fuse_all(first, lambda *_: None)
    assert (first.run_dir / "fused" / "train.jsonl").stat().st_mtime_ns == stamp
    fuse_all(second, lambda *_: None)
    assert files(second.run_dir) == then


def test_a_task_specific_recipe_learns_from_its_task_alone(cook: Callable[..., Path]) -> None:
    recipe = load_recipe(str(cook(tasks=["sr"])))
    fuse_all(recipe, lambda *_: None)
    assert {one.task for one in read_examples(recipe, "train")} == {"sequential_recommendation"}


def test_rows_that_do_not_fit_are_told_by_id(cook: Callable[..., Path], run: Run) -> None:
    path = cook(train={"max_length": 150})
    code, said, _ = run("fuse", path)
    assert code == 0
    assert "left out: too_long" in said
    fused = json.loads((load_recipe(str(path)).run_dir / "fused" / "fused.json").read_text())
    sr = fused["counts"]["train"]["sr_ind"]
    assert sr["rows"] == 0
    assert sr["refused_ids"]["too_long"][0].startswith("sr_ind-train-")


def test_without_captions_the_verbs_that_make_them_are_named(
    cook: Callable[..., Path], run: Run, dataset: Path
) -> None:
    plain = str(dataset.with_name("plain"))
    code, _, error = run("fuse", cook(dataset=plain))
    assert code == 1
    assert "has no captions; first run `caslie caption tuned` and `caslie judge tuned`" in error
    assert run("fuse", cook(dataset=plain, variant="text"))[0] == 0


def test_what_the_runs_own_judges_wrote_comes_first_and_must_be_of_this_recipe(
    cook: Callable[..., Path], run: Run, dataset: Path, corpora: Path
) -> None:
    path = cook(dataset=str(dataset.with_name("plain")))
    assert run("caption", path)[0] == 0
    assert run("judge", path)[0] == 0
    assert run("fuse", path)[0] == 0
    code, _, error = run("fuse", cook(dataset=str(dataset.with_name("plain")), lineups={"b": ["a"]}, lineup="b"))
    assert code == 1
    assert "captioned with another lineup: mv3 there, b in the recipe" in error
    assert "run `caslie judge tuned`" in error
    other = captioned_build(corpora, load_recipe(str(path)).run_dir.parent / "other", limit=6)
    code, _, error = run("fuse", cook(dataset=str(other.with_name("plain"))))
    assert code == 1
    assert "captioned from another dataset" in error


def test_what_was_fused_otherwise_is_not_trained_on(cook: Callable[..., Path], run: Run) -> None:
    run("fuse", cook())
    code, _, error = run("train", cook(variant="uia"))
    assert code == 1
    assert "fused with another variant: caslie then, uia now; run `caslie fuse tuned` again" in error


def test_nothing_fused_yet_names_the_verb(cook: Callable[..., Path], run: Run) -> None:
    for command in ("train", "show"):
        code, _, error = run(command, cook())
        assert code == 1
        assert "nothing is fused yet; first run `caslie fuse tuned`" in error


def test_captions_of_another_captioner_or_lineup_do_not_pass_for_the_recipes(
    cook: Callable[..., Path], run: Run
) -> None:
    code, _, error = run("fuse", cook(captioner="echo"))
    assert code == 1
    assert "captioned with another captioner: transformers/acme/seer there, echo/mixed in the recipe" in error
    assert "another lineup: mv3 there, mv5" in run("fuse", cook(lineups={"mv5": ["a"]}, lineup="mv5"))[2]
    assert run("fuse", cook(lineups={"mv5": ["a"]}, lineup="mv5", variant="uia"))[0] == 0


@pytest.mark.parametrize("damage", ["", "{\n", '{"id": 1}\n'], ids=["emptied", "broken", "foreign"])
def test_damaged_rows_are_not_trained_on_and_are_fused_again(cook: Callable[..., Path], run: Run, damage: str) -> None:
    path = cook()
    run("fuse", path)
    rows = load_recipe(str(path)).run_dir / "fused" / "train.jsonl"
    whole = rows.read_text()
    rows.write_text(damage)
    code, _, error = run("train", path)
    assert code == 1
    assert "its files are not what was fused; run `caslie fuse tuned` again" in error
    if damage:
        assert "damaged; run `caslie fuse tuned` again" in run("show", path)[2]
    assert run("fuse", path)[0] == 0
    assert rows.read_text() == whole


def test_a_row_is_shown_as_the_model_reads_it(cook: Callable[..., Path], run: Run) -> None:
    path = cook()
    recipe = load_recipe(str(path))
    fuse_all(recipe, lambda *_: None)
    example = next(read_examples(recipe, "train"))
    code, said, _ = run("show", path, example.id)
    assert code == 0
    assert f"{example.prompt}{example.answer}" in said
    assert f"# {example.id}: {example.n_tokens} tokens" in said
    assert run("show", path, "nobody")[2] == "error: Unknown row 'nobody'.\n"
    assert "Did you mean 'prp_ind'" in run("show", path, "--config", "prp_inf")[2]


def test_a_damaged_account_is_told(cook: Callable[..., Path], run: Run) -> None:
    path = cook()
    run("fuse", path)
    (load_recipe(str(path)).run_dir / "fused" / "fused.json").write_text("{")
    code, _, error = run("train", path)
    assert code == 1
    assert "cannot be read; delete" in error


def test_reading_what_was_fused_gives_the_counts_back(cook: Callable[..., Path]) -> None:
    recipe = load_recipe(str(cook()))
    assert fuse_all(recipe, lambda *_: None) == read_fused(recipe)
