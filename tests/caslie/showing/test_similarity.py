"""Caption-title similarity (Table A5): words, and embeddings by a real small model."""

import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from caslie.errors import ModelError
from caslie.showing import print_similarity, similarity
from caslie.showing.similarity import jaccard
from mmecinstruct.builder.folder import Folder
from tests.caslie.showing.votes import alike, mixed

Make = Callable[..., Folder]


@pytest.mark.parametrize(
    ("caption", "title", "share"),
    [
        ("A red hammer.", "red hammer, a", 1.0),
        ("A red hammer", "A blue hammer", 0.5),
        ("red red red", "red", 1.0),
        ("Red", "blue", 0.0),
        ("...", "!", 0.0),
    ],
)
def test_jaccard_compares_sets_of_words(caption: str, title: str, share: float) -> None:
    assert jaccard(caption, title) == share


def test_each_task_is_compared_with_what_stands_for_its_title(make: Make) -> None:
    found = {one.config: one for one in similarity(make(lambda sample: alike(sample, "A good red hammer!", (), True)))}
    against = {config: one.against for config, one in found.items()}
    assert against == {"ap_ind": "question", "prp_ind": "title", "sa_ind": "review", "sr_ind": "title"}
    assert found["sa_ind"].jaccard == 1.0
    assert found["ap_ind"].jaccard == pytest.approx(1 / 8)
    assert {one.cosine for one in found.values()} == {None}


def test_the_paper_is_beside_and_missing_captions_are_left_out(make: Make) -> None:
    found = {one.config: one for one in similarity(make(mixed))}
    assert (found["ap_ind"].jaccard_printed, found["ap_ind"].cosine_printed) == (0.0651, 0.4636)
    assert (found["sr_ind"].items, found["sr_ind"].left_out) == (4, 16)


def test_the_table_says_the_same(make: Make) -> None:
    told = StringIO()
    print_similarity(Console(file=told, width=130), similarity(make()))
    (line,) = (line for line in told.getvalue().splitlines() if line.startswith("SA"))
    assert line.replace("│", "").split() == ["SA", "review", "2", "0", "75.0%", "14.4%", "57.6%"]


def test_without_the_library_one_line_names_the_extra(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(ModelError, match=r"need sentence-transformers: `pip install 'mmecinstruct\[models,eval\]'`"):
        similarity(make(), "some/model")


@pytest.fixture(scope="session")
def embedder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real sentence-transformers model with random weights."""
    pytest.importorskip("sentence_transformers", reason="the extra `eval`")
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("embedder")
    letters = [f"{ahead}{letter}" for ahead in ("", "##") for letter in "abcdefghijklmnopqrstuvwxyz0123456789"]
    vocab = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters]
    tokenizer = BertTokenizerFast(vocab={token: i for i, token in enumerate(vocab)})
    config = BertConfig(
        vocab_size=len(vocab), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
    )
    BertModel(config).save_pretrained(folder / "bert")
    tokenizer.save_pretrained(folder / "bert")
    body = Transformer(str(folder / "bert"))
    SentenceTransformer(modules=[body, Pooling(16)], device="cpu").save(str(folder / "model"))
    return folder / "model"


@pytest.mark.slow
def test_equal_texts_are_as_near_as_can_be_and_others_are_not(make: Make, embedder: Path) -> None:
    folder = make(lambda sample: alike(sample, "A good red hammer.", (), True))
    found = {one.config: one.cosine for one in similarity(folder, str(embedder))}
    assert found["sa_ind"] == pytest.approx(1.0, abs=1e-5)
    assert found["ap_ind"] is not None and found["ap_ind"] < 0.999


@pytest.mark.slow
def test_the_same_build_gives_the_same_numbers(make: Make, embedder: Path) -> None:
    folder = make()
    assert similarity(folder, str(embedder)) == similarity(folder, str(embedder))


@pytest.mark.slow
def test_weights_that_are_a_pickle_are_refused(make: Make, embedder: Path, tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    (model / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(ModelError, match=r"pytorch_model.bin is a pickle; only safetensors are read"):
        similarity(make(), str(model))


@pytest.mark.slow
def test_a_model_that_cannot_be_had_is_one_line(make: Make, embedder: Path) -> None:
    with pytest.raises(
        ModelError, match=r"^nobody/nothing: no sentence-transformers model that can be loaded: .+"
    ) as told:
        similarity(make(), "nobody/nothing")
    assert "\n" not in str(told.value)
