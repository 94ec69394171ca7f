"""Where a model runs and in which numbers: on the graphics card if there is one, in what it was saved in."""

from dataclasses import dataclass

from caslie.backends.base import Model
from caslie.backends.transformers.identity import Weights
from caslie.errors import ModelError

KINDS = ("float32", "bfloat16", "float16")


@dataclass(frozen=True, slots=True)
class Placing:
    """A device and the kind of numbers, both settled."""

    device: str
    dtype: str


def place(model: Model, weights: Weights) -> Placing:
    """Settle what a recipe leaves open.

    Raises:
        ModelError: the machine has no such device.
    """
    device = _device(model)
    if model.dtype != "auto":
        return Placing(device, model.dtype)
    return Placing(device, _saved_dtype(weights) if device.startswith("cuda") else "float32")


def _device(model: Model) -> str:
    if model.device == "cpu":
        return "cpu"
    import torch

    has_cuda = torch.cuda.is_available()
    if model.device == "auto":
        return "cuda" if has_cuda else "cpu"
    try:
        kind = torch.device(model.device).type
    except RuntimeError as error:
        raise ModelError(f"{model.uri}: device {model.device!r} is unknown; write auto, cpu or cuda") from error
    if kind == "cuda" and not has_cuda:
        raise ModelError(f"{model.uri}: device {model.device!r} is not on this machine; write auto or cpu")
    return model.device


def _saved_dtype(weights: Weights) -> str:
    config = weights.config()
    text = config.get("text_config") or {}
    said = [part.get(key) for part in (config, text) for key in ("dtype", "torch_dtype")]
    return next((name for name in said if name in KINDS), "float32")
