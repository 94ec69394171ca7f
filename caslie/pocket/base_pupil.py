"""A base while it learns: what it is taught by, and the head that is thrown away."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from caslie.pocket.base_course import Exercise
from caslie.pocket.base_marks import FITS

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module, ModuleDict
    from transformers import PreTrainedModel

LETTERED = 0.5
PADDED = 1.3  # times its length a text may become to be read together with longer ones


def make_pupil(model: "PreTrainedModel") -> "ModuleDict":
    """Join a base and a head that says of a word whether it fits what stands before it, or is beside the point."""
    from torch.nn import Linear, ModuleDict

    return ModuleDict({"base": model, "head": Linear(model.config.hidden_size, len(FITS))})


def drill_loss(pupil: "ModuleDict", pad: int, exercises: Sequence[Exercise], headed: bool) -> "Tensor":
    """Return how far the base is from what is to be written, and if `headed` its head from the words that fit."""
    import torch
    from torch.nn.functional import cross_entropy

    ranked = sorted(exercises, key=lambda each: len(each.ids))
    middles, lasts = zip(*(_read(pupil["base"], pad, part) for part in _parts(ranked)), strict=True)
    wanted = torch.tensor([each.ids[place] for each in ranked for place in each.due])
    weights = torch.tensor([each.weight / len(ranked) for each in ranked for _ in each.due])
    loss = (cross_entropy(pupil["base"].lm_head(torch.cat(lasts)), wanted, reduction="none") * weights).sum()
    if not headed:
        return loss
    middle = torch.cat(middles)
    return loss + _word_loss(pupil["head"], middle, ranked) + _letter_loss(pupil["base"], middle, ranked)


def _parts(ranked: Sequence[Exercise]) -> Iterator[Sequence[Exercise]]:
    start = 0
    for end, each in enumerate(ranked):
        if len(each.ids) > PADDED * len(ranked[start].ids):
            yield ranked[start:end]
            start = end
    yield ranked[start:]


def _read(base: Any, pad: int, part: Sequence[Exercise]) -> tuple["Tensor", "Tensor"]:
    """Return what the last layer but one makes of the marked words, and what the last makes where tokens are due.

    A text is padded on its right, where causal attention never looks: no mask is needed.
    """
    import torch

    longest = max(len(each.ids) for each in part) - 1
    rows = [each.ids[:-1] for each in part]
    ids = torch.tensor([[*row, *[pad] * (longest - len(row))] for row in rows])
    seen: list[Tensor] = []
    hook = base.model.layers[-2].register_forward_hook(lambda _layer, _given, made: seen.append(made))
    last = base.model(input_ids=ids, use_cache=False).last_hidden_state
    hook.remove()
    words = [(row, spot.place) for row, each in enumerate(part) for spot in each.spots]
    due = [(row, place - 1) for row, each in enumerate(part) for place in each.due]
    return _at(seen[0], words), _at(last, due)


def _at(hidden: "Tensor", places: Sequence[tuple[int, int]]) -> "Tensor":
    import torch

    rows, columns = torch.tensor(places, dtype=torch.long).reshape(-1, 2).unbind(1)
    return hidden[rows, columns]


def _word_loss(head: "Module", hidden: "Tensor", exercises: Sequence[Exercise]) -> "Tensor":
    """Weigh every exercise the same, and in it each sort of words."""
    import torch
    from torch.nn.functional import cross_entropy

    found = [[spot.fits for spot in each.spots] for each in exercises if each.spots]
    truths = torch.tensor([FITS.index(fits) for each in found for fits in each])
    weights = torch.tensor([1 / each.count(fits) / len(set(each)) for each in found for fits in each])
    losses = cross_entropy(head(hidden), truths, reduction="none")
    return (losses * weights).sum() / len(found)


def _letter_loss(base: Any, hidden: "Tensor", exercises: Sequence[Exercise]) -> "Tensor":
    """Ask the words of an option for its letter, so that who finds the word finds the letter there."""
    import torch
    from torch.nn.functional import cross_entropy

    letters = [spot.letter for each in exercises for spot in each.spots]
    under = [place for place, letter in enumerate(letters) if letter is not None]
    wanted = torch.tensor([letters[place] for place in under])
    loss: Tensor = cross_entropy(base.lm_head(base.model.norm(hidden[under])), wanted)
    return LETTERED * loss
