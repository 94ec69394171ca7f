"""Finds the engine that a URI names."""

from collections.abc import Callable

from caslie.backends.base import Engine, Model
from caslie.errors import ModelError
from mmecinstruct.errors import UnknownNameError


def find(model: Model) -> Engine:
    """The engine of a model, known by its exact weights and not loaded yet.

    Raises:
        UnknownNameError: no engine has this name.
        ModelError: the model cannot be had.
    """
    name, _, rest = model.uri.partition("/")
    if name not in ENGINES:
        raise UnknownNameError("engine", name, ENGINES)
    if not rest:
        raise ModelError(f"{model.uri}: which model? Write {name}/<model>")
    return ENGINES[name](model, rest)


def _transformers(model: Model, name: str) -> Engine:
    from caslie.backends.transformers import find_transformers

    return find_transformers(model, name)


def _pocket(model: Model, name: str) -> Engine:
    from caslie.backends.transformers import find_pocket

    return find_pocket(model, name)


def _openai(model: Model, name: str) -> Engine:
    from caslie.backends.openai import find_openai

    return find_openai(model, name)


def _anthropic(model: Model, name: str) -> Engine:
    from caslie.backends.anthropic import find_anthropic

    return find_anthropic(model, name)


def _echo(model: Model, name: str) -> Engine:
    from caslie.backends.echo import find_echo

    return find_echo(model, name)


ENGINES: dict[str, Callable[[Model, str], Engine]] = {
    "transformers": _transformers,
    "pocket": _pocket,
    "openai": _openai,
    "anthropic": _anthropic,
    "echo": _echo,
}
