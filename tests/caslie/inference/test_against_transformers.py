"""What is scored and written is what plain calls of transformers and PEFT give, alone and in company."""

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from caslie.backends.transformers.numbers import Placing
from caslie.fusion import Example, Weaver, fuse_split
from caslie.inference import Checkpoint, find_checkpoint
from caslie.inference.batching import Posed
from caslie.inference.generating import generate
from caslie.inference.loading import loaded
from caslie.inference.scoring import score
from mmecinstruct.builder.folder import Folder
from tests.caslie.tuned import tokenizer

if TYPE_CHECKING:
    from torch import Tensor

pytestmark = pytest.mark.slow

CPU = Placing("cpu", "float32")
N_NEW = 6


@pytest.fixture(params=["base", "mistral"])
def checkpoint(request: pytest.FixtureRequest, tune: Callable[..., Path], tmp_path: Path) -> Checkpoint:
    """An adapter on a base with a tied head, and on one with a head of its own."""
    base = request.getfixturevalue(request.param)
    return find_checkpoint(str(tune(tmp_path / "adapter", base)), base=f"transformers/{base}")


def plain(checkpoint: Checkpoint) -> Any:
    """The same, as PEFT loads it."""
    from peft import AutoPeftModelForCausalLM, PeftConfig

    assert checkpoint.adapter
    config = PeftConfig.from_pretrained(checkpoint.adapter.folder)
    assert config.base_model_name_or_path == checkpoint.base.place
    with warnings.catch_warnings(action="ignore"):
        return AutoPeftModelForCausalLM.from_pretrained(checkpoint.adapter.folder).eval()


def examples(checkpoint: Checkpoint, dataset: Path) -> list[Example]:
    weaver = Weaver(checkpoint.reader, "caslie", 1400)
    return [
        one
        for config in ("ap_ind", "prp_ind", "sr_ind")
        for one in fuse_split(Folder(dataset), config, "test", weaver)
    ]


def posed(checkpoint: Checkpoint, example: Example) -> Posed:
    encoded = [checkpoint.reader.encode(example.prompt, answer) for answer in example.answers]
    return Posed(tuple(encoded[0].prompt), tuple(tuple(one.answer) for one in encoded))


def chances(model: Any, ids: Sequence[int]) -> "Tensor":
    import torch

    with torch.inference_mode():
        found: Tensor = model(input_ids=torch.tensor([ids])).logits[0].log_softmax(-1)
    return found


def test_scores_are_those_of_plain_calls(checkpoint: Checkpoint, dataset: Path) -> None:
    prompts, model = [posed(checkpoint, one) for one in examples(checkpoint, dataset)], plain(checkpoint)
    with loaded(checkpoint, CPU) as ours:
        together = [answer.value for answer in score(ours, prompts)]
    assert {len(prompt.answers) for prompt in prompts} == {2, 3, 20}
    for prompt, found in zip(prompts, together, strict=True):
        last = chances(model, prompt.ids)[-1]
        expected = [last[answer[0]].item() for answer in prompt.answers]
        assert found.scores == pytest.approx(expected, abs=0.0051)
        assert found.best == expected.index(max(expected))


def test_answers_that_begin_alike_are_scored_whole(checkpoint: Checkpoint, dataset: Path) -> None:
    first = posed(checkpoint, examples(checkpoint, dataset)[0])
    alike = Posed(first.ids, ((40, 41, 1), (40, 42, 1), (40, 1), (43, 1)))
    model = plain(checkpoint)
    with loaded(checkpoint, CPU) as ours:
        alone, company = score(ours, [alike])[0].value, score(ours, [first, alike, first])[1].value
    expected = []
    for answer in alike.answers:
        rows = chances(model, alike.ids + answer)[len(alike.ids) - 1 : -1]
        expected.append(sum(row[token].item() for row, token in zip(rows, answer, strict=True)))
    assert alone.scores == pytest.approx(expected, abs=0.0051)
    assert company == alone


def test_whole_answers_need_no_more_scores_at_once_than_the_batch_was_made_for(
    checkpoint: Checkpoint, dataset: Path
) -> None:
    alike = Posed(posed(checkpoint, examples(checkpoint, dataset)[0]).ids, tuple((40, n, 1) for n in range(41, 61)))
    sizes: list[int] = []
    with loaded(checkpoint, CPU) as ours:
        ours.model.register_forward_hook(lambda model, given, output: sizes.append(output.logits[..., 0].numel()))
        crowd, alone = score(ours, [alike] * 8)[0].value, score(ours, [alike])[0].value
    assert max(sizes) == 8, "two answers, after four positions each"
    assert min(sizes) == 4, "one answer, where one prompt is all that fits"
    assert crowd == alone


def test_words_are_those_of_plain_calls(checkpoint: Checkpoint, dataset: Path) -> None:
    import torch

    prompts, model = [posed(checkpoint, one) for one in examples(checkpoint, dataset)], plain(checkpoint)
    with loaded(checkpoint, CPU) as ours:
        together = [answer.value for answer in generate(ours, prompts, N_NEW)]
    tokenizer = checkpoint.reader.tokenizer
    for prompt, text in zip(prompts, together, strict=True):
        ids = torch.tensor([prompt.ids])
        with torch.inference_mode():
            whole = model.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                max_new_tokens=N_NEW,
                do_sample=False,
                eos_token_id=tokenizer.eos_token_id,
                pad_token_id=tokenizer.eos_token_id,
            )
        assert text == tokenizer.decode(whole[0, len(prompt.ids) :], skip_special_tokens=True)


def test_positions_are_counted_from_the_first_word_of_each_prompt(dataset: Path, tmp_path: Path) -> None:
    """A GPT-2 knows where in a text a word stands; Llama and Mistral only know how far apart two are."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(4)
    words = tokenizer(Folder(dataset))
    shape = {"vocab_size": len(words), "n_positions": 1600, "n_embd": 32, "n_layer": 2, "n_head": 2}
    ends = {"bos_token_id": words.bos_token_id, "eos_token_id": words.eos_token_id}
    GPT2LMHeadModel(GPT2Config(**shape, **ends, initializer_range=0.5)).save_pretrained(tmp_path)
    words.save_pretrained(tmp_path)
    gpt = find_checkpoint(str(tmp_path), prompt="alpaca")
    assert gpt.budget == 1500
    prompts = [posed(gpt, one) for one in examples(gpt, dataset)]
    with loaded(gpt, CPU) as ours:
        together = [answer.value for answer in score(ours, prompts)]
        for prompt, found in zip(prompts, together, strict=True):
            last = chances(ours.model, prompt.ids)[-1]
            assert found.scores == pytest.approx([last[one].item() for one in prompt.firsts], abs=0.0051)


def test_an_adapter_says_what_peft_says_to_the_last_digit(checkpoint: Checkpoint) -> None:
    import torch

    ids, model = list(range(5, 25)), plain(checkpoint)
    with loaded(checkpoint, CPU) as ours:
        assert torch.equal(chances(ours.model, ids), chances(model, ids))
        with model.disable_adapter():
            assert not torch.allclose(chances(ours.model, ids), chances(model, ids), atol=1e-2)
