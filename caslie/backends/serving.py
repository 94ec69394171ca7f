"""What a recipe says of a server: its address and the name of its key, checked before anything is sent there."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from caslie.backends.base import Model
from caslie.backends.wire import Server
from caslie.errors import ModelError

# The names that such variables have. A key put in place of its name is refused unread, and never shown.
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")


@dataclass(frozen=True, slots=True)
class Service:
    """A kind of server: where the official one is, which variable holds its key, and what is sent with one or none."""

    base_url: str
    path: str
    key: str
    headers: Callable[[str], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a model is asked. `key` names a variable, or nothing where no key is needed."""

    identity: str
    url: str
    official: bool
    key: str


def place_of(model: Model, service: Service) -> Place:
    """Tell where a model is asked.

    Raises:
        ModelError: something in the recipe's model cannot be meant like that.
    """
    _check_budget(model)
    base_url = (model.base_url or service.base_url).rstrip("/")
    parts = _parts(model, base_url)
    official = base_url == service.base_url
    key = model.key or (service.key if official else "")
    if key and not _VARIABLE.fullmatch(key):
        raise ModelError(f"{model.uri}: `key` is the name of an environment variable such as {service.key}, not a key")
    return Place(f"{model.uri} at {parts.netloc}{parts.path}", base_url + service.path, official, key)


def server_at(place: Place, service: Service) -> Server:
    """Find the key of a place.

    Raises:
        ModelError: the variable is not set, or holds what no key is.
    """
    if not place.key:
        return Server(
            place.identity, place.url, service.headers(""), "", "name the environment variable with the key as `key`"
        )
    key = os.environ.get(place.key, "").strip()
    if not key:
        raise ModelError(f"{place.identity}: no key; set the environment variable {place.key}")
    if not key.isascii() or not key.isprintable():
        raise ModelError(f"{place.identity}: {place.key} holds characters that no key has")
    return Server(place.identity, place.url, service.headers(key), key, f"is the key in {place.key} right?")


def _parts(model: Model, base_url: str) -> SplitResult:
    try:
        parts = urlsplit(base_url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:  # a port that is no number, a bracket that does not close
        fine = False
    if not fine or not base_url.isascii() or not base_url.isprintable() or " " in base_url:
        raise ModelError(f"{model.uri}: base_url is no address of a server; it looks like http://localhost:8000/v1")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ModelError(f"{model.uri}: base_url holds more than an address; a key belongs in the variable of `key`")
    return parts


def _check_budget(model: Model) -> None:
    if model.budget is not None and model.price_in + model.price_out == 0:
        raise ModelError(f"{model.uri}: a budget needs price_in and price_out, in dollars for a million tokens")
