"""A checkpoint answers a captioned build: the files, what decides them, and what is asked again."""

import json
import os
import resource
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from caslie.errors import StageError
from caslie.fusion import Weaver, fuse_split
from caslie.inference import Wanted, find_checkpoint, predict, trained_checkpoint
from caslie.recipe import load_recipe
from caslie.records import read_training, write_training
from mmecinstruct.builder.folder import Folder
from mmecinstruct.errors import UnknownNameError

pytestmark = pytest.mark.slow

Tune = Callable[..., Path]
SOME = Wanted(configs=("ap_ind", "prp_ind"), n_tokens=4)


def silent(what: str, done: int, total: int) -> None: ...


@pytest.fixture
def adapter(tune: Tune, base: Path, tmp_path: Path) -> Path:
    return tune(tmp_path / "adapter", base)


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def content(out: Path) -> dict[str, bytes]:
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def test_every_row_has_a_line_in_both_modes_in_order(adapter: Path, base: Path, dataset: Path, tmp_path: Path) -> None:
    checkpoint = find_checkpoint(str(adapter), base=f"transformers/{base}")
    done = predict(checkpoint, Folder(dataset), tmp_path / "out", SOME, silent)
    ids = [row["id"] for row in Folder(dataset).rows("prp_ind", "test", ("id",))]
    scored, written = (lines(tmp_path / "out" / f"prp_ind.{mode}.jsonl") for mode in ("score", "generate"))
    assert [line["id"] for line in scored] == [line["id"] for line in written] == ids
    assert [line["prompt"] for line in scored] == [line["prompt"] for line in written]
    assert all(line["label"] in line["scores"] and line["raw"] == "" for line in scored)  # type: ignore[operator]
    assert all(line["scores"] is None for line in written)
    assert done.counts["prp_ind"]["score"].asked == len(ids)
    assert done.counts["prp_ind"]["score"].failed == 0
    assert (done.variant, done.frame) == ("caslie", "alpaca")


def test_the_records_say_what_decided_and_no_clock_and_nothing_is_asked_again(
    adapter: Path, base: Path, dataset: Path, tmp_path: Path
) -> None:
    checkpoint = find_checkpoint(str(adapter), base=f"transformers/{base}")
    out = tmp_path / "out"
    predict(checkpoint, Folder(dataset), out, SOME, silent)
    first = content(out)
    about = json.loads(first["about.json"])
    assert about["checkpoint"] == f"{checkpoint.base.name} + {checkpoint.adapter.name} float32"  # type: ignore[union-attr]
    assert about["dataset"]["commit"] is None
    assert about["budget"] == 1400
    done = predict(checkpoint, Folder(dataset), out, SOME, silent)
    assert {one.asked for modes in done.counts.values() for one in modes.values()} == {0}
    assert content(out) == first


@pytest.mark.parametrize("batch", [1, 3])
def test_predictions_do_not_depend_on_the_batch(
    adapter: Path, base: Path, dataset: Path, tmp_path: Path, batch: int
) -> None:
    checkpoint = find_checkpoint(str(adapter), base=f"transformers/{base}")
    for out, size in ((tmp_path / "auto", None), (tmp_path / "fixed", batch)):
        predict(checkpoint, Folder(dataset), out, replace(SOME, batch=size), silent)
    for name in ("ap_ind.generate", "ap_ind.score", "prp_ind.generate", "prp_ind.score"):
        assert (tmp_path / "auto" / f"{name}.jsonl").read_bytes() == (
            tmp_path / "fixed" / f"{name}.jsonl"
        ).read_bytes()


def test_labels_in_narrow_numbers_do_not_depend_on_the_batch(
    adapter: Path, base: Path, dataset: Path, tmp_path: Path
) -> None:
    checkpoint = find_checkpoint(str(adapter), base=f"transformers/{base}")
    narrow = replace(checkpoint, model=replace(checkpoint.model, dtype="bfloat16"))
    wanted = replace(SOME, modes=("score",))
    for out, size in ((tmp_path / "auto", None), (tmp_path / "alone", 1)):
        predict(narrow, Folder(dataset), out, replace(wanted, batch=size), silent)
    assert json.loads((tmp_path / "auto" / "about.json").read_text())["checkpoint"].endswith(" bfloat16")
    labels = [[line["label"] for line in lines(tmp_path / one / "prp_ind.score.jsonl")] for one in ("auto", "alone")]
    assert labels[0] == labels[1]


