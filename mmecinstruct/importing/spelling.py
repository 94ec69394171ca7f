"""How the release spells splits, options and answers, and what we make of it (protocol.md, section 7, decision 2)."""

import json
import re
from collections.abc import Sequence
from typing import Any

from mmecinstruct.schema import LETTERS, Domain, Drop, Split

# Letters only: "OOD", "test_ood" and "out-of-domain" are told apart from nothing else by what stands between.
_SPLITS: dict[str, tuple[Domain, Split]] = {
    **dict.fromkeys(("train", "training", "trainind", "indtrain"), ("ind", "train")),
    **dict.fromkeys(("val", "valid", "validation", "dev", "valind", "indval"), ("ind", "validation")),
    **dict.fromkeys(("validationind", "indvalidation"), ("ind", "validation")),
    **dict.fromkeys(("test", "testing", "ind", "testind", "indtest"), ("ind", "test")),
    **dict.fromkeys(("ood", "testood", "oodtest", "oodtesting"), ("ood", "test")),
}
_DOMAINS = {"outofdomain": "ood", "outofdistribution": "ood", "indomain": "ind", "indistribution": "ind"}
_LETTER = re.compile(r"\(?([A-Za-z])\)?[.:)]?")
_LETTERED = re.compile(r"\s*([A-Z])\s*:\s*(.*)", re.DOTALL)


def split_of(name: str) -> tuple[Domain, Split] | None:
    """The domain and split that a name stands for."""
    plain = re.sub(r"[^a-z]", "", name.lower())
    for long, short in _DOMAINS.items():
        plain = plain.replace(long, short)
    return _SPLITS.get(plain)


def unfolded(value: object) -> Any:
    """A value that may be stored as JSON text: what the text says, or else the text itself."""
    if not isinstance(value, str):
        return value
    try:
        inner = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return inner if inner is None or isinstance(inner, (dict, list, str)) else value


def texts_of(value: object) -> list[str] | None:
    """A list of texts however it is stored; `null`, `[]` and nothing at all are none; anything else is no list."""
    inner = unfolded(value)
    if inner is None or inner == "":
        return []
    listed = [inner] if isinstance(inner, str) else inner
    return listed if isinstance(listed, list) and all(isinstance(one, str) for one in listed) else None


def unlettered(lines: Sequence[str]) -> list[str] | Drop:
    """Options without their `A: `; either all have their own letter, or none has any."""
    if not all(line.strip() for line in lines):
        return Drop("empty_option")
    if len(lines) > len(LETTERS):
        return Drop("too_many_options")
    found = [_LETTERED.fullmatch(line) for line in lines]
    if not any(found):
        return [line.strip() for line in lines]
    if [one and one[1] for one in found] != list(LETTERS[: len(lines)]):
        # A category may well read "X: y", but all of them, or one in the place of its letter, is a muddled list.
        return Drop("odd_option_letters") if all(found) else [line.strip() for line in lines]
    return (
        [one[2].strip() for one in found if one]
        if all(one and one[2].strip() for one in found)
        else Drop("empty_option")
    )


def yes_or_no(output: str) -> str | Drop:
    """The answer of a task without options."""
    word = plain(output)
    return word if word in ("yes", "no") else Drop("odd_output")


def place_of(output: str, texts: Sequence[str]) -> int | Drop:
    """Which option is meant: by its letter, by its text, or by both."""
    if letter := _LETTER.fullmatch(output.strip()):
        place = LETTERS.index(letter[1].upper())
        return place if place < len(texts) else Drop("letter_beyond_options")
    said = plain(output)
    places = [i for i, text in enumerate(texts) if said in (plain(text), plain(f"{LETTERS[i]}: {text}"))]
    return places[0] if len(places) == 1 else Drop("ambiguous_output" if places else "odd_output")


def plain(text: str) -> str:
    """Lower-case letters and digits only, so that a comma more or less makes no other option."""
    return re.sub(r"[\W_]+", " ", text.lower()).strip()
