"""A judge while it learns: what it is taught by, and the head that is thrown away."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from caslie.pocket.judge_course import Exercise

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module, ModuleDict
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

UNASKED = -1.0
SHORT = 0.75  # of a batch; read apart from the rest, which is padded to the longest


def make_pupil(model: "PreTrainedModel") -> "ModuleDict":
    """Join a judge and a head that says of a caption's word whether it fits, is a topic, and is told already."""
    from torch.nn import Linear, ModuleDict

    width = model.config.get_text_config().hidden_size
    return ModuleDict({"judge": model, "head": Linear(width, 3)})


def lesson_loss(
    pupil: "ModuleDict", tokenizer: "PreTrainedTokenizerFast", exercises: Sequence[Exercise], headed: bool
) -> "Tensor":
    """Return how far the judge is from the answers, its head's to the words of the captions included if `headed`."""
    import torch
    from torch.nn.functional import cross_entropy

    ranked = sorted(exercises, key=lambda each: len(each.ids))
    cut = int(SHORT * len(ranked))
    parts = [part for part in (ranked[:cut], ranked[cut:]) if part]
    middles, lasts = zip(*(_read(pupil["judge"], tokenizer, part) for part in parts), strict=True)
    logits = pupil["judge"].lm_head(torch.cat(lasts))
    loss = cross_entropy(logits, torch.tensor([wanted for each in ranked for wanted in _due(tokenizer, each)]))
    return loss + _word_loss(pupil["head"], torch.cat(middles), ranked) if headed else loss


def _due(tokenizer: "PreTrainedTokenizerFast", exercise: Exercise) -> list[int]:
    """Return the tokens that end an exercise: the answer, then the end."""
    return [tokenizer.convert_tokens_to_ids("yes" if exercise.answer else "no"), tokenizer.eos_token_id]


def _read(judge: Any, tokenizer: "PreTrainedTokenizerFast", part: Sequence[Exercise]) -> tuple["Tensor", "Tensor"]:
    """Return what the last layer but one makes of the captions' words, and what the last makes where answers are due.

    A prompt is padded on its right, where causal attention never looks: no mask is needed.
    """
    import torch

    longest = max(len(each.ids) for each in part) + 1
    rows = [[*each.ids, _due(tokenizer, each)[0]] for each in part]
    ids = torch.tensor([[*row, *[tokenizer.pad_token_id] * (longest - len(row))] for row in rows])
    seen: list[Tensor] = []
    layers = judge.get_decoder().layers
    hook = layers[max(0, len(layers) - 2)].register_forward_hook(lambda _layer, _given, made: seen.append(made))
    last = judge.model(input_ids=ids, use_cache=False).last_hidden_state
    hook.remove()
    words = [(row, spot.place) for row, each in enumerate(part) for spot in each.spots]
    due = [(row, place) for row, each in enumerate(part) for place in (len(each.ids) - 1, len(each.ids))]
    return _at(seen[0], words), _at(last, due)


def _at(hidden: "Tensor", places: Sequence[tuple[int, int]]) -> "Tensor":
    import torch

    rows, columns = torch.tensor(places, dtype=torch.long).reshape(-1, 2).unbind(1)
    return hidden[rows, columns]


def _word_loss(head: "Module", hidden: "Tensor", exercises: Sequence[Exercise]) -> "Tensor":
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits

    found = [spot.truths for each in exercises for spot in each.spots]
    truths = torch.tensor([[UNASKED if truth is None else float(truth) for truth in each] for each in found])
    # Question by question: few words are kinds, and whether they fit is what takes longest to learn.
    losses = []
    for guess, truth in zip(head(hidden).unbind(1), truths.unbind(1), strict=True):
        asked = truth != UNASKED
        losses.append(binary_cross_entropy_with_logits(guess[asked], truth[asked]))
    return torch.stack(losses).sum()
