"""From a URI to an engine: which weights, in which numbers, and how to open them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial

from caslie.backends.base import Backend, Engine, Model
from caslie.backends.transformers.identity import Weights, find_weights, pocket_weights
from caslie.backends.transformers.numbers import Placing, place
from caslie.backends.transformers.sizing import n_bytes


def find_transformers(model: Model, name: str) -> Engine:
    """The engine of a model of the Hub, `org/name[@revision]`, or of a folder, `./folder` or `/folder`.

    Raises:
        ModelError: it cannot be had.
    """
    return _engine(model, find_weights(name))


def find_pocket(model: Model, name: str) -> Engine:
    """The engine of a model that `caslie pocket build` made.

    Raises:
        UnknownNameError: there is none of this name.
        ModelError: there is none at all.
    """
    return _engine(model, pocket_weights(name))


def _engine(model: Model, weights: Weights) -> Engine:
    n_bytes(model.memory)  # what is wrong is told before anything is loaded
    placing = place(model, weights)
    return Engine(f"{weights.name} {placing.dtype}", _opening(model, weights, placing))


def _opening(model: Model, weights: Weights, placing: Placing) -> Callable[[], AbstractContextManager[Backend]]:
    from caslie.backends.transformers.running import running

    return partial(running, model, weights, placing)
