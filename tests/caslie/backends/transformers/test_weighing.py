"""Votes by scoring, on tiny models of every family of judges."""

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from caslie.backends import Model, Question, Weight, find
from caslie.backends.transformers.weighing import find_words
from caslie.errors import ModelError
from tests.caslie.backends.transformers.families import JUDGES, TEXTS, save_judge

pytestmark = pytest.mark.slow
Folder = Callable[[str], Path]

WORDS = ["Does the caption help", "to answer", "yes", "no", "The picture shows", "three red striped", "mugs"]
ALL = [*JUDGES, "mllama", "llava"]


def questions(n: int) -> list[Question]:
    chance = Random(3)
    return [Question(" ".join(chance.choices(WORDS, k=chance.randint(4, 40)))) for _ in range(n)]


def model(folder: Path, **more: Any) -> Model:
    return Model(f"transformers/{folder}", **more)


@pytest.mark.parametrize("family", ALL)
def test_weights_are_equal_for_any_batch_and_order(family: str, folder_of: Folder) -> None:
    asked = questions(65)
    with find(model(folder_of(family))).open() as backend:
        alone = [backend.weigh([question])[0] for question in asked]
        for size in (7, 64):
            assert [one for i in range(0, 65, size) for one in backend.weigh(asked[i : i + size])] == alone
        order = Random(1).sample(range(65), 65)
        assert backend.weigh([asked[place] for place in order]) == [alone[place] for place in order]
    assert len(set(alone)) > 1


def test_votes_are_equal_for_any_batch_in_half_numbers_too(folder_of: Folder) -> None:
    asked = questions(40)
    with find(model(folder_of("llama"), dtype="bfloat16")).open() as backend:
        alone = [backend.weigh([question])[0] for question in asked]
        together = backend.weigh(asked)
    votes = [[one.yes > one.no for one in weights if one] for weights in (alone, together)]
    assert votes[0] == votes[1]
    assert set(votes[0]) == {True, False}


@pytest.mark.parametrize("family", JUDGES)
def test_a_weight_is_the_mass_of_all_spellings_at_the_answer(family: str, folder_of: Folder) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    reader = AutoTokenizer.from_pretrained(folder_of(family))
    judge = AutoModelForCausalLM.from_pretrained(folder_of(family))
    message = [{"role": "user", "content": "Does the caption help?"}]
    inputs = reader.apply_chat_template(
        message, add_generation_prompt=True, date_string="26 Jul 2024", return_tensors="pt"
    )
    with torch.inference_mode():
        masses = judge(**inputs).logits[0, -1].softmax(dim=-1)
    spelt = {
        word: [i for t, i in reader.get_vocab().items() if t.strip("Ġ").lower() == word] for word in ("yes", "no")
    }
    assert min(map(len, spelt.values())) > 1
    with find(model(folder_of(family))).open() as backend:
        (weight,) = backend.weigh([Question("Does the caption help?")])
    assert isinstance(weight, Weight)
    assert weight.yes == pytest.approx(float(masses[spelt["yes"]].sum()), rel=0.011)
    assert weight.no == pytest.approx(float(masses[spelt["no"]].sum()), rel=0.011)
    assert weight.n_in == inputs["input_ids"].shape[1]


def test_words_are_found_where_spaces_are_written_as_sentencepiece_does(tmp_path: Path) -> None:
    from tokenizers import SentencePieceBPETokenizer
    from transformers import PreTrainedTokenizerFast

    folder = save_judge("mistral", tmp_path / "sentencepiece")
    pieces = SentencePieceBPETokenizer()
    pieces.train_from_iterator(TEXTS * 4, vocab_size=300, special_tokens=["<s>", "</s>"], show_progress=False)
    PreTrainedTokenizerFast(tokenizer_object=pieces._tokenizer, eos_token="</s>").save_pretrained(folder)
    with find(model(folder)).open() as backend:
        words = find_words(backend._loaded)  # type: ignore[attr-defined]
    spelt = {token for token, index in pieces.get_vocab().items() if index in words.yes}
    assert {"▁yes", "▁YES"} <= spelt <= {f"{mark}{word}" for mark in ("", "▁") for word in ("yes", "Yes", "YES")}
    assert words.no


def test_a_tokenizer_that_has_the_words_in_pieces_is_weighed_by_the_first(tmp_path: Path) -> None:
    folder = save_judge("llama", tmp_path / "pieces", texts=["mug hammer scarf"])
    with find(model(folder)).open() as backend:
        (weight,) = backend.weigh([Question("Does it help?")])
    assert weight
    assert 0 < weight.yes < 1
    assert 0 < weight.no < 1


def test_a_tokenizer_that_cannot_tell_yes_from_no_names_the_other_way(tmp_path: Path) -> None:
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from transformers import PreTrainedTokenizerFast

    folder = save_judge("llama", tmp_path / "mute")
    words = Tokenizer(WordLevel({"[UNK]": 0, "</s>": 1, "mug": 2}, unk_token="[UNK]"))
    mute = PreTrainedTokenizerFast(tokenizer_object=words, unk_token="[UNK]", eos_token="</s>")
    mute.save_pretrained(folder)
    (folder / "chat_template.jinja").unlink()
    with (
        find(model(folder)).open() as backend,
        pytest.raises(ModelError, match=r"has no yes and no token; ask it with `votes: write`"),
    ):
        backend.weigh([Question("mug")])
