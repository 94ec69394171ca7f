"""The licence an adapter falls under: its base's (`model_cards/bases.yaml`), and what the publisher decided."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

from caslie.errors import PushError
from mmecinstruct.config import read


@dataclass(frozen=True, slots=True)
class Base:
    """A family of base models, and what its licence asks of whoever publishes an adapter."""

    family: str
    match: tuple[str, ...]
    license: str
    license_link: str
    passes_on: bool
    license_name: str = ""
    shown: str = ""
    notice: str = ""
    name_begins: str = ""


@dataclass(frozen=True, slots=True)
class Licence:
    """What the card says of the licence; `base` is None where the base model is of no known family.

    `name` and `link` are empty where the Hub's identifier says it all.
    """

    identifier: str
    name: str
    link: str
    base: Base | None
    from_base: bool


def licence_of(base_model: str, decided: str | None, has_text: bool) -> Licence:
    """Settle the licence of an adapter; `has_text` tells that a file LICENSE lies beside it.

    Raises:
        PushError: the base is unknown and nobody decided, or the decision contradicts the base's licence.
    """
    base = next((one for one in _bases() if any(fnmatchcase(base_model.lower(), form) for form in one.match)), None)
    if base and decided in (None, base.license):
        link = base.license_link if base.license_name else ""
        return Licence(base.license, base.license_name, link, base, from_base=True)
    if base and base.passes_on:
        raise PushError(
            f"--license {decided} contradicts the base model: {base_model} is under"
            f" {base.license_name or base.license} ({base.license_link}), which holds for its adapters too."
            " Leave --license out"
        )
    if decided is None:
        raise PushError(
            f"{base_model}: the licence of this base model is not known here; look it up and decide:"
            " caslie-push model DIR REPO --license ..."
        )
    if decided == "other" and not has_text:
        raise PushError("--license other needs its text: put a file LICENSE beside the adapter")
    name, link = ("custom", "LICENSE") if decided == "other" else ("", "")
    return Licence(decided, name, link, base, from_base=False)


def cards_folder() -> Path:
    """Where the model card's template is: in the wheel, or in a checkout."""
    installed = Path(__file__).parent.parent / "_model_cards"
    return installed if installed.is_dir() else Path(__file__).parent.parent.parent / "model_cards"


def _bases() -> Iterator[Base]:
    for content in yaml.safe_load((cards_folder() / "bases.yaml").read_text(encoding="utf-8")):
        yield read(Base, content, f"bases.yaml: {content.get('family')}")