def test_a_recipe_means_its_own_adapter_on_its_own_base(
    cook: Callable[..., Path], tune: Tune, base: Path, dataset: Path, tmp_path: Path
) -> None:
    recipe = load_recipe(str(cook()))
    with pytest.raises(StageError, match="nothing is trained yet; first run `caslie train tuned`"):
        trained_checkpoint(recipe)
    tune(recipe.run_dir / "adapter", base, variant="text")
    checkpoint = trained_checkpoint(recipe)
    assert checkpoint.variant == "text"
    done = predict(checkpoint, Folder(dataset), tmp_path / "out", SOME, silent)
    assert done.variant == "text"
    prompts = [
        e.prompt for e in fuse_split(Folder(dataset), "ap_ind", "test", Weaver(checkpoint.reader, "text", 1400))
    ]
    assert not any("extracted from image" in prompt for prompt in prompts)


def test_what_is_too_long_fails_without_being_asked(base: Path, dataset: Path, tmp_path: Path) -> None:
    checkpoint = replace(find_checkpoint(str(base), prompt="alpaca"), budget=120)
    done = predict(checkpoint, Folder(dataset), tmp_path / "out", Wanted(configs=("sr_ind",)), silent)
    count = done.counts["sr_ind"]["generate"]
    assert (count.asked, count.failed, count.problems) == (0, count.rows, {"too_long": count.rows})
    assert lines(tmp_path / "out" / "sr_ind.score.jsonl")[0]["problem"] == "too_long"


def test_predictions_of_another_checkpoint_are_refused_unless_thrown_away(
    tune: Tune, adapter: Path, base: Path, dataset: Path, tmp_path: Path
) -> None:
    first = find_checkpoint(str(adapter), base=f"transformers/{base}")
    other = find_checkpoint(str(tune(tmp_path / "other", base, seed=5)), base=f"transformers/{base}")
    out = tmp_path / "out"
    predict(first, Folder(dataset), out, SOME, silent)
    with pytest.raises(
        StageError, match=r"holds predictions with another checkpoint: .*; `caslie predict` takes another --out"
    ):
        predict(other, Folder(dataset), out, SOME, silent)
    with pytest.raises(StageError, match="another variant: caslie then, uia now"):
        predict(first, Folder(dataset), out, replace(SOME, variant="uia"), silent)
    done = predict(other, Folder(dataset), out, replace(SOME, modes=("score",)), silent, restart=True)
    assert done.counts["ap_ind"]["score"].asked > 0
    assert sorted(path.name for path in out.glob("*.jsonl")) == ["ap_ind.score.jsonl", "prp_ind.score.jsonl"]


def test_a_folder_of_the_same_files_is_the_same_checkpoint(
    adapter: Path, base: Path, dataset: Path, tmp_path: Path
) -> None:
    shutil.copytree(adapter, tmp_path / "copy")
    out = tmp_path / "out"
    for folder in (adapter, tmp_path / "copy"):
        checkpoint = find_checkpoint(str(folder), base=f"transformers/{base}")
        done = predict(checkpoint, Folder(dataset), out, SOME, silent)
    assert done.counts["ap_ind"]["generate"].asked == 0


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (Wanted(configs=("ap_int",)), "Unknown config 'ap_int'. Did you mean 'ap_ind'"),
        (Wanted(modes=("scores",)), "Unknown mode 'scores'. Did you mean 'score'"),
        (Wanted(configs=("ap_ood",), split="train"), "Unknown split of ap_ood 'train'"),
    ],
)
def test_names_that_do_not_exist_are_told_before_anything_is_done(
    base: Path, dataset: Path, tmp_path: Path, wanted: Wanted, told: str
) -> None:
    with pytest.raises(UnknownNameError, match=told):
        predict(find_checkpoint(str(base), prompt="alpaca"), Folder(dataset), tmp_path / "out", wanted, silent)
    assert not (tmp_path / "out").exists()


def test_a_variant_with_captions_needs_them(base: Path, dataset: Path, tmp_path: Path) -> None:
    plain = Folder(dataset.with_name("plain"))
    checkpoint = find_checkpoint(str(base), prompt="alpaca")
    done = predict(checkpoint, plain, tmp_path / "out", replace(SOME, modes=("score",)), silent)
    assert done.variant == "text"
    with pytest.raises(StageError, match=r"has no captions; first run `caslie caption .*` and `caslie judge .*`"):
        predict(checkpoint, plain, tmp_path / "other", replace(SOME, variant="caslie"), silent)


