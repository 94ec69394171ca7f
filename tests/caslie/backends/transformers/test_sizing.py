"""Batch sizes: found from the configuration alone, and halved where the memory was too little all the same."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from caslie.backends import Model, Question, find
from caslie.backends.transformers.sizing import batch_size, n_bytes
from caslie.errors import ModelError

pytestmark = pytest.mark.slow
Folder = Callable[[str], Path]


def test_a_batch_shrinks_with_the_length_of_its_questions(folder_of: Folder) -> None:
    with find(Model(f"transformers/{folder_of('llama')}", memory="100MB")).open() as backend:
        sizes = [backend.batch_size(n) for n in (10, 1000, 10_000, 1_000_000)]
    assert sizes == sorted(sizes, reverse=True)
    assert 256 >= sizes[0] > sizes[-1] == 1


def test_a_stated_batch_is_obeyed(folder_of: Folder) -> None:
    with find(Model(f"transformers/{folder_of('llama')}", batch=3)).open() as backend:
        assert backend.batch_size(10) == backend.batch_size(10_000) == 3


@pytest.mark.parametrize(("memory", "expected"), [("4GB", 4 * 10**9), ("512 MiB", 2**29), ("1.5k", None)])
def test_memory_is_read_as_recipes_write_it(memory: str, expected: int | None) -> None:
    if expected is None:
        with pytest.raises(ModelError, match="memory must be a size such as 4GB"):
            n_bytes(memory)
    else:
        assert n_bytes(memory) == expected


def test_the_papers_captioner_and_judges_fit_a_card_in_batches() -> None:
    from transformers import LlamaConfig, MllamaConfig

    judge = LlamaConfig(  # Llama-3.1-8B
        vocab_size=128_256,
        hidden_size=4096,
        intermediate_size=14_336,
        num_hidden_layers=32,
        num_attention_heads=32,
        num_key_value_heads=8,
    )
    assert 8 <= batch_size(judge, 1500, 4 * 10**9, 2) <= 64
    sight: dict[str, Any] = {"image_size": 560, "max_num_tiles": 4}
    assert 2 <= batch_size(MllamaConfig(vision_config=sight), 1500, 4 * 10**9, 2) <= 16


@pytest.mark.parametrize("error", ["OutOfMemoryError", "RuntimeError"])
def test_too_little_memory_halves_the_batch_and_changes_no_answer(error: str, folder_of: Folder) -> None:
    import torch

    raised = getattr(torch, error, RuntimeError)
    sizes: list[int] = []

    def refuse(module: Any, arguments: Any, inputs: dict[str, Any]) -> None:
        sizes.append(inputs["input_ids"].shape[0])
        if sizes[-1] > 3:
            raise raised("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes")

    questions = [Question("Does it help? " * (i % 3 + 1)) for i in range(10)]
    with find(Model(f"transformers/{folder_of('llama')}")).open() as backend:
        expected = backend.write(questions, 1)
        handle = backend._loaded.model.register_forward_pre_hook(refuse, with_kwargs=True)  # type: ignore[attr-defined]
        assert backend.write(questions, 1) == expected
        assert sizes[:3] == [10, 5, 3]
        sizes.clear()
        assert backend.write(questions, 1) == expected
        assert max(sizes) <= 3
        handle.remove()


def test_a_question_that_does_not_fit_alone_is_told_with_its_length(folder_of: Folder) -> None:
    import torch

    def refuse(module: Any, arguments: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    with find(Model(f"transformers/{folder_of('llama')}", memory="1GB")).open() as backend:
        backend._loaded.model.register_forward_pre_hook(refuse)  # type: ignore[attr-defined]
        with pytest.raises(ModelError, match=r"one question of \d+ characters does not fit, beside 1GB"):
            backend.weigh([Question("Does it help?")] * 4)


def test_an_error_that_is_not_of_memory_stays_a_bug(folder_of: Folder) -> None:
    def fail(module: Any, arguments: Any) -> None:
        raise RuntimeError("a bug")

    with find(Model(f"transformers/{folder_of('llama')}")).open() as backend:
        backend._loaded.model.register_forward_pre_hook(fail)  # type: ignore[attr-defined]
        with pytest.raises(RuntimeError, match="a bug"):
            backend.weigh([Question("Does it help?")])
