"""JSON as the standard has it: what is written twice, or is no number, is refused before it decides anything."""

import json
import math
from collections import Counter
from typing import Any, NoReturn


def loads(text: str) -> Any:
    """Read JSON: no NaN, nothing beyond all numbers, no key twice.

    Raises:
        ValueError: it is something else.
    """
    try:
        return json.loads(text, parse_float=_finite, parse_constant=_refuse, object_pairs_hook=_distinct)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _finite(text: str) -> float:
    if math.isinf(value := float(text)):
        raise ValueError(f"{text} is too large")
    return value


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if twice := [key for key, n in Counter(key for key, _ in pairs).items() if n > 1]:
        raise ValueError(f"the key {twice[0]!r} stands twice")
    return dict(pairs)
