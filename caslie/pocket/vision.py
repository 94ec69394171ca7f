"""Teaches a CLIP tower to see the sample's drawings, before any language model looks through it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from caslie.pocket.pictures import Pixels, Progress
from caslie.pocket.shapes import Shape, tower_config
from caslie.pocket.training import Schedule, train
from mmecinstruct.sample.looks import ALL_KINDS, ATTRIBUTES, VALUES, Picture

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module
    from transformers import CLIPVisionModel

NAMES = ("kind", *ATTRIBUTES)
CHOICES = [list(ALL_KINDS), *(list(VALUES[name]) for name in ATTRIBUTES)]
UNSEEN = -100  # what a blurred picture hides; the loss leaves it out


def train_tower(
    path: Path,
    pictures: Sequence[Picture],
    pixels: Pixels,
    shape: Shape,
    schedule: Schedule,
    seed: int,
    progress: Progress,
) -> "CLIPVisionModel":
    """Return a tower from which every attribute can be read, both off all its tokens and off the picture's own.

    Without the second demand the printed word stays in its patches, where a small language model does not find it
    (the heads which ask for it are thrown away).
    """
    import torch
    from torch.nn import ModuleDict
    from transformers import CLIPVisionModel

    torch.manual_seed(seed)
    tower = CLIPVisionModel(tower_config(shape))
    tower.post_layernorm.requires_grad_(False)  # LLaVA takes the tokens before it
    student = ModuleDict({"tower": tower, "heads": _heads(shape.width)})
    answers = torch.tensor([answers_of(picture) for picture in pictures])

    def loss_of(step: int) -> "Tensor":
        rows = np.random.default_rng([seed, step]).integers(len(pictures), size=schedule.n_batch)
        seen = tower(pixel_values=normalise(pixels[rows])).last_hidden_state
        return _loss(student["heads"], seen, answers[rows])

    train("tower", student, loss_of, schedule, path, progress)
    return tower.eval()


def look_at(tower: "CLIPVisionModel", pixels: Pixels) -> "Tensor":
    """Return what the tower sees of each picture: its tokens, the one of the whole picture first."""
    import torch

    with torch.no_grad():
        parts = [
            tower(pixel_values=normalise(pixels[i : i + 100])).last_hidden_state for i in range(0, len(pixels), 100)
        ]
    return torch.cat(parts)


def normalise(pixels: Pixels) -> "Tensor":
    """Return pixels as the CLIP processor hands them to the tower."""
    import torch
    from transformers.image_utils import OPENAI_CLIP_MEAN, OPENAI_CLIP_STD

    scaled = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255
    mean, spread = (torch.tensor(values).view(3, 1, 1) for values in (OPENAI_CLIP_MEAN, OPENAI_CLIP_STD))
    return (scaled - mean) / spread


def answers_of(picture: Picture) -> list[int]:
    """Return the number of each attribute's value, and last whether the picture is blurred."""
    if picture.blurred:
        return [UNSEEN] * len(NAMES) + [1]
    return [choices.index(getattr(picture.look, name)) for name, choices in zip(NAMES, CHOICES, strict=True)] + [0]


def _heads(width: int) -> "Module":
    from torch.nn import LayerNorm, Linear, ModuleDict, ModuleList

    sizes = [*map(len, CHOICES), 2]
    return ModuleDict(
        {
            "norm": LayerNorm(width),
            "where": Linear(width, len(sizes), bias=False),
            "all": ModuleList(Linear(width, size) for size in sizes),
            "whole": ModuleList(Linear(width, size) for size in sizes),
        }
    )


def _loss(heads: "Module", seen: "Tensor", answers: "Tensor") -> "Tensor":
    from torch.nn.functional import cross_entropy

    tokens = heads["norm"](seen)
    weights = heads["where"](tokens).softmax(1)
    pooled = (weights.transpose(1, 2) @ tokens).unbind(1)
    loss = tokens.new_zeros(())
    for number, answer in enumerate(answers.unbind(1)):
        for scores in (heads["all"][number](pooled[number]), heads["whole"][number](tokens[:, 0])):
            loss = loss + cross_entropy(scores, answer, ignore_index=UNSEEN)
    return loss
