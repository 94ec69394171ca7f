"""The small training loop of all pocket models: AdamW, warm-up, cosine, and checkpoints that a killed run takes up."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING

from caslie.pocket.pictures import Progress

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module
    from torch.optim import AdamW
    from transformers import PreTrainedModel, PreTrainedTokenizerBase, ProcessorMixin

SAVED_EVERY = 100  # steps; less than half a minute


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast a model learns. The length is in steps, so that every machine makes the same model."""

    n_steps: int
    n_batch: int
    rate: float
    n_warm_up: int = 100
    decay: float = 0.05
    longest_gradient: float = 1.0

    def rate_at(self, step: int) -> float:
        """Return the learning rate of a step: a straight way up, then half a cosine down to nothing."""
        if step < self.n_warm_up:
            return self.rate * (step + 1) / self.n_warm_up
        done = (step - self.n_warm_up) / max(1, self.n_steps - self.n_warm_up)
        return self.rate * (1 + math.cos(math.pi * done)) / 2


@contextmanager
def repeatable() -> Iterator[None]:
    """Compute on one thread and by deterministic algorithms only, so that sums come out the same each time."""
    import torch

    n_threads = torch.get_num_threads()
    was_strict = torch.are_deterministic_algorithms_enabled()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.set_num_threads(n_threads)
        torch.use_deterministic_algorithms(was_strict)


def train(
    stage: str,
    model: "Module",
    loss_of: Callable[[int], "Tensor"],
    schedule: Schedule,
    path: Path,
    progress: Progress,
) -> None:
    """Train what of the model asks for gradients, from the checkpoint at `path` on if there is one.

    `loss_of` returns the loss of a step's batch and must depend on nothing but the step.
    """
    from torch.nn.utils import clip_grad_norm_
    from torch.optim import AdamW

    named = {name: weights for name, weights in model.named_parameters() if weights.requires_grad}
    groups = [
        {"params": [w for w in named.values() if w.ndim > 1], "weight_decay": schedule.decay},
        {"params": [w for w in named.values() if w.ndim <= 1], "weight_decay": 0.0},
    ]
    optimizer = AdamW(groups, betas=(0.9, 0.98))
    for step in range(_take_up(path, named, optimizer), schedule.n_steps):
        for group in optimizer.param_groups:
            group["lr"] = schedule.rate_at(step)
        loss = loss_of(step)
        loss.backward()
        clip_grad_norm_(named.values(), schedule.longest_gradient)
        optimizer.step()
        optimizer.zero_grad()
        n_done = step + 1
        progress(f"{stage}, loss {loss.item():.3f}", n_done, schedule.n_steps)
        if n_done % SAVED_EVERY == 0 or n_done == schedule.n_steps:
            _save(path, named, optimizer, n_done)


def save(model: "PreTrainedModel", reader: "PreTrainedTokenizerBase | ProcessorMixin", out: Path) -> None:
    """Save a model in half precision with what prepares its prompts; the folder appears whole or not at all."""
    import torch

    unfinished = out.with_name(f"{out.name}.part")
    rmtree(unfinished, ignore_errors=True)
    model.to(torch.float16).save_pretrained(unfinished)
    reader.save_pretrained(unfinished)
    if out.exists():
        out.rmdir()
    unfinished.rename(out)


def _save(path: Path, named: dict[str, "Tensor"], optimizer: "AdamW", n_done: int) -> None:
    from safetensors.torch import save_file

    tensors = {f"weights/{name}": weights.detach().contiguous() for name, weights in named.items()}
    for name, weights in named.items():
        for moment in ("exp_avg", "exp_avg_sq"):
            tensors[f"{moment}/{name}"] = optimizer.state[weights][moment].contiguous()
    unfinished = path.with_suffix(".part")
    save_file(tensors, unfinished, {"n_done": str(n_done)})
    unfinished.replace(path)


def _take_up(path: Path, named: dict[str, "Tensor"], optimizer: "AdamW") -> int:
    """Load the checkpoint and return how many steps it has seen."""
    import torch
    from safetensors import safe_open

    if not path.exists():
        return 0
    with safe_open(path, "pt") as file:
        n_done = int(file.metadata()["n_done"])
        for name, weights in named.items():
            weights.data.copy_(file.get_tensor(f"weights/{name}"))
            moments = {moment: file.get_tensor(f"{moment}/{name}") for moment in ("exp_avg", "exp_avg_sq")}
            optimizer.state[weights] = {"step": torch.tensor(float(n_done)), **moments}
    return n_done
