"""What a name means: adapters, full models and their frames; and what cannot be asked."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from caslie.backends.transformers.numbers import Placing
from caslie.errors import ModelError
from caslie.fusion import frame
from caslie.inference import find_checkpoint
from caslie.inference.fetching import Files
from caslie.inference.frames import choose_frame
from caslie.inference.loading import loaded
from caslie.recipe import load_recipe
from mmecinstruct.builder.folder import Folder
from mmecinstruct.errors import UnknownNameError
from tests.caslie.tuned import tokenizer

pytestmark = pytest.mark.slow

Tune = Callable[..., Path]
CPU = Placing("cpu", "float32")


def refused(name: Path, base: str | None) -> str:
    """What is said about a checkpoint that cannot be loaded."""
    with pytest.raises(ModelError) as error, loaded(find_checkpoint(str(name), base=base, prompt="alpaca"), CPU):
        pass
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.fixture
def larger(dataset: Path, tmp_path: Path) -> Callable[..., str]:
    """Save a base of another shape, with the same words."""
    import torch

    from caslie.pocket.judge_families import Size, tied_llama

    def save(**shape: int) -> str:
        torch.manual_seed(1)
        words, out = tokenizer(Folder(dataset)), tmp_path / "shaped"
        tied_llama(words, Size(**{"width": 32, "layers": 2, "heads": 2} | shape)).save_pretrained(out)
        words.save_pretrained(out)
        return f"transformers/{out}"

    return save


def test_an_adapter_is_asked_as_it_was_tuned(tune: Tune, base: Path, tmp_path: Path) -> None:
    adapter = tune(tmp_path / "adapter", base, prompt="mistral", variant="uia")
    found = find_checkpoint(str(adapter), base=f"transformers/{base}")
    assert (found.reader.frame, found.variant, found.budget) == (frame("mistral"), "uia", 1400)
    assert find_checkpoint(str(adapter), base=f"transformers/{base}", prompt="chat").reader.frame == frame("chat")


def test_a_frame_of_its_own_is_taken_as_it_is(tune: Tune, base: Path, tmp_path: Path) -> None:
    adapter = tune(tmp_path / "adapter", base)
    (adapter / "prompt.jinja").write_text("{{ instruction }} {{ input }} {{ options }} ->")
    reader = find_checkpoint(str(adapter), base=f"transformers/{base}").reader
    assert reader.prompt("Say", "this", ["A: b"]) == 'Say this ["A: b"] ->'


def test_a_strangers_frame_that_computes_is_refused(tune: Tune, base: Path, tmp_path: Path) -> None:
    adapter = tune(tmp_path / "adapter", base)
    (adapter / "prompt.jinja").write_text('{{ instruction }} {{ input }} {{ "x" * 10**9 }}')
    with pytest.raises(
        ModelError, match=r"prompt prompt\.jinja of /.*: may only place instruction, input and options"
    ):
        find_checkpoint(str(adapter), base=f"transformers/{base}")


def test_an_adapter_of_a_folder_needs_to_be_told_where_its_base_is(tune: Tune, base: Path, tmp_path: Path) -> None:
    adapter = tune(tmp_path / "adapter", base)
    with pytest.raises(ModelError, match=r"me/base: the adapter was trained from a folder; .* --base transformers/"):
        find_checkpoint(str(adapter))


def test_an_adapter_for_another_base_is_refused_by_its_records(
    tune: Tune, base: Path, mistral: Path, cook: Callable[..., Path], tmp_path: Path
) -> None:
    adapter = tune(tmp_path / "adapter", base)
    assert "another model than me/base, which the adapter is for" in refused(adapter, f"transformers/{mistral}")
    recipe = load_recipe(str(cook(base={"model": {"uri": f"transformers/{mistral}"}, "name": "me/base"})))
    tune(recipe.run_dir / "adapter", base)
    from caslie.inference import trained_checkpoint

    with pytest.raises(ModelError, match="another model than me/base"):
        trained_checkpoint(recipe)


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        ({"width": 64}, "is an adapter for a base of another shape"),
        ({"layers": 3}, "is an adapter for another base: it lacks base_model.model.model.layers.2."),
        ({"layers": 1}, "is an adapter for another base: it has base_model.model.model.layers.1."),
    ],
)
def test_an_adapter_for_another_base_is_refused_by_its_tensors(
    tune: Tune, base: Path, larger: Callable[..., str], tmp_path: Path, shape: dict[str, int], told: str
) -> None:
    adapter = tune(tmp_path / "adapter", base, records=False)
    assert told in refused(adapter, larger(**shape))


def test_an_adapter_without_records_needs_a_base_on_a_hub(tune: Tune, base: Path, tmp_path: Path) -> None:
    adapter = tune(tmp_path / "adapter", base, records=False)
    assert "names no base on a Hub ('/" in refused(adapter, None)
    with loaded(find_checkpoint(str(adapter), base=f"transformers/{base}"), CPU) as found:
        assert found.tokenizer.padding_side == "left" or found.tokenizer.eos_token_id is not None


def cut(adapter: Path) -> None:
    weights = adapter / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])


def pickled(adapter: Path) -> None:
    (adapter / "adapter_model.safetensors").rename(adapter / "adapter_model.bin")


def prompted(adapter: Path) -> None:
    config = json.loads((adapter / "adapter_config.json").read_text())
    (adapter / "adapter_config.json").write_text(json.dumps(config | {"peft_type": "PROMPT_TUNING"}))


def garbled(adapter: Path) -> None:
    (adapter / "adapter_config.json").write_text("{")


def frameless(adapter: Path) -> None:
    (adapter / "prompt.jinja").unlink()


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (cut, "its adapter cannot be loaded"),
        (pickled, "has no adapter_model.safetensors: pickled weights are code, which is never run"),
        (prompted, "describes no LoRA adapter"),
        (garbled, "adapter_config.json cannot be read"),
        (frameless, "its prompt.jinja is missing"),
    ],
)
def test_a_damaged_adapter_is_told_in_one_line(
    tune: Tune, base: Path, tmp_path: Path, damage: Callable[[Path], None], told: str
) -> None:
    adapter = tune(tmp_path / "adapter", base)
    damage(adapter)
    assert told in refused(adapter, f"transformers/{base}")


def test_a_chat_model_is_asked_in_its_own_template(base: Path) -> None:
    checkpoint = find_checkpoint(str(base))
    prompt = checkpoint.reader.prompt("Say yes.", "Is it?", [])
    assert checkpoint.reader.frame.name == "chat"
    assert prompt.startswith("<|begin_of_text|>")
    assert prompt.endswith("<|start_header_id|>assistant<|end_header_id|>\n\n")
    assert checkpoint.reader.prompt_ids(prompt).count(checkpoint.reader.tokenizer.bos_token_id) == 1


def test_a_model_without_a_frame_or_a_template_names_the_option(base: Path, tmp_path: Path) -> None:
    shutil.copytree(base, tmp_path / "bare")
    (tmp_path / "bare" / "chat_template.jinja").unlink()
    with pytest.raises(ModelError, match="has no chat template; name the frame of its prompts: --prompt alpaca"):
        find_checkpoint(str(tmp_path / "bare"))
    with pytest.raises(UnknownNameError, match=r"Unknown prompt 'alpacca'. Did you mean 'alpaca'"):
        find_checkpoint(str(tmp_path / "bare"), prompt="alpacca")


def test_a_broken_chat_template_is_told_in_one_line(base: Path, tmp_path: Path) -> None:
    shutil.copytree(base, tmp_path / "broken")
    (tmp_path / "broken" / "chat_template.jinja").write_text("{{ raise_exception('no users here') }}")
    with pytest.raises(ModelError, match=r"its chat template fails \(no users here\)"):
        find_checkpoint(str(tmp_path / "broken"))


@pytest.mark.parametrize("template", ["{{ 1/0 }}", "{% for i in range(10**9) %}{% endfor %}"])
def test_a_chat_template_that_computes_is_told_in_one_line(base: Path, tmp_path: Path, template: str) -> None:
    shutil.copytree(base, tmp_path / "computing")
    (tmp_path / "computing" / "chat_template.jinja").write_text(template)
    with pytest.raises(ModelError, match="its chat template fails"):
        find_checkpoint(str(tmp_path / "computing"))


def test_a_model_that_cannot_end_is_refused(base: Path, tmp_path: Path) -> None:
    shutil.copytree(base, tmp_path / "endless")
    config = json.loads((base / "tokenizer_config.json").read_text())
    (tmp_path / "endless" / "tokenizer_config.json").write_text(json.dumps(config | {"eos_token": None}))
    with pytest.raises(ModelError, match="has no end token"):
        find_checkpoint(str(tmp_path / "endless"), prompt="alpaca")


def test_a_full_model_with_a_frame_of_its_own_needs_no_other(base: Path, tmp_path: Path) -> None:
    shutil.copytree(base, tmp_path / "merged")
    (tmp_path / "merged" / "prompt.jinja").write_text(frame("mistral").source)
    found = find_checkpoint(str(tmp_path / "merged"))
    assert (found.reader.frame.name, found.adapter, found.variant) == ("mistral", None, None)
    with pytest.raises(ModelError, match="is a full model and stands on no other; leave --base out"):
        find_checkpoint(str(tmp_path / "merged"), base=f"transformers/{base}")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        *(("NingLab/eCeLLM-L", "alpaca"), ("NingLab/eCeLLM-M", "mistral"), ("NingLab/eCeLLM-S", "alpaca")),
        *(("NingLab/CASLIE-L", "alpaca"), ("ninglab/caslie-m@main", "mistral"), ("NingLab/CASLIE-S", "alpaca")),
        ("meta-llama/Llama-3.2-3B-Instruct", "chat"),
    ],
)
def test_published_models_are_asked_as_their_makers_did(tmp_path: Path, name: str, found: str) -> None:
    assert choose_frame(None, Files(tmp_path, name), name).name == found


def test_names_that_lead_nowhere_are_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no model there: it has no config\.json"):
        find_checkpoint(str(tmp_path))
    with pytest.raises(UnknownNameError, match=r"Unknown pocket model 'judges/lama'. Did you mean 'judges/llama'"):
        find_checkpoint("pocket/judges/lama")
    with pytest.raises(ModelError, match=r"is no name of a model; write org/name, or \./folder"):
        find_checkpoint("a b/c d")
