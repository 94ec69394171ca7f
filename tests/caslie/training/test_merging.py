"""One model of an adapter and its base: it answers as the two do, or there is none."""

import json
import shutil
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from caslie.backends.transformers.identity import POCKET, find_weights
from caslie.errors import ModelError, StageError
from caslie.fusion import frame
from caslie.inference import Wanted, find_checkpoint, predict
from caslie.recipe import TARGETS
from caslie.records import read_training, write_training
from caslie.schema import Lora, Training, Variant
from caslie.training.merging import LIMIT, Merged, merge
from mmecinstruct.builder.folder import Folder
from tests.caslie.tuned import save_base, tokenizer

if TYPE_CHECKING:
    from torch import Tensor

pytestmark = pytest.mark.slow

BUDGET = 340  # too few tokens for all captions of some rows
Make = Callable[..., Path]
Merge = Callable[..., Merged]


@pytest.fixture(scope="module")
def bases(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """A tied Llama and a Mistral with a head of its own; to read only."""
    folder, words = tmp_path_factory.mktemp("bases"), tokenizer(Folder(dataset))
    return {tied: save_base(folder / str(tied), words, tied=tied) for tied in (True, False)}


@pytest.fixture
def adapter(tmp_path: Path) -> Make:
    """Write an adapter, whose numbers are drawn, as training leaves it."""

    def made(base: Path, targets: Sequence[str] = TARGETS, **record: Any) -> Path:
        import torch
        from peft import LoraConfig, get_peft_model
        from transformers import AutoModelForCausalLM, AutoTokenizer

        out = tmp_path / "run" / "adapter"
        torch.manual_seed(5)
        config = LoraConfig(r=4, lora_alpha=4, target_modules=list(targets), init_lora_weights=False)
        config.task_type = "CAUSAL_LM"
        with warnings.catch_warnings(action="ignore"):  # that a head is tied
            model = get_peft_model(AutoModelForCausalLM.from_pretrained(base, dtype="float32"), config)
        model.save_pretrained(out, save_embedding_layers=False)
        AutoTokenizer.from_pretrained(base).save_pretrained(out)
        (out / "prompt.jinja").write_text(frame("alpaca").source)
        (out / "recipe.yaml").write_text("name: s\nbase:\n  four_bit: false\n")
        write_training(out, replace(_training(base, targets), **record))
        return out

    return made


@pytest.fixture
def made(tmp_path: Path) -> Merge:
    """Merge the run."""

    def merged(out: str = "whole", base: str | None = None, dtype: str = "float32") -> Merged:
        return merge(tmp_path / "run", tmp_path / out, base=base, dtype=dtype, progress=lambda *_: None)  # type: ignore[arg-type]

    return merged


def _training(base: Path, targets: Sequence[str]) -> Training:
    digest = find_weights(str(base)).name.partition("@")[2]
    return Training(
        base_model="me/caslie-pocket-base-s",
        base_revision=None,
        dataset=None,
        configs=("ap_ind",),
        recipe="s",
        variant="caslie",
        hyperparameters={},
        lora=Lora(4, 4, tuple(targets)),
        rows=8,
        best_epoch=1.0,
        validation_loss=1.0,
        libraries={"peft": "0.21.2"},
        base_digest=digest,
        dataset_digest="0" * 64,
    )


def said(model: Any) -> "Tensor":
    import torch

    with torch.inference_mode():
        found: Tensor = model.eval()(input_ids=torch.arange(3, 40)[None]).logits
    return found


def loaded(folder: Path) -> Any:
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(folder, dtype="float32")


def live(base: Path, adapter: Path) -> "Tensor":
    from peft import PeftModel

    with warnings.catch_warnings(action="ignore"):  # peft's own, and that a head is tied
        return said(PeftModel.from_pretrained(loaded(base), str(adapter)))


@pytest.mark.parametrize("tied", [True, False])
def test_a_merged_model_answers_as_the_adapter_on_its_base(
    bases: dict[bool, Path], adapter: Make, made: Merge, tied: bool
) -> None:
    folder = adapter(bases[tied])
    told = made(base=f"transformers/{bases[tied]}")
    assert told.untied == tied
    assert max(told.merged, told.reloaded) <= LIMIT
    right, whole = live(bases[tied], folder), loaded(told.out)
    assert (said(whole) - right).abs().max() <= LIMIT * (right.max() - right.min())
    assert not said(loaded(bases[tied])).allclose(right, atol=1e-2)
    embedding = loaded(bases[tied]).get_input_embeddings().weight
    assert whole.get_input_embeddings().weight.equal(embedding)


def test_beside_the_weights_lie_tokenizer_prompt_and_the_base_s_way_to_write(
    bases: dict[bool, Path], adapter: Make, made: Merge
) -> None:
    folder = adapter(bases[False])
    out = made(base=f"transformers/{bases[False]}").out
    assert {"config.json", "generation_config.json", "model.safetensors", "tokenizer.json"} < {
        path.name for path in out.iterdir()
    }
    for name, of in {"generation_config.json": bases[False], "prompt.jinja": folder}.items():
        assert (out / name).read_bytes() == (of / name).read_bytes()
    assert not (out.parent / "whole.partial").exists()


@pytest.mark.parametrize("variant", ["text", "caslie"])
def test_a_merged_model_is_asked_as_the_adapter_is(
    bases: dict[bool, Path], adapter: Make, made: Merge, dataset: Path, tmp_path: Path, variant: Variant
) -> None:
    folder, base = adapter(bases[True], variant=variant, hyperparameters={"max_length": BUDGET}), bases[True]
    out = made(base=f"transformers/{base}").out
    wanted = Wanted(("prp_ind",), modes=("generate",), n_tokens=4)
    asked = {"a": find_checkpoint(str(folder), base=f"transformers/{base}"), "b": find_checkpoint(str(out))}
    for name, checkpoint in asked.items():
        predict(checkpoint, Folder(dataset), tmp_path / name, wanted, lambda *_: None)
        assert (checkpoint.variant, checkpoint.budget) == (variant, BUDGET)
    lines = [(tmp_path / name / "prp_ind.generate.jsonl").read_bytes() for name in asked]
    assert lines[0] == lines[1]
    assert b'"raw": ""' not in lines[0]


def test_a_tied_head_that_is_not_tuned_stays_tied(bases: dict[bool, Path], adapter: Make, made: Merge) -> None:
    adapter(bases[True], ["q_proj", "v_proj"])
    told = made(base=f"transformers/{bases[True]}")
    whole = loaded(told.out)
    assert not told.untied and whole.lm_head.weight is whole.model.embed_tokens.weight


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_what_narrower_numbers_cost_is_told_beside_the_proof(
    bases: dict[bool, Path], adapter: Make, made: Merge, dtype: str
) -> None:
    adapter(bases[False])
    told = made(base=f"transformers/{bases[False]}", dtype=dtype)
    assert max(told.merged, told.reloaded) <= LIMIT < told.rounded < 0.05
    assert json.loads((told.out / "config.json").read_text())["dtype"] == dtype


def test_a_merge_that_changes_the_answers_is_refused_and_leaves_nothing(
    bases: dict[bool, Path], adapter: Make, made: Merge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from peft.tuners.lora import Linear

    adapter(bases[False])
    monkeypatch.setattr(Linear, "merge", lambda *_, **__: None)  # as a fault of peft's would be
    with pytest.raises(ModelError, match="merged and reloaded, the model answers otherwise: by"):
        made(base=f"transformers/{bases[False]}")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_base_of_the_package_is_found_by_its_contents(adapter: Make, made: Merge) -> None:
    adapter(POCKET / "bases" / "mistral")
    assert made().base.startswith("pocket/bases/mistral@")


def test_a_base_that_lay_in_a_folder_must_be_named(bases: dict[bool, Path], adapter: Make, made: Merge) -> None:
    adapter(bases[False])
    with pytest.raises(ModelError, match=r"trained from a folder; say where that is: --base transformers/\./folder"):
        made()


def test_another_base_is_refused(bases: dict[bool, Path], adapter: Make, made: Merge) -> None:
    adapter(bases[False])
    with pytest.raises(ModelError, match=r"another model than me/caslie-pocket-base-s, which the adapter is for"):
        made(base=f"transformers/{bases[True]}")


def test_an_adapter_that_lacks_a_tensor_is_refused(
    bases: dict[bool, Path], adapter: Make, made: Merge, tmp_path: Path
) -> None:
    from safetensors.torch import load_file, save_file

    path = adapter(bases[False]) / "adapter_model.safetensors"
    tensors = load_file(path)
    gone = sorted(tensors)[0]
    save_file({name: one for name, one in tensors.items() if name != gone}, path)
    with pytest.raises(ModelError, match=f"is for another base than .*: {gone} is in one of the two only"):
        made(base=f"transformers/{bases[False]}")
    assert not (tmp_path / "whole.partial").exists()


def test_an_adapter_of_another_depth_is_refused(
    bases: dict[bool, Path], adapter: Make, made: Merge, tmp_path: Path
) -> None:
    folder = adapter(POCKET / "bases" / "mistral", ["q_proj"])
    digest = find_weights(str(bases[False])).name.partition("@")[2]
    write_training(folder, replace(read_training(folder), base_digest=digest))
    with pytest.raises(ModelError, match=r"is for another base than transformers/folder@"):
        made(base=f"transformers/{bases[False]}")


def test_an_adapter_of_another_shape_is_refused(
    bases: dict[bool, Path], adapter: Make, made: Merge, tmp_path: Path
) -> None:
    from safetensors.torch import load_file, save_file

    path = adapter(bases[False]) / "adapter_model.safetensors"
    tensors = load_file(path)
    save_file({name: one[:, :2].contiguous() for name, one in tensors.items()}, path)
    with pytest.raises(ModelError, match=r"does not go onto transformers/folder@.*size mismatch"):
        made(base=f"transformers/{bases[False]}")


def test_an_adapter_of_a_base_in_four_bits_is_refused(bases: dict[bool, Path], adapter: Make, made: Merge) -> None:
    (adapter(bases[False]) / "recipe.yaml").write_text("base:\n  four_bit: true\n")
    with pytest.raises(ModelError, match="was trained on a base in 4 bits"):
        made(base=f"transformers/{bases[False]}")


def test_a_base_in_four_bits_is_refused(bases: dict[bool, Path], adapter: Make, made: Merge, tmp_path: Path) -> None:
    base = shutil.copytree(bases[False], tmp_path / "base")
    config = json.loads((base / "config.json").read_text())
    (base / "config.json").write_text(json.dumps(config | {"quantization_config": {"load_in_4bit": True}}))
    folder = adapter(bases[False])
    digest = find_weights(str(base)).name.partition("@")[2]
    write_training(folder, replace(read_training(folder), base_digest=digest))
    with pytest.raises(ModelError, match="its weights are quantized"):
        made(base=f"transformers/{base}")


@pytest.mark.parametrize("name", ["prompt.jinja", "recipe.yaml", "training.json", "adapter_model.safetensors"])
def test_an_adapter_that_lacks_a_file_is_refused(adapter: Make, made: Merge, name: str) -> None:
    folder = adapter(POCKET / "bases" / "mistral")
    (folder / name).unlink()
    with pytest.raises(ModelError, match=rf"adapter: no adapter of caslie: {name} missing; `caslie train` writes"):
        made()


def test_a_folder_that_is_not_there_is_told(made: Merge, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="run: no such folder; name a run, or the folder of an adapter"):
        made()


@pytest.mark.parametrize(
    ("name", "reason"), [("prompt.jinja", "cannot be read .'utf-8'"), ("recipe.yaml", "not YAML: 'utf-8'")]
)
def test_a_text_that_is_none_is_told(adapter: Make, made: Merge, name: str, reason: str) -> None:
    (adapter(POCKET / "bases" / "mistral") / name).write_bytes(b"\xff{{ input }}")
    with pytest.raises(ModelError, match=reason):
        made()


def test_a_place_where_nothing_can_be_made_is_told(adapter: Make, tmp_path: Path) -> None:
    folder, out = adapter(POCKET / "bases" / "mistral"), tmp_path / "file" / "whole"
    out.parent.write_text("no folder")
    with pytest.raises(StageError, match=r"file/whole: no folder can be made there \(Not a directory\); name another"):
        merge(folder, out, base=None, dtype="float32", progress=lambda *_: None)


def test_a_folder_that_holds_something_is_left_alone(
    bases: dict[bool, Path], adapter: Make, made: Merge, tmp_path: Path
) -> None:
    adapter(bases[False])
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "thesis.txt").write_text("mine")
    with pytest.raises(StageError, match="is there already; remove it, or name another --out"):
        made("taken", base=f"transformers/{bases[False]}")
    assert (tmp_path / "taken" / "thesis.txt").read_text() == "mine"


def test_the_command_prints_the_three_differences(
    bases: dict[bool, Path], adapter: Make, run: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    adapter(bases[False])
    out = tmp_path / "empty"
    out.mkdir()
    base = f"transformers/{bases[False]}"
    code, told, errors = run("merge", tmp_path / "run", "--out", out, "--base", base, "--dtype", "bfloat16")
    assert code == 0, errors
    for line in ("live against merged", "live against reloaded", "rounded to bfloat16"):
        assert line in told
    assert f'next: AutoModelForCausalLM.from_pretrained("{out}")' in told
    assert run("merge", tmp_path / "run", "--out", out, "--base", base)[2].startswith(f"error: {out}: is there")
