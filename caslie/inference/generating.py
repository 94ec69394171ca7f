"""Answers in words: greedy, as they were written, with their new lines."""

from collections.abc import Sequence

from caslie.backends.transformers.company import Answer
from caslie.backends.transformers.loading import Loaded
from caslie.backends.transformers.writing import CLOSE, Choices, end_tokens
from caslie.inference.batching import Posed, padded


def generate(loaded: Loaded, prompts: Sequence[Posed], n_tokens: int) -> list[Answer[str]]:
    """Write on after each prompt of a batch, at most so many tokens."""
    import torch
    from transformers import GenerationConfig, LogitsProcessorList

    ends, choices = end_tokens(loaded), Choices()
    config = GenerationConfig(
        do_sample=False, num_beams=1, max_new_tokens=n_tokens, eos_token_id=ends, pad_token_id=ends[0]
    )
    inputs = padded(loaded, [prompt.ids for prompt in prompts])
    with torch.inference_mode():
        written = loaded.model.generate(
            **inputs, generation_config=config, logits_processor=LogitsProcessorList([choices])
        )
    rows = written[:, inputs["input_ids"].shape[1] :].tolist()
    lengths = [next((place for place, token in enumerate(row) if token in ends), len(row)) for row in rows]
    texts = [
        loaded.tokenizer.decode(row[:length], skip_special_tokens=True)
        for row, length in zip(rows, lengths, strict=True)
    ]
    if loaded.placing.dtype != "float32":
        return [Answer(text, is_close=False) for text in texts]
    gaps = choices.least([min(length + 1, len(row)) for row, length in zip(rows, lengths, strict=True)])
    return [Answer(text, gap < CLOSE) for text, gap in zip(texts, gaps, strict=True)]
