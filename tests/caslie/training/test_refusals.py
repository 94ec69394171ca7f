"""What is refused before a training begins, and what a full disk ends: one clear line each."""

import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from caslie.errors import StageError
from caslie.fusion import fuse_all, reader_of
from caslie.recipe import load_recipe
from caslie.training.rows import refuse_damaged
from tests.caslie.tuned import save_base, tokenizer

pytestmark = pytest.mark.slow

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def fused(cook: Callable[..., Path]) -> Callable[..., Path]:
    def fuse(**values: Any) -> Path:
        path = cook(**values)
        fuse_all(load_recipe(str(path)), lambda *_: None)
        return path

    return fuse


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--learning_rat", "1"], "train: unknown 'learning_rat'. Did you mean 'learning_rate'?"),
        (["--learning_rate", "fast"], "train: learning_rate: expected a number, found 'fast'"),
        (["--num_train_epochs", "[1]"], "train: num_train_epochs: expected float, found [1]"),
        (["--bf16", "3"], "train: bf16: expected bool, found 3"),
        (["--lr_scheduler_type", "cosin"], "train: cosin is not a valid SchedulerType"),
        (["--output_dir", "x"], "train: output_dir is not to be set: the run's folder has them"),
        (["--gradient_accumulation_steps", "2"], "it follows from `batch`"),
        (["--loss_type", "dft"], "LoRA on lm_head needs nll"),
        (["--trust_remote_code"], "code of a repository is never run"),
        (
            ["--per_device_train_batch_size", "3"],
            "batch: 8 rows a step cannot be made of 3 at once on each of 1 devices",
        ),
        (["learning_rate", "1"], "learning_rate: after `--` come TRL's flags"),
        (["--seed", "{"], "--seed: '{' is no value"),
        (["--save_steps", "0"], "save_steps must be more than 0, not 0"),
        (["--save_steps", "0.5"], "save_steps must be a whole number of steps, not 0.5"),
        (["--learning_rate", "-1"], "learning_rate must be more than 0, not -1"),
        (["--num_train_epochs", "0"], "num_train_epochs must be more than 0, not 0"),
        (["--per_device_train_batch_size", "0"], "cannot be made of 0 at once"),
        (["--metric_for_best_model", "eval_los"], "'eval_los' is not measured. Did you mean 'eval_loss'?"),
        (["--report_to", "nonsense"], "TRL refuses it"),
        (["--assistant_only_loss", "true"], "TRL refuses it"),
        (["--hub_token", "hf_x"], "hub_token is not to be set"),
    ],
)
def test_a_flag_that_trl_would_not_take_is_told(
    fused: Callable[..., Path], run: Run, flags: list[str], told: str
) -> None:
    code, _, error = run("train", fused(), "--", *flags)
    assert code == 1
    assert error.startswith("error: ") and error.count("\n") == 1
    assert told in error


def test_trls_flags_stand_over_the_recipe(fused: Callable[..., Path], run: Run) -> None:
    path = fused()
    code, said, _ = run("train", path, "--json", "--", "--num_train_epochs", "1", "--learning-rate=1e-4")
    assert code == 0
    assert '"steps": 3' in said
    code, _, error = run("train", path)
    assert code == 1
    assert "trained with another learning_rate: 0.0001 then, 0.005 now" in error and "--restart" in error


def test_what_was_refused_before_the_first_step_binds_nobody(fused: Callable[..., Path], run: Run) -> None:
    assert run("train", fused(lora={"targets": ["qkv_proj"]}))[0] == 1
    assert run("train", fused(lora={"r": 4, "dropout": 0.0}))[0] == 0


def test_an_adapter_of_unknown_ways_does_not_pass_for_this_ones(fused: Callable[..., Path], run: Run) -> None:
    path = fused()
    assert run("train", path)[0] == 0
    about = load_recipe(str(path)).run_dir / "training" / "about.json"
    for damage in ("{", "[]"):
        about.write_text(damage)
        assert "about.json: damaged" in run("train", path)[2]
    about.unlink()
    code, _, error = run("train", path)
    assert code == 1
    assert "nobody knows how it was trained" in error
    assert run("train", path, "--restart")[0] == 0