def test_the_command_line_says_what_was_done(
    run: Callable[..., tuple[int, str, str]], base: Path, dataset: Path, tmp_path: Path
) -> None:
    usual = ("predict", base, "--data", dataset, "--config", "ap_ind", "--tokens", 2, "--out", tmp_path / "out")
    code, said, errors = run(*usual, "--prompt", "mistral", "--mode", "score")
    assert (code, errors) == (0, "")
    assert said.splitlines()[0] == "prompts: mistral, variant: caslie"
    assert "ap_ind score: " in said
    code, said, _ = run(*usual, "--prompt", "mistral", "--mode", "score", "--json")
    assert json.loads(said)["counts"]["ap_ind"]["score"]["asked"] == 0
    code, _, errors = run("predict", base, "--prompt", "mistral")
    assert (code, errors.count("\n")) == (1, 1)
    assert "on which data? Name a built folder or a Hub dataset: --data" in errors
    code, _, errors = run("predict", "caslie-x", "--data", dataset)
    assert (code, "no such recipe" in errors) == (1, True)


def test_a_full_disk_is_told_and_leaves_no_half_file(base: Path, dataset: Path, tmp_path: Path) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full here")
    out = tmp_path / "out"
    out.mkdir()
    (out / "ap_ind.score.jsonl.partial").symlink_to("/dev/full")
    with pytest.raises(StageError, match=r"ap_ind\.score\.jsonl: cannot be written \(No space left on device\)"):
        predict(
            find_checkpoint(str(base), prompt="alpaca"), Folder(dataset), out, replace(SOME, modes=("score",)), silent
        )
    assert not list(out.glob("*score.jsonl*"))


def test_a_disk_that_fills_with_answers_is_told_by_their_file(base: Path, dataset: Path, tmp_path: Path) -> None:
    out, checkpoint = tmp_path / "out", find_checkpoint(str(base), prompt="alpaca")
    for config in SOME.configs:  # until the file is larger than all others
        predict(checkpoint, Folder(dataset), out, replace(SOME, configs=(config,)), silent)
    size = max(path.stat().st_size for path in (out / "answers").iterdir())
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        with pytest.raises(StageError, match=r"answers/.*\.jsonl: cannot be written \(File too large\)"):
            predict(checkpoint, Folder(dataset), out, replace(SOME, configs=("sr_ind",)), silent)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list(out.glob("*.partial"))
    done = predict(checkpoint, Folder(dataset), out, replace(SOME, configs=("sr_ind",)), silent)
    assert done.counts["sr_ind"]["score"].failed == 0


def test_a_run_folder_and_a_model_folder_are_meant_before_any_hub(
    run: Callable[..., tuple[int, str, str]],
    tune: Tune,
    base: Path,
    dataset: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tune(tmp_path / "runs" / "t" / "adapter", base)
    shutil.copytree(base, tmp_path / "mt")
    monkeypatch.chdir(tmp_path)
    usual = ("--data", dataset, "--config", "ap_ind", "--mode", "score")
    code, said, errors = run("predict", "runs/t", "--base", f"transformers/{base}", *usual)
    assert (code, errors, said.splitlines()[0]) == (0, "", "prompts: alpaca, variant: caslie")
    assert list((tmp_path / "predictions").glob("t-*/*/ap_ind.score.jsonl"))
    code, said, errors = run("predict", "mt", *usual)
    assert (code, errors, said.splitlines()[0]) == (0, "", "prompts: chat, variant: caslie")


def test_folders_of_the_same_name_have_predictions_of_their_own(
    run: Callable[..., tuple[int, str, str]],
    base: Path,
    mistral: Path,
    dataset: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for place, model in ((tmp_path / "m", base), (tmp_path / "in" / "m", mistral)):
        shutil.copytree(model, place)
    monkeypatch.chdir(tmp_path / "in")
    usual = ("--data", dataset, "--config", "ap_ind", "--mode", "score")
    for name in ("./m", "../m"):
        assert run("predict", name, *usual)[0] == 0
    assert len(list((tmp_path / "in" / "predictions").glob("m-*/*/ap_ind.score.jsonl"))) == 2


def test_a_run_keeps_its_predictions_when_it_was_pushed_and_asks_no_hub(
    cook: Callable[..., Path], tune: Tune, base: Path, dataset: Path, tmp_path: Path
) -> None:
    recipe = load_recipe(str(cook()))
    adapter = tune(recipe.run_dir / "adapter", base)
    before, wanted = trained_checkpoint(recipe), replace(SOME, modes=("score",))
    predict(before, Folder(dataset), tmp_path / "out", wanted, silent)
    write_training(adapter, replace(read_training(adapter), base_revision="0" * 40))
    config = json.loads((adapter / "adapter_config.json").read_text())
    (adapter / "adapter_config.json").write_text(json.dumps(config | {"revision": "0" * 40}))
    after = trained_checkpoint(recipe)
    assert after.identity == before.identity
    done = predict(after, Folder(dataset), tmp_path / "out", wanted, silent)
    assert {count["score"].asked for count in done.counts.values()} == {0}
