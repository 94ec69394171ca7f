"""The report as plain data, for machines: all of it but drawings and pictures."""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass

from caslie.report.figures import Drawing
from caslie.report.schema import Report
from caslie.report.words.numbers import storable
from caslie.showing.cards import Card

LEFT_OUT = {Drawing: "svg", Card: "picture"}  # megabytes that only a page shows


def content(report: Report) -> dict[str, object]:
    """Make a report JSON-ready; what is no number is null."""
    return _of_fields(report)


def _of_fields(one: object) -> dict[str, object]:
    if not is_dataclass(one):
        raise TypeError(f"no record: {one!r}")
    left_out = LEFT_OUT.get(type(one))
    return {name.name: _plain(getattr(one, name.name)) for name in fields(one) if name.name != left_out}


def _plain(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return _of_fields(value) if is_dataclass(value) else value