def test_two_trainings_of_one_run_are_told_apart(fused: Callable[..., Path], run: Run) -> None:
    import fcntl

    path = fused()
    home = load_recipe(str(path)).run_dir / "training"
    home.mkdir(parents=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        code, _, error = run("train", path)
    assert code == 1
    assert "another training is under way there" in error


def test_yamls_own_no_is_trls(fused: Callable[..., Path], run: Run) -> None:
    flags = ["--eval_strategy", "no", "--save_strategy", "no", "--load_best_model_at_end", "false"]
    code, said, error = run("train", fused(), "--json", "--", *flags)
    assert code == 0, error
    assert '"best_epoch": 2.0' in said


def test_rows_that_would_lose_their_answer_are_refused_by_id(cook: Callable[..., Path]) -> None:
    from datasets import Dataset

    reader = reader_of(load_recipe(str(cook())))
    begins, ends = reader.tokenizer.bos_token_id, reader.tokenizer.eos_token_id
    good = {"id": "good", "input_ids": [5, 6, 7, ends], "labels": [-100, -100, 7, ends]}
    bad = [
        {"id": "cut", "input_ids": [5, 6], "labels": [-100, -100]},
        {"id": "endless", "input_ids": [5, 6, 7], "labels": [-100, 6, 7]},
        {"id": "twice", "input_ids": [begins, begins, 7, ends], "labels": [-100, -100, 7, ends]},
        {"id": "unmasked", "input_ids": [5, 6, 7, ends], "labels": [5, 6, 7, ends]},
    ]
    refuse_damaged(Dataset.from_list([good]), reader)
    with pytest.raises(StageError) as refused:
        refuse_damaged(Dataset.from_list([good, *bad]), reader)
    for row in (
        "no answer left: cut",
        "no end token left: endless",
        "begun twice: twice",
        "than the answer: unmasked",
    ):
        assert row in str(refused.value)
    assert "good" not in str(refused.value)


@pytest.mark.parametrize(
    ("base", "told"),
    [
        ({"model": {"uri": "transformers/./nowhere"}, "name": "me/base"}, "nowhere: no model there"),
        ({"model": {"uri": "pocket/bases/lama2"}, "name": "me/base"}, "Did you mean 'bases/llama2'"),
        ({"model": {"uri": "openai/gpt"}}, "openai/gpt: write transformers/<org/name or ./folder> or pocket/<name>"),
        ({"model": {"uri": "transformers/x"}, "promt": "alpaca"}, "Did you mean 'prompt'"),
    ],
)
def test_a_base_that_cannot_be_had_is_told(
    cook: Callable[..., Path], run: Run, base: dict[str, Any], told: str
) -> None:
    code, _, error = run("fuse", cook(base=base))
    assert code == 1
    assert told in error and error.count("\n") == 1


def test_a_base_in_a_folder_needs_its_name_on_a_hub(fused: Callable[..., Path], run: Run, base: Path) -> None:
    code, _, error = run("train", fused(base={"model": {"uri": f"transformers/{base}"}}))
    assert code == 1
    assert "say as `base: name:` where others find it on a Hub" in error
    code, _, error = run("train", fused(base={"model": {"uri": f"transformers/{base}"}, "name": "../base"}))
    assert code == 1
    assert "is no name on a Hub" in error


def test_a_recipe_without_a_base_is_told(cook: Callable[..., Path], run: Run) -> None:
    code, _, error = run("fuse", cook(base=None))
    assert code == 1
    assert "recipe tuned names no base to tune; extend one that does" in error


def test_targets_that_the_base_lacks_are_told(fused: Callable[..., Path], run: Run) -> None:
    code, _, error = run("train", fused(lora={"targets": ["q_proj", "qkv_proj"]}))
    assert code == 1
    assert "has no qkv_proj; set lora.targets" in error


def test_four_bits_need_bitsandbytes(fused: Callable[..., Path], run: Run, base: Path) -> None:
    if "bitsandbytes" in sys.modules:
        pytest.skip("bitsandbytes is installed")
    four = {"model": {"uri": f"transformers/{base}"}, "name": "me/base", "four_bit": True}
    code, _, error = run("train", fused(base=four))
    assert code == 1
    assert "four_bit needs bitsandbytes; pip install bitsandbytes" in error


def test_a_task_that_the_dataset_has_no_rows_of_is_told(
    cook: Callable[..., Path], fused: Callable[..., Path], run: Run
) -> None:
    code, _, error = run("train", fused(tasks=["mpc"]))
    assert code == 1
    assert "no rows to learn from" in error
    code, _, error = run("fuse", cook(tasks=["sr", "srr"]))
    assert code == 1
    assert "Unknown task 'srr'. Did you mean 'sr'?" in error


def test_a_disk_that_fills_up_is_told_and_the_training_goes_on_later(fused: Callable[..., Path], run: Run) -> None:
    path = fused()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, before[1]))  # no file may grow beyond it
    try:
        code, _, error = run("train", path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert code == 1
    assert "the disk is full; make room and run this again" in error
    assert not (load_recipe(str(path)).run_dir / "adapter").exists()
    assert run("train", path)[0] == 0


def test_an_end_token_is_asked_for_before_anything_is_fused(
    cook: Callable[..., Path], run: Run, dataset: Path, tmp_path: Path
) -> None:
    from mmecinstruct.builder.folder import Folder

    words = tokenizer(Folder(dataset))
    words.eos_token = None
    endless = save_base(tmp_path / "endless", words)
    code, _, error = run("fuse", cook(base={"model": {"uri": f"transformers/{endless}"}, "name": "me/endless"}))
    assert code == 1
    assert "its tokenizer has no end token" in error
